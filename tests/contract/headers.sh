#!/bin/sh
# Each public header compiles alone: as C11 without any extension, and as C++.
#
#   headers.sh C-COMPILER INCLUDE-FOLDER
set -eu
compiler=$1 include=$2
cd "$include"

# Compiles one file a header with these options. begin.h and end.h are halves, and only for the others.
check() {
  for header in polyshm.h polyshm/*.h; do
    case $header in */begin.h | */end.h) continue ;; esac
    echo "#include <$header>" | "$compiler" "$@" -Wall -Wextra -Werror -pedantic-errors -I. -fsyntax-only -
  done
}

check -x c -std=c11
if echo 'int main() {}' | "$compiler" -x c++ -fsyntax-only - 2>/dev/null; then
  check -x c++ -std=c++11
else
  echo "skipped: $compiler compiles no C++"
  exit 77
fi
