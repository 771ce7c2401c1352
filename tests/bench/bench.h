/* What the programs of the benchmark share: time, a listener, a connection, and an end that comes
 * with the end of standard input. */
#ifndef BENCH_H
#define BENCH_H

#include <stdint.h>
#include <time.h>

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
