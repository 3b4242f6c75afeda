-- In the root of the repository: luarocks make bindings/lua/polyshm-1.0.0-1.rockspec
--
-- CMake builds the library, the command and the module for the Lua that luarocks serves. `luarocks install` and `pack`
-- take the sources from an archive in the current folder:
-- git archive --prefix polyshm-1.0.0/ --output polyshm-1.0.0.tar.gz HEAD
rockspec_format = "3.0"
package = "polyshm"
version = "1.0.0-1"

source = { url = "file://polyshm-1.0.0.tar.gz", dir = "polyshm-1.0.0" }

description = {
  summary = "Shared memory by name, between processes written in different languages",
  detailed = [[
    Blocks of bytes and lists of typed values that Lua, Python, Ruby and C processes share by name, at memory speed. The
    lists are those of Python's multiprocessing.shared_memory, byte for byte.
  ]],
  license = "MIT",
}

supported_platforms = { "linux" }
dependencies = { "lua >= 5.1, < 5.5" }

build = {
  type = "command",
  build_command = [[
    cmake -S . -B build.luarocks -DBUILD_TESTING=OFF -DPOLYSHM_BINDINGS=lua -DPOLYSHM_INTEROP=OFF \
      -DPOLYSHM_LUA_INCLUDE="$(LUA_INCDIR)" -DPOLYSHM_LUA_PLACE=lib -DPOLYSHM_LUA_SCRIPTS_PLACE=lua \
      -DCMAKE_INSTALL_LIBDIR=lib/polyshm -DCMAKE_INSTALL_BINDIR=bin &&
    cmake --build build.luarocks --parallel 2]],
  install_command = [[
    cmake --install build.luarocks --prefix "$(PREFIX)" --component library &&
    cmake --install build.luarocks --prefix "$(PREFIX)" --component command &&
    cmake --install build.luarocks --prefix "$(PREFIX)" --component lua]],
}
