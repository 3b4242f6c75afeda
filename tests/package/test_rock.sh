#!/usr/bin/env bash
# test_rock.sh SOURCE VERSION: luarocks installs the rock for Lua 5.4 from an archive of the sources, and makes that for
# LuaJIT from the sources; each works, and leaves nothing.
set -euo pipefail

source=$1 version=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "$PWD/rock.XXXXXX")
trap 'rm -rf "$folder"' EXIT

mkdir "$folder/polyshm-$version"
tar -C "$source" -c CMakeLists.txt .cmake LICENSE abi runtime bindings | tar -C "$folder/polyshm-$version" -x
tar -C "$folder" -czf "$folder/polyshm-$version.tar.gz" "polyshm-$version"
cp "$here/try.lua" "$folder"

"$here/private_root.sh" "$folder" bash -euc '
# attempt LUA VERSION-OF-ITS-API COMMAND...
attempt() {
  local lua=$1 api=$2
  shift 2
  luarocks --lua-version "$api" "$@" >log 2>&1 || { cat log; exit 1; }
  (cd / && "$lua" "$OLDPWD/try.lua" "$version" && polyshm --version)
  luarocks --lua-version "$api" remove polyshm >log 2>&1 || { cat log; exit 1; }
}

version=$1
rockspec=bindings/lua/polyshm-$version-1.rockspec
cd "$0"
attempt lua5.4 5.4 install "polyshm-$version/$rockspec"
cd "polyshm-$version"
cp ../try.lua .
attempt luajit 5.1 make "$rockspec" LUA_INCDIR=/usr/include/luajit-2.1' "$folder" "$version"
