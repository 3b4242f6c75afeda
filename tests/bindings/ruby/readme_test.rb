# frozen_string_literal: true

require_relative "polyshm_case"

# The README's snippets run, in the order in which they stand there.
class ReadmeTest < PolyshmCase
  README = File.expand_path("../../../bindings/ruby/README.md", __dir__)

  # Under names of their own.
  def snippets
    File.read(README).scan(/^```ruby\n(.*?)^```$/m).map do |(code)|
      code.gsub(/"(state|shared|frames|scene|frame)"/) { "\"#{PREFIX}#{Regexp.last_match(1)}\"" }
    end
  end

  def test_the_snippets_run
    SharedMemory.create("#{PREFIX}frames", size: 24) do |frames|
      first, second, third, items, *rest = snippets
      assert_equal "[1, \"running\", nil]\n:str\n#{("\0" * 16).b.inspect}\n0.0\n", assert_survives(first)
      assert_equal "", assert_survives(second)
      assert_equal "[\"#{PREFIX}scene\", \"#{PREFIX}frame\"]\n", assert_survives(third)
      assert_equal <<~OUTPUT, assert_survives(items)
        [5, 6, 4]
        [3, 5]
        [3, 4]
        3
        :none
        [3, 4, 5, 6]
        2
        1
        [[3, 5], [6, 4]]
        4
      OUTPUT
      assert_empty rest
    ensure
      frames.unlink
    end
  end
end
