/* `sockfix run` of a program that no library reaches: ours beside it mends what stalls and sets
 * what rules say, cannot be noticed by the program, and may be killed at any moment. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/compile.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"

#define STATIC                                                                                     \
	"sockfix: PROGRAM is statically linked, no library can be preloaded into it: a "           \
	"dynamically linked build of it works, and while it runs sockfix mend -p PID\n"
#define RUNNING "sockfix: running PROGRAM without the library\n"

static struct capture capture;
static char *folder, *sockfix, *scenes, *program;

static int group_set_up(void **state)
{
	(void)state;
	need_for_all("root");
	need_for_all("mounts");
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	scenes = realpath("tests/behave/beside_scenes.py", NULL);
	program = compile("beside-static", "tests/victims/beside.c", "-static");
	assert_non_null(scenes);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	free(sockfix);
	free(scenes);
	free(program);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	return 0;
}

static void play(const char *name)
{
	char *line = must_print("ip link set lo up && exec /usr/bin/python3 %s %s %s %s", scenes,
		sockfix, program, name);

	capture_run(&capture, (const char *[]){"unshare", "-npf", "--mount-proc", "--propagation",
				      "unchanged", "--kill-child", "sh", "-c", line, NULL});
	free(line);
	assert_string_equal(capture.err, "");
	assert_int_equal(capture.status, 0);
}

static void scene(const char *name, const char *wanted)
{
	play(name);
	assert_string_equal(capture.out, wanted);
}

#define STALLS                                                                                     \
	"stalled 1 fine 0\n" STATIC RUNNING                                                        \
	"sockfix: it is mended from beside: what stalls for a second gets TCP_NODELAY; no "        \
	"segments are joined (sockfix mend)\n"

static void what_stalls(void **state)
{
	(void)state;
	scene("stalls", STALLS STALLS);
}

static void what_rules_say(void **state)
{
	(void)state;
	scene("rules",
		"keepalive 1 nodelay 0\n" STATIC RUNNING
		"sockfix: it is mended from beside: rules are set a moment after a connection is "
		"made; no segments are joined (sockfix mend)\n"
		"sockfix: rule command-line: tcp_fastopen is not set from beside: it is none that "
		"a connection takes once it is made\n");
}

static void it_leaves_no_trace(void **state)
{
	(void)state;
	scene("no_trace", "the same\nthe same\n");
}

static void it_holds_nothing_of_the_program(void **state)
{
	(void)state;
	scene("its_descriptors",
		"1 beside\n{'/dev/null'} session of its own\nits words are its own at usual times\ngone\n");
}

static void killed_at_any_moment(void **state)
{
	(void)state;
	scene("killed", "killed\n");
}

/* ---- where it cannot be ---- */

static void expect_beside_not(const char *why)
{
	char *line = must_print("sockfix: PROGRAM cannot be mended from beside: %s\n", why);

	assert_non_null(strstr(capture.out, STATIC RUNNING));
	if (!strstr(capture.out, line))
		fail_msg("'%s' is not in '%s'", line, capture.out);
	assert_null(strstr(capture.out, "it is mended from beside"));
	free(line);
}

static void who_would_get_it_as_a_child(void **state)
{
	static const char why[] = "it is the init of its processes, and would get ours as a child";

	(void)state;
	play("as_init");
	expect_beside_not(why);
	play("as_reaper");
	expect_beside_not(why);
}

static void where_the_kernel_refuses(void **state)
{
	(void)state;
	play("not_allowed");
	assert_null(strstr(capture.out, "it is mended from beside"));
	assert_non_null(strstr(capture.out, "PROGRAM cannot be mended from beside: "));
	assert_non_null(strstr(capture.out, "wait -1 No child processes"));
}

static void where_it_is_not_wanted(void **state)
{
	(void)state;
	play("not_wanted");
	assert_null(strstr(capture.out, "beside"));
	assert_non_null(strstr(capture.out, "sockfix: PROGRAM is not run (--strict)\nexit 125\n"));
	assert_non_null(strstr(capture.out, "sockfix: would run PROGRAM without the library\n"));
	assert_non_null(strstr(capture.out, "sockfix: running PROGRAM without rules\n"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(what_stalls),
		TEST(what_rules_say),
		TEST(it_leaves_no_trace),
		TEST(it_holds_nothing_of_the_program),
		TEST(killed_at_any_moment),
		TEST(who_would_get_it_as_a_child),
		TEST(where_the_kernel_refuses),
		TEST(where_it_is_not_wanted),
	};

	return cmocka_run_group_tests(tests, group_set_up, group_tear_down);
}
