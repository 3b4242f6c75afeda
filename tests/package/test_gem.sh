#!/usr/bin/env bash
# test_gem.sh RUBY SOURCE VERSION: builds the gem, installs it as root does, and uninstalls it.
set -euo pipefail

ruby=$1 source=$2 version=$3
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d "$PWD/gem.XXXXXX")
trap 'rm -rf "$folder"' EXIT

(cd "$source" && "$ruby" -S gem build --silent --output "$folder/polyshm.gem" bindings/ruby/polyshm.gemspec)
cp "$here/try.rb" "$folder"

"$here/private_root.sh" "$folder" bash -euc '
cd "$0"
"$1" -S gem install --local --silent --no-document polyshm.gem
cd /
"$1" "$0/try.rb" "$2"
polyshm --version
"$1" -S gem uninstall --silent --executables polyshm' "$folder" "$ruby" "$version"
