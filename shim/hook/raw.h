/* A call that the program makes by its number. It stands in the file of its named spelling, and
 * goes by the same functions: only the call in the middle is another, and it is no cancellation
 * point (pthreads(7)). */
#ifndef SOCKFIX_RAW_H
#define SOCKFIX_RAW_H

#ifdef __i386__
#include <linux/net.h>
#endif
#include <sys/syscall.h>

#include "shim/real.h"

struct raw {
	long number;
	long a[6];
#ifdef __i386__
	long within; /* the number that socketcall(2) has for it, if it came so; else 0 */
#endif
};

/* Begins one of ours on a socket: as libc makes it, on i386 by socketcall(2). */
#ifdef __i386__
#define RAW_WITHIN(number) .within = (number),
#else
#define RAW_WITHIN(number)
#endif

/* As it came: a sandbox may know one of its ways only. */
static inline long raw_call(const struct raw *raw)
{
#ifdef __i386__
	if (raw->within)
		return real()->syscall(__NR_socketcall, raw->within, raw->a, 0L, 0L, 0L, 0L);
#endif
	return real()->syscall(
		raw->number, raw->a[0], raw->a[1], raw->a[2], raw->a[3], raw->a[4], raw->a[5]);
}

/* A wait with a time of its own, never in steps: what is left of the time is the kernel's to say.
 */
int raw_waits_whole(const struct raw *raw);

#define RAW(number, function) long function(const struct raw *raw);
#include "shim/hook/raw_calls.h"
#undef RAW

#endif
