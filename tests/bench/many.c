/* many serve plain|writev: an epoll server that answers each byte by a header and a body, apart or
 * in one call. Ends with its standard input, and says then what memory each flow took of it.
 * many ask PORT FLOWS MS: opens so many flows to it, spread over 127.0.0.1 and the addresses after
 * it, and asks for so long, up to a thousand at a time. Prints answers a second, the median time
 * of an answer, and the data segments that one took. */
#include <errno.h>
#include <fcntl.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

#define HEADER	   60
#define BODY	   140
#define EVENTS	   256
#define AT_ONCE	   1000
#define AN_ADDRESS 20000 /* flows: there are 28,231 ports */
#define ANSWERS	   (1 << 20)

static int queue;

static void watch(int fd, uint64_t data)
{
	struct epoll_event event = {.events = EPOLLIN, .data = {.u64 = data}};

	MUST(epoll_ctl(queue, EPOLL_CTL_ADD, fd, &event) == 0);
}

/* ---- the server ---- */

static bool gathers;

static size_t resident(void)
{
	size_t all, resident;
	FILE *file = fopen("/proc/self/statm", "r");

	MUST(file && fscanf(file, "%zu %zu", &all, &resident) == 2);
	fclose(file);
	return resident * (size_t)sysconf(_SC_PAGESIZE);
}

/* A client that is gone is none of ours. */
static void answer(int fd)
{
	static char bytes[HEADER + BODY];
	struct iovec both[] = {{bytes, HEADER}, {bytes + HEADER, BODY}};
	ssize_t got = read(fd, bytes, 1);

	if (got == 1 && gathers)
		got = writev(fd, both, 2);
	else if (got == 1 && (got = write(fd, bytes, HEADER)) > 0)
		got = write(fd, bytes + HEADER, BODY);
	if (got <= 0)
		close(fd);
}

static void take_all(int listener, size_t *flows)
{
	int fd;

	while ((fd = accept4(listener, NULL, NULL, SOCK_CLOEXEC)) >= 0) {
		watch(fd, (uint64_t)fd);
		++*flows;
	}
	MUST(errno == EAGAIN);
}

static int serve(void)
{
	struct epoll_event events[EVENTS];
	uint16_t port;
	int listener = listen_at("0.0.0.0", &port);
	size_t flows = 0, before;

	signal(SIGPIPE, SIG_IGN);
	MUST(fcntl(listener, F_SETFL, O_NONBLOCK) == 0);
	watch(listener, (uint64_t)listener);
	watch(STDIN_FILENO, STDIN_FILENO);
	printf("%u\n", port);
	fflush(stdout);
	before = resident();
	for (;;) {
		int count = epoll_wait(queue, events, EVENTS, -1);

		for (int i = 0; i < count; i++) {
			int fd = (int)events[i].data.u64;

			if (fd == STDIN_FILENO) {
				printf("memory %.1f\n",
					((double)resident() - (double)before) / (double)flows);
				return 0;
			}
			if (fd == listener)
				take_all(listener, &flows);
			else
				answer(fd);
		}
	}
}

/* ---- the clients ---- */

struct client {
	int fd;
	size_t left; /* of the answer */
	uint64_t asked;
};

static struct client *client;
static size_t flows;
static size_t *idle, first, idles; /* a ring: who was answered longest ago asks next */
static uint32_t took[ANSWERS];
static size_t answers;

static void ask(void)
{
	struct client *who = &client[idle[first]];

	first = (first + 1) % flows;
	idles--;
	who->left = HEADER + BODY;
	who->asked = time_of(CLOCK_MONOTONIC);
	MUST(write(who->fd, "", 1) == 1);
}

static void answered(size_t number)
{
	took[answers++ % ANSWERS] =
		(uint32_t)((time_of(CLOCK_MONOTONIC) - client[number].asked) / 1000);
	idle[(first + idles++) % flows] = number;
}

static void ask_until(uint64_t end)
{
	struct epoll_event events[EVENTS];
	char bytes[HEADER + BODY];

	while (time_of(CLOCK_MONOTONIC) < end) {
		int count = epoll_wait(queue, events, EVENTS, 1000);

		for (int i = 0; i < count; i++) {
			struct client *who = &client[events[i].data.u64];
			ssize_t got = read(who->fd, bytes, who->left);

			MUST(got > 0);
			if ((who->left -= (size_t)got) > 0)
				continue;
			answered(events[i].data.u64);
			ask();
		}
	}
}

static double segments(void)
{
	double sum = 0;

	for (size_t i = 0; i < flows; i++) {
		struct tcp_info info = {0};
		socklen_t length = sizeof(info);

		MUST(getsockopt(client[i].fd, IPPROTO_TCP, TCP_INFO, &info, &length) == 0);
		sum += info.tcpi_data_segs_in;
	}
	return sum;
}

static void open_flows(uint16_t port)
{
	char address[sizeof("127.0.0.255")];

	client = must_realloc(NULL, flows * sizeof(*client));
	idle = must_realloc(NULL, flows * sizeof(*idle));
	for (size_t i = 0; i < flows; i++) {
		snprintf(address, sizeof(address), "127.0.0.%u",
			(unsigned)(1 + i / AN_ADDRESS) & 0xff);
		client[i] = (struct client){.fd = connect_to(address, port)};
		set_option(client[i].fd, IPPROTO_TCP, TCP_NODELAY, 1);
		watch(client[i].fd, i);
		idle[idles++] = i;
	}
}

static int compare(const void *a, const void *b)
{
	uint32_t one = *(const uint32_t *)a, other = *(const uint32_t *)b;

	return (one > other) - (one < other);
}

static int ask_for(uint16_t port, uint64_t ns)
{
	uint64_t began;
	double before;

	open_flows(port);
	for (size_t i = 0; i < flows && i < AT_ONCE; i++)
		ask();
	ask_until(time_of(CLOCK_MONOTONIC) + ns / 2);
	answers = 0;
	before = segments();
	began = time_of(CLOCK_MONOTONIC);
	ask_until(began + ns);
	began = time_of(CLOCK_MONOTONIC) - began;
	MUST(answers > 0 && answers < ANSWERS);
	qsort(took, answers, sizeof(*took), compare);
	printf("us %.3f\nmedian_us %u\nsegments %.3f\n", (double)began / 1e3 / (double)answers,
		took[answers / 2], (segments() - before) / (double)answers);
	return 0;
}

int main(int argc, char **argv)
{
	MUST(argc == 3 || argc == 5);
	MUST((queue = epoll_create1(EPOLL_CLOEXEC)) >= 0);
	if (argc == 3) {
		gathers = strcmp(argv[2], "writev") == 0;
		return serve();
	}
	flows = strtoul(argv[3], NULL, 10);
	return ask_for((uint16_t)atoi(argv[2]), strtoull(argv[4], NULL, 10) * 1000000);
}
