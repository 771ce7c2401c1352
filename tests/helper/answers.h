/* Victims that need no peer of the harness and print what calls answer, played bare and in every
 * mode: status, stdout and stderr must be the same. */
#ifndef TEST_ANSWERS_H
#define TEST_ANSWERS_H

#include <stddef.h>

struct answers {
	const char *sentence, *program, *verb;
	const char *rules; /* instead of those of the mode `always`; NULL: those */
};

/* A row; what follows are further designated fields. */
#define ANSWERS(sentence_, program_, verb_, ...)                                                   \
	{                                                                                          \
		.sentence = (sentence_), .program = (program_), .verb = (verb_), ##__VA_ARGS__     \
	}

struct CMUnitTest;

/* Plays all rows as cmocka tests named "sentence [mode]", after `more` tests of another kind.
 * Returns as main does. A victim that notes "#trained ... held" must have come to hold. */
int answers_main(const char *group, const struct answers *rows, size_t count);
int answers_and_more(const char *group, const struct answers *rows, size_t count,
	const struct CMUnitTest *more, size_t more_count);

#endif
