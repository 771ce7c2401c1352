/* A program that is started beside this one, and gets a socket of it, finds TCP_NODELAY as the
 * program has it, not as the library has set it; and what this program writes afterwards leaves as
 * it did before. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/counted.h"
#include "tests/helper/scenario.h"

#define BOTH "child speaks\none, two, three\n"

#define BOTH_USE(sentence, how) STORY(sentence, "spawned", how, BOTH, HOLDS, .script = "both")
#define CHILD_ALONE(sentence, how)                                                                 \
	STORY(sentence ", without the library", "spawned", how, BOTH, HOLDS, .script = "alone")
#define LISTENER(sentence, how)                                                                    \
	STORY("a listener for " sentence, "spawned", how, "x\n", UNTRAINED, .script = "listener"), \
		STORY("a listener for " sentence ", without the library", "spawned", how, "x\n",   \
			UNTRAINED, .script = "listener-alone")

static struct scenario scenarios[] = {
	BOTH_USE("a program by fork", "fork"),
	BOTH_USE("a program by vfork", "vfork"),
	BOTH_USE("a program by clone", "clone"),
	BOTH_USE("a program by posix_spawn", "spawn"),
	BOTH_USE("a program by posix_spawnp", "spawnp"),
	BOTH_USE("a program by fork that inherits", "plain-fork"),
	BOTH_USE("a program by posix_spawn that inherits", "plain-spawn"),
	BOTH_USE("a program by system", "system"),
	BOTH_USE("a program by popen", "popen"),
	CHILD_ALONE("a program by fork", "fork"),
	CHILD_ALONE("a program by vfork", "vfork"),
	CHILD_ALONE("a program by posix_spawn", "spawn"),
	CHILD_ALONE("a program by posix_spawn that inherits", "plain-spawn"),
	CHILD_ALONE("a program by system", "system"),
	LISTENER("a program by vfork", "vfork"),
	LISTENER("a program by posix_spawn that inherits", "plain-spawn"),
	LISTENER("a program by fork", "fork"),
};

/* ---- what the parent writes ---- */

/* It is set anew once, by the first write, after each of the two. */
static void set_once_again(const char *how)
{
	struct counted counted = {.program = "spawned",
		.argument = {how, "writes-on"},
		.mode = MODE_AUTO,
		.watch = "setsockopt,getppid,execve"};
	size_t from, to;

	counted_play(&counted);
	if (library_loads()) {
		const struct calls *calls = &counted.with_calls;

		from = calls_find(calls, 0, "getppid", NULL);
		to = calls_find(calls, from, "execve", NULL);
		assert_true(to < calls->count);
		assert_int_equal(calls_count(calls, from, to, "setsockopt", "TCP_NODELAY, [1]"), 1);
		assert_int_equal(counted_note(&counted.with, "#nodelay"), 1);
		assert_int_equal(counted_note(&counted.with, "#still"), 1);
	}
	counted_free(&counted);
}

static void again_after_fork(void **state)
{
	(void)state;
	set_once_again("plain-fork");
}

static void again_after_moving_fork(void **state)
{
	(void)state;
	set_once_again("fork");
}

static void again_after_vfork(void **state)
{
	(void)state;
	set_once_again("vfork");
}

static void again_after_spawn(void **state)
{
	(void)state;
	set_once_again("spawn");
}

static void again_after_system(void **state)
{
	(void)state;
	set_once_again("system");
}

/* A listener that has been handed on never takes it again; what it accepts here does. */
static void accepted_after_vfork(void **state)
{
	struct counted counted = {
		.program = "spawned", .argument = {"vfork", "listener"}, .mode = MODE_AUTO};

	(void)state;
	counted_play(&counted);
	if (library_loads())
		assert_int_equal(counted_note(&counted.with, "#nodelay"), 1);
	counted_free(&counted);
}

static void accepted_after_fork(void **state)
{
	struct counted counted = {
		.program = "spawned", .argument = {"plain-fork", "listener"}, .mode = MODE_AUTO};

	(void)state;
	counted_play(&counted);
	if (library_loads())
		assert_int_equal(counted_note(&counted.with, "#nodelay"), 1);
	counted_free(&counted);
}

/* And what a child of it sets, it does not undo itself. */
static void what_a_child_sets_stays(void **state)
{
	struct counted counted = {
		.program = "spawned", .argument = {"plain-fork", "child-sets"}, .mode = MODE_AUTO};

	(void)state;
	counted_play(&counted);
	assert_non_null(strstr(counted.with.out, "kept: 1\n"));
	counted_free(&counted);
}

/* What the program itself sets after a fork no child of it undoes, however that ends. */
static void what_is_set_after_a_fork_stays(void **state)
{
	static const char *const ends[] = {"closes", "is-confined", "execs", "exits"};

	(void)state;
	for (size_t i = 0; i < sizeof(ends) / sizeof(*ends); i++) {
		struct counted counted = {.program = "spawned",
			.argument = {"plain-fork", ends[i]},
			.mode = MODE_AUTO};

		counted_play(&counted);
		assert_non_null(strstr(counted.with.out, "kept: 1\n"));
		counted_free(&counted);
	}
}

int main(void)
{
	static const struct CMUnitTest more[] = {
		cmocka_unit_test(again_after_fork),
		cmocka_unit_test(again_after_moving_fork),
		cmocka_unit_test(again_after_vfork),
		cmocka_unit_test(again_after_spawn),
		cmocka_unit_test(again_after_system),
		cmocka_unit_test(accepted_after_vfork),
		cmocka_unit_test(accepted_after_fork),
		cmocka_unit_test(what_is_set_after_a_fork_stays),
		cmocka_unit_test(what_a_child_sets_stays),
	};

	return scenarios_and_more("spawned", scenarios, sizeof(scenarios) / sizeof(*scenarios),
		more, sizeof(more) / sizeof(*more));
}
