#!/usr/bin/env bash
# test_install.sh CMAKE BUILD-FOLDER: installs into an empty prefix and builds a program against it, once with
# find_package and once with pkg-config. Both must run with no environment variable of ours.
set -euo pipefail

cmake=$1 build=$2
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

DESTDIR='' "$cmake" --install "$build" --prefix "$prefix" >"$folder/log" || { cat "$folder/log"; exit 1; }

"$cmake" -S "$here/outside" -B "$folder/outside" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$folder/log"
"$cmake" --build "$folder/outside" >"$folder/log" || { cat "$folder/log"; exit 1; }
echo "find_package: $("$folder/outside/outside")"

library=$(dirname "$(find "$prefix" -name libpolyshm.so)")
export PKG_CONFIG_PATH=$library/pkgconfig
# shellcheck disable=SC2046 # flags are words
cc -std=c11 "$here/outside/main.c" -o "$folder/by-pkg-config" $(pkg-config --cflags --libs polyshm) -Wl,-rpath,"$library"
echo "pkg-config: $("$folder/by-pkg-config")"

[ "$(pkg-config --modversion polyshm)" = "$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' \
  "$library/cmake/polyshm/polyshm-config-version.cmake")" ] || { echo "the versions differ"; exit 1; }
for file in polyshm/polyshm.abi.json polyshm/polyshm.cdef man/man1/polyshm.1 bash-completion/completions/polyshm zsh/site-functions/_polyshm; do
  [ -s "$prefix/share/$file" ] || { echo "share/$file is missing"; exit 1; }
done
echo "command: $(env -i "$prefix/bin/polyshm" --version)"
readelf -d "$library/libpolyshm.so" | grep -q 'soname: \[libpolyshm.so.1\]' || { echo "wrong soname"; exit 1; }
