/* From the stall to its cure, a row for each habit whose rule the library follows: a victim that
 * writes badly and knows by the kernel's clock what that cost it is recorded; the report must name
 * the habit, how sure it is, and those seconds. The rule that is suggested must pass `check` and
 * end it: by what the victim counts, not by what it takes. `diff` and `prove` must say the same.
 * And a row for each that nearly has the habit, of which nothing may be said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/recording.h"

enum { TRIES = 3, LEARNS = 4, /* turns */ TICKS = 20000 /* us: some of the kernel's clock */ };

#define RECORDED     "30"
#define PROVEN_TURNS "210" /* ten blocks of ten, in each arm, and more */

struct row {
	const char *role, *kind; /* of the victim */
	const char *code;	 /* NULL: none, it nearly has the habit */
	const char *sure;
	bool proves;	  /* `prove` is played, too, which takes its time */
	bool in_parts;	  /* the peer answers so */
	const char *also; /* another habit in the same turn, with its own rule */
};

static const struct row row_table[] = {
	{"client", "parts", "N01", "proven", true, false, NULL},
	{"client", "many", "N01", "proven", false, false, NULL},
	{"client", "threads", "N01", "proven", false, false, NULL},
	{"server", "parts", "N02", "proven", true, false, NULL},
	{"server", "many", "N02", "proven", false, false, NULL},
	{"client", "corked", "N06", "proven", false, false, NULL},
	{"server", "corked", "N06", "proven", true, false, NULL},
	{"client", "more", "N07", "proven", true, false, NULL},
	{"server", "more", "N07", "proven", false, false, NULL},
	{"client", "joined", "N11", "likely", true, true, NULL},
	{"client", "parts", "N01", "proven", false, true, "N11"},
	{.role = "client", .kind = "joined"},
	{.role = "server", .kind = "joined"},
	{.role = "client", .kind = "uncorked"},
	{.role = "server", .kind = "uncorked"},
	{.role = "server", .kind = "uncorked-late"},
	{.role = "client", .kind = "more-well"},
	{.role = "server", .kind = "more-well"},
};
enum { ROWS = sizeof(row_table) / sizeof(*row_table) };

/* ---- one run ---- */

struct truth {
	long lost;	   /* us */
	uint32_t segments; /* that the peer got */
};

struct scene {
	const struct row *row;
	const char *turns;
	struct peer *peer;
	int runs; /* that it has served */
	char *folder, *victim;
	char *to;      /* for the victim's environment: where the peer listens */
	char port[16]; /* that the victim listens on: the same in all runs, for the rule names it */
	struct truth truth;
};

static bool is_server(const struct scene *scene)
{
	return strcmp(scene->row->role, "server") == 0;
}

static void scene_begin(struct scene *scene, const struct row *row)
{
	const struct peer_plan plan = {.answer_lines = true, .in_parts = row->in_parts};

	*scene = (struct scene){.row = row, .turns = RECORDED, .port = "0"};
	scene->peer = peer_start(&plan);
	scene->folder = capture_folder_new();
	scene->victim = build_path("victims/losses");
	scene->to = must_print("VICTIM_PORT=%d", peer_port(scene->peer));
}

static void scene_end(struct scene *scene)
{
	peer_stop(scene->peer);
	capture_folder_free(scene->folder);
	free(scene->victim);
	free(scene->to);
}

/* The victim's command line; valid until the next call. */
static const char *const *victim_of(const struct scene *scene)
{
	static const char *command[8] = {"env"};

	command[1] = scene->to;
	command[2] = scene->victim;
	command[3] = scene->row->role;
	command[4] = scene->row->kind;
	command[5] = scene->turns;
	command[6] = scene->port;
	return command;
}

/* Returns the status of the command that starts the victim. What it says on stderr is in the file
 * "said" of the folder; what the victim says is in scene. */
