#!/bin/sh
# The functions that the headers declare, the names in the version script, and the symbols that leave the library are
# the same, and all begin with polyshm_. The errors that base.h numbers are those of errors.def.
#
#   exports.sh ABI-FOLDER LIBRARY
set -eu
abi=$1 library=$2
folder=$(mktemp -d)
trap 'rm -r "$folder"' EXIT
status=0

# Fails unless the two files of names are the same, and there is a name in them.
compare() {
  if ! [ -s "$folder/$1" ] || ! diff "$folder/$1" "$folder/$2" >"$folder/difference"; then
    echo "the names in the $1 (<) and in the $2 (>) differ, or there are none:"
    cat "$folder/difference"
    status=1
  fi
}

# Comments go first, then the rest is cut into declarations; a function is a name before a bracket.
cat "$abi"/include/polyshm/*.h | grep -v '^#' | tr '\n' ' ' |
  sed 's:/\*\([^*]\|\*[^/]\)*\*/: :g' | tr ';' '\n' |
  sed -n 's/.*[ *]\([a-z_0-9]*\)(.*/\1/p' | sort >"$folder/headers"
sed -n 's/^ *\([a-z_0-9]*\);.*/\1/p' "$abi/polyshm.map" | sort >"$folder/map"
nm -D --defined-only "$library" | awk '$2 != "A" { sub("@.*", "", $3); print $3 }' | sort >"$folder/library"
compare headers map
compare headers library
if grep -v '^polyshm_[a-z0-9_]*$' "$folder/library"; then
  echo "these names do not begin with polyshm_"
  status=1
fi

sed -n 's/^ *POLYSHM_\(E[A-Z0-9]*\) = -.*/\1/p' "$abi/include/polyshm/base.h" | sort >"$folder/base.h"
sed -n 's/^X(\(E[A-Z0-9]*\),.*/\1/p' "$abi/include/polyshm/errors.def" | sort >"$folder/errors.def"
compare base.h errors.def
exit $status
