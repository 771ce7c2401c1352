/* Real programs under `sockfix record`, and what `sockfix report` then says: the screen, and the
 * JSON by its members. Functions named assert_* fail the cmocka test and print the screen. */
#ifndef TEST_RECORDING_H
#define TEST_RECORDING_H

#include <jansson.h>
#include <stdbool.h>

#include "client.h"

struct recording {
	const char
		*netns; /* where it runs, as nsenter(1) wants it; NULL: here. The rest is 0 first */
	char *folder;	/* of the test's own; the run is in "run" below it */
	char *run;
	struct client program; /* as it ended; empty for servers */
	json_t *report;
	char *screen; /* with --all */
};

/* argv behind the call of `sockfix record -q -o RUN`, for what starts programs; valid until the
 * next call. rules: a file for -r, NULL: none. */
const char *const *recording_command(
	struct recording *recording, const char *rules, const char *const *argv);

/* Records a program to its end, which must be a good one, and reads the report. */
void recording_make(struct recording *recording, const char *rules, const char *const *argv);

/* Reads the report of a run that recording_command() made. */
void recording_read(struct recording *recording);
/* All is 0 afterwards. */
void recording_free(struct recording *recording);

/* What `sockfix WORDS RUN` prints; it must end with status 0. The caller frees it. */
char *recording_ask(const struct recording *recording, const char *verb);

/* NULL: there is none of that code. */
const json_t *finding_of(const struct recording *recording, const char *code);

/* A member of a finding, or of its member: "hits", "lost_ns.low". */
const char *finding_text(const json_t *finding, const char *name);
long long finding_number(const json_t *finding, const char *name);

void assert_verdict(const struct recording *recording, const char *verdict);
/* There is such a finding, and how sure it is; NULL: proven or likely, as a busy host leaves it. */
const json_t *assert_finding(
	const struct recording *recording, const char *code, const char *sure, const char *fix);
/* None whose code begins with one of these letters, minor ones aside or not. */
void assert_no_findings(const struct recording *recording, const char *letters, bool minor_too);

/* A program that serves. Its stdin is open and never says anything. */
struct server {
	pid_t pid; /* and its process group */
	int out, life;
	char line[512]; /* what it printed last, the port with most of them */
};

/* Starts it and waits for its first line. folder: for what keeps its stdin open. */

void server_start(struct server *server, const char *folder, const char *const *argv);
/* Reads lines until one has that word in it. */
void server_wait(struct server *server, const char *word);
/* SIGTERM for it and all that it started; waits until it is gone. */
void server_end(struct server *server);

#endif
