/* The preset rule files, embedded in the command by the Makefile. */
#ifndef SOCKFIX_PRESETS_H
#define SOCKFIX_PRESETS_H

#include <stddef.h>

struct preset {
	const char *name;	/* the file's name without .conf */
	const char *text, *end; /* the file as it is; end is one past its last byte */
};

/* In byte order of their names. */
extern const struct preset preset_table[];
extern const size_t preset_count;

#endif
