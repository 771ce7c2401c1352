/* One run of COMMAND under the eyes of the library, from the options to the place where the
 * recording is kept: what record, prove and compare have in common. Says what is wrong. */
#ifndef SOCKFIX_RECORDING_H
#define SOCKFIX_RECORDING_H

#include "tools/cmd/plan.h"
#include "tools/record/living.h"
#include "tools/record/progress.h"
#include "tools/record/record.h"
#include "tools/cmd/verb.h"

struct recording {
	struct plan plan;
	struct record record;
	const char *wanted; /* -o; NULL: the state folder */
	bool stays;	    /* nobody is left to move it: it is made in `wanted` */
	bool names;
	enum progress_wish progress;
	unsigned prove; /* turns a block, 0: rules hold all the time */
	/* Once it is over: where it is kept, and how other verbs call that: "" for the newest run.
	 */
	char place[PATH_MAX];
	const char *called;
	bool ran;	      /* COMMAND was started, and has ended with record.status */
	struct living living; /* who goes on writing there: it is not over, and was not moved */
};

#define RECORDING_LIMIT (INT64_C(16) << 20)

enum { FLAG_LIMIT = 500, FLAG_NAMES };
#define RECORDING_FLAGS                                                                            \
	{"output", 'o', "DIR",                                                                     \
		"keep the recording in DIR, which must be empty or missing; folders above it are " \
		"made, too"},                                                                      \
		{"limit", FLAG_LIMIT, "SIZE", "room for all processes of the run (default: 16M)"}, \
		{"names", FLAG_NAMES, NULL,                                                        \
			"keep the names that are looked up, not only hashes of them"},             \
		RULEBOOK_FLAGS

/* argc bounds the rules that may be named. False without memory: the rules that are named are not
 * kept. */
bool recording_new(struct recording *recording, int argc);
void recording_free(struct recording *recording);

/* Takes an option of RECORDING_FLAGS. EXIT_FINE, or the verb's status of misuse, said. */
int recording_option(
	struct recording *recording, const struct verb *verb, int letter, const char *value);

/* Before anything else: whether the folder that was asked for can be had. False: said. */
bool recording_has_place(const struct recording *recording);

/* Rules, library, folder, environment; of a COMMAND that the library does not get into, said, the
 * folder alone. False: there would be no recording. */
bool recording_prepare(struct recording *recording);

/* Writes down that it begins; for who becomes COMMAND. */
void recording_begin(struct recording *recording);

/* Begins, runs COMMAND to its end and puts the recording away, unless processes of it live on,
 * which is said. False, and said: COMMAND could not be started, or the recording is gone. */
bool recording_run(struct recording *recording);

#endif
