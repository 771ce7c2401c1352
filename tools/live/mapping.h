/* What /proc/PID/maps says of files that a process has mapped. Pure. */
#ifndef SOCKFIX_LIVE_MAPPING_H
#define SOCKFIX_LIVE_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

struct mapping {
	uint64_t start;
	char *path; /* in the line */
	bool deleted;
};

/* Takes a line, which is changed. False: no file begins there that could be read. */
bool mapping_take(char *line, struct mapping *mapping);

#endif
