# Reads "NAME seconds=S rate=R data_segments=D" lines, several a name; prints one row a name: the
# medians, and how many times faster than the first name it is.
function median(list, count,   i, j, t, sorted) {
	for (i = 1; i <= count; i++)
		sorted[i] = list[i] + 0
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && sorted[j - 1] > sorted[j]; j--) {
			t = sorted[j]; sorted[j] = sorted[j - 1]; sorted[j - 1] = t
		}
	return count % 2 ? sorted[(count + 1) / 2] : (sorted[count / 2] + sorted[count / 2 + 1]) / 2
}
function column(name, what,   i, list) {
	for (i = 1; i <= runs[name]; i++)
		list[i] = value[name, what, i]
	return median(list, runs[name])
}
{
	name = $1
	if (!(name in runs))
		order[++names] = name
	runs[name]++
	for (i = 2; i <= NF; i++) {
		split($i, pair, "=")
		value[name, pair[1], runs[name]] = pair[2]
	}
}
END {
	printf "  %-14s %9s %10s %14s %12s\n", "", "seconds", "mails/s", "data segments", "x faster"
	for (i = 1; i <= names; i++) {
		name = order[i]
		seconds = column(name, "seconds")
		segments = column(name, "data_segments")
		if (i == 1)
			bare = seconds
		printf "  %-14s %9.2f %10.0f %14s %12.1f\n", name, seconds, column(name, "rate"),
			segments < 0 ? "-" : segments, bare / seconds
	}
}
