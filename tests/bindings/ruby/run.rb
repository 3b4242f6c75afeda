# frozen_string_literal: true

# Runs all tests of the Ruby binding:  RUBYLIB=build/bindings/ruby ruby tests/bindings/ruby/run.rb

Dir[File.join(__dir__, "*_test.rb")].sort.each { |file| require file }
