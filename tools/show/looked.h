/* What `sockfix look` saw: a screen and JSON, as of a report. */
#ifndef SOCKFIX_LOOKED_H
#define SOCKFIX_LOOKED_H

#include <stdio.h>

#include "tools/find/sampled.h"
#include "tools/live/watch.h"

/* One process and what is thought of it. */
struct looked {
	const struct observed *observed;
	struct sampled sampled;
};

void looked_print(FILE *out, const struct watch *watch, const struct looked *looked, size_t count);

/* The same; the schema is look.schema.json. False without memory or room. */
bool looked_print_json(
	FILE *out, const struct watch *watch, const struct looked *looked, size_t count);

/* ns of the looking at that process. */
uint64_t looked_ns(const struct observed *observed);

#endif
