#!/bin/sh
# The demo: sets up what it needs, and runs the group of processes that demo/load.py describes.
set -eu

here=$(dirname "$(readlink -f "$0")")
root=$(dirname "$here")

usage() {
  cat <<'END'
usage: interop/demo.sh [--stock PYTHON] [FILE or FOLDER ...]

Counts lines, words and bytes of the files, and of all files in the folders (by default /usr/share/common-licenses),
with one process each of C, Python, Ruby, Lua and a stock CPython. They share one copy of the text in memory, and leave
their results in a shared list, from which another stock CPython prints them beside those of `wc -lwc`.

  --stock PYTHON  the CPython, 3.9 to 3.13, that runs with nothing but its standard library

Ends with status 0 if the results agree with wc, with 1 if they do not or something fails.
What is missing is set up first: Debian packages, and the library and its bindings in build/. POLYSHM_BUILD names
another build tree, which is taken as it is.
END
}

fail() {
  echo "demo: $1" >&2
  exit 1
}

packages='cmake gcc libc6-dev libjansson-dev liblua5.4-dev libluajit-5.1-dev lua5.4 luajit ninja-build pkg-config python3
  python3-dev python3-pycparser ruby ruby-dev swig'

# Runs a command; its output is shown only if it fails.
quietly() {
  "$@" >"$log" 2>&1 || {
    cat "$log" >&2
    fail "this failed: $*"
  }
}

# Builds the library, the bindings and the worker in C.
build() {
  if [ ! -e "$build/build.ninja" ] && [ ! -e "$build/Makefile" ]; then
    echo "demo: building in $build" >&2
    quietly cmake -S "$root" -B "$build" -G Ninja -DBUILD_TESTING=OFF
  fi
  quietly cmake --build "$build" --target polyshm_demo
}

for word; do
  case $word in
  -h | --help)
    usage
    exit 0
    ;;
  --) break ;;
  esac
done

# The loader removes its blocks, unless it is killed.
export POLYSHM_DEMO="polyshm-demo-$$"
log=$(mktemp)
trap 'rm -f "$log" "/dev/shm/$POLYSHM_DEMO"-*' EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM

build=${POLYSHM_BUILD:-$root/build}
if [ -z "${POLYSHM_BUILD-}" ]; then
  # shellcheck disable=SC2086 # words on purpose
  "$root/.ci/setup" $packages
  build
fi
. "$build/interop/environment.sh"
"$POLYSHM_PYTHON" "$here/demo/load.py" "$@"
