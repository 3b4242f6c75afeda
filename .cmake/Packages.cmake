# Debian packages, for a tree that is configured with -DCMAKE_INSTALL_PREFIX=/usr: run cpack in its folder. What is in
# them is what the install rules say, a package for each component.

set(CPACK_PACKAGE_CONTACT "The polyshm authors <polyshm@packages.invalid>" CACHE STRING "The packages' maintainer")
set(CPACK_GENERATOR DEB)
set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_PACKAGE_DESCRIPTION_SUMMARY "") # each package has its own
set(CPACK_PACKAGING_INSTALL_PREFIX ${CMAKE_INSTALL_PREFIX})
set(CPACK_STRIP_FILES ON)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_RELEASE 1)
set(CPACK_DEBIAN_PACKAGE_CONTROL_STRICT_PERMISSION ON)
set(CPACK_DEBIAN_ENABLE_COMPONENT_DEPENDS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS_PRIVATE_DIRS ${PROJECT_BINARY_DIR})
set(CPACK_INSTALL_DEFAULT_DIRECTORY_PERMISSIONS
  OWNER_READ OWNER_WRITE OWNER_EXECUTE GROUP_READ GROUP_EXECUTE WORLD_READ WORLD_EXECUTE)

string(TIMESTAMP polyshm_date "%a, %d %b %Y %H:%M:%S +0000" UTC)
set(polyshm_changes ${PROJECT_BINARY_DIR}/changelog.Debian)
file(WRITE ${polyshm_changes} "polyshm (${PROJECT_VERSION}-1) unstable; urgency=medium

  * Version ${PROJECT_VERSION}.

 -- ${CPACK_PACKAGE_CONTACT}  ${polyshm_date}
")
execute_process(COMMAND gzip --best --no-name --force ${polyshm_changes} COMMAND_ERROR_IS_FATAL ANY)

set(CPACK_COMPONENTS_ALL "")

# polyshm_package(COMPONENT NAME SECTION SYNOPSIS [NEEDS components...] [DEPENDS packages...])
macro(polyshm_package component name section synopsis)
  cmake_parse_arguments(arg "" "" "NEEDS;DEPENDS" ${ARGN})
  string(TOUPPER ${component} key)
  list(APPEND CPACK_COMPONENTS_ALL ${component})
  set(CPACK_DEBIAN_${key}_PACKAGE_NAME ${name})
  set(CPACK_DEBIAN_${key}_PACKAGE_SECTION ${section})
  set(CPACK_DEBIAN_${key}_DESCRIPTION "shared memory by name: ${synopsis}
Processes written in different languages attach to the same block by its name
and see the same bytes, or the same list of numbers and texts.")
  set(CPACK_COMPONENT_${key}_DEPENDS ${arg_NEEDS})
  list(JOIN arg_DEPENDS ", " CPACK_DEBIAN_${key}_PACKAGE_DEPENDS)
  install(FILES ${PROJECT_SOURCE_DIR}/LICENSE RENAME copyright
    DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
  install(FILES ${polyshm_changes}.gz DESTINATION ${CMAKE_INSTALL_DATADIR}/doc/${name} COMPONENT ${component})
endmacro()

# polyshm_only(VARIABLE PACKAGE VERSION): what a package depends on that works with one minor version of a language.
function(polyshm_only variable package version)
  string(REGEX MATCH "^(([0-9]+:)?[0-9]+\\.)([0-9]+)" minor ${version})
  math(EXPR next "${CMAKE_MATCH_3} + 1")
  set(${variable} "${package} (>= ${minor})" "${package} (<< ${CMAKE_MATCH_1}${next})" PARENT_SCOPE)
endfunction()

polyshm_package(command polyshm utils "the command")
list(APPEND CPACK_COMPONENTS_ALL manual)
set(CPACK_COMPONENT_COMMAND_GROUP command)
set(CPACK_COMPONENT_MANUAL_GROUP command)
install(CODE "execute_process(COMMAND_ERROR_IS_FATAL ANY COMMAND
  gzip --best --no-name --force \$ENV{DESTDIR}${CMAKE_INSTALL_FULL_MANDIR}/man1/polyshm.1)" COMPONENT manual)
polyshm_package(library libpolyshm${PROJECT_VERSION_MAJOR} libs "the library" NEEDS command)
polyshm_package(development libpolyshm-dev libdevel "what C programs are built with" NEEDS library)
file(WRITE ${PROJECT_BINARY_DIR}/triggers "activate-noawait ldconfig\n")
file(WRITE ${PROJECT_BINARY_DIR}/shlibs
  "libpolyshm ${PROJECT_VERSION_MAJOR} libpolyshm${PROJECT_VERSION_MAJOR} (>= ${PROJECT_VERSION})\n")
set(CPACK_DEBIAN_LIBRARY_PACKAGE_CONTROL_EXTRA ${PROJECT_BINARY_DIR}/triggers ${PROJECT_BINARY_DIR}/shlibs)
if("python" IN_LIST POLYSHM_BINDINGS)
  polyshm_only(python python3 ${POLYSHM_PYTHON_VERSION})
  polyshm_package(python python3-polyshm python "for Python" NEEDS library DEPENDS ${python})
  set(CPACK_DEBIAN_PYTHON_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/bindings/python/debian/postinst ${PROJECT_SOURCE_DIR}/bindings/python/debian/prerm)
endif()
if("ruby" IN_LIST POLYSHM_BINDINGS)
  polyshm_only(ruby ruby 1:${POLYSHM_RUBY_VERSION})
  polyshm_package(ruby ruby-polyshm ruby "for Ruby" NEEDS library DEPENDS ${ruby})
endif()
if("lua" IN_LIST POLYSHM_BINDINGS)
  polyshm_package(lua lua-polyshm interpreters "for Lua 5.4 and LuaJIT" NEEDS library DEPENDS "lua5.4 | luajit")
endif()

include(CPack)
