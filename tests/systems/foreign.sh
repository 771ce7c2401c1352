#!/bin/sh
# foreign.sh SOCKFIX: whether a command that was built elsewhere works here, with the library beside it:
# a stalling client of this system's python, recorded, reported, and mended by what was suggested.
set -eu
sockfix=$1
folder=$(mktemp -d "${TMPDIR:-/tmp}/sockfix-foreign.XXXXXX")
trap 'rm -r "$folder"' EXIT
cd "$folder"
cat >client.py <<'PY'
import socket, threading
listener = socket.create_server(("127.0.0.1", 0))
def serve():
    s, _ = listener.accept()
    while True:
        got = b""
        while len(got) < 200:
            more = s.recv(200 - len(got))
            if not more:
                return
            got += more
        s.sendall(b"ok")
threading.Thread(target=serve, daemon=True).start()
s = socket.create_connection(listener.getsockname())
for i in range(50):
    s.send(b"a" * 100)
    s.send(b"b" * 100)
    assert s.recv(2) == b"ok"
print("talked")
PY
[ "$("$sockfix" record -q -o run -- python3 client.py)" = talked ]
"$sockfix" report run >report || [ $? = 1 ]
grep -q 'STALLED' report || { cat report; echo "no stall was seen"; exit 1; }
"$sockfix" suggest run >rules.conf
"$sockfix" check rules.conf
[ "$("$sockfix" record -q -r rules.conf -o mended -- python3 client.py)" = talked ]
"$sockfix" report mended >report || [ $? = 1 ]
! grep -q 'STALLED' report || { cat report; echo "it stalls with the rule, too"; exit 1; }
echo works
