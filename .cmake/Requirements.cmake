# Finds the tools and libraries that the build needs. What is missing is named once, all together, with the Debian
# package that brings it.

set(polyshm_missing "")

# Notes that WHAT is missing, and the Debian package that brings it.
macro(polyshm_miss what package)
  list(APPEND polyshm_missing "  ${what}  (apt-get install ${package})")
endmacro()

# Sets VARIABLE to the program NAME, or notes it.
macro(polyshm_find_program variable name package)
  find_program(${variable} NAMES ${name})
  if(NOT ${variable})
    polyshm_miss("${name}" "${package}")
  endif()
endmacro()

# Makes the imported target PkgConfig::PREFIX from a pkg-config module, or notes it.
macro(polyshm_find_module prefix module package)
  if(PKG_CONFIG_FOUND)
    pkg_check_modules(${prefix} QUIET IMPORTED_TARGET ${module})
  endif()
  if(NOT ${prefix}_FOUND)
    polyshm_miss("${module}.pc of pkg-config" "${package}")
  endif()
endmacro()

# Sets POLYSHM_BUILD_PYTHON: a Python of the machine that builds, with the C parser that reads the public headers
# (abi/describe). It need not be the one that the binding is made for.
function(polyshm_has_pycparser result program)
  execute_process(COMMAND ${program} -c "import pycparser" RESULT_VARIABLE failure OUTPUT_QUIET ERROR_QUIET)
  if(failure)
    set(${result} FALSE PARENT_SCOPE)
  endif()
endfunction()

macro(polyshm_find_build_python)
  find_program(POLYSHM_BUILD_PYTHON NAMES python3 VALIDATOR polyshm_has_pycparser
    DOC "A Python 3.8 or later with pycparser, which describes the ABI")
  if(NOT POLYSHM_BUILD_PYTHON)
    polyshm_miss("a python3 that has pycparser" "python3-pycparser")
  endif()
endmacro()

