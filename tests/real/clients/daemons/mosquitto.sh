# mosquitto.sh PORT: 200 messages of the file "messages" through the broker to a subscriber, whose words
# are ours, behind 0.4 s in which none says anything.
port=$1
mosquitto_sub -p "$port" -q 1 -t 'x/#' -C 201 -W 20 >"$OUT/got" &
sub=$!
until grep -q first "$OUT/got"; do
	sleep 0.1
	[ -s "$OUT/got" ] || mosquitto_pub -p "$port" -q 1 -r -t x/first -m first
done
sleep 0.4
mosquitto_pub -p "$port" -q 1 -t x/y -l <messages
wait $sub
sort "$OUT/got" | uniq | sha256sum
rm "$OUT/got"
