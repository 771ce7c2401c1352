/* What stands before a call on a line: inside the reader of lines only. */
#ifndef SOCKFIX_STRACE_HEAD_H
#define SOCKFIX_STRACE_HEAD_H

#include "tools/import/strace_line.h"

/* "[pid  123] 20:50:12.334177 ", as far as it is there: into line's tid, clock, time and fine; at:
 * moves behind it. */
void line_head(const char **at, struct log_line *line);

/* A run of digits, of at most that many; false: there is none, or it is longer. */
bool text_digits(const char **at, size_t most, uint64_t *number);
/* ".000123": up to nanoseconds, what is finer is left out. False: there is none. */
bool text_fraction(const char **at, uint64_t *ns);
void text_blanks(const char **at);

#endif
