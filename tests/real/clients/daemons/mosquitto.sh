# mosquitto.sh PORT: 200 messages of the file "messages" through the broker to a subscriber, whose words
# are ours, behind 0.4 s in which none says anything.
port=$1
: >"$OUT/got"
stdbuf -oL mosquitto_sub -d -p "$port" -q 1 -t 'x/#' -C 200 -W 20 >"$OUT/got" &
sub=$!
until grep -q '^Subscribed' "$OUT/got"; do
	sleep 0.02
done
sleep 0.4
mosquitto_pub -p "$port" -q 1 -t x/y -l <messages
wait $sub
grep '^message' "$OUT/got" | tee "$OUT/messages" | sha256sum
wc -l <"$OUT/messages"
rm "$OUT/got" "$OUT/messages"
