/* A unit of systemd as its files have it: which of them hold, and what they say of the service
 * (systemd.unit(5)). Files alone are read, no bus is asked: it works below any root, for a system
 * that does not run, and for everybody who may read them. */
#ifndef SOCKFIX_UNIT_FIND_H
#define SOCKFIX_UNIT_FIND_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

enum unit_state {
	UNIT_THERE,
	UNIT_NONE,   /* no file of that name */
	UNIT_MASKED, /* path: by what */
	UNIT_NOT_A_SERVICE,
	UNIT_BAD_NAME,
};

struct unit_line {
	char *key, *value;
	const char *file; /* of struct unit */
	unsigned line;
};

struct unit {
	const char *root; /* "": this system */
	bool user;	  /* of the user's own manager */
	enum unit_state state;
	char name[NAME_MAX + 1];    /* its own, where it was asked for by another */
	char also[8][NAME_MAX + 1]; /* its other names */
	size_t others;
	char path[PATH_MAX];	/* its file, without the root */
	bool template;		/* "getty@.service": there are instances only */
	struct unit_line *line; /* of [Service], in the order in which systemd reads them */
	size_t lines;
	char **file; /* drop-ins behind the first, which is path */
	size_t files;
};

/* The file's name of our own drop-in: what it says is not read, and it sorts behind what people
 * write (override.conf). */
#define UNIT_OURS "zz-sockfix"

/* asked: "nginx" is nginx.service. Fills it in, to be freed. */
void unit_find(struct unit *unit, const char *root, bool user, const char *asked);
void unit_free(struct unit *unit);

/* The last value of that key; NULL: none, or it was taken back ("KEY="). */
const struct unit_line *unit_last(const struct unit *unit, const char *key);
/* Whether it is a switch that is on. */
bool unit_is(const struct unit *unit, const char *key);
/* The first line from number `from` on that adds to a list of that key, after the last one that
 * empties it; NULL: none. Goes on with from = line - unit->line + 1. */
const struct unit_line *unit_each(const struct unit *unit, const char *key, size_t from);

/* Folders with units, in the order of precedence, to be freed with their array; the last is NULL.
 * Without the root. */
char **unit_places(bool user);
void unit_places_free(char **place);

/* The user's folder of settings, to be freed; NULL: a user without a home. */
char *unit_config(void);
/* The folder in which drop-ins of that unit are ours to write, without the root; to be freed. NULL:
 * a user without a home. */
char *unit_folder(const char *name, bool user);

#endif
