#!/bin/sh
# openresty.sh [FOLDER]: runs nginx with this folder's configuration in FOLDER, or in build/openresty, until Ctrl-C.
# nginx and its Lua module are the system's, or else Debian's, unpacked into build/nginx.
set -eu
here=$(dirname "$(readlink -f "$0")")
top=${here%/interop*}
build=${POLYSHM_BUILD:-$top/build}
folder=${1:-$build/openresty}
modules=usr/lib/nginx/modules

has_nginx() { [ -x "$1/usr/sbin/nginx" ] && [ -e "$1/$modules/ngx_http_lua_module.so" ]; }

root=
if ! has_nginx "$root"; then
  root=$build/nginx
  "$top/.ci/unpack" "$root" nginx libnginx-mod-http-lua libnginx-mod-http-ndk libluajit2-5.1-2 lua-resty-core \
    lua-resty-lrucache libpcre3
  has_nginx "$root" || { echo "openresty: there is no nginx with a Lua module (Debian: libnginx-mod-http-lua)" >&2; exit 77; }
fi

mkdir -p "$folder"
folder=$(readlink -f "$folder")
cp "$here/counters.lua" "$folder"
{
  echo "load_module $root/$modules/ndk_http_module.so;"
  echo "load_module $root/$modules/ngx_http_lua_module.so;"
  # Where nginx may not write to the folders that it was built for.
  temporary=
  for kind in client_body proxy fastcgi uwsgi scgi; do temporary="$temporary ${kind}_temp_path $folder/temporary;"; done
  sed "s|^http {|&$temporary|" "$here/nginx.conf"
} >"$folder/nginx.conf"

export LUA_PATH="$root/usr/share/lua/5.1/?.lua;${LUA_PATH-;}"
export LD_LIBRARY_PATH="$root/usr/lib/$(uname -m)-linux-gnu:$root/lib/$(uname -m)-linux-gnu"
cd "$folder"
rm -f counters.sock # of a server that was killed
exec "$root/usr/sbin/nginx" -p "$folder" -c nginx.conf
