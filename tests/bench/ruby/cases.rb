# What the topics in Ruby share: cases, timed by benchmark-ips, and the form in which they are printed (../README.md).
#
# A case is a piece of code by each side. It finds what it needs in constants: the code is compiled into a loop of its
# own, so that no block is called, which would cost more than what is measured.
require "benchmark/ips"
require "json"
require "polyshm"

module Cases
  QUICK = ENV["BENCH_QUICK"] == "1"
  LENGTHS = QUICK ? [10, 1000] : [10, 1000, 1_000_000]
  TIME = QUICK ? 0.05 : 0.5 # benchmark-ips runs for a tenth of a second at least

  # sides  code by the name of who runs it
  # per    the number of items that the code goes over
  # times  how often it stands in the loop, where the loop itself would count
  def self.measure(name, sides, per: 1, times: 1)
    report = Benchmark.ips(time: TIME, warmup: TIME / 5, quiet: true) do |job|
      sides.each { |side, code| job.report(side, ([code] * times).join(";")) }
    end
    report.entries.each do |entry|
      seconds = 1 / (entry.ips * times * per)
      puts JSON.generate(case: name, language: "Ruby", side: entry.label, unit: "s", samples: [seconds])
    end
  end

  def self.count(number)
    "(#{number.to_s.gsub(/(?<=\d)(?=(\d{3})+$)/, ",")})"
  end
end
