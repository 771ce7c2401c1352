# mosquitto.sh PORT QOS COUNT: messages from a publisher through the broker to a subscriber, whose
# words are ours. Nothing is published before a first message came back, and so all must arrive. The
# last one is of the same publisher: another's may overtake.
port=$1 qos=$2 count=$3
: >"$OUT/got"
mosquitto_sub -p "$port" -q "$qos" -t 'x/#' -W 60 >"$OUT/got" &
sub=$!
until grep -q first "$OUT/got"; do
	mosquitto_pub -p "$port" -t x/first -m first
done
{ head -n "$count" messages; echo last; } | mosquitto_pub -p "$port" -q "$qos" -t x/y -l
tail -n +1 -f --pid=$sub "$OUT/got" | grep -q -m 1 last
kill $sub
wait $sub
grep -v first "$OUT/got" >"$OUT/all"
rm "$OUT/got"
wc -l <"$OUT/all"
