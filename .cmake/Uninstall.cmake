# Removes what the last `cmake --install` of the build folder in which this runs has installed. In folders that are
# polyshm's by their name, Python keeps compiled modules, and nothing else is left.

file(STRINGS install_manifest.txt files)
foreach(file IN LISTS files)
  message(STATUS "Removing: $ENV{DESTDIR}${file}")
  file(REMOVE "$ENV{DESTDIR}${file}")
endforeach()
foreach(file IN LISTS files)
  cmake_path(GET file PARENT_PATH folder)
  if(folder MATCHES "/polyshm$")
    file(REMOVE_RECURSE "$ENV{DESTDIR}${folder}/__pycache__")
    file(GLOB left "$ENV{DESTDIR}${folder}/*")
    if(NOT left)
      file(REMOVE_RECURSE "$ENV{DESTDIR}${folder}")
    endif()
  endif()
endforeach()
