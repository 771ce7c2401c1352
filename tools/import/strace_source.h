/* One file of an strace log, line by line, with times on one clock for all files of a run. */
#ifndef SOCKFIX_STRACE_SOURCE_H
#define SOCKFIX_STRACE_SOURCE_H

#include "tools/import/input.h"
#include "tools/import/strace_line.h"

struct source_clock {
	enum line_clock kind; /* of the first line that has a time */
	uint64_t last;	      /* as it was written, ns */
	uint64_t days;	      /* midnights passed */
	uint64_t value;	      /* ns from any moment on; never goes back */
	int64_t shift;	      /* what is taken off jumps */
};

struct source {
	struct input *input;
	int32_t tid; /* who writes it: strace -ff; 0: it is in the lines */
	struct source_clock clock;
	bool over; /* line is none */
	struct log_line line;
	uint64_t lines, odd; /* odd: none of strace's */
	size_t length, glued;
	char text[LINE_ROOM]; /* what line points into */
	char glue[LINE_HEAD]; /* the begin of a line that strace's own words broke in two */
};

/* Has the next line that tells something in source->line; over: there was none. */
void source_next(struct source *source);

#endif
