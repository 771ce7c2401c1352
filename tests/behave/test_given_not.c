/* Processes that cannot be given rules: one sentence each. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/given.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"

enum {
	MANY = 800, /* rules are more than can be given */
	LINE = 60,  /* bytes of one in a file */
	NOBODY = 65534
};

static char *folder;

/* ---- who has none, and who may not ---- */

static void test_refused(void **state)
{
	struct run *run = given_start("idle", NULL, NULL, MODE_AUTO, GIVEN_OFF);
	const pid_t pid = run_pid(run);
	char *many = NULL, *number;

	(void)state;
	given_child(run);
	if (library_loads()) {
		given_mend(pid, "", 2, "to give it other rules: -r, -P or -s\n");
		given_mend(
			pid, "-s coalesce=off --once", 2, "--once, --for and -o are for a process");
		given_mend(pid, "-s coalesce=off -n", 0, "would be given: default, command-line\n");
		many = malloc(MANY * LINE + 1);
		for (int i = 0; i < MANY; i++)
			sprintf(many + i * LINE,
				"r%03d: {match: {port = 143;}; set: {ip_tos = 8;};};%*s\n", i,
				LINE - 51, "");
		capture_write(folder, "many.conf", many, 0644);
		number = must_print("-r %s/many.conf", folder);
		given_mend(pid, number, 2, "longer than the 16 KB");
		free(number);
		given_status(pid, "rules    begin\n");
	}
	free(many);
	run_go(run);
	given_end(run);
	given_mend(pid, "-s tcp_nodelay=true", 2, "there is no process");
}

static void test_others(void **state)
{
	char *built, *copy, *number;
	struct run *run;

	(void)state;
	need("root");
	if (!library_loads())
		return;
	built = build_path("sockfix");
	copy = must_print("cp %s %s/tool", built, folder);
	assert_int_equal(system(copy), 0);
	run = given_start("idle", NULL, NULL, MODE_AUTO, GIVEN_OFF);
	given_child(run);
	number = must_print("%d", (int)run_pid(run));
	free(copy);
	copy = must_print("%s/tool", folder);
	given_capture.uid = NOBODY;
	capture_run(&given_capture,
		(const char *[]){copy, "mend", "-p", number, "-s", "coalesce=off", NULL});
	given_capture.uid = 0;
	assert_int_equal(given_capture.status, 2);
	assert_non_null(strstr(given_capture.err, "as one of them: sockfix mend -p"));
	given_status(run_pid(run), "rules    begin\n");
	run_go(run);
	given_end(run);
	free(number);
	free(copy);
	free(built);
}

/* A library whose note says another version. */
static void test_version(void **state)
{
	static const char patch[] =
		"import struct, sys\n"
		"library = bytearray(open(sys.argv[1], 'rb').read())\n"
		"note = library.index(struct.pack('<III', 8, 16, 0x53464958) + b'sockfix\\0')\n"
		"library[note + 28] = 99\n"
		"open(sys.argv[2], 'wb').write(library)\n";
	char *built = build_path("libsockfix.so"), *other = must_print("%s/other.so", folder);
	const struct launch launch = {.program = "given",
		.argument = {"idle"},
		.mode = MODE_BARE,
		.preload = other,
		.variable = {"SOCKFIX_RULES=1:default"}};
	struct run *run;

	(void)state;
	capture_run(&given_capture, (const char *[]){"python3", "-c", patch, built, other, NULL});
	assert_int_equal(given_capture.status, 0);
	run = run_start(&launch);
	given_child(run);
	given_mend(run_pid(run), "-s coalesce=off", 2,
		"its library is of another version: use the sockfix that started it\n");
	given_status(run_pid(run), "state    other: ");
	run_go(run);
	given_end(run);
	free(built);
	free(other);
}

static void refuses(const char *variable, const char *rules, const char *says)
{
	const struct launch launch = {.program = "given",
		.argument = {"idle"},
		.mode = MODE_AUTO,
		.rules = rules,
		.variable = {variable}};
	struct run *run = run_start(&launch);

	given_child(run);
	given_mend(run_pid(run), "-s coalesce=off", 2, says);
	run_go(run);
	given_end(run);
}

static void test_proven(void **state)
{
	(void)state;
	if (library_loads())
		refuses("SOCKFIX_PROVE=16", NULL, "is being proven (sockfix prove)");
}

static void test_only_recorded(void **state)
{
	char *record = must_print("record -q -o %s/run -- true", folder);
	char *variable = must_print("SOCKFIX_TRACE=%s/run", folder);

	(void)state;
	if (library_loads()) {
		capture_sockfix(&given_capture, record);
		assert_int_equal(given_capture.status, 0);
		refuses(variable, "", "has no rules that could be changed: it is recorded");
	}
	free(variable);
	free(record);
}

static int group_set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&given_capture);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_version),
		cmocka_unit_test(test_proven),
		cmocka_unit_test(test_only_recorded),
	};

	return cmocka_run_group_tests_name("given_not", tests, group_set_up, group_tear_down);
}
