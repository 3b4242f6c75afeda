# frozen_string_literal: true

require_relative "polyshm_case"

# What the tests of a list that many share have in common: its items, one of each type, and the calls that wait.
class SharingCase < PolyshmCase
  ITEMS = [1, "text", nil, 2.5, true, "bytes".b, 0].freeze

  # Whatever waits for a lock that others have. The list's second item is being changed.
  WAITS = {
    lock: "list.lock(timeout: nil)",
    lock_with_a_timeout: "list.lock(timeout: 600)",
    synchronize: "list.synchronize(timeout: nil) { exit!(1) }",
    set: "list[0] = 5",
    set_a_text: "list[1] = 'other'",
    write: "list[0, 2] = [5, 'six']",
    add: "list.add(0)",
    compare_exchange: "list.compare_exchange(0, 1, 2)",
    snapshot: "list.snapshot",
    wait: "list.wait(list.version)",
    wait_for_an_item: "list.wait(list.item_version(0), timeout: 600, item: 0)"
  }.freeze

  def with_items(&block)
    with_list(ITEMS, spare: 16, &block)
  end
end
