# Where the bindings install. Packages choose places through the same variables.

# polyshm_install_place(VARIABLE FOLDER WHAT): the cache variable VARIABLE, the place in the prefix that corresponds to
# FOLDER, an interpreter's own: "lib/…". Where the prefix is the interpreter's, what installs there is found by itself.
function(polyshm_install_place variable folder what)
  string(REGEX REPLACE "^.*/(lib(64)?/)" "\\1" place "${folder}")
  set(${variable} "${place}" CACHE STRING "Where in the prefix ${what} installs")
endfunction()

# polyshm_install_module(TARGET PLACE): an extension module, which finds libpolyshm.so from where it stands. For the
# system's own folders of libraries no path is needed.
function(polyshm_install_module target place)
  if(NOT CMAKE_INSTALL_FULL_LIBDIR IN_LIST CMAKE_C_IMPLICIT_LINK_DIRECTORIES)
    file(RELATIVE_PATH library ${CMAKE_INSTALL_PREFIX}/${place} ${CMAKE_INSTALL_FULL_LIBDIR})
    set_target_properties(${target} PROPERTIES INSTALL_RPATH $ORIGIN/${library})
  endif()
  install(TARGETS ${target} LIBRARY DESTINATION ${place})
endfunction()
