/* The text of a drop-in of ours. */
#ifndef SOCKFIX_UNIT_COMPOSE_H
#define SOCKFIX_UNIT_COMPOSE_H

#include "tools/unit/judge.h"

/* What it is to say; all but the unit may be NULL. */
struct compose_of {
	const struct unit *unit;
	const char *library;   /* as the service sees it */
	const char *line;      /* of rules/wire.h */
	const char *names;     /* of these rules */
	const char *directory; /* where it records to */
	const char *folder;    /* of the drop-in, as systemd sees it */
};

struct composed {
	char *conf;	 /* the drop-in */
	char *variables; /* a file of variables, read behind those of the unit; NULL: not needed */
	char *rules;	 /* the line, where it is too long for people; NULL: it is in the drop-in */
	char *kept;	 /* the unit's own LD_PRELOAD and its place; NULL: it has none */
};

/* Its first line, by which --remove knows it. */
#define COMPOSE_MARK "# Written by sockfix unit: "

/* Fills it in, to be freed; what would keep it from having an effect goes into judgement. */
void compose(struct composed *composed, const struct compose_of *of, struct judgement *judgement);
void composed_free(struct composed *composed);

/* A list of LD_PRELOAD with the library as its last word, once; others of our name go. To be freed.
 */
char *compose_preload(const char *old, const char *library);

#endif
