# cmake -P Missing.cmake WHAT: fails, and says what is missing.
message(FATAL_ERROR "polyshm's documentation needs what is not here:\n  ${CMAKE_ARGV3}\n")
