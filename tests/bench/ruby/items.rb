# Items of a list: get, set, iterate, ranges, build, attach, count. The floor is Ruby's own Array.
require_relative "cases"

Cases::LENGTHS.each do |length|
  VALUES = (0...length).to_a
  ARRAY = VALUES.dup
  LIST = Polyshm::ShareableList.create(VALUES)
  NAME = LIST.shm.name
  AT = length / 2

  count = Cases.count(length)
  both = ->(code) { { "polyshm" => code.gsub("IT", "LIST"), "Array" => code.gsub("IT", "ARRAY") } }
  Cases.measure("get an int #{count}", both["IT[AT]"], times: 10)
  Cases.measure("set an int #{count}", both["IT[AT] = 7"], times: 10)
  Cases.measure("iterate, per item #{count}", both["IT.each { |item| item }"], per: length)
  Cases.measure("count, per item #{count}", both["IT.count(-1)"], per: length)
  Cases.measure("read all, per item #{count}", both["IT[0..]"], per: length)
  Cases.measure("write all, per item #{count}", both["IT[0..] = VALUES"], per: length)
  Cases.measure("build + unlink #{count}",
                { "polyshm" => "Polyshm::ShareableList.create(VALUES) { |list| list.unlink }" })
  Cases.measure("attach a list + close #{count}", { "polyshm" => "Polyshm::ShareableList.attach(NAME).close" })

  LIST.unlink
  LIST.close
  %i[VALUES ARRAY LIST NAME AT].each { |name| Object.send(:remove_const, name) }
end
