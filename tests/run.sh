#!/usr/bin/env bash
# tests/run.sh: installs what is missing, builds, and runs every test. Quiet where all is well.
#
#   build/             the product, and all tests through CTest
#   build/clang/       compiled by clang, with every warning an error; the C tests
#   build/sanitized/   under AddressSanitizer and UndefinedBehaviorSanitizer; the C tests, and a hostile peer
#   build/musl/        with musl for the C library; the C tests, by the command of build/
#   build/m32/         the same of 32 bits
#   build/aarch64/     for 64-bit ARM, in an emulator: those C tests that are not slow there
#   build/threads/     under ThreadSanitizer: threads and processes that race for one list
#   build/python-X.Y/  the Python binding and its tests, for every other CPython that pyenv has
set -euo pipefail
cd "$(dirname "$0")/.."

usage='usage: tests/run.sh
Installs the Debian packages that are missing (as root or by sudo), builds polyshm and runs every test.'
case "${1:-}" in
"") ;;
-h | --help) echo "$usage"; exit 0 ;;
*) echo "$usage" >&2; exit 2 ;;
esac

# Node.js may be there from elsewhere than Debian, whose npm does not go with that.
node=()
command -v node >/dev/null && command -v npm >/dev/null || node=(nodejs npm)

.ci/setup "${node[@]}" abigail-tools build-essential clang cmake libclang-rt-14-dev llvm-14 ninja-build pkg-config swig \
  libcriterion-dev libffi-dev libjansson-dev \
  libpython3.11-testsuite mypy python3 python3-cffi python3-dev python3-hypothesis python3-numpy python3-pil \
  python3-pycparser python3-pytest python3-venv \
  ruby ruby-dev ruby-minitest yard \
  liblua5.4-dev libluajit-5.1-dev lua-busted lua-ldoc lua-markdown lua5.1 lua5.4 luajit luarocks \
  gcc-12-multilib gcc-aarch64-linux-gnu libc6-dev-arm64-cross libc6-dev-i386 musl-tools qemu-user \
  file libffi-platypus-perl lintian mandoc procps spin valgrind zsh

log=$(mktemp)
trap 'rm -f "$log"' EXIT

# Runs a step; shows what it printed only if it fails.
quietly() {
  "$@" >"$log" 2>&1 || { cat "$log"; echo "failed: $*" >&2; exit 1; }
}

passed=0
# test_tree FOLDER CMAKE-ARGUMENTS...: configures, builds, and runs the tests.
test_tree() {
  local folder=$1 started=$SECONDS count
  shift
  quietly cmake -S . -B "$folder" -G Ninja -DBUILD_TESTING=ON "$@"
  quietly cmake --build "$folder"
  quietly ctest --test-dir "$folder" --output-on-failure --parallel "$(nproc)"
  count=$(sed -n 's/.* tests passed, 0 tests failed out of \([0-9]*\)$/\1/p' "$log")
  passed=$((passed + count))
  echo "$folder: $count programs of tests passed in $((SECONDS - started)) s"
  grep -E '\(Skipped\)' "$log" || true
  summarize "$folder/Testing/Temporary/LastTest.log"
}

# What each framework says of its own tests, added up.
summarize() {
  awk '
    /\[====\] Synthesis: Tested:/ { gsub(/[^0-9 ]/, ""); c += $1; crashed += $4 }
    /[0-9]+ passed.* in [0-9.]+s/ { for (i = 2; i <= NF; i++) if ($i ~ /^passed/) python += $(i - 1) }
    /^[0-9]+ of CPython.s tests passed, [0-9]+ left out/ { cpython += $1; left += $6 }
    /runs, .* assertions,/ { ruby += $1 }
    /successes \/ .* failures/ { lua += $1 }
    /^[0-9]+ passed, [0-9]+ failed$/ { mixed += $1 }
    /^[0-9]+ snippets ran, [0-9]+ did not: / { ran += $1; unrun += $4 }
    END {
      if (c) printf "  C (Criterion): %d\n", c
      if (python) printf "  Python (pytest): %d\n", python
      if (cpython) printf "  of CPython, with polyshm in place: %d, and %d left out\n", cpython, left
      if (ruby) printf "  Ruby (minitest): %d\n", ruby
      if (lua) printf "  Lua 5.4, LuaJIT and Lua 5.1 (busted): %d\n", lua
      if (mixed) printf "  languages mixed: %d checks\n", mixed
      if (ran) printf "  snippets of pages: %d ran, %d did not\n", ran, unrun
    }' "$1"
  grep -hE '^(SKIPPED|skipped|Skipped)' "$1" | sort | uniq | sed 's/^/  /' || true
}

# Blocks by the names that tests and the demonstration use; other programs make blocks of their own meanwhile.
blocks() { find /dev/shm -maxdepth 1 \( -name 't_*' -o -name 'polyshm-demo*' -o -name '.polyshm-*' -o -name jobs \) | sort; }

before=$(blocks)
test_tree build
test_tree build/clang -DPOLYSHM_BINDINGS= -DPOLYSHM_TESTS='unit;contract;fault;torture' -DCMAKE_C_COMPILER=clang \
  -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
test_tree build/sanitized -DPOLYSHM_BINDINGS= -DPOLYSHM_SANITIZE=address,undefined
test_tree build/threads -DPOLYSHM_BINDINGS= -DPOLYSHM_SANITIZE=thread -DCMAKE_C_COMPILER=clang

# Other machines and C libraries (.cmake/*.cmake).
elsewhere() {
  test_tree "build/$1" --toolchain ".cmake/$1.cmake" -DPOLYSHM_NATIVE_BUILD="$PWD/build" -DPOLYSHM_BINDINGS= \
    -DPOLYSHM_TESTS="$2" -DCMAKE_COMPILE_WARNING_AS_ERROR=ON
}
elsewhere musl 'unit;contract;fault;fuzz'
elsewhere m32 'unit;contract;fault;fuzz'
elsewhere aarch64 'unit;contract'

# Another CPython needs what its tests use, which it gets in an environment of its own. What is random, or done
# thousands of times, is shorter there.
export POLYSHM_TEST_SCALE=${POLYSHM_TEST_SCALE:-0.2}
for python in "$HOME"/.pyenv/versions/3.{8,9,10,12,13}.*/bin/python; do
  [ -x "$python" ] || continue
  tree=build/python-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
  [ -x "$tree/venv/bin/pytest" ] || quietly "$python" -m venv "$tree/venv"
  quietly "$tree/venv/bin/python" -m pip install --quiet pytest hypothesis numpy
  test_tree "$tree" -DPOLYSHM_BINDINGS=python -DPOLYSHM_PYTHON="$PWD/$tree/venv/bin/python" -DPOLYSHM_TESTS=bindings
done

left=$(comm -13 <(echo "$before") <(blocks))
if [ -n "$left" ]; then
  printf 'the tests left blocks behind:\n%s\n' "$left" >&2
  exit 1
fi
echo "all $passed programs of tests passed"
