#!/usr/bin/env bash
# test_model.sh CC FOLDER MODEL WHAT: checks MODEL.pml with spin; what spin makes of it goes to FOLDER.
#
#   holds      the search visits all states, finds no error, and leaves no line of the model unreached
#   mutations  each fault that the model can put in breaks a property; and a search that is cut off, or does not get
#              everywhere, is not taken for one that holds
#   long       the same as holds, for more changes where the model bounds them, and all orders of steps,
#              also those that spin takes for alike
set -euo pipefail
cc=$1 folder=$2/$3-$4 model=$(cd "$(dirname "$0")" && pwd)/$3.pml what=$4
command -v spin >/dev/null || { echo "skipped: there is no spin, the model checker (Debian: spin)"; exit 77; }
mkdir -p "$folder"
cd "$folder"

options=()
# search OPTIMIZATION MEGABYTES DEFINITIONS...: visits the states, breadth first, so that no depth can be too small.
search() {
  local optimization=$1 megabytes=$2
  shift 2
  rm -f pan ./*.trail
  spin -P"$cc -E -x c" -a "$@" "$model" >log 2>&1 &&
    "$cc" "$optimization" -w -DBFS -DSAFETY "${options[@]}" -DMEMLIM="$megabytes" -o pan pan.c >>log 2>&1 || return 0
  ./pan >>log 2>&1 || echo "pan: status $?" >>log
}

# What the log says of the model, in a line.
verdict() {
  local property unreached
  property=$(sed -n -e 's/^pan:1: assertion violated .*||\([A-Z_]*\)) (at depth .*/\1/p' \
    -e 's/^pan:1: invalid end state .*/somebody waits for ever/p' log)
  unreached=$(grep -E '^\s.*, state [0-9]+, "' log | grep -cv '"-end-"$' || true)
  if [ -n "$property" ] && grep -q ', errors: 1$' log; then
    echo "broken: $property"
  elif ! grep -q ', errors: 0$' log ||
    grep -qE 'Search not completed|too small|MEMLIM|out of memory|^pan: status' log; then
    echo "no complete search"
  elif [ "$unreached" != 0 ]; then
    echo "not reached: $unreached lines"
  else
    echo "holds"
  fi
}

failed=0
# expect PATTERN TITLE: whether the verdict is like that.
expect() {
  local found
  found=$(verdict)
  printf '%-24s %s\n' "$2" "$found"
  # shellcheck disable=SC2053 # a pattern
  [[ $found == $1 ]] || { failed=1; echo "expected: $1" >&2; cat log >&2; }
}

case $what in
holds | long)
  if [ "$what" = holds ]; then
    search -O2 4000
  else
    options=(-DNOREDUCE -DCOLLAPSE)
    search -O2 16000 -DCHANGES=2
  fi
  expect holds "$3"
  sed -n -e 's/^ *\([0-9]*\) states, stored$/\1 states/p' -e 's/^ *\([0-9.]*\).total actual memory usage$/\1 MB/p' \
    -e 's/^pan: elapsed time \(.*\) seconds/\1 s/p' log
  ;;
mutations)
  mutations=$(sed -n -e '/^#ifndef MUTATION/q' -e 's/^#define \([A-Z_]*\) .*/\1/p' "$model")
  for mutation in $mutations; do
    search -O0 4000 -DMUTATION="$mutation"
    expect 'broken: *' "$mutation"
  done
  search -O0 4000 -DIMMORTAL
  expect 'not reached: *' "nobody dies"
  search -O0 129
  expect 'no complete search' "too little memory"
  ;;
*) echo "usage: test_model.sh CC FOLDER MODEL holds|mutations|long" >&2; exit 2 ;;
esac
exit $failed
