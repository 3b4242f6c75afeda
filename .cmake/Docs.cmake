# The target docs: the reference of each language, made from what stands at the declarations, in build/docs. It is no
# part of ALL. What a tool warns of is an error.

set(docs ${PROJECT_BINARY_DIR}/docs)
add_custom_target(docs)
file(CONFIGURE OUTPUT ${docs}/index.html CONTENT "<!DOCTYPE html>
<html lang=\"en\"><meta charset=\"utf-8\"><title>polyshm</title>
<h1>polyshm @PROJECT_VERSION@</h1>
<p>@PROJECT_DESCRIPTION@
<ul>
<li><a href=\"python/index.html\">Python</a>
<li><a href=\"ruby/index.html\">Ruby</a>
<li><a href=\"lua/index.html\">Lua</a>
<li><a href=\"c/index.html\">C</a>
</ul>
" @ONLY)

# polyshm_docs(LANGUAGE COMMAND...): pages in build/docs/LANGUAGE.
function(polyshm_docs language)
  add_custom_target(docs_${language} ${ARGN} VERBATIM)
  add_dependencies(docs docs_${language})
endfunction()

# polyshm_docs_tool(VARIABLE NAME PACKAGE): finds a tool, or lets docs fail and say where it comes from.
macro(polyshm_docs_tool variable name package)
  find_program(${variable} ${name})
  if(NOT ${variable})
    set(${variable} ${CMAKE_COMMAND} -P ${CMAKE_CURRENT_LIST_DIR}/Missing.cmake "${name}  (apt-get install ${package})")
  endif()
endmacro()

polyshm_docs(c COMMAND ${POLYSHM_BUILD_PYTHON} -B ${PROJECT_SOURCE_DIR}/abi/reference.py
  ${PROJECT_BINARY_DIR}/abi/polyshm.abi.json ${docs}/c/index.html)
add_dependencies(docs_c polyshm)

if("python" IN_LIST POLYSHM_BINDINGS)
  # pdoc is no package of Debian's. It comes from PyPI, into an environment of the build tree.
  set(pdoc ${PROJECT_BINARY_DIR}/pdoc)
  add_custom_command(OUTPUT ${pdoc}/done
    COMMAND ${POLYSHM_PYTHON_EXECUTABLE} -m venv ${pdoc}
    COMMAND ${pdoc}/bin/python -m pip install --quiet --disable-pip-version-check pdoc<17
    COMMAND ${CMAKE_COMMAND} -E touch ${pdoc}/done VERBATIM)
  polyshm_docs(python
    COMMAND ${CMAKE_COMMAND} -E env PYTHONPATH=${PROJECT_BINARY_DIR}/bindings/python PYTHONDONTWRITEBYTECODE=1
            ${pdoc}/bin/python -W error -m pdoc
            --template-directory ${PROJECT_SOURCE_DIR}/bindings/python/pdoc --output-directory ${docs}/python polyshm
    WORKING_DIRECTORY ${pdoc} DEPENDS ${pdoc}/done)
  add_dependencies(docs_python polyshm_python)
endif()

if("ruby" IN_LIST POLYSHM_BINDINGS)
  polyshm_docs_tool(POLYSHM_YARDOC yardoc yard)
  polyshm_docs(ruby COMMAND ${POLYSHM_YARDOC} --quiet --no-progress --no-save --fail-on-warning --no-private
    --title polyshm --db ${PROJECT_BINARY_DIR}/yardoc --output-dir ${docs}/ruby lib/**/*.rb
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/bindings/ruby)
endif()

if("lua" IN_LIST POLYSHM_BINDINGS)
  polyshm_docs_tool(POLYSHM_LDOC ldoc lua-ldoc)
  polyshm_docs(lua COMMAND ${POLYSHM_LDOC} --fatalwarnings --quiet --dir ${docs}/lua .
    WORKING_DIRECTORY ${PROJECT_SOURCE_DIR}/bindings/lua)
endif()
