#!/bin/sh
# picture.sh: the report of examples/imap as it is, as an SVG on stdout: the same import as `make demo`
# has, recorded and told by `sockfix report`. BUILD is the folder of imapd and sockfix. Of the run
# there are its figures, its port and the time of day (UTC) in it; nothing of the machine.
set -eu
cd "$(dirname "$0")/../../.."
build=$(realpath "${BUILD:-build}")
picture=$PWD/tools/packaging/picture/picture.py
for program in "$build/imapd" "$build/sockfix"; do
	[ -x "$program" ] || { echo "picture.sh: $program is missing: run make picture" >&2; exit 1; }
done
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
# Where the newest recording is, nobody has to say.
export XDG_STATE_HOME="$folder/state" TZ=UTC COLUMNS=80

mkfifo "$folder/port" "$folder/life"
"$build/imapd" -e <"$folder/life" >"$folder/port" &
exec 3>"$folder/life"
read -r port <"$folder/port"
cd examples/imap
"$build/sockfix" record -q -- python3 import.py 127.0.0.1 "$port" --count 300 >/dev/null 3>&-
"$build/sockfix" report 2>/dev/null 3>&- >"$folder/screen"
python3 "$picture" "sockfix report" "sockfix report" <"$folder/screen"
