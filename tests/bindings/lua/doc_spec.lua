local polyshm = require "polyshm"
local classes = require("polyshm.core").classes

local here = debug.getinfo(1, "S").source:match("^@(.*)doc_spec%.lua$")
local root = here .. "../../../"

-- What LDoc says to these arguments, errors included.
local function ldoc(arguments)
  local process = io.popen(("cd '%sbindings/lua' && ldoc --fatalwarnings %s . 2>&1; echo $?"):format(root, arguments))
  local output = process:read("*a")
  process:close()
  return output
end

local function sorted(set)
  local names = {}
  for name in pairs(set) do
    names[#names + 1] = name
  end
  table.sort(names)
  return names
end

-- Everything public, by the name that users call it by: "polyshm.null", "SharedMemory.create", "Buffer:read".
local function public()
  local names = {}
  for name in pairs(polyshm) do
    names["polyshm." .. name] = true
  end
  for class, metatable in pairs(classes) do
    for name in pairs(polyshm[class] or {}) do
      names[class .. "." .. name] = true
    end
    for name in pairs(metatable.methods) do
      names[class .. ":" .. name] = true
    end
  end
  return names
end

local function documented()
  local names = {}
  for name in ldoc("--filter documented.list"):gmatch("%a[^\n]*") do
    names[name] = true
  end
  return names
end

describe("The documentation", function()
  it("is made by LDoc without a warning", function()
    local folder = os.tmpname()
    os.remove(folder)
    assert.equal(("output written to %s\n0\n"):format(folder),
      (ldoc("-d " .. folder):gsub("^reading configuration[^\n]*\n", "")))
    os.execute("rm -r " .. folder)
  end)

  it("has every public name, and no other", function()
    assert.same(sorted(public()), sorted(documented()))
  end)

  it("has the words of every code", function()
    local file = assert(io.open(root .. "bindings/lua/polyshm.lua"))
    local source = file:read("*a")
    file:close()
    local count = 0
    for line in io.lines(root .. "abi/include/polyshm/errors.def") do
      local name, words = line:match('^X%((E%u+), "(.-)"')
      if name then
        count = count + 1
        assert.truthy(source:find(("-- @field %s %s\n"):format(name, words), 1, true), name)
      end
    end
    assert.is_true(count > 20)
  end)
end)
