#!/bin/sh
# Runs a fuzzer for a fixed number of inputs, from the *.bin of CORPUS on; what it finds stays in FOLDER.
#
#   fuzz.sh FUZZER RUNS CORPUS FOLDER [LIBFUZZER-OPTION...]
#
# An input that takes ten seconds is a find, too.
set -eu
fuzzer=$1 runs=$2 corpus=$3 folder=$4
shift 4
scratch=$(mktemp -d)
trap 'rm -r "$scratch"' EXIT
mkdir "$scratch/corpus"
cp "$corpus"/*.bin "$scratch/corpus"
# Whoever kills this script means the fuzzer, too.
setpriv --pdeathsig KILL "$fuzzer" -runs="$runs" -timeout=10 -entropic=0 -artifact_prefix="$folder/" -print_final_stats=1 "$@" \
  "$scratch/corpus" >"$scratch/log" 2>&1 || { grep -v '^#' "$scratch/log"; exit 1; }
sed -n -e 's/^INFO: Seed: /FIGURE seed: /p' \
  -e 's/^stat::number_of_executed_units: */FIGURE inputs: /p' \
  -e 's/^stat::average_exec_per_sec: */FIGURE inputs a second: /p' "$scratch/log"
