# forward.sh PORT: what is served at PORT, fetched through a port that ssh forwards.
ssh -F ssh.conf -o ControlMaster=yes -o ControlPath="$OUT/control" -f -N 127.0.0.1 || exit
forwarded=$(ssh -F ssh.conf -o ControlPath="$OUT/control" -O forward -L 0:127.0.0.1:"$1" 127.0.0.1) || exit
curl -sS "http://127.0.0.1:$forwarded/noise" "http://127.0.0.1:$forwarded/zeros" | sha256sum
for n in 0 1 2 3 4 5 6; do echo "http://127.0.0.1:$forwarded/$n/file[$n-47:7]"; done |
	xargs curl -sS | sha256sum
ssh -F ssh.conf -o ControlPath="$OUT/control" -O exit 127.0.0.1
