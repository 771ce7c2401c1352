/* The calls that calls.c measures, on descriptors of all kinds.
 *
 * What a flow sends stays in its own kernel: the peer's window is full, so a byte is taken in 200
 * ns and no network is measured. Rows named 'turn' are what a dialogue does: write, wait, read. */
#include "calls_rows.h"

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stdint.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "bench.h"
#include "tests/helper/must.h"

#define FLOW_SNDBUF (1 << 20)

static void write_one(int fd)
{
	MUST(via->write(fd, "", 1) == 1);
}

static void read_one(int fd)
{
	char byte;

	MUST(via->read(fd, &byte, 1) == 1);
}

/* ---- descriptors that are not ours ---- */

static void write_file(struct seat *seat)
{
	write_one(seat->null);
}

static void read_file(struct seat *seat)
{
	read_one(seat->zero);
}

static void write_pipe(struct seat *seat)
{
	write_one(seat->pipe.here);
}

static void write_udp(struct seat *seat)
{
	write_one(seat->udp.here);
}

static void write_local(struct seat *seat)
{
	write_one(seat->local.here);
}

static void empty(int fd)
{
	char bytes[65536];

	while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
		;
}

static void empty_pipe(struct seat *seat, size_t calls)
{
	char bytes[65536];

	(void)calls;
	while (read(seat->pipe.there, bytes, sizeof(bytes)) > 0)
		;
}

static void empty_udp(struct seat *seat, size_t calls)
{
	(void)calls;
	empty(seat->udp.there);
}

static void empty_local(struct seat *seat, size_t calls)
{
	(void)calls;
	empty(seat->local.there);
}

static void make_names(struct seat *seat, size_t calls)
{
	for (seat->made = 0; seat->made < calls; seat->made++)
		MUST((seat->names[seat->made] = dup(seat->null)) >= 0);
}

static void close_name(struct seat *seat)
{
	MUST(via->close(seat->names[--seat->made]) == 0);
}

/* ---- waits: the first descriptor is ready ---- */

static void poll_some(struct seat *seat, nfds_t count)
{
	MUST(via->poll(seat->polls, count, -1) == 1);
}

static void poll_1(struct seat *seat)
{
	poll_some(seat, 1);
}

static void poll_100(struct seat *seat)
{
	poll_some(seat, 100);
}

static void poll_10000(struct seat *seat)
{
	poll_some(seat, MANY);
}

static void epoll_1(struct seat *seat)
{
	struct epoll_event event;

	MUST(via->epoll_wait(seat->epoll, &event, 1, -1) == 1);
}

static void sleep_not(struct seat *seat)
{
	static const struct timespec at_once;

	(void)seat;
	MUST(via->nanosleep(&at_once, NULL) == 0);
}

/* ---- flows ---- */

static void feed(int fd, size_t calls)
{
	static const char zeros[65536];

	MUST(send(fd, zeros, calls, 0) == (ssize_t)calls);
}

static void feed_read(struct seat *seat, size_t calls)
{
	feed(seat->read.there, calls);
}

static void feed_turn(struct seat *seat, size_t calls)
{
	feed(seat->turn.there, calls);
}

static void feed_polled(struct seat *seat, size_t calls)
{
	feed(seat->polled.there, calls + 1); /* a byte more: poll finds one after the last read */
}

static void recv_byte(struct seat *seat)
{
	char byte;

	MUST(via->recv(seat->read.here, &byte, 1, 0) == 1);
}

static void recv_nothing(struct seat *seat)
{
	char byte;

	MUST(via->recv(seat->read.here, &byte, 1, MSG_DONTWAIT) < 0 && errno == EAGAIN);
}

static void send_nothing(struct seat *seat)
{
	MUST(via->send(seat->read.here, "", 0, 0) == 0);
}

static void turn(struct seat *seat)
{
	write_one(seat->turn.here);
	read_one(seat->turn.here);
}

static void turn_of_two(struct seat *seat)
{
	write_one(seat->turn.here);
	turn(seat);
}

static void turn_of_ten(struct seat *seat)
{
	for (int i = 1; i < 10; i++)
		write_one(seat->turn.here);
	turn(seat);
}

static void polled_turn(struct seat *seat)
{
	struct pollfd wait = {.fd = seat->polled.here, .events = POLLIN};

	write_one(seat->polled.here);
	MUST(via->poll(&wait, 1, -1) == 1);
	read_one(seat->polled.here);
}

static void stream(struct seat *seat)
{
	write_one(seat->stream.here);
}

