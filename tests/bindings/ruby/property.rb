# frozen_string_literal: true

# Properties: what must hold of any operations, tried with random ones.
#
# A case is an Array of steps, and each step a few numbers alone. So a case can be played again, and made smaller: steps
# are left out as long as it fails, and what is reported is the least case that does. The seed of a failure is in its
# message; POLYSHM_SEED plays it again, POLYSHM_CASES sets how many cases are tried.
module Property
  CASES = Integer(ENV.fetch("POLYSHM_CASES", 60))
  STEPS = 40
  NUMBERS = 5
  LARGEST = 1000

  # Fails with the least case that it finds for which the block, which is given a case, raises.
  def assert_property(&play)
    seed = Integer(ENV.fetch("POLYSHM_SEED", Random.new_seed & 0xffff_ffff))
    dice = Random.new(seed)
    CASES.times do
      steps = Array.new(dice.rand(1..STEPS)) { Array.new(NUMBERS) { dice.rand(LARGEST) } }
      failure = failure_of(steps, &play)
      next unless failure

      steps, failure = shrink(steps, failure, &play)
      flunk "POLYSHM_SEED=#{seed}: #{steps.inspect}\n#{failure.full_message(highlight: false)}"
    end
  end

  private

  def failure_of(steps)
    yield steps
    nil
  rescue Minitest::Assertion, StandardError => error
    error
  end

  # Leaves out larger parts first.
  def shrink(steps, failure, &play)
    count = steps.size
    while count >= 1
      parts = (0...steps.size).step(count).map { |first| steps[0...first] + (steps[first + count..] || []) }
      smaller, reason = parts.lazy.map { |part| [part, failure_of(part, &play)] }.find(&:last)
      smaller ? (steps, failure = smaller, reason) : count /= 2
      count = [count, steps.size].min
    end
    [steps, failure]
  end
end
