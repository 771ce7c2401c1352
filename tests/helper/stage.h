/* Where the tests of record, report and suggest play: a folder with a state and a runtime folder in
 * it, and a talkative client with its peer, which stalls by 40 ms a turn of two writes where
 * nothing mends it. The command runs in that folder. */
#ifndef TEST_STAGE_H
#define TEST_STAGE_H

#include "tests/helper/capture.h"

struct stage {
	struct capture capture; /* what the last command answered */
	char *folder;
	char *state;   /* $XDG_STATE_HOME; it is not there yet */
	char *runtime; /* $XDG_RUNTIME_DIR */
	char *client;  /* "perl client.pl PORT", to be followed by TURNS and WRITES a turn */
	char *port;    /* the peer's */
	char *sockfix;
	struct talk *talk;
	const char *environment[32];
};

/* For a client in C, with stdio.h and string.h: loaded() says "loaded" where the library is in it,
 * else "bare". */
#define STAGE_LOADED                                                                               \
	"static const char *loaded(void) { static char line[9999]; FILE *f = "                     \
	"fopen(\"/proc/self/maps\", \"r\"); while (fgets(line, 9999, f)) if (strstr(line, "        \
	"\"libsockfix\")) return \"loaded\"; return \"bare\"; }\n"

void stage_begin(struct stage *stage);
void stage_end(struct stage *stage);

/* A test with a stage of its own, for cmocka's table; the stage is one of the file's. */
#define STAGE_TEST(name, stage)                                                                    \
	cmocka_unit_test_prestate_setup_teardown(name, stage_set_up, stage_tear_down, stage)
int stage_set_up(void **stage);
int stage_tear_down(void **stage);

/* What record says first where no rules were given. */
#define ONLY_WATCHED "sockfix: rules: none. This run is only watched.\n"

/* The path of a file in the folder; the caller frees it. */
char *stage_path(const struct stage *stage, const char *name);

/* "NAME=VALUE" sets, "NAME" unsets, for all that runs from now on; must outlive the stage. */
void stage_environment(struct stage *stage, const char *setting);

/* Runs sockfix with these words, split at spaces. */
__attribute__((format(printf, 2, 3))) void stage_run(struct stage *stage, const char *format, ...);

/* Runs a line of sh, where $SOCKFIX is the command. */
__attribute__((format(printf, 2, 3))) void stage_shell(
	struct stage *stage, const char *format, ...);

/* In a fresh child: becomes that command, in the folder and with the environment of the stage. */
_Noreturn void stage_become(const struct stage *stage, const char *const argv[]);

/* The whole answer; out NULL: not looked at. */
void stage_expect(const struct stage *stage, int status, const char *out, const char *err);

/* Fails the test unless part is in text. */
void expect_in(const char *text, const char *part);
void expect_not_in(const char *text, const char *part);

/* The only entry of a folder of the stage, or NULL where it is empty or not there; the caller frees
 * it. Two fail the test. */
char *stage_only(const struct stage *stage, const char *name);
/* Fails the test unless it is empty, or not there. */
void stage_expect_nothing(const struct stage *stage, const char *name);

#endif
