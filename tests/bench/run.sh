#!/usr/bin/env bash
# tests/bench/run.sh: measures polyshm beside its peers, in one run (README.md). It sets up what is missing, builds for
# release in build/bench/tree, and leaves the system as it was but for the Debian packages that it installs.
set -euo pipefail
cd "$(dirname "$0")/../.."

usage='usage: tests/bench/run.sh [--quick] [--check] [--rounds N] [--only TOPIC[,TOPIC...]]
Measures polyshm beside its peers, prints the ratios, and writes build/bench/report.html and build/bench/report.json.

  --quick     a short run: fewer rounds, shorter turns, no lists of a million items in scripts, no bytes beyond 1 MiB
  --check     what is not as fast as it must be is an error
  --rounds N  how often everything is measured
  --only      these topics: create, items, bytes, pingpong, lock, scaling, startup

POLYSHM_PYTHON is another CPython than /usr/bin/python3.'
case " $* " in
*" -h "* | *" --help "*) echo "$usage"; exit 0 ;;
esac

.ci/setup build-essential cmake ninja-build pkg-config swig libjansson-dev \
  python3 python3-dev python3-pycparser python3-venv ruby ruby-dev \
  liblua5.4-dev libluajit-5.1-dev lua5.1 lua5.4 luajit \
  libcriterion-dev libffi-dev abigail-tools lua-ldoc \
  hyperfine libbenchmark-dev libboost-dev ruby-benchmark-ips
here=$PWD/build/bench
mkdir -p "$here"
log=$here/setup.log
python=${POLYSHM_PYTHON:-/usr/bin/python3}
quietly() { "$@" >"$log" 2>&1 || { cat "$log" >&2; echo "failed: $*" >&2; exit 1; }; }

# A peer that is used where it is unpacked.
.ci/unpack "$here/iceoryx" libiceoryx-posh-dev libiceoryx-hoofs-dev libiceoryx-platform2 \
  libiceoryx-hoofs2 libiceoryx-posh2 libiceoryx-posh-{roudi,config,gateway}2
[ -e "$here/iceoryx" ] || echo "no iceoryx: its packages cannot be had"

quietly cmake -S . -B "$here/tree" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_TESTING=ON -DPOLYSHM_INTEROP=OFF \
  -DPOLYSHM_TESTS=bench -DPOLYSHM_BENCHMARKS=ON -DCMAKE_PREFIX_PATH="$here/iceoryx/usr" \
  -DPOLYSHM_PYTHON="$python"
quietly cmake --build "$here/tree"

# The tools and peers of Python, of these versions.
requirements=tests/bench/requirements.txt
venv=$here/python-$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
if ! cmp -s "$requirements" "$venv/requirements.txt"; then
  quietly "$python" -m venv --clear "$venv"
  quietly "$venv/bin/pip" install --quiet -r "$requirements"
  cp "$requirements" "$venv/"
fi

# A server, which installing would start.
.ci/unpack "$here/redis" redis-server redis-tools liblzf1 libjemalloc2 liblua5.1-0 lua-cjson lua-bitop libatomic1
if [ -x "$here/redis/usr/bin/redis-server" ]; then
  export BENCH_REDIS=$here/redis/usr/bin/redis-server
  export BENCH_REDIS_LIBRARIES=$here/redis/usr/lib/x86_64-linux-gnu
else
  echo "no Redis: its packages cannot be had"
fi

export BENCH_TREE=$here/tree BENCH_PYTHON=$venv/bin/python BENCH_RUBY=/usr/bin/ruby
export BENCH_LUA=/usr/bin/lua5.4 BENCH_LUAJIT=/usr/bin/luajit
export PYTHONPATH=$here/tree/bindings/python RUBYLIB=$here/tree/bindings/ruby
export LUA_PATH="$here/tree/bindings/lua/?.lua;$PWD/tests/bench/lua/?.lua;;" LUA_CPATH="$here/tree/bindings/lua/?.so;;"
export PYTHONDONTWRITEBYTECODE=1 POLYSHM_GUARD_SECONDS=36000
# In a /dev/shm and a folder for books of its own.
exec "$here/tree/tests/support/polyshm_guard" "$BENCH_PYTHON" tests/bench/runner/main.py "$@"
