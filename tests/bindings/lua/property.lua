-- Properties: what must hold of any operations, tried with random ones.
--
-- A case is a list of steps, and each step a few numbers alone. So a case can be played again, and made smaller: steps
-- are left out, and numbers made less, as long as it fails, and what is reported is the least case that does. The seed
-- of a failure is in its message; POLYSHM_SEED plays it again, POLYSHM_CASES sets how many cases are tried.

local property = {}

local CASES = tonumber(os.getenv "POLYSHM_CASES") or 60
local STEPS, NUMBERS, LARGEST = 40, 4, 1000

--- Picks one of a table's values by a step's number.
function property.pick(choices, number)
  return choices[number % #choices + 1]
end

local function random_case()
  local case = {}
  for i = 1, math.random(STEPS) do
    case[i] = {}
    for j = 1, NUMBERS do
      case[i][j] = math.random(0, LARGEST)
    end
  end
  return case
end

local function without(case, first, count)
  local smaller = {}
  for i, step in ipairs(case) do
    if i < first or i >= first + count then
      smaller[#smaller + 1] = step
    end
  end
  return smaller
end

local function with_number(case, i, j, number)
  local smaller = without(case, 0, 0)
  smaller[i] = { (unpack or table.unpack)(case[i]) }
  smaller[i][j] = number
  return smaller
end

-- The cases that are one move smaller, larger moves first.
local function each_smaller(case)
  return coroutine.wrap(function()
    local count = #case
    while count >= 1 do
      for first = 1, #case, count do
        coroutine.yield(without(case, first, count))
      end
      count = math.floor(count / 2)
    end
    for i, step in ipairs(case) do
      for j, number in ipairs(step) do
        for _, less in ipairs { 0, math.floor(number / 2), number - 1 } do
          if less >= 0 and less < number then
            coroutine.yield(with_number(case, i, j, less))
          end
        end
      end
    end
  end)
end

local function find_smaller(play, case)
  for smaller in each_smaller(case) do
    local held, failure = pcall(play, smaller)
    if not held then
      return smaller, failure
    end
  end
end

local function shrink(play, case, failure)
  local smaller, words = find_smaller(play, case)
  while smaller do
    case, failure = smaller, words
    smaller, words = find_smaller(play, case)
  end
  return case, failure
end

local function show(case)
  local steps = {}
  for i, step in ipairs(case) do
    steps[i] = "{ " .. table.concat(step, ", ") .. " }"
  end
  return "{ " .. table.concat(steps, ", ") .. " }"
end

--- Fails with the least case that it finds for which play, which is given a case, raises.
function property.holds(play)
  local seed = tonumber(os.getenv "POLYSHM_SEED") or os.time()
  math.randomseed(seed)
  for _ = 1, CASES do
    local case = random_case()
    local held, failure = pcall(play, case)
    if not held then
      case, failure = shrink(play, case, failure)
      error(("POLYSHM_SEED=%d: %s\n%s"):format(seed, show(case), tostring(failure)), 2)
    end
  end
end

return property
