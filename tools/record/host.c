/* The host's own counters, from /proc/net: two lines a family, names and then numbers (proc(5)).
 * Found by their names, for kernels add to them. One that is not there is unknown, never 0. And
 * what the kernel takes for a clock. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "tools/record/record.h"

#define CLOCKSOURCE "/sys/devices/system/clocksource/clocksource0/current_clocksource"

static int64_t find_in(const char *names, const char *numbers, const char *wanted)
{
	char name[64];
	int64_t number;
	int name_length, number_length;

	while (sscanf(names, " %63s%n", name, &name_length) == 1) {
		int got = sscanf(numbers, " %" SCNd64 "%n", &number, &number_length);

		if (strcmp(name, wanted) == 0)
			return got == 1 ? number : -1;
		names += name_length;
		if (got == 1)
			numbers += number_length;
		else if (sscanf(numbers, " %*s%n", &number_length) == 0)
			numbers += number_length;
	}
	return -1;
}

static int64_t read_counter(const char *path, const char *family, const char *wanted)
{
	char names[8192], numbers[8192];
	size_t length = strlen(family);
	FILE *file = fopen(path, "re");
	int64_t answer = -1;

	while (file && answer < 0 && fgets(names, sizeof(names), file) &&
		fgets(numbers, sizeof(numbers), file))
		if (strncmp(names, family, length) == 0 && names[length] == ':')
			answer = find_in(names + length + 1, numbers + length + 1, wanted);
	if (file)
		fclose(file);
	return answer;
}

void host_read(int64_t counter[4])
{
	counter[0] = read_counter("/proc/net/netstat", "TcpExt", "ListenOverflows");
	counter[1] = read_counter("/proc/net/netstat", "TcpExt", "ListenDrops");
	counter[2] = read_counter("/proc/net/netstat", "TcpExt", "TCPSynRetrans");
	counter[3] = read_counter("/proc/net/snmp", "Tcp", "RetransSegs");
}

bool host_clock_is_tsc(void)
{
	FILE *file = fopen(CLOCKSOURCE, "re");
	char name[16] = "";
	bool answer = file && fgets(name, sizeof(name), file) && strcmp(name, "tsc\n") == 0;

	if (file)
		fclose(file);
	return answer;
}
