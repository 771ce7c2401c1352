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

/* All processes, and what is thought of each. */
struct looked_all {
	struct looked *process; /* the worst first */
	size_t count, found;	/* found: the first so many have findings */
	struct looked nameless; /* sockets without a process; observed NULL: there are none */
	struct over *over;	/* C04: of which it is not known whose they were */
	size_t overs;
	size_t shut; /* processes whose network is not shown to us */
};

void looked_print_all(FILE *out, const struct watch *watch, const struct looked_all *all);

/* One screen of at most that size, a line for each finding. Without escape sequences. */
void looked_print_live(FILE *out, const struct watch *watch, const struct looked_all *all,
	size_t width, size_t height);

/* Parts of these screens: its first line; and one process. */
void looked_print_head(FILE *out, const struct watch *watch);
void looked_print_process(FILE *out, const struct looked *looked);

/* The first word of the whole; and processes that moved bytes, of those from that number on. */
enum verdict_word looked_word(const struct looked_all *all);
size_t looked_busy(const struct looked_all *all, size_t from);

/* The same, also of some; the schema is look.schema.json. False without memory or room. */
bool looked_print_json(FILE *out, const struct watch *watch, const struct looked_all *all);

/* The rules that mend what was found, as a file: the costliest comes last, for of two the later
 * wins. What is minor has none in it. */
bool looked_has_rules(const struct looked_all *all);
void looked_print_rules(FILE *out, const struct looked_all *all);

/* ns of the looking at that process. */
uint64_t looked_ns(const struct observed *observed);

#endif
