# Interface targets that a target links to: warnings for our own code, and the sanitizers that were asked for.

add_library(polyshm_warnings INTERFACE)
target_compile_options(polyshm_warnings INTERFACE
  -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla)
if(CMAKE_SIZEOF_VOID_P EQUAL 8) # else for the runtime alone: tests know that their sizes of 64 bits fit 32
  target_compile_options(polyshm_warnings INTERFACE -Wconversion)
endif()

add_library(polyshm_sanitizers INTERFACE)
if(POLYSHM_SANITIZE)
  target_compile_options(polyshm_sanitizers INTERFACE
    -fsanitize=${POLYSHM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  if(POLYSHM_SANITIZE MATCHES "thread" AND CMAKE_C_COMPILER_ID STREQUAL "GNU")
    # gcc does not show fences to ThreadSanitizer. Ours stand between atomics, which are no race with or without them.
    target_compile_options(polyshm_sanitizers INTERFACE -Wno-tsan)
  endif()
  target_link_options(polyshm_sanitizers INTERFACE -fsanitize=${POLYSHM_SANITIZE})
endif()
