/* Plugins that are opened with RTLD_DEEPBIND, around every preloaded library: the library sees what
 * they write all the same, and nothing else changes: not what they are bound to, not what the
 * dynamic linker answers. Each story runs bare and recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/compile.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"
#include "tests/helper/trace.h"

#define ONCE "pPtdD" /* what a plugin writes when it is called: three by write, two by send */

struct story {
	const char *word[LAUNCH_ARGUMENTS]; /* "lazy.so" is that plugin */
	const char *bytes;	    /* that the peer must have, NULL: whatever it has bare */
	int writes, sends;	    /* that the library must have seen */
	bool nearly;		    /* or nine of ten of them */
	const char *before, *after; /* preloaded, too: plugins, or paths */
	const char *program;	    /* NULL: the usual host */
	const char *variable;
	enum mode mode;	    /* 0: recorded without rules */
	const char *around; /* this object is noted for the report, in that way */
	enum trace_around_way way;
};

static bool is_plugin(const char *word)
{
	return strlen(word) > 3 && strcmp(word + strlen(word) - 3, ".so") == 0;
}

static char *plugin_path(const char *name)
{
	if (*name == '/' || !*name)
		return must_print("%s", name);
	char *below = must_print("plugins/%s", name), *path = build_path(below);

	free(below);
	return path;
}

struct played {
	struct outcome outcome;
	char *bytes;
	size_t length;
};

static char *preloads(const struct story *story, bool with)
{
	char *before = plugin_path(story->before ? story->before : "");
	char *after = plugin_path(story->after ? story->after : "");
	char *library = with ? build_path("libsockfix.so") : must_print("%s", "");
	char *all = must_print("LD_PRELOAD=%s:%s:%s", before, library, after);

	free(before);
	free(after);
	free(library);
	return all;
}

/* directory: of the traces; NULL: bare. */
static void play_once(const struct story *story, const char *directory, struct played *played)
{
	struct peer_plan plan = {.answer_lines = false};
	struct peer *peer = peer_start(&plan);
	char *setting = must_print("SOCKFIX_TRACE=%s", directory ? directory : "");
	char *preload = preloads(story, directory && library_loads()), *path[LAUNCH_ARGUMENTS];
	struct launch launch = {.program = story->program ? story->program : "deepbind",
		.port = peer_port(peer),
		.mode = !directory    ? MODE_BARE
			: story->mode ? story->mode
				      : MODE_AUTO,
		.rules = story->mode ? NULL : "",
		.variable = {preload, directory ? setting : "NOTHING=", story->variable}};
	const char *bytes;

	for (int i = 0; i < LAUNCH_ARGUMENTS && story->word[i]; i++) {
		path[i] = is_plugin(story->word[i]) ? plugin_path(story->word[i])
						    : must_print("%s", story->word[i]);
		launch.argument[i] = path[i];
	}
	run_whole(&launch, &played->outcome);
	peer_wait_end(peer, 0);
	bytes = peer_bytes(peer, 0, &played->length);
	played->bytes = must_realloc(NULL, played->length + 1);
	memcpy(played->bytes, bytes, played->length);
	played->bytes[played->length] = '\0';
	for (int i = 0; i < LAUNCH_ARGUMENTS && story->word[i]; i++)
		free(path[i]);
	free(preload);
	free(setting);
	peer_stop(peer);
}

static void played_free(struct played *played)
{
	outcome_free(&played->outcome);
	free(played->bytes);
}

static void assert_counts(const struct story *story, const char *directory)
{
	static struct trace trace[TRACES];
	const size_t traces = traces_read(directory, trace);
	uint64_t writes = 0, sends = 0;

	for (size_t i = 0; i < traces; i++) {
		writes += trace_counts(&trace[i], TRACE_WRITE);
		sends += trace_counts(&trace[i], TRACE_SEND);
	}
	traces_free(trace, traces);
	assert_in_range(
		writes, story->nearly ? story->writes * 9 / 10 : story->writes, story->writes);
	assert_in_range(sends, story->nearly ? story->sends * 9 / 10 : story->sends, story->sends);
}

static void assert_around(const struct story *story, const char *directory)
{
	const struct trace_budget budget = traces_budget(directory);

	if (!story->around) {
		assert_string_equal(budget.around[0].object, "");
		assert_int_equal(budget.around[0].way, AROUND_NOTHING);
		return;
	}
	for (unsigned i = 0; i < TRACE_AROUNDS; i++)
		if (budget.around[i].way == story->way &&
			strcmp(budget.around[i].object, story->around) == 0)
			return;
	fail_msg("%s is not noted", story->around);
}

