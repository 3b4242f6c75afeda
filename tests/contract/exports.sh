#!/bin/sh
# The functions that the headers declare, the names in the version script, and the symbols that leave the library are
# the same, and all begin with polyshm_.
#
#   exports.sh ABI-FOLDER LIBRARY
set -eu
abi=$1 library=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT

# Comments go first, then the rest is cut into declarations; a function is a name before a bracket.
cat "$abi"/include/polyshm/*.h | grep -v '^#' |
  tr '\n' ' ' | sed 's:/\*\([^*]\|\*[^/]\)*\*/: :g' | tr ';' '\n' |
  sed -n 's/.*[ *]\([a-z_0-9]*\)(.*/\1/p' | sort >"$folder/headers"
sed -n 's/^ *\([a-z_0-9]*\);.*/\1/p' "$abi/polyshm.map" | sort >"$folder/map"
nm -D --defined-only "$library" | awk '$2 != "A" { sub("@.*", "", $3); print $3 }' | sort >"$folder/library"

test -s "$folder/headers" || { echo "no function found in the headers"; exit 1; }
status=0
for other in map library; do
  if ! diff "$folder/headers" "$folder/$other" >"$folder/difference"; then
    echo "functions in the headers (<) and in the $other (>) differ:"
    cat "$folder/difference"
    status=1
  fi
done
if grep -v '^polyshm_[a-z0-9_]*$' "$folder/library"; then
  echo "these names do not begin with polyshm_"
  status=1
fi
exit $status
