/* Daemons that root starts and that become another user are recorded to their end, whichever way
 * they do it; what is lost even so is said, with its reason. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/recording.h"

/* More events than the first piece of a recording has room for, and than the second. */
#define TURNS_MANY "700"

static const struct story {
	const char *how;
	int processes;	     /* that have connections */
	const char *verdict; /* and a 'no' needs all of it */
	bool pooled;	     /* something of it is in the run's pool */
} stories[] = {
	{"plain", 1, "IT IS NOT THE SOCKETS", false},
	{"setuid", 1, "IT IS NOT THE SOCKETS", true},
	{"raw", 1, "IT IS NOT THE SOCKETS", true},
	{"chroot", 1, "IT IS NOT THE SOCKETS", true},
	{"worker", 2, "IT IS NOT THE SOCKETS", true},
	{"later", 1, "IT IS NOT THE SOCKETS", true},
	{"execs", 1, "IT IS NOT THE SOCKETS", false},
	{"twice", 3, "IT IS NOT THE SOCKETS", true},
};

static bool has_pool(const struct recording *recording)
{
	char *path = must_print("%s/pool", recording->run);
	const bool is = access(path, F_OK) == 0;

	free(path);
	return is;
}

static void is_recorded(void **state)
{
	const struct story *story = *state;
	const struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	char *victim = build_path("victims/dropped");
	char *port = must_print("VICTIM_PORT=%d", peer_port(peer));
	struct recording recording = {0};
	long long processes;

	recording_make(&recording, NULL,
		PROGRAM("env", "VICTIM_ADDRESS=127.0.0.1", port, victim, story->how, TURNS_MANY));
	assert_verdict(&recording, story->verdict);
	processes = finding_number(recording.report, "run.processes");
	assert_int_equal(processes, story->processes);
	assert_int_equal(finding_number(recording.report, "split_ns.unseen"), 0);
	if (story->processes)
		assert_non_null(strstr(recording.screen, "seen 100 % of its TCP bytes"));
	assert_int_equal(has_pool(&recording), story->pooled);
	recording_free(&recording);
	peer_stop(peer);
	free(victim);
	free(port);
}

/* The first of a user's programs makes their budget: where it may write no file it must not. */
static void a_limit_on_files(void **state)
{
	struct recording recording = {0};

	(void)state;
	recording_make(&recording, NULL,
		PROGRAM("prlimit", "--fsize=0", "setpriv", "--reuid=65534", "--clear-groups",
			"/bin/true"));
	assert_verdict(&recording, "NOT SURE");
	recording_free(&recording);
}

int main(void)
{
	enum { STORIES = sizeof(stories) / sizeof(*stories) };
	struct CMUnitTest tests[STORIES + 1] = {[STORIES] = cmocka_unit_test(a_limit_on_files)};

	need_for_all("root");
	for (size_t i = 0; i < STORIES; i++)
		tests[i] = (struct CMUnitTest){
			stories[i].how, is_recorded, NULL, NULL, (void *)(uintptr_t)&stories[i]};
	/* Without the library there is nothing to record. */
	return _cmocka_run_group_tests(
		"dropped", tests, library_loads() ? STORIES + 1 : 0, NULL, NULL);
}
