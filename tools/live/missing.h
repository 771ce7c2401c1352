/* Processes that should have the library and have not, and why. What nobody can tell is not said:
 * a process that may not be looked into, or that has written over its environment. */
#ifndef SOCKFIX_LIVE_MISSING_H
#define SOCKFIX_LIVE_MISSING_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "tools/launch/elf.h"
#include "tools/live/who.h"

enum missing_why {
	MISSING_NOT,	     /* it should not have it, or that cannot be told */
	MISSING_CLASS,	     /* of another word size than the library */
	MISSING_STATIC,	     /* no loader */
	MISSING_LIBC,	     /* another one than glibc's and musl's: what */
	MISSING_SECURE,	     /* setuid, setgid, file capabilities: LD_PRELOAD was ignored */
	MISSING_LOST,	     /* LD_PRELOAD is not in its environment */
	MISSING_OVERWRITTEN, /* it is, and names others: what */
	MISSING_GONE,	     /* it names a library of ours that is not there: what */
	MISSING_REFUSED,     /* it names one that is there, and the loader did not take it: what */
	MISSING_UNIT,	     /* its unit names the library, in the file `what`; it has no part in it
			      */
	MISSING_WHYS
};

struct missing {
	struct who who;
	enum missing_why why;
	char what[512]; /* harmless */
};

/* Of a process that has not the library. */
void missing_look(pid_t pid, struct missing *missing);

/* Whether it has written over its environment, as programs do that change what ps(1) prints of
 * them: then nobody can tell what it was started with. */
bool missing_is_untold(pid_t pid);

/* Looks at all of those; returns those that should have it, in their order, to be freed; NULL also
 * where there is no memory. */
struct missing *missing_find(const pid_t *pid, size_t count, size_t *found);

/* What the environment of a process says, as it was started: /proc/PID/environ. */
struct wish {
	bool meant;	     /* it has rules for the library, or a recording */
	const char *preload; /* LD_PRELOAD, in the bytes; NULL: not there */
	char ours[512];	     /* what of it is our library, by its name; "": nothing */
};
/* bytes: with a NUL behind them. */
void missing_wish(struct wish *wish, const char *bytes, size_t length);

/* Whether AT_SECURE is set in these bytes of /proc/PID/auxv; class: of its program, EI_CLASS. */
bool missing_is_secure(uint8_t class, const void *bytes, size_t length);

/* Why, as far as its environment, its program and AT_SECURE tell; fills in what. MISSING_REFUSED: a
 * reason that only a look at the file can tell. */
enum missing_why missing_why(const struct wish *wish, const struct elf_facts *facts, bool loader,
	bool secure, char *what, size_t size);

#endif
