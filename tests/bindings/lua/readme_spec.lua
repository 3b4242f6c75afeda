local support = require "support"

local here = debug.getinfo(1, "S").source:match("^@(.*)readme_spec%.lua$")

--- The Lua code of the README: its indented lines from the first `require` to the tests, as one program whose blocks
-- have names of their own.
local function program()
  local file = assert(io.open(here .. "../../../bindings/lua/README.md"))
  local lines, begun = {}, false
  for line in file:lines() do
    begun = begun or line:find('^    local polyshm = require "polyshm"') ~= nil
    if line == "## Tests" then
      break
    end
    if begun and line:find("^    ") then
      lines[#lines + 1] = line
    end
  end
  file:close()
  return (table.concat(lines, "\n"):gsub('"numbers"', "arg[1]"):gsub('"shared"', "arg[2]"):gsub('"scene"', "arg[3]"))
end

describe("The README", function()
  after_each(support.leave_nothing)

  it("has a program that runs", function()
    local output = support.run(program(), support.name(), support.name(), support.name())
    assert.equal("1\t2\tint64\n2\ttwo\tstr\n3\tnull\tnone\n42\t0.5\t28\n2\tfalse\n", output)
  end)
end)
