#!/bin/sh
# Runs a fuzzer for a fixed number of inputs, from the golden vectors on; what it finds stays in FOLDER.
#
#   fuzz.sh FUZZER RUNS VECTORS FOLDER
set -eu
fuzzer=$1 runs=$2 vectors=$3 folder=$4
corpus=$(mktemp -d)
trap 'rm -r "$corpus"' EXIT
cp "$vectors"/*.bin "$corpus"
"$fuzzer" -runs="$runs" -seed=1 -max_len=1024 -artifact_prefix="$folder/" -verbosity=0 "$corpus"
