/* One look at all processes that have the library, and what is remembered of those that ended. */
#ifndef SOCKFIX_METRICS_LOOK_H
#define SOCKFIX_METRICS_LOOK_H

#include "tools/metrics/sums.h"

/* Zeros are an empty one. */
struct fleet {
	struct counted *before; /* by the look before this one */
	size_t count;
	struct sums ended;  /* what was counted of those that were not there any more */
	struct sums places; /* of the look before this one (sums_keep_places) */
	size_t unseen;
};

/* Looks, and adds all up in sums, which is empty and to be freed. 0, or -errno: /proc cannot be
 * read. */
int fleet_take(struct fleet *fleet, struct sums *sums);
void fleet_free(struct fleet *fleet);

/* The same, as text: to be freed. */
int fleet_print(struct fleet *fleet, char **text, size_t *length);

/* Names of what comes and goes in numbers lose these: "session-*.scope", "sshd@*.service",
 * "run-*.service", "container *". unit has room for SUMS_TEXT. */
void unit_without_number(char *unit);

#endif
