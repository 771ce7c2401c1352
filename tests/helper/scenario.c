/* Plays the rows of a table of scenarios: peer, victim, marks, and the comparison with bare. */
#include "scenario.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"
#include "peer.h"

/* An endpoint needs a few turns to be learnt; a busy machine may need more. */
#define TRAIN_TURNS 200

struct stage {
	struct scenario *scenario;
	enum mode mode;
	struct peer *peer;
	struct run *run;
	size_t trained; /* bytes of training that came before the story */
	bool held;
};

static bool is_alive(const struct stage *stage)
{
	return stage->mode != MODE_BARE && library_loads();
}

static bool may_hold(const struct stage *stage)
{
	return is_alive(stage) && mode_holds(stage->mode);
}

/* A thread of the library may be about to push what it took from the victim's list: a few looks,
 * far shorter than any tick, tell that from bytes that are held on. */
static bool still_unsent(struct run *run, int fd)
{
	for (int looks = 0; looks < 20; looks++)
		if (run_unsent(run, fd) == 0)
			return false;
	return true;
}

/* The victim says that the peer is owed `bytes`: it must come to have them, as the victim is. */
static void check_wrote(struct stage *stage, size_t bytes, int fd)
{
	const struct scenario *scenario = stage->scenario;
	const char *got;
	size_t length;

	if (scenario->flags & SLEEPS) {
		run_wait_asleep(stage->run);
		if (is_alive(stage) && still_unsent(stage->run, fd))
			fail_msg("the victim sleeps while its bytes are held");
	}
	if (!peer_wait(stage->peer, 0, stage->trained + bytes))
		fail_msg("the peer never got the first %zu bytes", bytes);
	got = peer_bytes(stage->peer, 0, &length);
	if (memcmp(got + stage->trained, scenario->bytes, bytes) != 0)
		fail_msg("the peer has '%s', not the first %zu of '%s'", got + stage->trained,
			bytes, scenario->bytes);
	for (int i = 1; i < PEER_CONNECTIONS; i++)
		peer_say(stage->peer, i, "go\n");
	run_go(stage->run);
}

static void read_marks(struct stage *stage)
{
	const char *line;
	size_t bytes;
	int number, fd, turns, streak;

	while ((line = run_mark(stage->run))) {
		if (sscanf(line, "wrote %zu fd %d", &bytes, &fd) == 2)
			check_wrote(stage, bytes, fd);
		else if (sscanf(line, "#held %d", &number) == 1)
			stage->held |= number;
		else if (sscanf(line, "#listens %d", &number) == 1)
			peer_join(stage->peer, number);
		else if (sscanf(line, "#trained %d turns, %d held", &turns, &streak) == 2) {
			stage->trained = (size_t)turns * strlen(TRAIN_LINE);
			if (turns == TRAIN_TURNS && streak < 3 && may_hold(stage))
				fail_msg("no write was held in three turns running, of %d", turns);
		}
	}
}

/* One run. Returns whether the write before the mark was held. */
static bool play(struct scenario *scenario, enum mode mode, struct outcome *outcome, int *end)
{
	struct stage stage = {.scenario = scenario, .mode = mode};
	struct launch launch = {
		.program = scenario->program,
		.argument = {scenario->verb, scenario->script ? "-c" : NULL, scenario->script},
		.variable = {scenario->variable},
		.preload = scenario->preload,
		.after = scenario->after,
		.mode = mode,
		.address = scenario->address,
	};
	struct peer_plan plan = {.answer_lines = true, .address = scenario->address};
	const char *got;
	size_t length;

	plan.page = page_make(&launch.page);
	stage.peer = peer_start(&plan);
	launch.port = peer_port(stage.peer);
	if (!(scenario->flags & UNTRAINED) && may_hold(&stage))
		launch.train = TRAIN_TURNS;
	stage.run = run_start(&launch);
	close(launch.page);
	read_marks(&stage);
	run_finish(stage.run, outcome);
	*end = (int)peer_wait_end(stage.peer, 0) + 1;
	got = peer_bytes(stage.peer, 0, &length);
	if (length != stage.trained + strlen(scenario->bytes) ||
		memcmp(got + stage.trained, scenario->bytes, strlen(scenario->bytes)) != 0)
		fail_msg("the peer got '%s', not '%s'; the victim said:\n%s%s",
			length > stage.trained ? got + stage.trained : "", scenario->bytes,
			outcome->out, outcome->err);
	peer_stop(stage.peer);
	munmap(plan.page, sizeof(*plan.page));
	return stage.held;
}

static void play_bare(struct scenario *scenario)
{
	int wanted = (scenario->flags & RESETS ? PEER_RESET : PEER_EOF) + 1;

	if (scenario->bare_end)
		return;
	play(scenario, MODE_BARE, &scenario->bare, &scenario->bare_end);
	assert_int_equal(scenario->bare_end, wanted);
	/* The loader's complaint about a library that is not there would be the same in both runs.
	 */
	assert_string_equal(scenario->bare.err, "");
}

struct part {
	struct scenario *scenario;
	enum mode mode;
};

/* A held write may be let go between the write and the victim's look at it, by a tick or by an
 * ACK on a busy machine: three tries tell that from a write that is never held. */
static void test_part(void **state)
{
	const struct part *part = *state;
	struct scenario *scenario = part->scenario;
	struct outcome outcome;
	bool held = false;
	int end;

	play_bare(scenario);
	for (int tries = 0; tries < 3 && !held; tries++) {
		held = play(scenario, part->mode, &outcome, &end);
		assert_same_outcome(scenario->sentence, &scenario->bare, &outcome);
		assert_int_equal(end, scenario->bare_end);
		outcome_free(&outcome);
		if (!(scenario->flags & HOLDS) || !mode_holds(part->mode) || !library_loads())
			break;
	}
	if (library_loads() && mode_holds(part->mode) && scenario->flags & HOLDS && !held)
		fail_msg("the write that the story is about was not held, so nothing was tested");
	if (library_loads() && scenario->flags & UNHELD && held)
		fail_msg("a write was held that must go through");
}

int scenarios_and_more(const char *group, struct scenario *scenarios, size_t count,
	const struct CMUnitTest *more, size_t more_count)
{
	size_t modes = MODE_COUNT - 1, total = 0;
	struct CMUnitTest *tests =
		must_realloc(NULL, (more_count + count * modes) * sizeof(*tests));
	struct part *parts = must_realloc(NULL, count * modes * sizeof(*parts));

	memset(tests, 0, (more_count + count * modes) * sizeof(*tests));
	if (more_count > 0)
		memcpy(tests, more, more_count * sizeof(*more));
	for (size_t i = 0; i < count * modes; i++) {
		struct CMUnitTest *test = &tests[more_count + total];
		enum mode mode = (enum mode)(MODE_OFF + i % modes);

		if (mode == MODE_BUFFER && scenarios[i / modes].flags & UNBUFFERED)
			continue;
		parts[i].scenario = &scenarios[i / modes];
		parts[i].mode = mode;
		total++;
		test->name = must_print(
			"%s [%s]", parts[i].scenario->sentence, mode_name[parts[i].mode]);
		test->test_func = test_part;
		test->initial_state = &parts[i];
	}
	return _cmocka_run_group_tests(group, tests, more_count + total, NULL, NULL);
}

int scenarios_main(const char *group, struct scenario *scenarios, size_t count)
{
	return scenarios_and_more(group, scenarios, count, NULL, 0);
}
