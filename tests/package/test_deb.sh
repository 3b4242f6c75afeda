#!/usr/bin/env bash
# test_deb.sh CMAKE PYTHON SOURCE VERSION: makes the Debian packages; lintian finds no error in them; dpkg installs
# them, they work, and dpkg takes them away again.
set -euo pipefail

cmake=$1 python=$2 source=$3 version=$4
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "$PWD/deb.XXXXXX")
trap 'rm -rf "$folder"' EXIT

quietly() { "$@" >"$folder/log" 2>&1 || { cat "$folder/log"; exit 1; }; }

quietly "$cmake" -S "$source" -B "$folder/build" -G Ninja -DCMAKE_INSTALL_PREFIX=/usr -DBUILD_TESTING=OFF \
  -DPOLYSHM_INTEROP=OFF -DPOLYSHM_PYTHON="$python"
quietly "$cmake" --build "$folder/build"
quietly env -C "$folder/build" cpack
TMPDIR=$folder lintian --allow-root --fail-on error "$folder"/build/*.deb
cp "$here"/try.* "$folder"

"$here/private_root.sh" "$folder" bash -euc '
dpkg --install "$0"/build/*.deb >"$0/log" 2>&1 || { cat "$0/log"; exit 1; }
cd /
"$1" "$0/try.py" "$2"
ruby "$0/try.rb" "$2"
lua5.4 "$0/try.lua" "$2"
luajit "$0/try.lua" "$2"
polyshm --version
packages=$(dpkg-query --show --showformat "\${Package} " "*polyshm*")
echo "$packages"
dpkg --purge $packages >"$0/log" 2>&1 || { cat "$0/log"; exit 1; }' "$folder" "$python" "$version"
