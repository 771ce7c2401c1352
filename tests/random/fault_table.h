/* THE table of what our own system calls can answer, and the programs by which they are reached. */
#ifndef RANDOM_FAULT_TABLE_H
#define RANDOM_FAULT_TABLE_H

#include <stdbool.h>

#include "story.h"

#define FAULT_ERRORS 6

struct fault_row {
	const char *where; /* a part of the point's name, "shim/FILE:FUNCTION: CALL" */
	int error[FAULT_ERRORS];
	const char *never;  /* NULL, or why it is not made to fail, and need not be reached */
	const char *behind; /* a part of the name of the point that must fail before */
	int behind_error;
	const char *silences; /* a part of the name of a point that is not reached then */
	bool once;	      /* may not fail for ever: it is made again until it succeeds */
	bool lasts;	      /* who refuses it does so from the first call on */
};

/* The first that fits; NULL: none does. */
const struct fault_row *fault_row(const char *name);

/* Beside random programs. */
extern const struct story fault_story[];
extern const unsigned fault_stories;

#endif
