/* One story of a victim, told as a row of a table and played bare and in every mode.
 *
 * The harness owns the peer: it answers "ok\n" to each line. When the victim marks
 * "wrote N fd FD", the peer must come to have the first N bytes of the story, in order, while the
 * victim is wherever it is then; only after that the victim is told to go on. At the end, the
 * bytes, the way the connection ended, the exit status, stdout and stderr must be what they were
 * in the bare run, and the bytes what the row says. */
#ifndef TEST_SCENARIO_H
#define TEST_SCENARIO_H

#include <stddef.h>

#include "run.h"

enum {
	SLEEPS = 1, /* after "wrote" it blocks in a call that the library sees: nothing is held then
		     */
	HOLDS = 2,  /* with auto and always, the write before "wrote" is held by the kernel */
	RESETS = 4, /* the connection ends by a reset, not by an end of file */
	UNTRAINED = 8,	 /* no turns of training, in any mode */
	UNHELD = 16,	 /* in no mode is a write held */
	UNBUFFERED = 32, /* what `buffer` collects in user space is lost there, as its rule accepts,
			  * or an error comes later: not played in that mode */
};

struct scenario {
	const char *sentence;
	const char *program, *verb;
	const char *bytes; /* what the peer has of the first connection, training apart */
	unsigned flags;
	const char *address;  /* of the peer; NULL: 127.0.0.1 */
	const char *script;   /* handed to the program with -c; may be NULL */
	const char *preload;  /* loaded before ours, in both arms; may be NULL */
	const char *after;    /* the same, after ours */
	const char *variable; /* NAME=VALUE; may be NULL */
	struct outcome bare;  /* of the bare run; filled when it is played first */
	int bare_end;	      /* enum peer_end, plus one */
};

/* A row; what follows the flags are further designated fields. */
#define STORY(sentence_, program_, verb_, bytes_, flags_, ...)                                     \
	{                                                                                          \
		.sentence = (sentence_), .program = (program_), .verb = (verb_),                   \
		.bytes = (bytes_), .flags = (flags_), ##__VA_ARGS__                                \
	}

struct CMUnitTest;

/* Plays all rows in all modes as cmocka tests named "sentence [mode]", after `more` tests of
 * another kind. Returns as main does. */
int scenarios_main(const char *group, struct scenario *scenarios, size_t count);
int scenarios_and_more(const char *group, struct scenario *scenarios, size_t count,
	const struct CMUnitTest *more, size_t more_count);

#endif
