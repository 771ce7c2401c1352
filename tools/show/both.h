/* What two recordings of the same connections show together: a screen and JSON. */
#ifndef SOCKFIX_SHOW_BOTH_H
#define SOCKFIX_SHOW_BOTH_H

#include "tools/both/both.h"
#include "tools/show/report.h"

struct both_report {
	const struct both *both;
	const struct report *alone[BOTH_SIDES]; /* what each end shows by itself */
	bool all;				/* minor findings and each connection, too */
};

void both_print(FILE *out, const struct both_report *report);
/* The schema is both.schema.json. False without memory or room. */
bool both_print_json(FILE *out, const struct both_report *report);

/* "client", "server". */
const char *both_side_name(enum both_side side);
/* "held by the client"; and as JSON calls it: "held_client". */
const char *both_part_name(enum both_part part);
const char *both_part_key(enum both_part part);
/* Why a connection was not split, half a sentence. */
const char *both_why_text(enum both_why why);

/* "10.0.0.5:40112 -> 10.0.0.1:143", as the client has it. Returns text. */
enum { BOTH_PAIR_TEXT = 128 };
char *both_pair_text(char text[BOTH_PAIR_TEXT], const struct both_pair *pair);

/* Where most of the time is that is split, and how much that is, ns. */
enum both_part both_most_of(const struct both_sum *sum, uint64_t *took);

/* Parts of the screen. */
void both_print_verdict(FILE *out, const struct both *both);
void both_print_bar(FILE *out, const struct both_sum *sum);
void both_print_table(FILE *out, const struct both_report *report);
void both_print_connections(FILE *out, const struct both *both);

#endif
