#!/bin/sh
# git_ls_remote.sh PORT COUNT: asks for the references COUNT times over git://.
set -eu
for _ in $(seq "$2"); do
	git ls-remote "git://127.0.0.1:$1/test.git"
done
