/* What the victims share: dialling the peer, marks for the harness, and raw system calls.
 *
 * Victims are programs that know nothing of sockfix; everything here is what such a program would
 * do by itself. Marks are lines on stdout; lines that begin with '#' are notes, which may differ
 * between a bare run and one with the library. The harness hands over, by environment:
 *   VICTIM_ADDRESS VICTIM_PORT  where the peer listens
 *   VICTIM_TRAIN                turns of write, write, read to make before the story begins, at
 * most and by descriptor 9 a shared page (struct page). A byte on stdin says 'go on'. */
#ifndef VICTIM_H
#define VICTIM_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/sockios.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "tests/helper/page.h"

#define COUNT_OF(array) (sizeof(array) / sizeof(*(array)))

/* gcc: variables that are registers may not stand in a function that calls vfork(). */
#if defined(__aarch64__) || defined(__i386__)
#define RAW_CALL __attribute__((noinline, unused))
#else
#define RAW_CALL __attribute__((unused))
#endif

/* A system call that no preloaded library can see: no libc function is called. */
RAW_CALL static long raw(long number, long a, long b, long c, long d, long e, long f)
{
	long result;
#if defined(__x86_64__)
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall"
			 : "=a"(result)
			 : "a"(number), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory");
#elif defined(__aarch64__)
	register long x8 __asm__("x8") = number;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;
	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	result = x0;
#elif defined(__i386__)
	/* the sixth stands in %ebp, which the compiler may need to find the others by */
	const long first[2] = {number, f};

	__asm__ volatile("pushl %%ebp\n\t"
			 "movl 4(%%eax), %%ebp\n\t"
			 "movl (%%eax), %%eax\n\t"
			 "int $0x80\n\t"
			 "popl %%ebp"
			 : "=a"(result)
			 : "a"(first), "b"(a), "c"(b), "d"(c), "S"(d), "D"(e)
			 : "memory");
#else
#error "write raw() for this architecture"
#endif
	return result;
}
#define RAW3(number, a, b, c) raw(number, (long)(a), (long)(b), (long)(c), 0, 0, 0)

/* By a number that every machine has (i386 has no accept). */
static inline int raw_accept(int listener)
{
	return (int)raw(SYS_accept4, listener, 0, 0, 0, 0, 0);
}

/* poll() of one entry, by a number that every machine has. ms: -1: for ever. */
static inline int raw_poll(struct pollfd *entry, int ms)
{
	struct timespec time = {ms / 1000, ms % 1000 * 1000000L};

	return (int)raw(SYS_ppoll, (long)entry, 1, ms < 0 ? 0 : (long)&time, 0, 8, 0);
}

/* Bytes that the kernel has and has not sent: what is held, or what Nagle keeps. */
static inline int unsent(int fd)
{
	int bytes = 0;

	RAW3(SYS_ioctl, fd, SIOCOUTQNSD, &bytes);
	return bytes;
}

static inline void die(const char *what)
{
	dprintf(2, "victim: %s: %s\n", what, strerror(errno));
	_exit(99);
}

#define NEED(call)                                                                                 \
	do {                                                                                       \
		if (!(call))                                                                       \
			die(#call);                                                                \
	} while (0)

/* Points nowhere; the compiler must not know. */
static char *volatile const nowhere = (char *)8;

__attribute__((format(printf, 1, 2))) static inline void mark(const char *format, ...)
{
	char line[512];
	va_list list;
	int length;

	va_start(list, format);
	length = vsnprintf(line, sizeof(line) - 1, format, list);
	va_end(list);
	line[length++] = '\n';
	RAW3(SYS_write, 1, line, length);
}

static inline const char *env_or(const char *name, const char *otherwise)
{
	const char *value = getenv(name);

	return value ? value : otherwise;
}

/* Fills an address from text; returns its length. */
static inline socklen_t address_of(const char *text, int port, struct sockaddr_storage *out)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)out;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)out;

	memset(out, 0, sizeof(*out));
	if (inet_pton(AF_INET, text, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons((uint16_t)port);
		return sizeof(*v4);
	}
	NEED(inet_pton(AF_INET6, text, &v6->sin6_addr) == 1);
	v6->sin6_family = AF_INET6;
	v6->sin6_port = htons((uint16_t)port);
	return sizeof(*v6);
}

static inline socklen_t peer_address(struct sockaddr_storage *out)
{
	return address_of(
		env_or("VICTIM_ADDRESS", "127.0.0.1"), atoi(env_or("VICTIM_PORT", "0")), out);
}

