# Interface targets that a target links to: warnings for our own code, and the sanitizers that were asked for.

add_library(polyshm_warnings INTERFACE)
target_compile_options(polyshm_warnings INTERFACE
  -Wall -Wextra -Wconversion -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla)

add_library(polyshm_sanitizers INTERFACE)
if(POLYSHM_SANITIZE)
  target_compile_options(polyshm_sanitizers INTERFACE
    -fsanitize=${POLYSHM_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  target_link_options(polyshm_sanitizers INTERFACE -fsanitize=${POLYSHM_SANITIZE})
endif()
