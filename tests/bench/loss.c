/* loss measure PAUSE busy|asleep TIMES [NAME=VALUE]...: starts itself as a sender under those
 * variables, reads what it sends, and kills it by SIGTERM, which it does not handle, so many times,
 * after 5 to 25 ms. Prints of what write() had returned for, and what never came, the median, the
 * 95th percentile and the most, in bytes, and how many bytes were written in the median.
 * loss send PORT PAUSE busy|asleep: writes of 50 bytes, with so many microseconds between them. */
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"

#define RECORD	 50
#define COUNT_FD 99
#define ROOM	 (256 * 1024)
#define MOST	 1000 /* kills */

/* What sender and killer share: bytes that write() has returned for. */
static _Atomic uint64_t *count_at(int fd)
{
	void *page = mmap(NULL, sizeof(uint64_t), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	MUST(page != MAP_FAILED);
	return page;
}

/* ---- the sender ---- */

/* Without a system call, or there would be nothing left to lose. */
static void compute(uint64_t ns)
{
	uint64_t end = time_of(CLOCK_MONOTONIC) + ns;

	while (time_of(CLOCK_MONOTONIC) < end)
		;
}

static _Noreturn void send_for_ever(int fd, useconds_t pause, bool asleep)
{
	_Atomic uint64_t *count = count_at(COUNT_FD);
	unsigned char record[RECORD];

	for (uint64_t at = 0;; at += RECORD) {
		for (uint64_t i = 0; i < RECORD; i++)
			record[i] = pattern_byte(at + i);
		MUST(write(fd, record, RECORD) == RECORD);
		atomic_store(count, at + RECORD);
		if (pause && asleep)
			usleep(pause);
		else if (pause)
			compute(pause * UINT64_C(1000));
	}
}

/* ---- who kills it ---- */

static void become_sender(uint16_t port, int count, char **argv, char **variable)
{
	char number[8];

	for (; *variable; variable++)
		MUST(putenv(*variable) == 0);
	MUST(dup2(count, COUNT_FD) == COUNT_FD);
	snprintf(number, sizeof(number), "%u", port);
	execl("/proc/self/exe", argv[0], "send", number, argv[2], argv[3], (char *)NULL);
	_exit(127);
}

/* Reads for that time, or to the end of the stream where it is 0. Returns how many bytes there are
 * now, after `have`: each the right one. */
static uint64_t read_for(int fd, uint64_t ns, uint64_t have)
{
	static unsigned char bytes[ROOM];
	uint64_t end = time_of(CLOCK_MONOTONIC) + ns;
	struct pollfd in = {.fd = fd, .events = POLLIN};
	ssize_t got;

	while (ns == 0 || time_of(CLOCK_MONOTONIC) < end) {
		if (poll(&in, 1, ns == 0 ? -1 : 1) == 0)
			continue;
		got = read(fd, bytes, sizeof(bytes));
		MUST(got >= 0);
		if (got == 0)
			break;
		for (ssize_t i = 0; i < got; i++)
			MUST(bytes[i] == pattern_byte(have + (uint64_t)i));
		have += (uint64_t)got;
	}
	return have;
}

struct kill {
	uint64_t written, lost;
};

static struct kill kill_one(char **argv, char **variable)
{
	uint16_t port;
	int listener = listen_at("127.0.0.1", &port), count = memfd_create("count", MFD_CLOEXEC);
	struct kill one = {0, 0};
	uint64_t have;
	pid_t sender;
	int fd, status;

	MUST(count >= 0 && ftruncate(count, sizeof(uint64_t)) == 0);
	sender = fork();
	MUST(sender >= 0);
	if (sender == 0)
		become_sender(port, count, argv, variable);
	fd = accept(listener, NULL, NULL);
	have = read_for(fd, (uint64_t)(5 + lrand48() % 20) * 1000000, 0);
	MUST(kill(sender, SIGTERM) == 0 && waitpid(sender, &status, 0) == sender);
	MUST(WIFSIGNALED(status) && WTERMSIG(status) == SIGTERM);
	have = read_for(fd, 0, have);
	one.written = atomic_load(count_at(count));
	one.lost = one.written > have ? one.written - have : 0;
	MUST(have <= one.written + RECORD && have > 0);
	close(fd);
	close(listener);
	close(count);
	return one;
}

static int compare(const void *a, const void *b)
{
	uint64_t one = *(const uint64_t *)a, other = *(const uint64_t *)b;

	return (one > other) - (one < other);
}

static int measure(char **argv, size_t times, char **variable)
{
	static uint64_t lost[MOST], written[MOST];

	MUST(times > 0 && times <= MOST);
	srand48(1);
	for (size_t i = 0; i < times; i++) {
		struct kill one = kill_one(argv, variable);

		lost[i] = one.lost;
		written[i] = one.written;
	}
	qsort(lost, times, sizeof(*lost), compare);
	qsort(written, times, sizeof(*written), compare);
	printf("lost %lu\np95 %lu\nmost %lu\nwritten %lu\n", lost[times / 2],
		lost[(times * 95 - 1) / 100], lost[times - 1], written[times / 2]);
	return 0;
}

int main(int argc, char **argv)
{
	MUST(argc >= 5);
	if (strcmp(argv[1], "send") == 0)
		send_for_ever(connect_to("127.0.0.1", (uint16_t)atoi(argv[2])),
			(useconds_t)atoi(argv[3]), strcmp(argv[4], "asleep") == 0);
	return measure(argv, strtoul(argv[4], NULL, 10), argv + 5);
}
