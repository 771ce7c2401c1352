/* What the programs of the benchmark share: time, a listener, a connection, the way that measured
 * calls go, and an end that comes with the end of standard input. */
#ifndef BENCH_H
#define BENCH_H

#include <poll.h>
#include <stdint.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <time.h>

/* Calls that are measured, and those by which the library would know of their connection. */
struct via {
	int (*connect)(int fd, const struct sockaddr *at, socklen_t size);
	ssize_t (*write)(int fd, const void *buf, size_t n);
	ssize_t (*read)(int fd, void *buf, size_t n);
	ssize_t (*send)(int fd, const void *buf, size_t n, int flags);
	ssize_t (*recv)(int fd, void *buf, size_t n, int flags);
	int (*poll)(struct pollfd *polls, nfds_t count, int timeout);
	int (*epoll_wait)(int epoll, struct epoll_event *events, int most, int timeout);
	int (*nanosleep)(const struct timespec *time, struct timespec *left);
	int (*shutdown)(int fd, int how);
	int (*close)(int fd);
};

/* Of all threads: as any program's, until via_choose(). */
extern const struct via *via;

/* 1: as any program's, through the library if there is one; 0: libc's own functions, of which no
 * library in front of it hears. */
void via_choose(int seen);

/* Nanoseconds of that clock. */
uint64_t time_of(clockid_t clock);

/* Listens on a free port of that address (dotted), which is put into *port. */
int listen_at(const char *address, uint16_t *port);

int connect_to(const char *address, uint16_t port);

/* For programs that serve: says the port on a line of its own, and ends the process when standard
 * input ends, so that nothing stays behind. */
void serve_as(uint16_t port);

/* In a thread of its own that nobody joins. */
void go(void *(*run)(void *), void *argument);

void set_option(int fd, int level, int name, int value);

#endif
