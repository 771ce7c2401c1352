/* A `sockfix record` that is killed at any moment: the next one leaves no folder in memory, loses
 * nothing that was recorded, and keeps nothing twice. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/stage.h"

enum { KILLED = 137 };

static struct stage stage;

/* Killed at that call, the number'th of its name. False: it had ended by then. Its COMMAND, which
 * holds the pipe, has ended, too, when this returns. */
static bool kill_at(const char *call, int number)
{
	stage_shell(&stage,
		"rm -rf state ran; { strace -o /dev/null -e trace=%s -e "
		"inject=%s:signal=KILL:when=%d $SOCKFIX record -q -- sh -c '%s 3 1; echo >ran' "
		"2>/dev/null; echo $?; } | cat",
		call, call, number, stage.client);
	return atoi(stage.capture.out) == KILLED;
}

static void expect_nothing_lost(const char *call, int number)
{
	stage_shell(&stage, "$SOCKFIX record -q -o other -- true; rm -r other; ls -A runtime; "
			    "for run in state/sockfix/*; do test -e $run || continue; echo run; "
			    "$SOCKFIX report "
			    "$run | grep -o ' 1 connection  '; done; test ! -e ran || echo ran");
	if (*stage.capture.out && strcmp(stage.capture.out, "run\n 1 connection  \nran\n") != 0)
		fail_msg("killed at %s %d: %s%s", call, number, stage.capture.out,
			stage.capture.err);
}

/* What makes and changes files, each time, and some of the rest. */
static void at_any_moment(void **state)
{
	static const struct {
		const char *call;
		int step;
	} row[] = {{"mkdir", 1}, {"flock", 1}, {"chmod", 1}, {"rename", 1}, {"unlink", 1},
		{"unlinkat", 1}, {"rmdir", 1}, {"truncate", 1}, {"sendfile", 1}, {"fallocate", 1},
		{"pipe2", 1}, {"wait4", 1}, {"openat", 13}, {"close", 13}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++)
		for (int number = 1; kill_at(row[i].call, number); number += row[i].step)
			expect_nothing_lost(row[i].call, number);
}

/* Nobody takes the folder of a record that lives, in whatever moment. */
static void many_that_live(void **state)
{
	(void)state;
	stage_shell(&stage,
		"for i in $(seq 24); do { $SOCKFIX record -q -o run.$i -- %s 3 1 2>said.$i || echo "
		"failed; } & test $((i %% 8)) != 0 || wait; done; cat said.*; for i in $(seq 24); "
		"do $SOCKFIX report run.$i | grep -c ' 1 connection  '; done | sort | uniq -c | tr "
		"-d ' '; ls -A runtime",
		stage.client);
	stage_expect(&stage, 0, "241\n", "");
}

/* What bears such a name and is no record's stays: it has no mark, or is not empty, or not so
 * named. */
static void folders_of_somebody_else(void **state)
{
	(void)state;
	stage_shell(&stage,
		"cd runtime; mkdir sockfix-mine sockfix-abcde sockfix-abcdef sockfix-abcdeg "
		"sockfix-abcdefg; echo text >sockfix-abcdef/file; mkdir sockfix-abcdeg/recorder; "
		"echo text >sockfix-abcdeh; ln -s /etc sockfix-abcdei; cd ..; "
		"$SOCKFIX record -q -o run -- true; ls runtime");
	stage_expect(&stage, 0,
		"sockfix-abcde\nsockfix-abcdef\nsockfix-abcdefg\nsockfix-abcdeg\nsockfix-abcdeh\n"
		"sockfix-abcdei\nsockfix-mine\n",
		"");
}

/* It is said, once, and stays for its user to look at. */
static void one_that_cannot_be_read(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -- sh -c '%s 3 1; echo { >$SOCKFIX_TRACE/run.json; kill -9 "
		"$PPID'; for i in 1 2; do $SOCKFIX record -q -o run.$i -- true; done; ls runtime | "
		"wc -l; rm -r runtime/*",
		stage.client);
	assert_string_equal(stage.capture.out, "1\n");
	expect_in(stage.capture.err, ", whose sockfix record was killed, stays there\n");
	const char *first = strstr(stage.capture.err, "stays there");
	assert_null(strstr(first + 1, "stays there"));
}

/* One that became COMMAND has nobody to put it away, and lies where it was made. */
static void one_that_became_command(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record --exec -q -- %s 3 1; $SOCKFIX record -q -o run -- true; "
		"$SOCKFIX report runtime/* | grep -o ' 1 connection  '",
		stage.client);
	stage_expect(&stage, 0, " 1 connection  \n", "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(at_any_moment, &stage),
		STAGE_TEST(many_that_live, &stage),
		STAGE_TEST(folders_of_somebody_else, &stage),
		STAGE_TEST(one_that_cannot_be_read, &stage),
		STAGE_TEST(one_that_became_command, &stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
