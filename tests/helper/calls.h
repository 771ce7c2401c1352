/* The system calls that a victim made, as strace wrote them down, in the order of their entry. */
#ifndef TEST_CALLS_H
#define TEST_CALLS_H

#include <stdbool.h>
#include <stddef.h>

struct call {
	int process; /* the thread's number */
	const char *name;
	const char *text; /* arguments, result and error, as strace prints them */
	char *joined;	  /* owns it where the log had it in two parts; NULL: it is in the log */
};

struct calls {
	struct call *call;
	size_t count;
	char *text; /* owns what the calls point to */
};

/* Reads what `strace -f -o path` wrote, and removes the file. */
void calls_read(const char *path, struct calls *calls);
void calls_free(struct calls *calls);

/* Index of the first call at or after `from` with that name and with `part` in its text (NULL:
 * any), or calls->count. */
size_t calls_find(const struct calls *calls, size_t from, const char *name, const char *part);

/* How many calls in [from, to) have that name and `part` in their text (NULL: any). */
size_t calls_count(
	const struct calls *calls, size_t from, size_t to, const char *name, const char *part);

/* Fails the test unless, name by name, both ranges have the same number of calls. Calls with a
 * name in `except` (words divided by spaces) are not compared. */
void assert_same_calls(const struct calls *bare, size_t bare_from, size_t bare_to,
	const struct calls *with, size_t with_from, size_t with_to, const char *except);

/* A name for strace's file, in $TMPDIR or /tmp; the caller frees it. */
char *calls_path(void);

#endif
