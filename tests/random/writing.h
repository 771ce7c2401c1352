/* The ways to write: writing.c has them, writes.c uses them. */
#ifndef RANDOM_WRITING_H
#define RANDOM_WRITING_H

#include "world.h"

struct written {
	int fd;
	char *bytes;
	size_t length;
	int flags;
	struct step *step; /* for how it is cut; a copy, so that another try is cut alike */
};

/* What a way can do, or cannot. */
enum {
	WITH_FLAGS = 1, /* takes flags of send() */
	PRINTS = 2,	/* of at most 40 bytes it may print no more than four */
	FROM_FILE = 4,	/* and of not more than a pipe has room for */
};

struct writing {
	const char *name;
	ssize_t (*play)(const struct written *w);
	int what;
};

extern const struct writing writing[];
extern const unsigned writings;

#endif
