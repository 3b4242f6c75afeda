# frozen_string_literal: true

# How `gem install` builds: CMake does the work, and RubyGems drives it through the Makefile that this writes. The
# extension, the library and the command come to lie in one folder, where each finds the others.

require "etc"
require "rbconfig"

options = {
  BUILD_TESTING: "OFF", POLYSHM_BINDINGS: "ruby", POLYSHM_INTEROP: "OFF",
  POLYSHM_RUBY_EXECUTABLE: RbConfig.ruby, POLYSHM_RUBY_PLACE: ".",
  CMAKE_INSTALL_LIBDIR: "polyshm", CMAKE_INSTALL_BINDIR: "polyshm"
}
system("cmake", "-S", "../..", "-B", "build", *options.map { |name, value| "-D#{name}=#{value}" }) or
  abort "polyshm is built by CMake: apt-get install cmake gcc make pkg-config swig libjansson-dev ruby-dev"

File.write("Makefile", <<~MAKE)
  sitearchdir = #{RbConfig::CONFIG["sitearchdir"]}

  all:
  \tcmake --build build --parallel #{Etc.nprocessors}

  install:
  \tfor part in library command ruby; do \\
  \t\tcmake --install build --prefix $(abspath $(sitearchdir)) --component $$part || exit 1; \\
  \tdone
  \trm -r build

  clean:
  \tcmake --build build --target clean
MAKE
