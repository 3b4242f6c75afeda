#!/usr/bin/env bash
# test_wheel.sh PYTHON SOURCE VERSION: pip installs the Python package from the repository, and then the wheel that is
# made from the source distribution. Both hold the same files, work, and leave nothing when they are uninstalled.
set -euo pipefail

python=$1 source=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "$PWD/wheel.XXXXXX")
trap 'rm -rf "$folder"' EXIT

"$python" -m venv "$folder/venv"
bin=$folder/venv/bin
pip() { "$bin/pip" --disable-pip-version-check --quiet "$@"; }
# pip leaves folders of man pages and the like.
files() { find "$folder/venv" ! -type d | sort; }

# attempt WHAT: installs it, tries it, takes it away. Sets installed to the files that it has.
attempt() {
  local before
  before=$(files)
  pip install "$1"
  installed=$(pip show --files polyshm)
  (cd / && env -i PATH="$bin:/usr/bin:/bin" XDG_RUNTIME_DIR="$XDG_RUNTIME_DIR" python "$here/try.py" "$version")
  env -i PATH="$bin:/usr/bin:/bin" sh -c 'command -v polyshm; polyshm --version'
  pip uninstall --yes polyshm
  [ "$before" = "$(files)" ] || { diff <(echo "$before") <(files); echo "left behind by $1"; exit 1; }
}

pip install build
attempt "$source/bindings/python"
from_repository=$installed

"$bin/python" -m build --outdir "$folder/dist" "$source/bindings/python" >"$folder/log" 2>&1 ||
  { cat "$folder/log"; exit 1; }
tag=$("$python" -c 'import sys; print("cp%d%d" % sys.version_info[:2])')
attempt "$folder/dist/polyshm-$version-$tag-$tag-linux_$(uname -m).whl"
[ "$from_repository" = "$installed" ] || { diff <(echo "$from_repository") <(echo "$installed"); exit 1; }
