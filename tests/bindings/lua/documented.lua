-- A filter for LDoc, `ldoc --filter documented.list`: prints each name that is documented, as users call it.

local function list(modules)
  for _, module in ipairs(modules) do
    for _, item in ipairs(module.items) do
      if item.name == "codes" then
        print("polyshm." .. table.concat(item.params, "\npolyshm."))
      elseif module.name == "polyshm" then
        print("polyshm." .. item.name)
      elseif item.type == "function" and module.type ~= "topic" then
        print(item.name)
      end
    end
  end
end

return { list = list }
