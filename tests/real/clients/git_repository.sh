#!/bin/sh
# git_repository.sh FOLDER: makes a bare repository FOLDER/test.git with 30 commits and 30 tags,
# always the same ones, and packed by one thread.
set -eu
export GIT_AUTHOR_NAME=a GIT_AUTHOR_EMAIL=a@example.org GIT_AUTHOR_DATE='1000000000 +0000'
export GIT_COMMITTER_NAME=a GIT_COMMITTER_EMAIL=a@example.org GIT_COMMITTER_DATE='1000000000 +0000'
export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
git init -q -b main "$1/work"
cd "$1/work"
for number in $(seq 30); do
	seq "$number" 400 >file
	git add file
	git commit -q -m "commit $number"
	git tag "tag-$number"
done
git clone -q --bare . "$1/test.git"
git -C "$1/test.git" config pack.threads 1
