# Makes ready what the programs in interop/ need. To be read by a shell: `. prepare.sh`, where `here` is the folder of
# the script that reads it, interop/ or one below.

# fail WORDS: ends the script.
fail() {
  echo "$name: $1" >&2
  exit 1
}

# Runs a command; its output is shown only if it fails.
quietly() {
  output=$("$@" 2>&1) || {
    echo "$output" >&2
    fail "this failed: $*"
  }
}

# prepare NAME TARGET [PACKAGE...]: installs the Debian packages that are missing, builds the target in build/, and puts
# the bindings on every language's path. POLYSHM_BUILD names another build tree, which is taken as it is. NAME is what
# the script calls itself in messages.
prepare() {
  name=$1 target=$2
  shift 2
  root=${here%/interop*}
  build=${POLYSHM_BUILD:-$root/build}
  if [ -z "${POLYSHM_BUILD-}" ]; then
    "$root/.ci/setup" cmake gcc libc6-dev libjansson-dev liblua5.4-dev libluajit-5.1-dev lua5.4 luajit ninja-build \
      pkg-config python3 python3-dev python3-pycparser ruby ruby-dev swig "$@"
    if [ ! -e "$build/build.ninja" ] && [ ! -e "$build/Makefile" ]; then
      echo "$name: building in $build" >&2
      quietly cmake -S "$root" -B "$build" -G Ninja -DBUILD_TESTING=OFF
    fi
    quietly cmake --build "$build" --target "$target"
  fi
  . "$build/interop/environment.sh"
}
