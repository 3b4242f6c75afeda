# polyshm_swig(OUTPUT FILE LANGUAGE WORDS...): a rule that makes the wrapper FILE from bindings/LANGUAGE/polyshm.i.
# The wrapper is generated code: its targets are compiled without polyshm_warnings.

function(polyshm_swig)
  cmake_parse_arguments(arg "" "OUTPUT;LANGUAGE" "FLAGS" ${ARGN})
  set(source ${PROJECT_SOURCE_DIR}/bindings/${arg_LANGUAGE}/polyshm.i)
  file(GLOB inputs CONFIGURE_DEPENDS
    ${PROJECT_SOURCE_DIR}/bindings/swig/*.i ${PROJECT_SOURCE_DIR}/bindings/swig/*.h
    ${PROJECT_SOURCE_DIR}/bindings/${arg_LANGUAGE}/*.i ${PROJECT_SOURCE_DIR}/bindings/${arg_LANGUAGE}/*.h)
  add_custom_command(OUTPUT ${arg_OUTPUT}
    COMMAND ${POLYSHM_SWIG} -${arg_LANGUAGE} ${arg_FLAGS} -Wall -Werror
            -I${PROJECT_SOURCE_DIR}/bindings -outdir ${CMAKE_CURRENT_BINARY_DIR} -o ${arg_OUTPUT} ${source}
    DEPENDS ${inputs} ${source} VERBATIM)
endfunction()
