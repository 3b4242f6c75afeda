# Draws the figures that writer.lua puts into a shared list, whenever they change.
#
#     ruby panel.rb LIST

require "polyshm"

PATIENCE = 5 # seconds without news
BAR = 40
PERIOD = 0 # the item

def bar(label, percent)
  full = (BAR * percent / 100).round.clamp(0, BAR)
  format("%-8s %s%s %5.1f %%", label, "#" * full, "." * (BAR - full), percent)
end

def lines(values)
  _, updates, cpu, memory, load, tasks = values
  [bar("cpu", cpu), bar("memory", memory), "load     #{load}, tasks #{tasks || '-'}", "update   #{updates}"]
end

# On a terminal each picture takes the place of the last one.
def draw(lines)
  print "\e[#{@drawn}A" if @drawn && $stdout.tty?
  @drawn = lines.size
  lines.each { |line| puts $stdout.tty? ? "#{line}\e[K" : line }
end

def follow(list)
  loop do
    values, version = list.snapshot
    return puts("The writer has ended.") if values[PERIOD].nil?

    draw(lines(values))
    list.wait(version, timeout: PATIENCE)
  rescue Errno::ETIMEDOUT
    warn "panel: no news for #{PATIENCE} seconds"
  end
end

begin
  $stdout.sync = true
  Polyshm::ShareableList.attach(ARGV.fetch(0), timeout: PATIENCE) { |list| follow(list) }
rescue Interrupt
  exit 130
rescue Errno::EPIPE
  exit # nobody reads on
rescue IndexError, SystemCallError => e
  abort "panel: #{e.message}"
end
