#!/usr/bin/env bash
# private_root.sh FOLDER COMMAND...: runs a command as root of a copy of this system, in which it may install what it
# likes: what it writes is in memory, and gone at its end. FOLDER is the same inside and outside. The only environment
# variable is PATH. The command is to uninstall what it installed: a file of polyshm's that is left is a failure.
set -euo pipefail

skip() { echo "skipped: a copy of the system's root needs root and leave to mount"; exit 77; }

if [ -z "${POLYSHM_TEST_INSIDE:-}" ]; then
  { [ "$(id -u)" -eq 0 ] && unshare --mount true; } 2>/dev/null || skip
  POLYSHM_TEST_INSIDE=1 exec unshare --mount "$0" "$@"
fi

folder=$1
shift
mount -t tmpfs tmpfs /mnt
cd /mnt
mkdir written work root
mount -t overlay overlay -o "lowerdir=/,upperdir=written,workdir=work" root 2>/dev/null || skip
mount --rbind /proc root/proc
mount --rbind /dev root/dev
mount -t tmpfs tmpfs root/dev/shm
# Of other programs' managers and tracked blocks it knows nothing.
mkdir -p root/tmp/polyshm-0
mount -t tmpfs -o mode=700 tmpfs root/tmp/polyshm-0
mkdir -p "root$folder"
mount --bind "$folder" "root$folder"

# What was written and has the name of polyshm. A device stands for what was removed.
written() { find written root/dev/shm ! -type c -iname '*polyshm*' | sort; }

before=$(written)
env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin chroot root "$@"
left=$(comm -13 <(echo "$before") <(written))
[ -z "$left" ] || { printf 'left behind:\n%s\n' "$left"; exit 1; }