# The interpreter that was asked for, else the system's own; then its headers. Sets POLYSHM_PYTHON_EXECUTABLE,
# POLYSHM_PYTHON_INCLUDE, POLYSHM_PYTHON_SUFFIX (of an extension module's file name) and POLYSHM_PYTHON_FOLDER (where it
# looks for packages).
macro(polyshm_find_python)
  if(POLYSHM_PYTHON)
    set(POLYSHM_PYTHON_EXECUTABLE ${POLYSHM_PYTHON})
  else()
    find_program(POLYSHM_PYTHON_EXECUTABLE NAMES python3 PATHS /usr/bin NO_DEFAULT_PATH)
    find_program(POLYSHM_PYTHON_EXECUTABLE NAMES python3)
  endif()
  # Debian keeps its packages apart from what others install.
  set(polyshm_python_query [[
import sys, sysconfig as s
scheme = ["deb_system"] if sys.argv[1] == "/usr" and "deb_system" in s.get_scheme_names() else []
print("%d.%d" % sys.version_info[:2], s.get_path("include"), s.get_config_var("EXT_SUFFIX"),
      s.get_path("platlib", *scheme), sep=";")]])
  execute_process(COMMAND "${POLYSHM_PYTHON_EXECUTABLE}" -c "${polyshm_python_query}" ${CMAKE_INSTALL_PREFIX}
    OUTPUT_VARIABLE polyshm_python_answer OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  if(NOT polyshm_python_answer)
    polyshm_miss("python3: '${POLYSHM_PYTHON_EXECUTABLE}' does not run" "python3")
  else()
    list(GET polyshm_python_answer 0 POLYSHM_PYTHON_VERSION)
    list(GET polyshm_python_answer 1 POLYSHM_PYTHON_INCLUDE)
    list(GET polyshm_python_answer 2 POLYSHM_PYTHON_SUFFIX)
    list(GET polyshm_python_answer 3 POLYSHM_PYTHON_FOLDER)
    if(POLYSHM_PYTHON_VERSION VERSION_LESS 3.8)
      polyshm_miss("Python 3.8 or later: '${POLYSHM_PYTHON_EXECUTABLE}' is ${POLYSHM_PYTHON_VERSION}" "python3")
    elseif(NOT EXISTS ${POLYSHM_PYTHON_INCLUDE}/Python.h)
      polyshm_miss("Python.h of ${POLYSHM_PYTHON_EXECUTABLE}" "python3-dev")
    endif()
  endif()
endmacro()

# Sets POLYSHM_RUBY_INCLUDES and POLYSHM_RUBY_FOLDER, where Ruby looks for extensions.
macro(polyshm_find_ruby)
  polyshm_find_program(POLYSHM_RUBY_EXECUTABLE ruby ruby)
  if(POLYSHM_RUBY_EXECUTABLE)
    set(polyshm_ruby_folder sitearchdir) # Debian keeps its packages apart from what others install.
    if(CMAKE_INSTALL_PREFIX STREQUAL "/usr")
      set(polyshm_ruby_folder vendorarchdir)
    endif()
    execute_process(COMMAND ${POLYSHM_RUBY_EXECUTABLE} -rrbconfig -e
      "print RbConfig::CONFIG.values_at('rubyhdrdir', 'rubyarchhdrdir', 'ruby_version', *ARGV).join(';')"
      ${polyshm_ruby_folder}
      OUTPUT_VARIABLE polyshm_ruby_answer)
    list(GET polyshm_ruby_answer 0 1 POLYSHM_RUBY_INCLUDES)
    list(GET polyshm_ruby_answer 0 polyshm_ruby_include)
    list(GET polyshm_ruby_answer 2 POLYSHM_RUBY_VERSION)
    list(GET polyshm_ruby_answer 3 POLYSHM_RUBY_FOLDER)
    if(POLYSHM_RUBY_VERSION VERSION_LESS 3.1)
      polyshm_miss("Ruby 3.1 or later: '${POLYSHM_RUBY_EXECUTABLE}' is ${POLYSHM_RUBY_VERSION}" "ruby")
    elseif(NOT EXISTS ${polyshm_ruby_include}/ruby.h)
      polyshm_miss("ruby.h" "ruby-dev")
    endif()
  endif()
endmacro()

# Sets POLYSHM_LUAS, the versions of Lua's API to build for, 54 or 51 or both, and POLYSHM_LUA54_INCLUDES,
# POLYSHM_LUA51_INCLUDES.
macro(polyshm_find_lua)
  if(POLYSHM_LUA_INCLUDE)
    if(EXISTS ${POLYSHM_LUA_INCLUDE}/lua.h)
      file(STRINGS ${POLYSHM_LUA_INCLUDE}/lua.h polyshm_lua_number REGEX "^#define LUA_VERSION_NUM")
    endif()
    string(REGEX REPLACE ".*([0-9])0([0-9])$" "\\1\\2" POLYSHM_LUAS "${polyshm_lua_number}")
    set(POLYSHM_LUA${POLYSHM_LUAS}_INCLUDES ${POLYSHM_LUA_INCLUDE})
    if(NOT POLYSHM_LUAS MATCHES "^5[14]$")
      polyshm_miss("lua.h of Lua 5.4 or LuaJIT in '${POLYSHM_LUA_INCLUDE}'" "liblua5.4-dev libluajit-5.1-dev")
    endif()
  else()
    set(POLYSHM_LUAS 54 51)
    polyshm_find_module(LUA54 lua5.4 liblua5.4-dev)
    polyshm_find_module(LUAJIT luajit libluajit-5.1-dev)
    set(POLYSHM_LUA54_INCLUDES ${LUA54_INCLUDE_DIRS})
    set(POLYSHM_LUA51_INCLUDES ${LUAJIT_INCLUDE_DIRS})
  endif()
  if(BUILD_TESTING)
    polyshm_find_program(POLYSHM_LUA54_EXECUTABLE lua5.4 lua5.4)
    polyshm_find_program(POLYSHM_LUAJIT_EXECUTABLE luajit luajit)
  endif()
endmacro()

# Looks for everything, and stops with one list of what is missing.
macro(polyshm_find_requirements)
  find_package(PkgConfig QUIET)
  if(NOT PKG_CONFIG_FOUND)
    polyshm_miss("pkg-config" "pkg-config")
  endif()
  find_package(Threads REQUIRED)
  polyshm_find_build_python()
  if(NOT POLYSHM_NATIVE_BUILD)
    polyshm_find_module(JANSSON jansson libjansson-dev)
  endif()
  if(POLYSHM_BINDINGS)
    polyshm_find_program(POLYSHM_SWIG swig swig)
  endif()
  if("python" IN_LIST POLYSHM_BINDINGS)
    polyshm_find_python()
  endif()
  if("ruby" IN_LIST POLYSHM_BINDINGS)
    polyshm_find_ruby()
  endif()
  if("lua" IN_LIST POLYSHM_BINDINGS)
    polyshm_find_lua()
  endif()
  if(BUILD_TESTING)
    if("lua" IN_LIST POLYSHM_BINDINGS)
      polyshm_find_program(POLYSHM_LUA51_EXECUTABLE lua5.1 lua5.1)
      polyshm_find_program(POLYSHM_LDOC ldoc lua-ldoc)
    endif()
    if(NOT CMAKE_CROSSCOMPILING) # there tests/support/standin is in its place
      polyshm_find_module(CRITERION criterion libcriterion-dev)
    endif()
    if(POLYSHM_INTEROP)
      polyshm_find_module(FFI libffi libffi-dev)
      polyshm_find_program(POLYSHM_ABIDW abidw abigail-tools)
    endif()
  endif()
  if(polyshm_missing)
    list(JOIN polyshm_missing "\n" polyshm_missing_lines)
    message(FATAL_ERROR "polyshm needs what is not here:\n${polyshm_missing_lines}\n")
  endif()
endmacro()