static int play(struct scene *scene, const char *const *command)
{
	static const char script[] = "said=$1; shift; \"$@\" 2>\"$said\"; echo \"$?\"";
	const char *whole[CLIENT_ARGUMENTS] = {"sh", "-c", script, "sh"};
	char line[512], *said = must_print("%s/said", scene->folder);
	int out;
	pid_t pid;

	whole[4] = said;
	for (size_t i = 0; command[i]; i++) {
		MUST(i + 6 < CLIENT_ARGUMENTS);
		whole[i + 5] = command[i];
	}
	pid = client_start(whole, false, &out);
	if (is_server(scene)) {
		client_line(out, scene->port, sizeof(scene->port));
		peer_join(scene->peer, atoi(scene->port));
		peer_say(scene->peer, scene->runs, "go\n");
	}
	client_line(out, line, sizeof(line));
	MUST(sscanf(line, "#lost %ld", &scene->truth.lost) == 1);
	scene->truth.segments = peer_segments(scene->peer, scene->runs++);
	client_line(out, line, sizeof(line));
	close(out);
	client_end(pid);
	free(said);
	return atoi(line);
}

/* What the command said on stderr; valid until the next call. */
static const char *said(const struct scene *scene)
{
	static char text[4096];
	char *path = must_print("%s/said", scene->folder);
	FILE *file = fopen(path, "re");
	size_t length = file ? fread(text, 1, sizeof(text) - 1, file) : 0;

	text[length] = 0;
	if (file)
		fclose(file);
	free(path);
	return text;
}

static void record(struct scene *scene, struct recording *recording, const char *rules)
{
	const int status = play(scene, recording_command(recording, rules, victim_of(scene)));

	if (status != 0)
		fail_msg("record ended with %d; it says: %s", status, said(scene));
	recording_read(recording);
}

/* ---- what is said of it ---- */

static void assert_seconds(const struct scene *scene, const json_t *finding)
{
	const long long said = finding_number(finding, "lost_ns.high") / 1000;

	if (strcmp(finding_text(finding, "sure"), "proven") != 0)
		return;
	if (llabs(said - scene->truth.lost) > scene->truth.lost / 10 + TICKS)
		fail_msg("%lld us are proven; by the victim's clock it was %ld us", said,
			scene->truth.lost);
	assert_true(scene->truth.lost > TICKS);
}

static void assert_nothing(const struct recording *recording)
{
	assert_verdict(recording, "IT IS NOT THE SOCKETS");
	assert_no_findings(recording, "NCSDREFLX", true);
}

static void assert_gone(const struct recording *recording, const char *code)
{
	const json_t *left = finding_of(recording, code);

	if (left && !json_is_true(json_object_get(left, "minor")))
		fail_msg("%s is still there", code);
	if (left)
		assert_in_range(finding_number(left, "hits"), 0, LEARNS);
}

/* Some turns at the beginning it takes to learn; they cost what they cost bare. */
static void assert_cured(
	const struct scene *scene, const struct truth *bare, const struct recording *recording)
{
	assert_verdict(recording, "MENDED");
	assert_in_range(scene->truth.lost, 0, bare->lost * LEARNS / atoi(RECORDED) + TICKS);
	assert_in_range(scene->truth.segments, 1, bare->segments + LEARNS);
	assert_gone(recording, scene->row->code);
	if (scene->row->also)
		assert_gone(recording, scene->row->also);
}

static void assert_diff(
	const struct recording *bare, const struct recording *mended, const char *word)
{
	struct recording both = {.run = must_print("%s %s", bare->run, mended->run)};
	char *text = recording_ask(&both, "diff");

	if (!strstr(text, word))
		fail_msg("diff says: %s", text);
	free(text);
	free(both.run);
}

static void assert_proof(struct scene *scene, const char *rules)
{
	char *sockfix = build_path("sockfix"), *run = must_print("%s/proof", scene->folder);
	const char *command[CLIENT_ARGUMENTS] = {sockfix, "prove", "-o", run, "-r", rules, "--"};
	const char *const *victim;
	size_t count = 7;
	int status;

	scene->turns = PROVEN_TURNS;
	for (victim = victim_of(scene); *victim; victim++)
		command[count++] = *victim;
	status = play(scene, command);
	if (status != 0)
		fail_msg("prove ended with %d; it says: %s", status, said(scene));
	free(sockfix);
	free(run);
}

