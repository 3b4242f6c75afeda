# A live dashboard: a writer in Lua puts the machine's figures into a shared list, and a panel in Ruby draws them.
#
#     run.sh dashboard [NAME [watch [OPTION ...]]]
#
# NAME is the list's, "dashboard" unless given. With the word watch, `polyshm watch` takes the place of the panel. As
# many as like can look at once, from other terminals, too.

name, word, *options = ARGV
name ||= "dashboard"
command = "#{ENV.fetch('POLYSHM_BUILD')}/polyshm"

begin
  writer = IO.popen(["lua5.4", "#{__dir__}/writer.lua", name], pgroup: true) # Ctrl-C is for who looks
  writer.gets or exit 1 # else the list is there
  word == "watch" ? system(command, "watch", *options, name) : system("ruby", "#{__dir__}/panel.rb", name)
  exit $?.exitstatus || 128 + $?.termsig
rescue Interrupt
  exit 130
rescue SystemCallError => e
  abort "dashboard: #{e.message}"
ensure
  if writer
    Process.kill(:INT, writer.pid) # when the writer ends, so does who looks
    writer.close # waits for it
  end
end
