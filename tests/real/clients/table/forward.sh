# forward.sh HERE THERE: what is served at port THERE, fetched through port HERE, which ssh forwards.
ssh -F ssh.conf -o ControlMaster=yes -o ControlPath="$OUT/control" -o ExitOnForwardFailure=yes -f -N \
	-L "127.0.0.1:$1:127.0.0.1:$2" 127.0.0.1 || exit
curl -sS "http://127.0.0.1:$1/noise" "http://127.0.0.1:$1/zeros" | sha256sum
for n in 0 1 2 3 4 5 6; do echo "http://127.0.0.1:$1/$n/file[$n-47:7]"; done | xargs curl -sS | sha256sum
ssh -q -F ssh.conf -o ControlPath="$OUT/control" -O exit 127.0.0.1
