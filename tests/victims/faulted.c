/* Short programs, each with what makes the library need the kernel in one more way: a file that is
 * copied, a wait for room, a thread that has ended, more sockets than a page has room for. What
 * they send and print is the same each time. */
#include <pthread.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <time.h>

#include "tests/victims/victim.h"

#define TURNS	 24   /* enough to learn that a turn has two writes, or what an answer has */
#define MANY	 1200 /* sockets */
#define MESSAGES 16000

static void turn(int fd)
{
	say(fd, "one, ");
	say(fd, "two\n");
	NEED(hear(fd));
}

static int dial_and_learn(void)
{
	int fd = dial();

	for (int i = 0; i < TURNS; i++)
		turn(fd);
	return fd;
}

static void turns(void)
{
	close(dial_and_learn());
	mark("%d turns", TURNS);
}

/* Each round a look whether there is room, with half of a message written. */
static void selects(void)
{
	int fd = dial_and_learn();

	for (int i = 0; i < TURNS; i++) {
		fd_set room;

		FD_ZERO(&room);
		FD_SET(fd, &room);
		say(fd, "one, ");
		NEED(select(fd + 1, NULL, &room, NULL, NULL) == 1 && FD_ISSET(fd, &room));
		say(fd, "two\n");
		NEED(hear(fd));
	}
	close(fd);
	mark("%d turns with a select() in them", TURNS);
}

/* Of itself. */
static void copies(void)
{
	int fd = dial(), file = open("/proc/self/exe", O_RDONLY);
	char block[512];
	ssize_t got;

	NEED(file >= 0);
	for (int i = 0; i < 8; i++) {
		got = read(file, block, sizeof(block));
		NEED(got == (ssize_t)sizeof(block) && write(fd, block, (size_t)got) == got);
	}
	close(file);
	close(fd);
	mark("copied");
}

/* The library's thread ends after a second without work. */
static void pauses(void)
{
	const struct timespec long_enough = {2, 200000000};
	int fd = dial_and_learn();

	nanosleep(&long_enough, NULL);
	for (int i = 0; i < TURNS; i++)
		turn(fd);
	close(fd);
	mark("%d turns and a pause", 2 * TURNS);
}

static void many(void)
{
	struct rlimit limit;
	int fd = -1;

	NEED(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	limit.rlim_cur = limit.rlim_max;
	NEED(setrlimit(RLIMIT_NOFILE, &limit) == 0);
	for (int i = 0; i < MANY; i++)
		NEED((fd = socket(AF_INET, SOCK_STREAM, 0)) >= 0);
	mark("%d sockets", MANY);
	fd = dial();
	turn(fd);
	close(fd);
}

/* ---- a socket that takes no more ---- */

static int near_end, far_end;
static long sent;

static void rest(long milliseconds)
{
	struct timespec time = {0, milliseconds * 1000000};

	RAW3(SYS_nanosleep, &time, NULL, 0);
}

/* By raw calls: the library must not see that this thread waits. Ends after `last` bytes. */
static void *drain(void *last)
{
	static char block[1 << 16];
	long have = 0, got = 1;

	rest(300);
	while (got > 0 && have < (long)(intptr_t)last) {
		got = RAW3(SYS_read, far_end, block, sizeof(block));
		have += got > 0 ? got : 0;
	}
	return (void *)(intptr_t)have;
}

/* Small writes, and room for them; then somebody whom nobody sees takes the room. */
static void fill(void)
{
	static char block[1 << 16];
	struct sockaddr_in here = {.sin_family = AF_INET};
	int listener = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);
	socklen_t length = sizeof(here);
	long got;

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(RAW3(SYS_bind, listener, &here, length) == 0);
	NEED(RAW3(SYS_listen, listener, 5, 0) == 0);
	NEED(RAW3(SYS_getsockname, listener, &here, &length) == 0);
	near_end = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(near_end, (struct sockaddr *)&here, sizeof(here)) == 0);
	far_end = raw_accept(listener);
	for (int i = 0; i < 4; i++)
		say(near_end, "some ");
	while ((got = raw(SYS_sendto, near_end, (long)block, sizeof(block), MSG_DONTWAIT, 0, 0)) >
		0)
		sent += got;
	sent += 4 * 5;
}

static void drained(pthread_t reader)
{
	void *have;

	NEED(pthread_join(reader, &have) == 0);
	mark("all has come: %d", (long)(intptr_t)have == sent);
}

static void brimful(void)
{
	pthread_t reader;

	fill();
	NEED(pthread_create(&reader, NULL, drain, (void *)(intptr_t)sent) == 0);
	NEED(shutdown(near_end, SHUT_WR) == 0);
	drained(reader);
}

static void *write_meanwhile(void *unused)
{
	rest(100);
	say(near_end, "more ");
	return unused;
}

/* One thread gives it a second name while another writes. */
static void joined(void)
{
	pthread_t reader, writer;

	fill();
	sent += 5;
	NEED(pthread_create(&reader, NULL, drain, (void *)(intptr_t)sent) == 0);
	NEED(pthread_create(&writer, NULL, write_meanwhile, NULL) == 0);
	NEED(dup2(near_end, 100) == 100);
	NEED(pthread_join(writer, NULL) == 0);
	drained(reader);
}

/* Messages at full speed, one a round of poll(). */
static void rounds(void)
{
	int fd = dial();

	for (int i = 0; i < MESSAGES; i++) {
		struct pollfd room = {.fd = fd, .events = POLLIN | POLLOUT};

		NEED(poll(&room, 1, -1) == 1);
		say(fd, "message ");
		/* Not all at once: the library looks at them every few milliseconds. */
		if (i % 100 == 0)
			poll(NULL, 0, 1);
	}
	say(fd, "\n");
	NEED(hear(fd));
	close(fd);
	mark("sent");
}

/* A pair that nobody saw come: what kind of sockets these are, the library has to ask. */
static void strangers(void)
{
	int pair[2], fd = dial_and_learn();
	char text[6];

	NEED(raw(SYS_socketpair, AF_UNIX, SOCK_STREAM, 0, (long)pair, 0, 0) == 0);
	say(pair[0], "hello");
	NEED(read(pair[1], text, sizeof(text)) == 5 && memcmp(text, "hello", 5) == 0);
	turn(fd);
	close(fd);
	mark("strangers are talked to");
}

static const struct {
	const char *name;
	void (*play)(void);
} verbs[] = {
	{"turns", turns},
	{"selects", selects},
	{"copies", copies},
	{"pauses", pauses},
	{"many", many},
	{"rounds", rounds},
	{"strangers", strangers},
	{"brimful", brimful},
	{"joined", joined},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < COUNT_OF(verbs); i++) {
		if (strcmp(verbs[i].name, argv[1]) != 0)
			continue;
		verbs[i].play();
		return 0;
	}
	return 2;
}
