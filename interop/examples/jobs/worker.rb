# Works on jobs, in Ruby, until all are finished. columns.py tells what stands in a job.
#
#     ruby worker.rb JOB...

require "polyshm"

START, STOP, NEXT, FOUND, LANGUAGE, PID, TAKEN_OVER, FINISHED = *0..7
PATIENCE = 0.05 # seconds that a job may be locked before we look for another one

def prime?(number)
  number.odd? && 3.step(Integer.sqrt(number), 2).none? { |divisor| (number % divisor).zero? }
end

def begin_again(job)
  job[NEXT] = job[START]
  job[FOUND] = 0
  job.add(TAKEN_OVER)
end

def finish(job)
  job[LANGUAGE] = "Ruby"
  job[PID] = Process.pid
  (job[NEXT]...job[STOP]).each do |number|
    job[FOUND] += 1 if prime?(number)
    job[NEXT] += 1
  end
  job.add(FINISHED)
end

def work(job)
  job.synchronize(timeout: PATIENCE) do |owner_died|
    next if job[FINISHED].positive?

    begin_again(job) if owner_died # perhaps between two writes: NEXT and FOUND may not fit together
    finish(job)
  end
rescue Errno::ETIMEDOUT
  # somebody is at it
end

jobs = ARGV.map { |name| Polyshm::ShareableList.attach(name) }
until jobs.empty?
  jobs.each { |job| work(job) }
  jobs.select! { |job| job[FINISHED].zero? }
end
