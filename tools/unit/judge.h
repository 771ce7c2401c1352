/* What stands in a unit in the way of the library: what makes it do nothing there, and what only
 * limits it. */
#ifndef SOCKFIX_UNIT_JUDGE_H
#define SOCKFIX_UNIT_JUDGE_H

#include "tools/unit/find.h"

enum { JUDGE_SENTENCES = 32 };

struct judgement {
	char *refused[JUDGE_SENTENCES]; /* sentences: it would do nothing, or harm */
	size_t refusals;
	char *note[JUDGE_SENTENCES];
	size_t notes;
	char *fine; /* settings of the unit that were looked at and are no limit: "User=, ..." */
};

struct judge_of {
	const struct unit *unit;
	const char *library;   /* its path, as the service is to see it */
	const char *directory; /* where it is to record to; NULL: nowhere */
};

/* To be freed. Looks, starts nothing but a child that looks as the service's user. */
void judge(struct judgement *judgement, const struct judge_of *of);
void judge_free(struct judgement *judgement);

/* For what others find. */
void judge_refuse(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void judge_note(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
