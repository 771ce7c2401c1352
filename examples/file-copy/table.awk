# Reads "READER NAME SECONDS" lines, several a pair; prints one row a pair: the median, the standard
# deviation, both ends, and how many times faster than the reader's first name it is.
function sort(list, count,   i, j, t) {
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
}
function deviation(list, count,   i, sum, square) {
	for (i = 1; i <= count; i++)
		sum += list[i]
	for (i = 1; i <= count; i++)
		square += (list[i] - sum / count) ^ 2
	return count > 1 ? sqrt(square / (count - 1)) : 0
}
{
	key = $1 " " $2
	if (!(key in runs))
		order[++keys] = key
	value[key, ++runs[key]] = $3 + 0
}
END {
	printf "  %-8s %-10s %8s %8s %8s %8s %10s\n", "reader", "", "median", "sd",
		"min", "max", "x faster"
	for (k = 1; k <= keys; k++) {
		key = order[k]
		split(key, word, " ")
		count = runs[key]
		for (i = 1; i <= count; i++)
			list[i] = value[key, i]
		sort(list, count)
		middle = (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2
		if (!(word[1] in bare))
			bare[word[1]] = middle
		printf "  %-8s %-10s %8.3f %8.3f %8.3f %8.3f %10.2f\n", word[1], word[2], middle,
			deviation(list, count), list[1], list[count], bare[word[1]] / middle
	}
}
