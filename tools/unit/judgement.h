/* What was found of a unit, in sentences. */
#ifndef SOCKFIX_UNIT_JUDGEMENT_H
#define SOCKFIX_UNIT_JUDGEMENT_H

#include <stddef.h>

enum { JUDGE_SENTENCES = 32 };

struct judgement {
	char *refused[JUDGE_SENTENCES]; /* sentences: it would do nothing, or harm */
	size_t refusals;
	char *note[JUDGE_SENTENCES];
	size_t notes;
	char *both; /* what names the library for each word size that it may start, launch/twin.h;
		       or NULL */
	char *fine; /* settings of the unit that were looked at and are no limit: "User=, ..." */
};

void judge_free(struct judgement *judgement);

/* For what others find. */
void judge_refuse(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
void judge_note(struct judgement *judgement, const char *format, ...)
	__attribute__((format(printf, 2, 3)));

#endif
