/* The system calls and the events of a story as lines of text, so that two runs of it can be held
 * against each other. The story is what a victim does between two getsockopt() of SO_TYPE, or from
 * the only one to its end. */
#ifndef TEST_LINES_H
#define TEST_LINES_H

#include "calls.h"
#include "trace.h"

/* Of the victim's first thread. Numbers by which libc makes the same call are one; left out is what
 * the moment brings. The caller frees it. */
char *lines_of_calls(const struct calls *calls);

/* Of a victim with one thread. The caller frees it. */
char *lines_of_events(const struct trace *trace);

/* The first line in which one, by its name, is not the other, by its number; NULL where there is
 * none. Valid until the next call. */
const char *lines_differ(const char *what, const char *name, const char *number);

#endif
