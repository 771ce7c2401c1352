/* For victims that print what calls answer: result and errno, with errno set to 1234 before, so
 * that a success that touches it is seen. The other end of the connection is in the same process
 * and is only touched by raw system calls. */
#ifndef VICTIM_ERRORS_H
#define VICTIM_ERRORS_H

#include "tests/victims/victim.h"

/* Impossible arguments are what these victims are for. */
#pragma GCC diagnostic ignored "-Wstringop-overflow"
#pragma GCC diagnostic ignored "-Wstringop-overread"
#pragma GCC diagnostic ignored "-Wnonnull"

#define UNTOUCHED 1234

/* More than is mapped, and than an address space has; 32 bits have all of theirs. */
#define BEYOND	    ((size_t)1 << (sizeof(size_t) > 4 ? 40 : 31))
#define BEYOND_USER ((size_t)1 << (sizeof(size_t) > 4 ? 47 : 31))

#define ANSWER(...)                                                                                \
	do {                                                                                       \
		long answer_;                                                                      \
		errno = UNTOUCHED;                                                                 \
		answer_ = (long)(__VA_ARGS__);                                                     \
		mark("%s = %ld %s", #__VA_ARGS__, answer_,                                         \
			errno == UNTOUCHED ? "" : strerrorname_np(errno));                         \
	} while (0)

static int near_fd, far_fd;

/* A connected pair: near_fd by libc, far_fd unseen. */
static inline void make_pair(void)
{
	struct sockaddr_in here = {.sin_family = AF_INET};
	socklen_t length = sizeof(here);
	int listener = (int)RAW3(SYS_socket, AF_INET, SOCK_STREAM, 0);

	here.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	NEED(RAW3(SYS_bind, listener, &here, length) == 0);
	NEED(RAW3(SYS_listen, listener, 5, 0) == 0);
	NEED(RAW3(SYS_getsockname, listener, &here, &length) == 0);
	near_fd = socket(AF_INET, SOCK_STREAM, 0);
	NEED(connect(near_fd, (struct sockaddr *)&here, sizeof(here)) == 0);
	far_fd = raw_accept(listener);
	NEED(far_fd >= 0);
	RAW3(SYS_close, listener, 0, 0);
}

/* Reads at the far end until `bytes` have come, and prints them where they are few. */
static inline void far_read(size_t bytes)
{
	static char text[1 << 16];
	size_t have = 0;
	long got;

	while (have < bytes) {
		got = RAW3(SYS_read, far_fd, text, sizeof(text));
		NEED(got > 0);
		have += (size_t)got;
	}
	mark("the far end has %zu bytes", have);
}

static inline void far_say(const char *text)
{
	NEED(RAW3(SYS_write, far_fd, text, strlen(text)) == (long)strlen(text));
}

/* Joined writes need a history: turns in which the far end answers each pair. */
static inline void train_pair(void)
{
	int limit = atoi(env_or("VICTIM_TRAIN", "0"));
	char text[16];
	int streak = 0;

	for (int i = 0; i < limit && streak < 3; i++) {
		size_t have = 0;
		int held;

		NEED(write(near_fd, "tra", 3) == 3);
		held = unsent(near_fd) > 0;
		NEED(write(near_fd, "in\n", 3) == 3);
		streak = held ? streak + 1 : 0;
		while (have < 6)
			have += (size_t)RAW3(SYS_read, far_fd, text, sizeof(text));
		far_say("ok\n");
		NEED(read(near_fd, text, 3) == 3);
	}
	mark("#trained 0 turns, %d held", streak);
}

#endif
