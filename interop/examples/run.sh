#!/bin/sh
# interop/examples/run.sh EXAMPLE [ARGUMENT ...]: runs the example, the program of the same name in the folder
# EXAMPLE, whose README.md tells its arguments. What is missing is set up first, as by interop/demo.sh.
set -eu

here=$(dirname "$(readlink -f "$0")")
. "$here/../prepare.sh"

name=examples
[ -d "$here/${1-}/" ] && [ -n "${1-}" ] || fail "name one of these: $(cd "$here" && echo */ | tr -d /)"
example=$1
shift
prepare "$example" polyshm_examples python3-numpy python3-pil

for program in "$here/$example/$example".*; do
  case $program in
  *.py) exec "$POLYSHM_PYTHON" "$program" "$@" ;;
  *.rb) exec ruby "$program" "$@" ;;
  *.sh) exec sh "$program" "$@" ;;
  esac
done
fail "no such example"