static const struct row rows[] = {
	{"write,file", write_file, NULL, 1 << 20},
	{"write,pipe", write_pipe, empty_pipe, 4096},
	{"write,udp", write_udp, empty_udp, 128},
	{"write,unix", write_local, empty_local, 128},
	{"read,file", read_file, NULL, 1 << 20},
	{"close,file", close_name, make_names, 512},
	{"poll,1", poll_1, NULL, 1 << 20},
	{"poll,100", poll_100, NULL, 1 << 20},
	{"poll,10000", poll_10000, NULL, 1 << 20},
	{"epoll_wait,1", epoll_1, NULL, 1 << 20},
	{"nanosleep", sleep_not, NULL, 1 << 20},
	{"recv,flow", recv_byte, feed_read, 4096},
	{"recv,flow,nothing", recv_nothing, NULL, 1 << 20},
	{"send,flow,nothing", send_nothing, NULL, 1 << 20},
	{"send,flow,stream", stream, NULL, 2048},
	{"turn,flow", turn, feed_turn, 2048},
	{"turn-of-2,flow", turn_of_two, feed_turn, 2048},
	{"turn-of-10,flow", turn_of_ten, feed_turn, 2048},
	{"turn,flow,poll", polled_turn, feed_polled, 2048},
};

const struct row *row_called(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (strcmp(name, rows[i].name) == 0)
			return &rows[i];
	MUST(!"a row");
	return NULL;
}

/* ---- opening ---- */

static struct pair connected(void)
{
	struct pair pair;
	uint16_t port;
	int listener = listen_at("127.0.0.1", &port);

	pair.here = connect_to("127.0.0.1", port);
	MUST((pair.there = accept(listener, NULL, NULL)) >= 0);
	close(listener);
	return pair;
}

/* A flow to a peer that reads nothing, with room for what will be sent. What fills the window are
 * turns of one write each, so that no turn of several writes is known here. */
static struct pair stuffed(void)
{
	static const char zeros[65536];
	struct pair pair;
	uint16_t port;
	int listener = listen_at("127.0.0.1", &port);

	set_option(listener, SOL_SOCKET, SO_RCVBUF, 4096);
	pair.here = connect_to("127.0.0.1", port);
	MUST((pair.there = accept(listener, NULL, NULL)) >= 0);
	close(listener);
	set_option(pair.here, SOL_SOCKET, SO_SNDBUF, 4096);
	while (send(pair.here, zeros, sizeof(zeros), MSG_DONTWAIT) > 0)
		poll(NULL, 0, 1);
	set_option(pair.here, SOL_SOCKET, SO_SNDBUF, FLOW_SNDBUF);
	return pair;
}

static struct pair udp_pair(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(at);
	struct pair pair = {socket(AF_INET, SOCK_DGRAM, 0), socket(AF_INET, SOCK_DGRAM, 0)};

	MUST(bind(pair.there, (struct sockaddr *)&at, size) == 0);
	MUST(getsockname(pair.there, (struct sockaddr *)&at, &size) == 0);
	MUST(connect(pair.here, (struct sockaddr *)&at, size) == 0);
	return pair;
}

/* One whose pipe has a byte to read. */
static int epoll_of_one(void)
{
	struct epoll_event event = {.events = EPOLLIN};
	int ends[2], epoll = epoll_create1(EPOLL_CLOEXEC);

	MUST(pipe(ends) == 0 && write(ends[1], "", 1) == 1);
	MUST(epoll >= 0 && epoll_ctl(epoll, EPOLL_CTL_ADD, ends[0], &event) == 0);
	return epoll;
}

void sit_down(struct seat *seat)
{
	int ends[2];

	MUST((seat->null = open("/dev/null", O_WRONLY)) >= 0);
	MUST((seat->zero = open("/dev/zero", O_RDONLY)) >= 0);
	MUST(pipe2(ends, O_NONBLOCK) == 0);
	seat->pipe = (struct pair){ends[1], ends[0]};
	MUST(pipe(ends) == 0);
	seat->idle = (struct pair){ends[1], ends[0]};
	MUST(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0);
	seat->local = (struct pair){ends[0], ends[1]};
	seat->udp = udp_pair();
	seat->epoll = epoll_of_one();
	seat->read = connected();
	seat->turn = stuffed();
	seat->polled = stuffed();
	seat->stream = stuffed();
	for (size_t i = 0; i < MANY; i++)
		seat->polls[i] = (struct pollfd){.fd = seat->idle.there, .events = POLLIN};
	seat->polls[0] = (struct pollfd){.fd = seat->zero, .events = POLLIN};
}
