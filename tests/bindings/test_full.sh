#!/usr/bin/env bash
# A full /dev/shm is each language's own error, and leaves nothing: 64 MiB are asked of a tmpfs of 2 MiB, which lies on
# /dev/shm in a mount namespace of this test alone. PYTHON names the interpreter; the bindings are on their paths.
set -euo pipefail

if [ -z "${POLYSHM_TEST_INSIDE:-}" ]; then
  enter=(unshare --mount --propagation unchanged)
  [ "$(id -u)" -eq 0 ] || enter+=(--map-root-user)
  "${enter[@]}" mount --make-private /dev/shm 2>/dev/null ||
    { echo "skipped: this system allows no mount of its own on /dev/shm"; exit 77; }
  POLYSHM_TEST_INSIDE=1 exec "${enter[@]}" "$0"
fi
mount --make-private /dev/shm
mount -t tmpfs -o size=2m tmpfs /dev/shm

failures=0
# expect LANGUAGE PATTERN COMMAND...: the command prints the error as its language has it.
expect() {
  local language=$1 pattern=$2 said left
  shift 2
  said=$("$@" 2>&1) || true
  left=$(ls -A /dev/shm)
  if [[ $said == $pattern && -z $left ]]; then
    echo "$language: $said"
  else
    echo "$language: expected '$pattern', got '$said'; left in /dev/shm: '$left'" >&2
    failures=$((failures + 1))
  fi
}

expect python "OSError 28 *67108864 bytes*2097152*" "$PYTHON" -c '
import polyshm
try:
    polyshm.SharedMemory("t_full", create=True, size=64 << 20)
except OSError as error:
    print(type(error).__name__, error.errno, error)'

expect ruby "Errno::ENOSPC *67108864 bytes*2097152*" ruby -e '
require "polyshm"
begin
  Polyshm::SharedMemory.create("t_full", size: 64 << 20)
rescue SystemCallError => e
  puts "#{e.class} #{e.message}"
end'

for lua in lua5.4 luajit; do
  expect "$lua" "nil*67108864 bytes*2097152*-8" "$lua" -e '
local polyshm = require "polyshm"
print(polyshm.SharedMemory.create{name = "t_full", size = 64 * 2^20})'
done

expect "python, list" "OSError 28 *" "$PYTHON" -c '
import polyshm
try:
    polyshm.ShareableList(["x" * 1000000] * 4, name="t_full")
except OSError as error:
    print(type(error).__name__, error.errno, error)'

exit "$failures"