static int compare_bytes(const void *one, const void *other)
{
	return *(const char *)one - *(const char *)other;
}

/* ordered: the bytes come in the same order each time. */
static void play_so(const struct story *story, bool ordered)
{
	char *directory = traces_new("/tmp", 1 << 30);
	struct played bare, with;

	play_once(story, NULL, &bare);
	play_once(story, directory, &with);
	assert_same_outcome(story->word[0], &bare.outcome, &with.outcome);
	assert_int_equal(bare.outcome.status, 0);
	if (!ordered) {
		qsort(bare.bytes, bare.length, 1, compare_bytes);
		qsort(with.bytes, with.length, 1, compare_bytes);
	}
	if (story->bytes)
		assert_string_equal(with.bytes, story->bytes);
	assert_string_equal(bare.bytes, with.bytes);
	if (library_loads()) {
		assert_counts(story, directory);
		assert_around(story, directory);
	}
	played_free(&bare);
	played_free(&with);
	traces_remove(directory);
}

static void play(const struct story *story)
{
	play_so(story, true);
}

static void play_sum(const struct story *story)
{
	play_so(story, false);
}

/* A story is a cmocka test of its own. */
#define STORY_TEST(name, ...)                                                                      \
	static void name(void **state)                                                             \
	{                                                                                          \
		const struct story story = {__VA_ARGS__};                                          \
                                                                                                   \
		(void)state;                                                                       \
		play(&story);                                                                      \
	}

/* ---- how it is linked and opened ---- */

