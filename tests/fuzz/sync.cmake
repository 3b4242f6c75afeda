# fuzz.sync: whatever libFuzzer thinks of, for the lists that processes share. Compiled by clang whatever compiles the rest,
# from the runtime without its platform layer.

set(fuzz ${PROJECT_SOURCE_DIR}/tests/fuzz)
set(runtime ${PROJECT_SOURCE_DIR}/runtime)
set(fuzzer ${CMAKE_CURRENT_BINARY_DIR}/fuzz_sync)
file(GLOB sources CONFIGURE_DEPENDS ${runtime}/layout/*.c ${runtime}/sync/*.c ${runtime}/segment/*.c ${runtime}/list/*.c)
list(APPEND sources ${fuzz}/sync_fuzzer.c ${fuzz}/sync_platform.c
  ${runtime}/base/error.c ${runtime}/base/memory.c ${runtime}/base/name.c ${runtime}/base/shared.c ${runtime}/base/utf8.c)
set(options -std=gnu11 -O1 -g -D_GNU_SOURCE -fsanitize=fuzzer,address,undefined -fno-sanitize-recover=all
  -I${PROJECT_SOURCE_DIR}/abi/include -I${PROJECT_SOURCE_DIR}/tests/support)
foreach(layer base platform layout sync segment list)
  list(APPEND options -I${runtime}/${layer})
endforeach()

find_program(POLYSHM_CLANG NAMES clang clang-14 clang-15 clang-16)
if(NOT DEFINED POLYSHM_HAS_LIBFUZZER)
  execute_process(COMMAND ${POLYSHM_CLANG} ${options} ${sources} -o /dev/null
    RESULT_VARIABLE status OUTPUT_QUIET ERROR_QUIET)
  string(COMPARE EQUAL "${status}" 0 works)
  set(POLYSHM_HAS_LIBFUZZER ${works} CACHE INTERNAL "Whether there is a clang that links fuzzers")
endif()
if(NOT POLYSHM_HAS_LIBFUZZER)
  message(STATUS "fuzz.sync is left out: there is no clang with libFuzzer")
elseif(NOT POLYSHM_SANITIZE)
  file(GLOB headers CONFIGURE_DEPENDS ${fuzz}/*.h ${runtime}/*/*.h)
  add_custom_command(OUTPUT ${fuzzer} COMMAND ${POLYSHM_CLANG} ${options} ${sources} -o ${fuzzer}
    DEPENDS ${sources} ${headers} VERBATIM)
  add_custom_target(fuzzer_of_sync ALL DEPENDS ${fuzzer})
  polyshm_guard_test(fuzz.sync /bin/sh ${fuzz}/fuzz.sh ${fuzzer} 100000 ${fuzz}/sync_corpus ${CMAKE_CURRENT_BINARY_DIR})
endif()
