/* What the judge of looks (sampled.h) knows, code by code. */
#ifndef SOCKFIX_SYMPTOMS_H
#define SOCKFIX_SYMPTOMS_H

#include "tools/find/sampled.h"

/* Fewer looks are an accident. */
enum { SYMPTOM_LEAST = 5 };

/* One connection against one code. */
struct symptom {
	const char *code;
	bool others; /* somebody else waits */
	/* How many looks show it, 0: none. NULL: it takes no time. */
	uint32_t (*hits)(const struct observed *observed, const struct connection *connection);
	/* Whether it is there however few looks show it. May be NULL. */
	bool (*sign)(const struct connection *connection);
	/* The looks themselves; NULL: they are not known one by one. */
	const struct when *(*when)(const struct connection *connection);
	void (*describe)(struct sampled_finding *finding);
};
extern const struct symptom symptom_table[];
extern const size_t symptom_count;

/* Fills in finding->peer; the rule, where there is one, its name and match. */
void symptom_name_peer(struct sampled_finding *finding);
void symptom_name_mend(struct sampled_finding *finding);

#endif