STORY_TEST(without_the_flag, .word = {"call", "l", "lazy.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4)
STORY_TEST(lazily, .word = {"call", "d", "lazy.so"}, .bytes = ONCE ONCE, .writes = 6, .sends = 4)
STORY_TEST(lazily_opened_now, .word = {"call", "nd", "lazy.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4)
STORY_TEST(full_relro, .word = {"call", "d", "now.so"}, .bytes = ONCE ONCE, .writes = 6, .sends = 4)
STORY_TEST(
	as_php_opens, .word = {"call", "dg", "now.so"}, .bytes = ONCE ONCE, .writes = 6, .sends = 4)
STORY_TEST(the_old_hash_table, .word = {"call", "d", "sysv.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4)
STORY_TEST(calls_without_a_plt, .word = {"call", "d", "noplt.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4)
STORY_TEST(bound_at_once_by_the_environment, .word = {"call", "d", "lazy.so"},
	.variable = "LD_BIND_NOW=1", .bytes = ONCE ONCE, .writes = 6, .sends = 4)
STORY_TEST(several, .word = {"call", "d", "lazy.so", "now.so", "sysv.so"},
	.bytes = ONCE ONCE ONCE ONCE ONCE ONCE, .writes = 18, .sends = 12)
STORY_TEST(closed_and_opened_again, .word = {"reopen", "d", "lazy.so"},
	.bytes = ONCE ONCE ONCE ONCE ONCE, .writes = 15, .sends = 10)
STORY_TEST(full_relro_opened_again, .word = {"reopen", "dn", "now.so"},
	.bytes = ONCE ONCE ONCE ONCE ONCE, .writes = 15, .sends = 10)

/* ---- by which of its functions it is called ---- */

STORY_TEST(called_by_a_registered_table, .word = {"register", "d", "registers.so"},
	.bytes = "c" ONCE "r", .writes = 5, .sends = 2)
STORY_TEST(the_host_connects_afterwards, .word = {"dial", "d", "registers.so"}, .bytes = ONCE,
	.writes = 3, .sends = 2)
STORY_TEST(without_start_files, .word = {"call", "d", "early.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4, .around = "early.so", .way = AROUND_CONSTRUCTORS)
STORY_TEST(without_start_files_or_dlsym, .word = {"dial", "d", "early.so"}, .bytes = ONCE,
	.writes = 3, .sends = 2, .around = "early.so", .way = AROUND_CONSTRUCTORS)

/* ---- what is not libc's is left alone ---- */

STORY_TEST(a_write_of_its_librarys, .word = {"call", "d", "own-lazy.so"}, .bytes = "wPwwDwPwwD",
	.writes = 0, .sends = 10)
STORY_TEST(a_write_of_its_librarys_bound_at_once, .word = {"call", "d", "own-now.so"},
	.bytes = "wPwwDwPwwD", .writes = 0, .sends = 10)
/* dep.so came with the plugin whose write is another, and is bound to that one. */
STORY_TEST(only_of_its_own_librarys, .word = {"call", "d", "own-lazy.so", "lazy.so"},
	.bytes = "wPwwDpPtwDwPwwDpPtwD", .writes = 4, .sends = 16)
/* What is opened without the flag goes through it, whoever looks at it on the way; its "<" is seen,
 * too. dep.so is bound as its first user was opened. */
STORY_TEST(a_library_before_us,
	.word = {"mixed", "now.so", "d", "lazy.so", "l", "old-lazy.so", "d"},
	.before = "between.so", .bytes = ONCE "<pP<tdDo", .writes = 9, .sends = 4)
/* Without a libc of its own to look into, it finds what everybody finds. */
STORY_TEST(that_needs_no_libc, .word = {"call", "d", "nolibc.so"}, .before = "between.so",
	.bytes = "<dD<dD", .writes = 4, .sends = 2)
STORY_TEST(an_older_version, .word = {"call", "d", "old-lazy.so", "old-now.so"}, .bytes = "oooo",
	.writes = 4, .sends = 0)
/* Its write is the libc's that it went around: then nothing of what it calls is seen. */
STORY_TEST(a_library_behind_us, .word = {"call", "d", "lazy.so"}, .after = "between.so",
	.bytes = ONCE ONCE, .writes = 0, .sends = 0, .around = "lazy.so", .way = AROUND_CALLS)
STORY_TEST(a_library_behind_us_bound_at_once, .word = {"call", "d", "now.so"},
	.after = "between.so", .bytes = ONCE ONCE, .writes = 0, .sends = 0, .around = "now.so",
	.way = AROUND_CALLS)

/* ---- what the dynamic linker answers ---- */

STORY_TEST(whose_runpath, .word = {"call", "l", "caller.so"}, .bytes = "odDodD", .writes = 4,
	.sends = 2)
STORY_TEST(whose_runpath_opened_so, .word = {"call", "d", "caller.so"}, .bytes = "odDodD",
	.writes = 4, .sends = 2)
STORY_TEST(what_is_next, .word = {"which"}, .before = "next-1.so", .after = "next-2.so")
STORY_TEST(a_dlsym_before_us, .word = {"which"}, .before = "between-wraps.so")
STORY_TEST(a_dlsym_before_us_and_a_plugin, .word = {"call", "d", "lazy.so"},
	.before = "between-wraps.so", .bytes = ONCE ONCE, .writes = 6, .sends = 4)
STORY_TEST(a_dlsym_behind_us, .word = {"which"}, .after = "between-wraps.so")
STORY_TEST(errors, .word = {"failing", "now.so"}, .bytes = ONCE, .writes = 3, .sends = 2)

/* ---- where it cannot be, or must not ---- */

STORY_TEST(in_a_child, .word = {"child", "fork", "d", "lazy.so"}, .bytes = ONCE ONCE, .writes = 6,
	.sends = 4)
STORY_TEST(beside_a_vfork_child, .word = {"child", "vfork", "d", "early.so"}, .bytes = ONCE,
	.writes = 3, .sends = 2, .around = "early.so", .way = AROUND_CONSTRUCTORS)
STORY_TEST(a_namespace_of_its_own, .word = {"apart", "lazy.so"}, .bytes = ONCE ONCE, .writes = 3,
	.sends = 2, .around = "lazy.so", .way = AROUND_NAMESPACE)
STORY_TEST(without_proc, .word = {"unproc", "d", "lazy.so"}, .bytes = ONCE ONCE, .writes = 0,
	.sends = 0, .around = "dep.so", .way = AROUND_CALLS)
STORY_TEST(in_a_sandbox, .word = {"confined", "d", "lazy.so"}, .bytes = ONCE ONCE, .writes = 0,
	.sends = 0)
STORY_TEST(switched_off, .word = {"call", "d", "lazy.so"}, .bytes = ONCE ONCE,
	.variable = "SOCKFIX_OFF=1", .writes = 0, .sends = 0)

/* /proc/self/mem is opened only where there is something to repoint for. */
static void assert_looks(struct launch launch, const char *mode, size_t times)
{
	struct peer_plan plan = {.answer_lines = false};
	struct peer *peer = peer_start(&plan);
	char *path = calls_path(), *plugin = plugin_path("lazy.so");
	struct outcome outcome;
	struct calls calls;

	launch.program = "deepbind";
	launch.argument[0] = "call";
	launch.argument[1] = mode;
	launch.argument[2] = plugin;
	launch.port = peer_port(peer);
	launch.trace = path;
	run_whole(&launch, &outcome);
	assert_int_equal(outcome.status, 0);
	calls_read(path, &calls);
	assert_int_equal(calls_count(&calls, 0, calls.count, "openat", "/proc/self/mem"),
		library_loads() ? times : 0);
	calls_free(&calls);
	outcome_free(&outcome);
	free(path);
	free(plugin);
	peer_stop(peer);
}

static void no_look_where_it_is_inert(void **state)
{
	(void)state;
	assert_looks((struct launch){.mode = MODE_AUTO}, "d", 1);
	assert_looks((struct launch){.mode = MODE_AUTO}, "l", 0);
	assert_looks((struct launch){.mode = MODE_AUTO, .rules = ""}, "d", 0);
	assert_looks((struct launch){.mode = MODE_AUTO, .rules = "1:nonsense"}, "d", 0);
	assert_looks((struct launch){.mode = MODE_AUTO, .variable = {"SOCKFIX_OFF=1"}}, "d", 0);
}

/* ---- other hosts ---- */

static void play_in(const char *name, const char *flags, struct story story)
{
	story.program = compile(name, "tests/victims/deepbind.c", flags);
	play(&story);
	free((char *)(uintptr_t)story.program);
}

/* Its own __gmon_start__() is what all objects find. */
static void a_host_for_gprof(void **state)
{
	const char *const plugin[] = {"lazy.so", "now.so", "sysv.so"};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		play_in("deepbind_gmon", "-rdynamic -DGMON",
			(struct story){.word = {"call", "d", plugin[i]},
				.bytes = ONCE ONCE,
				.writes = 6,
				.sends = 4});
	play_in("deepbind_gmon", "-rdynamic -DGMON",
		(struct story){.word = {"call", "d", "own-lazy.so", "lazy.so"},
			.bytes = "wPwwDpPtwDwPwwDpPtwD",
			.writes = 4,
			.sends = 16});
	play_in("deepbind_gmon", "-rdynamic -DGMON",
		(struct story){.word = {"passing", "lazy.so", "old-now.so"},
			.bytes = "o" ONCE,
			.writes = 4,
			.sends = 2});
}

/* Sanitizers refuse the flag, and look up all their names by our dlsym(). */
static void a_sanitized_host(void **state)
{
	struct story story = {.word = {"call", "l", "lazy.so"},
		.variable = "ASAN_OPTIONS=verify_asan_link_order=0",
		.bytes = ONCE ONCE,
		.writes = 6,
		.sends = 4};

	(void)state;
	play_in("deepbind_asan", "-rdynamic -fsanitize=address", story);
	story.variable = "TSAN_OPTIONS=report_bugs=0";
	play_in("deepbind_tsan", "-rdynamic -fsanitize=thread", story);
}

static void beside_jemalloc(void **state)
{
	char *jemalloc = output_of("ls /usr/lib/*/libjemalloc.so.2");
	struct story story = {.word = {"call", "d", "lazy.so"},
		.bytes = ONCE ONCE,
		.writes = 6,
		.sends = 4,
		.before = jemalloc};

	(void)state;
	play(&story);
	story.before = NULL;
	story.after = jemalloc;
	play(&story);
	free(jemalloc);
}

/* ---- many at once ---- */

#define ROUNDS 100

/* Copies, so that each has slots of its own. */
static void copy_plugins(char *path[4], const char *name)
{
	char *from = plugin_path(name);

	for (int i = 0; i < 4; i++) {
		char *command;

		path[i] = must_print("%s.%d.so", from, i);
		command = must_print("cp %s %s", from, path[i]);
		MUST(system(command) == 0);
		free(command);
	}
	free(from);
}

static void play_threads(struct story story, const char *name, bool copies, int writes, int sends)
{
	char *path[4];

	copy_plugins(path, name);
	for (int i = 0; i < 4; i++)
		story.word[3 + i] = path[copies ? i : 0];
	story.word[0] = "threads";
	story.word[1] = "100";
	story.writes = 4 * ROUNDS * writes;
	story.sends = 4 * ROUNDS * sends;
	play_sum(&story);
	for (int i = 0; i < 4; i++) {
		unlink(path[i]);
		free(path[i]);
	}
}

static void four_threads(void **state)
{
	(void)state;
	play_threads((struct story){.word = {"", "", "none"}}, "lazy.so", true, 3, 2);
	play_threads((struct story){.word = {"", "", "none"}}, "now.so", true, 3, 2);
	play_threads((struct story){.word = {"", "", "none"}}, "own-lazy.so", true, 0, 5);
}

static void four_threads_and_one_plugin(void **state)
{
	(void)state;
	play_threads((struct story){.word = {"", "", "none"}}, "lazy.so", false, 3, 2);
	play_threads((struct story){.word = {"", "", "none"}}, "now.so", false, 3, 2);
}

static void four_threads_and_signals(void **state)
{
	(void)state;
	play_threads((struct story){.word = {"", "", "signals"}}, "lazy.so", true, 3, 2);
	play_threads((struct story){.word = {"", "", "signals"}}, "now.so", false, 3, 2);
}

/* Where each is looked at only when its opener asks for a name: another that opens the same file
 * meanwhile may call it before. */
static void four_threads_in_a_host_for_gprof(void **state)
{
	char *host = compile("deepbind_gmon", "tests/victims/deepbind.c", "-rdynamic -DGMON");
	const struct story calm = {.word = {"", "", "none"}, .program = host, .nearly = true};
	const struct story busy = {.word = {"", "", "signals"}, .program = host, .nearly = true};

	(void)state;
	play_threads(calm, "lazy.so", true, 3, 2);
	play_threads(calm, "now.so", true, 3, 2);
	play_threads(calm, "lazy.so", false, 3, 2);
	play_threads(busy, "lazy.so", true, 3, 2);
	free(host);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_the_flag),
		cmocka_unit_test(lazily),
		cmocka_unit_test(lazily_opened_now),
		cmocka_unit_test(full_relro),
		cmocka_unit_test(as_php_opens),
		cmocka_unit_test(the_old_hash_table),
		cmocka_unit_test(calls_without_a_plt),
		cmocka_unit_test(bound_at_once_by_the_environment),
		cmocka_unit_test(several),
		cmocka_unit_test(closed_and_opened_again),
		cmocka_unit_test(full_relro_opened_again),
		cmocka_unit_test(called_by_a_registered_table),
		cmocka_unit_test(the_host_connects_afterwards),
		cmocka_unit_test(without_start_files),
		cmocka_unit_test(without_start_files_or_dlsym),
		cmocka_unit_test(a_write_of_its_librarys),
		cmocka_unit_test(a_write_of_its_librarys_bound_at_once),
		cmocka_unit_test(only_of_its_own_librarys),
		cmocka_unit_test(a_library_before_us),
		cmocka_unit_test(that_needs_no_libc),
		cmocka_unit_test(an_older_version),
		cmocka_unit_test(a_library_behind_us),
		cmocka_unit_test(a_library_behind_us_bound_at_once),
		cmocka_unit_test(whose_runpath),
		cmocka_unit_test(whose_runpath_opened_so),
		cmocka_unit_test(what_is_next),
		cmocka_unit_test(a_dlsym_before_us),
		cmocka_unit_test(a_dlsym_before_us_and_a_plugin),
		cmocka_unit_test(a_dlsym_behind_us),
		cmocka_unit_test(errors),
		cmocka_unit_test(in_a_child),
		cmocka_unit_test(beside_a_vfork_child),
		cmocka_unit_test(a_namespace_of_its_own),
		cmocka_unit_test(without_proc),
		cmocka_unit_test(in_a_sandbox),
		cmocka_unit_test(switched_off),
		cmocka_unit_test(no_look_where_it_is_inert),
		cmocka_unit_test(a_host_for_gprof),
		cmocka_unit_test(a_sanitized_host),
		cmocka_unit_test(beside_jemalloc),
		cmocka_unit_test(four_threads),
		cmocka_unit_test(four_threads_and_one_plugin),
		cmocka_unit_test(four_threads_and_signals),
		cmocka_unit_test(four_threads_in_a_host_for_gprof),
	};

	return cmocka_run_group_tests_name("deepbind", tests, NULL, NULL);
}
