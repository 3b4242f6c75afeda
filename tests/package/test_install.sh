#!/usr/bin/env bash
# test_install.sh CMAKE BUILD-FOLDER VERSION PYTHON: installs into an empty prefix and builds a program against it, once
# with find_package and once with pkg-config. Then installs into /usr/local, where the languages and programs find it by
# themselves, and uninstalls.
set -euo pipefail

cmake=$1 build=$2 version=$3 python=$4
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "$PWD/install.XXXXXX")
trap 'rm -rf "$folder"' EXIT
prefix=$folder/prefix

DESTDIR='' "$cmake" --install "$build" --prefix "$prefix" >"$folder/log" || { cat "$folder/log"; exit 1; }

"$cmake" -S "$here/outside" -B "$folder/outside" -G Ninja -DCMAKE_PREFIX_PATH="$prefix" >"$folder/log"
"$cmake" --build "$folder/outside" >"$folder/log" || { cat "$folder/log"; exit 1; }
echo "find_package: $("$folder/outside/outside")"

library=$(dirname "$(find "$prefix" -name libpolyshm.so)")
export PKG_CONFIG_PATH=$library/pkgconfig
# shellcheck disable=SC2046 # flags are words
cc -std=c11 "$here/outside/main.c" -o "$folder/by-pkg-config" $(pkg-config --cflags --libs polyshm) \
  -Wl,-rpath,"$library"
echo "pkg-config: $("$folder/by-pkg-config")"

for said in "$(pkg-config --modversion polyshm)" "$(sed -n 's/^set(PACKAGE_VERSION "\(.*\)")$/\1/p' \
  "$library/cmake/polyshm/polyshm-config-version.cmake")"; do
  [ "$said" = "$version" ] || { echo "the version is $said, not $version"; exit 1; }
done
for file in polyshm/polyshm.abi.json polyshm/polyshm.cdef man/man1/polyshm.1 \
  bash-completion/completions/polyshm zsh/site-functions/_polyshm; do
  [ -s "$prefix/share/$file" ] || { echo "share/$file is missing"; exit 1; }
done
echo "command: $(env -i "$prefix/bin/polyshm" --version)"
readelf -d "$library/libpolyshm.so" | grep -q 'soname: \[libpolyshm.so.1\]' || { echo "wrong soname"; exit 1; }

cp "$here"/try.* "$here/outside/main.c" "$folder"
"$here/private_root.sh" "$build" bash -euc '
cd "$1"
"$2" --install . --prefix /usr/local >"$0/log" || { cat "$0/log"; exit 1; }
ldconfig
cc -std=c11 "$0/main.c" -o "$0/installed" $(pkg-config --cflags --libs polyshm)
cd /
"$0/installed"
if "$4" -c "import sys; sys.exit(not any(path.startswith(\"/usr/local/\") for path in sys.path))"
then "$4" "$0/try.py" "$3"
else echo "not tried: $4, which does not look into /usr/local"
fi
ruby "$0/try.rb" "$3"
lua5.4 "$0/try.lua" "$3"
luajit "$0/try.lua" "$3"
polyshm --version
"$2" --build "$1" --target uninstall >"$0/log" || { cat "$0/log"; exit 1; }
ldconfig' "$folder" "$build" "$cmake" "$version" "$python"
