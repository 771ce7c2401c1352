/* Sleeps and look-ups of names, from their begin to their event; as record/call.h.
 *
 * Sleeps are told once the process has a connection; names before that, too. */
#ifndef SOCKFIX_CALL_NAME_H
#define SOCKFIX_CALL_NAME_H

#include <netdb.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "shim/record/connection.h"

/* When it begins; 0 where nothing is recorded. */
static inline uint64_t call_since(void)
{
	return trace_is_on() ? trace_clock() : 0;
}

static inline uint64_t call_microseconds(const struct timespec *wanted)
{
	return (uint64_t)wanted->tv_sec * 1000000 + (uint64_t)wanted->tv_nsec / 1000;
}

/* After it. error: 0 or an errno; microseconds: that it was to last, 0 where that is not known. */
void call_slept_recorded(uint64_t since, int error, uint64_t microseconds);

/* error: of getaddrinfo(3) and getnameinfo(3). address: NULL where it was asked for no name. */
void call_addrinfo_recorded(uint64_t since, int error, const char *node);
void call_nameinfo_recorded(
	uint64_t since, int error, const struct sockaddr *address, socklen_t length);
void call_hostname_recorded(uint64_t since, bool found, const char *name);

#endif
