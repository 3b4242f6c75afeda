# frozen_string_literal: true

# In the root of the repository: gem build bindings/ruby/polyshm.gemspec
#
# The gem holds the sources of the runtime, too: extconf.rb has CMake build the library, the command and the extension.

root = File.expand_path("../..", __dir__)

Gem::Specification.new do |spec|
  spec.name = "polyshm"
  spec.version = File.read("#{root}/CMakeLists.txt")[/project\(polyshm VERSION ([0-9.]+)/, 1]
  spec.summary = "Shared memory by name, between processes written in different languages"
  spec.description = "Blocks of bytes and lists of typed values that Ruby, Python, Lua and C processes share by " \
                     "name, at memory speed. The lists are those of Python's multiprocessing.shared_memory, byte for byte."
  spec.authors = ["The polyshm authors"]
  spec.license = "MIT"
  spec.required_ruby_version = ">= 3.1"
  spec.files = Dir.glob(%w[CMakeLists.txt LICENSE .cmake/* abi/**/* runtime/**/* bindings/{swig,ruby}/**/*], base: root)
                  .select { |name| File.file?("#{root}/#{name}") }
  spec.extensions = ["bindings/ruby/extconf.rb"]
  spec.require_paths = ["bindings/ruby/lib"]
  spec.bindir = "bindings/ruby/exe"
  spec.executables = ["polyshm"]
  spec.extra_rdoc_files = ["bindings/ruby/README.md"]
end
