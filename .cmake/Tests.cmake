# Tests in C: one program a file, each run by the guard (tests/support/guard.c).

# polyshm_add_test(KIND NAME [SOURCES files...] [LINKS targets...]): the test KIND.NAME, from test_NAME.c.
function(polyshm_add_test kind name)
  cmake_parse_arguments(arg "" "FOLDER" "SOURCES;LINKS" ${ARGN})
  string(REPLACE "." "_" program test_${kind}_${name})
  add_executable(${program} ${arg_FOLDER}test_${name}.c ${arg_SOURCES})
  target_link_libraries(${program} PRIVATE polyshm_support ${arg_LINKS})
  polyshm_guard_test(${kind}.${name} $<TARGET_FILE:${program}> --jobs 1)
  add_dependencies(${program} polyshm_guard)
endfunction()

# polyshm_guard_test(NAME COMMAND...): a test that is any program. It skips itself by the status 77.
function(polyshm_guard_test name)
  set(command ${ARGN})
  if(ARGV1 MATCHES "TARGET_FILE") # of this build, which may be for another machine
    list(PREPEND command ${CMAKE_CROSSCOMPILING_EMULATOR})
  endif()
  add_test(NAME ${name} COMMAND polyshm_guard ${command})
  set_tests_properties(${name} PROPERTIES TIMEOUT 600 SKIP_RETURN_CODE 77)
endfunction()
