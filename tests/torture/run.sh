#!/usr/bin/env bash
# tests/torture/run.sh: tortures the lists of a build tree, and prints a table of figures, with their bounds.
#
# The scribbler runs in a second tree, built with sanitizers; the mixed languages where the first tree has bindings.
set -euo pipefail

usage='usage: tests/torture/run.sh [--long] [TREE [SANITIZED-TREE]]
Tortures the lists of TREE (build) and SANITIZED-TREE (build/sanitized): for about a minute, or with --long for half an
hour. Whatever is torn, lost or stuck is a failure; with --long, what takes longer than wanted is one, too.'
scale=short check=()
case "${1:-}" in
--long) scale=long check=(--check); shift ;;
-h | --help) echo "$usage"; exit 0 ;;
-*) echo "$usage" >&2; exit 2 ;;
esac
cd "$(dirname "$0")/../.."
tree=${1:-build} sanitized=${2:-build/sanitized}
for program in "$tree/tests/torture/kills" "$sanitized/tests/torture/hostile"; do
  [ -x "$program" ] || { echo "build $program first (tests/run.sh does)" >&2; exit 2; }
done

log=$(mktemp)
running=""
# The guard takes its program and all of that one's children with it.
trap '[ -z "$running" ] || kill -KILL "$running" 2>/dev/null; rm -f "$log"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
failed=0

# Its words are for a short run and a long one: one SHORT LONG.
amount() { [ "$scale" = long ] && echo "$2" || echo "$1"; }

# torture TREE TITLE COMMAND...: runs it under the guard, and prints its figures.
torture() {
  local tree=$1 title=$2 status=0 started=$SECONDS
  shift 2
  POLYSHM_GUARD_SECONDS=3600 "$tree/tests/support/polyshm_guard" "$@" >"$log" 2>&1 &
  running=$!
  wait "$running" || status=$?
  running=""
  echo "$title ($((SECONDS - started)) s)"
  sed -n 's/^FIGURE \([^:]*\): \(.*\)/\1\t\2/p' "$log" | awk -F '\t' '{ printf "  %-52s %s\n", $1, $2 }'
  case $status in
  0) ;;
  77) grep '^skipped' "$log" | sed 's/^/  /' ;;
  *) failed=1; echo "  FAILED with status $status"; grep -v '^FIGURE' "$log" | tail -n 60 | sed 's/^/  | /' ;;
  esac
}

here=$tree/tests/torture
mixed=(/bin/sh "$here/mixed.sh")
torture "$tree" "kills, C" "$here/kills" "${check[@]}" --kills "$(amount 1000 5000)"
if grep -q "^agents='.*agent\." "$here/mixed.sh"; then
  torture "$tree" "kills, mixed languages" "${mixed[@]}" kills "${check[@]}" --kills "$(amount 200 2000)"
else
  echo "kills, mixed languages: skipped, $tree has no bindings"
fi
torture "$tree" "stopped holders" "${mixed[@]}" stops --stops "$(amount 500 5000)"
torture "$tree" "random lives" /bin/sh "$here/lives.sh" schedules --schedules "$(amount 60 1000)"
torture "$tree" "brief lives" "$here/briefs" --rounds "$(amount 20 1000)"
torture "$tree" "many registrations" "$here/registrations" "${check[@]}"
torture "$tree" "fork storms" "$here/forks" --forks "$(amount 500 5000)"
torture "$tree" "pid namespaces" "$here/namespaces" --kills "$(amount 200 2000)"
torture "$tree" "many processes" "$here/crowd" --seconds "$(amount 5 60)"
torture "$tree" "throughput" "$here/throughput" "${check[@]}" --rounds "$(amount 5 20)"
torture "$sanitized" "a hostile peer, under sanitizers" "$sanitized/tests/torture/hostile" --seconds "$(amount 10 600)"
if [ -f "$here/hostile_languages.sh" ]; then
  torture "$tree" "a hostile peer, every language" /bin/sh "$here/hostile_languages.sh" --seconds "$(amount 5 120)"
fi
if [ -x "$tree/tests/fuzz/fuzz_sync" ]; then
  inputs=$(amount 100000 10000000) seed=$(amount 1 0) # 0: another one each time
  torture "$tree" "fuzzing, under sanitizers" /bin/sh tests/fuzz/fuzz.sh "$tree/tests/fuzz/fuzz_sync" "$inputs" \
    tests/fuzz/sync_corpus "$tree/tests/fuzz" -max_len=1024 -seed="$seed"
else
  echo "fuzzing: skipped, $tree was built without clang's libFuzzer"
fi
exit $failed