static inline int dial(void)
{
	struct sockaddr_storage address;
	socklen_t length = peer_address(&address);
	int fd = socket(address.ss_family, SOCK_STREAM, 0);

	NEED(fd >= 0);
	NEED(connect(fd, (struct sockaddr *)&address, length) == 0);
	return fd;
}

static inline long microseconds(void)
{
	struct timespec time;

	clock_gettime(CLOCK_MONOTONIC, &time);
	return time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

/* Each member by itself: between them musl has places (struct msghdr, __pad1) that programs leave
 * as they were. */
static inline void message_set(
	struct msghdr *message, struct iovec *part, size_t parts, void *control, size_t length)
{
	memset(message, 0xff, sizeof(*message));
	message->msg_name = NULL;
	message->msg_namelen = 0;
	message->msg_iov = part;
	message->msg_iovlen = parts;
	message->msg_control = control;
	message->msg_controllen = length;
	message->msg_flags = 0;
}

/* One descriptor, in a message whose control data has room for it. */
static inline void message_put(struct msghdr *message, int fd)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(message);

	memset(head, 0xff, CMSG_SPACE(sizeof(fd)));
	head->cmsg_level = SOL_SOCKET;
	head->cmsg_type = SCM_RIGHTS;
	head->cmsg_len = CMSG_LEN(sizeof(fd));
	memcpy(CMSG_DATA(head), &fd, sizeof(fd));
}

static inline void say(int fd, const char *text)
{
	NEED(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
}

/* Reads until a line has ended; returns 0 at the end of the stream. */
static inline int hear(int fd)
{
	char c = 0;
	ssize_t got;

	while (c != '\n') {
		got = read(fd, &c, 1);
		if (got == -1 && errno == EAGAIN)
			NEED(poll(&(struct pollfd){fd, POLLIN, 0}, 1, -1) == 1);
		else if (got != 1)
			return 0;
	}
	return 1;
}

static inline struct page *page_of_harness(void)
{
	static struct page *page;

	if (!page) {
		page = mmap(NULL, sizeof(*page), PROT_READ | PROT_WRITE, MAP_SHARED, PAGE_FD, 0);
		NEED(page != MAP_FAILED);
	}
	return page;
}

static int trained_bytes;

/* Turns of write, write, read, until three turns running were seen held. Nothing here waits but
 * the read, so an endpoint that learns has learnt. */
static inline void train_on(int out, int in)
{
	int limit = atoi(env_or("VICTIM_TRAIN", "0"));
	int turns = 0, streak = 0;

	page_of_harness();
	while (turns < limit && streak < 3) {
		int held;

		say(out, "tra");
		held = unsent(out) > 0;
		say(out, "in\n");
		NEED(hear(in));
		streak = held ? streak + 1 : 0;
		turns++;
	}
	trained_bytes = turns * (int)strlen(TRAIN_LINE);
	mark("#trained %d turns, %d held", turns, streak);
}

static inline void train(int fd)
{
	train_on(fd, fd);
}

static inline int dial_trained(void)
{
	int fd = dial();

	train(fd);
	return fd;
}

/* The write that breaks the pattern: one small write, then something else than the second one. */
static inline void say_half(int fd, const char *text)
{
	say(fd, text);
	mark("#held %d", unsent(fd) > 0);
}

/* Tells the harness that the peer is owed `bytes` in all, on the first connection. */
static inline void wrote(int fd, size_t bytes)
{
	mark("wrote %zu fd %d", bytes, fd);
}

static inline void wait_go(void)
{
	char c;

	NEED(read(0, &c, 1) == 1);
}

/* Training, and then one more turn of two writes, seen by the harness. */
static inline void turn_on(int out, int in)
{
	train_on(out, in);
	say_half(out, "a");
	say(out, "b\n");
	NEED(hear(in));
	wrote(out, 3);
	wait_go();
}

/* In microseconds; without a system call. */
static inline void compute_for(long time)
{
	long began = microseconds();

	while (microseconds() - began < time)
		;
}

/* Computes, without a system call, until the peer has said that the bytes came. */
static inline void compute_until_received(size_t bytes)
{
	struct page *page = page_of_harness();

	while (atomic_load(&page->received) < bytes + (size_t)trained_bytes)
		;
}

/* One row of a victim's table of verbs. */
struct verb {
	const char *name;
	void (*run)(void);
};

static inline int run_verb(const struct verb *verbs, size_t count, int argc, char **argv)
{
	for (size_t i = 0; argc > 1 && i < count; i++)
		if (strcmp(verbs[i].name, argv[1]) == 0) {
			verbs[i].run();
			return 0;
		}
	dprintf(2, "victim: no such verb: %s\n", argc > 1 ? argv[1] : "");
	return 98;
}

#endif
