# Reads "KIND KILOBYTES RCPTS MEMBERS REPORTED ARM SECONDS CPU" lines, an arm bare before each arm
# sockfix; prints one row a mail: mails an hour in the report (- where it has none), bare and with
# sockfix, from the medians; what sockfix cost in time and in CPU, the medians of the pairs; and how
# far the bare runs lie apart, which says what a cost is worth. One run alone says neither.
function median(key,   i, j, t, count, list) {
	count = runs[key]
	for (i = 1; i <= count; i++)
		list[i] = value[key, i]
	for (i = 2; i <= count; i++)
		for (j = i; j > 1 && list[j - 1] > list[j]; j--) {
			t = list[j]; list[j] = list[j - 1]; list[j - 1] = t
		}
	spread = list[count] - list[1]
	return (list[int((count + 1) / 2)] + list[int(count / 2) + 1]) / 2
}
function add(key, number) {
	value[key, ++runs[key]] = number + 0
}
{
	mail = $1 " " $2 " " $3
	if (!(mail in reported))
		order[++mails] = mail
	reported[mail] = $5
	members[mail] = $4
	add(mail " " $6, $7)
	if ($6 == "bare") {
		seconds = $7
		cpu = $8
	} else {
		add(mail " time", ($7 / seconds - 1) * 100)
		add(mail " cpu", ($8 / cpu - 1) * 100)
		add("all time", ($7 / seconds - 1) * 100)
		add("all cpu", ($8 / cpu - 1) * 100)
	}
}
END {
	printf "  %-16s %5s %10s %9s %9s %7s %7s %7s\n", "mail", "rcpts", "reported/h", "bare/h",
		"sockfix/h", "cost", "of CPU", "apart"
	for (i = 1; i <= mails; i++) {
		mail = order[i]
		split(mail, word, " ")
		bare = median(mail " bare")
		apart = cpu = "-"
		if (runs[mail " bare"] > 1) {
			apart = sprintf("%.1f%%", spread / bare * 100)
			cpu = sprintf("%+.1f%%", median(mail " cpu"))
		}
		printf "  %-16s %5d %10s %9d %9d %+6.1f%% %7s %7s\n", word[2] " KB " word[1],
			word[3], reported[mail], members[mail] * 3600 / bare,
			members[mail] * 3600 / median(mail " sockfix"), median(mail " time"), cpu, apart
	}
	printf "  %-16s %5s %10s %9s %9s %+6.1f%% %+6.1f%%\n", "all pairs", "", "", "", "",
		median("all time"), median("all cpu")
}
