#!/usr/bin/env bash
# tests/run.sh: installs what is missing, builds, and runs every test. Quiet where all is well.
#
#   build/             the product, and all tests through CTest
#   build/sanitized/   the runtime and its C tests under AddressSanitizer and UndefinedBehaviorSanitizer
#   build/clang/       the runtime and its C tests compiled by clang, warnings as errors
#   build/python-X.Y/  the Python binding and its tests, for every other CPython that is found
set -euo pipefail
cd "$(dirname "$0")/.."

usage='usage: tests/run.sh
Installs the Debian packages that are missing (as root or by sudo), builds polyshm and runs every test.
POLYSHM_PYTHONS names other CPython interpreters to test, separated by spaces; by default those of pyenv.'
case "${1:-}" in
"") ;;
-h | --help) echo "$usage"; exit 0 ;;
*) echo "$usage" >&2; exit 2 ;;
esac

.ci/setup build-essential cmake ninja-build pkg-config swig clang libclang-rt-14-dev llvm-14 libffi-dev libcriterion-dev \
  python3 python3-dev python3-venv python3-pytest python3-cffi python3-numpy ruby ruby-dev ruby-minitest \
  lua5.4 liblua5.4-dev luajit libluajit-5.1-dev lua-busted binutils procps

log=$(mktemp)
trap 'rm -f "$log"' EXIT
before=$(ls -A /dev/shm)

# Runs a step; shows its output only when it fails.
quietly() { "$@" >"$log" 2>&1 || { cat "$log"; echo "failed: $*" >&2; exit 1; }; }

# build_and_test FOLDER CMAKE-ARGUMENTS...
build_and_test() {
  local folder=$1 started=$SECONDS
  shift
  quietly cmake -S . -B "$folder" -G Ninja "$@"
  quietly cmake --build "$folder"
  ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)" >"$log" 2>&1 || { cat "$log"; exit 1; }
  echo "$folder: $(grep -E 'tests passed' "$log"), $((SECONDS - started)) s"
}

build_and_test build
