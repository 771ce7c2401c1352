/* Files of other users in the folder of a run: root's lets them make some (TRACE_GUESTS,
 * shim/trace_format.h), and what they make there need not be traces. Who reads or copies such a
 * folder asks here which of them to take. */
#ifndef SOCKFIX_GUESTS_H
#define SOCKFIX_GUESTS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#include "shim/trace_format.h"

/* What each of them may take where nobody says how much: the default of `record --limit`. */
#define GUESTS_ROOM (INT64_C(16) << 20)

/* More users than a service has, and a bound to what they may take together. */
#define GUESTS_MOST 16u

struct guests {
	uid_t owner;	/* of the run: of whom all others are guests; -1: nobody is */
	uint64_t began; /* of the run, CLOCK_MONOTONIC, ns; 0: not known */
	int64_t room;	/* bytes that each user may have: his budget (shim/record/guest.c) */
	struct guest {
		uid_t uid;
		int64_t taken; /* bytes */
	} guest[GUESTS_MOST];
	unsigned guests;  /* that have had something taken */
	unsigned budgets; /* taken so far */
};

/* Of the run in that folder, which belongs to whom its budget does. */
struct guests guests_of(int directory);

static inline bool guest_is(const struct guests *guests, const struct stat *status)
{
	return guests->owner != (uid_t)-1 && status->st_uid != guests->owner && status->st_uid != 0;
}

/* Whether an open file, status and all, is taken; then its bytes are. NULL; or why not, half a
 * sentence, valid until the next call. fd is read, its offset stays. Not more may be read of it
 * than status says. */
const char *guest_refuse(
	struct guests *guests, const char *name, int fd, const struct stat *status);

/* Half a sentence where that file begins like no trace, or one of another run; NULL: its reader
 * will take it. Valid until the next call. */
const char *guest_misread(const struct guests *guests, int fd);

/* Half a sentence where that trace is of another run, as far as its clock tells, or NULL. began: as
 * above. */
const char *guest_is_astray(const struct trace_header *header, uint64_t began);

#endif
