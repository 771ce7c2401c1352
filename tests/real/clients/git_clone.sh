#!/bin/sh
# git_clone.sh PORT: clones over git://, and prints what the clone is worth.
set -eu
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
folder=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-test.XXXXXX")
trap 'rm -rf "$folder"' EXIT
git clone -q "git://127.0.0.1:$1/test.git" "$folder/clone"
git -C "$folder/clone" fsck --no-progress
git -C "$folder/clone" log --format=%H