static char *suggested(struct scene *scene, const struct recording *recording)
{
	char *path = must_print("%s/mend.conf", scene->folder);
	char *rules = recording_ask(recording, "suggest"), *checked;

	capture_write(scene->folder, "mend.conf", rules, 0644);
	checked = recording_ask(&(struct recording){.run = path}, "check");
	free(checked);
	free(rules);
	return path;
}

/* What is likely is so by its timing, which a machine that has no time for it spoils. */
static void record_bare(struct scene *scene, struct recording *bare)
{
	const bool by_timing = scene->row->sure && strcmp(scene->row->sure, "likely") == 0;

	record(scene, bare, NULL);
	for (int i = 1; by_timing && i < TRIES && !finding_of(bare, scene->row->code); i++) {
		recording_free(bare);
		record(scene, bare, NULL);
	}
}

static void play_row(void **state)
{
	const struct row *row = *state;
	struct recording bare = {0}, mended = {0};
	struct truth truth;
	struct scene scene;
	char *rules;

	scene_begin(&scene, row);
	record_bare(&scene, &bare);
	if (!row->code) {
		assert_nothing(&bare);
	} else {
		assert_verdict(&bare, "STALLED");
		assert_seconds(&scene, assert_finding(&bare, row->code, row->sure, "rule"));
		if (row->also)
			assert_finding(&bare, row->also, NULL, "rule");
		truth = scene.truth;
		rules = suggested(&scene, &bare);
		record(&scene, &mended, rules);
		assert_cured(&scene, &truth, &mended);
		assert_diff(&bare, &mended, "BETTER");
		if (row->proves)
			assert_proof(&scene, rules);
		free(rules);
	}
	recording_free(&bare);
	recording_free(&mended);
	scene_end(&scene);
}

/* ---- writes that are not seen ---- */

static const struct row stdio_parts = {.role = "client", .kind = "stdio-parts"};
static const struct row stdio_whole = {.role = "client", .kind = "stdio"};

/* Stdio calls libc's own write: the kernel's clock alone tells, and that it may be. */
static void what_was_not_seen_is_possible(void **state)
{
	struct recording bare = {0}, mended = {0};
	struct scene scene;
	char *rules;

	(void)state;
	scene_begin(&scene, &stdio_parts);
	record(&scene, &bare, NULL);
	assert_verdict(&bare, "NOT SURE");
	assert_in_range(
		finding_number(assert_finding(&bare, "N01", "possible", "prove"), "lost_ns.high") /
			1000,
		scene.truth.lost * 9 / 10, scene.truth.lost * 11 / 10 + TICKS);
	rules = suggested(&scene, &bare);
	record(&scene, &mended, rules);
	assert_in_range(scene.truth.lost, 0, TICKS);
	assert_diff(&bare, &mended, "BETTER: by the kernel's counts");
	recording_free(&bare);
	recording_free(&mended);
	free(rules);
	scene_end(&scene);

	scene_begin(&scene, &stdio_whole);
	record(&scene, &bare, NULL);
	assert_no_findings(&bare, "N", true);
	recording_free(&bare);
	scene_end(&scene);
}

int main(void)
{
	static char names[ROWS][64];
	struct CMUnitTest tests[ROWS + 1];

	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &row_table[i];

		snprintf(names[i], sizeof(names[i]), "%s%s%s: %s of a %s%s",
			row->code ? row->code : "nothing", row->also ? " and " : "",
			row->also ? row->also : "", row->kind, row->role,
			row->in_parts ? ", its peer in parts" : "");
		tests[i] =
			(struct CMUnitTest){names[i], play_row, NULL, NULL, (void *)(uintptr_t)row};
	}
	tests[ROWS] = (struct CMUnitTest)cmocka_unit_test(what_was_not_seen_is_possible);
	/* Without the library there is nothing to record. */
	return _cmocka_run_group_tests("cures", tests, library_loads() ? ROWS + 1 : 0, NULL, NULL);
}
