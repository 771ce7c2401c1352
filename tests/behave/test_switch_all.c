/* `sockfix off --all` and `on --all`, on a host of their own: a PID namespace with its own /proc,
 * in which three processes have the library, and one has not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

enum { PROCESSES = 3, TRIES = 20 };

static struct capture capture = {.env = capture_clean};

static struct one {
	struct page *page;
	struct peer *peer;
	struct run *run;
	int fd; /* in the process */
} one[PROCESSES];

static void command(const char *line, int status)
{
	capture_sockfix(&capture, line);
	if (capture.status != status)
		fail_msg("sockfix %s: %d, not %d:\n%s%s", line, capture.status, status, capture.out,
			capture.err);
}

/* The table has a line for each of the three, and for nobody else. */
static void expect_table(const char *state)
{
	const char *end = capture.out;
	size_t lines = 0;

	while ((end = strchr(end, '\n'))) {
		end++;
		lines++;
	}
	assert_int_equal(lines, 1 + PROCESSES);
	for (int i = 0; i < PROCESSES; i++) {
		char *line = must_print("%7d  %-8s  ", (int)run_pid(one[i].run), state);

		if (!strstr(capture.out, line))
			fail_msg("no '%s' in:\n%s", line, capture.out);
		free(line);
	}
	assert_string_equal(capture.err, "");
}

static void switch_all(const char *line, const char *state)
{
	command(line, 0);
	expect_table(state);
	command("status", 0);
	expect_table(state);
}

static void start(int i, const char *verb, bool talks)
{
	int page = 0;

	one[i].page = talks ? page_make(&page) : NULL;
	one[i].peer = talks ? peer_start(&(struct peer_plan){.answer_lines = true}) : NULL;
	one[i].run = run_start(&(struct launch){.program = "switched",
		.argument = {verb},
		.mode = MODE_AUTO,
		.port = talks ? peer_port(one[i].peer) : 0,
		.train = 60,
		.page = page});
	if (talks)
		close(page);
}

static void end(int i)
{
	struct outcome outcome;

	run_go(one[i].run);
	run_finish(one[i].run, &outcome);
	if (outcome.status)
		fail_msg("status %#x: %s", (unsigned)outcome.status, outcome.err);
	outcome_free(&outcome);
	if (one[i].peer)
		peer_stop(one[i].peer);
}

/* ---- what is held ---- */

static void wait_for(struct run *run, const char *word, int *number)
{
	const size_t length = strlen(word);
	const char *mark;

	while ((mark = run_mark(run)) && strncmp(mark, word, length) != 0)
		;
	assert_non_null(mark);
	if (number)
		*number = atoi(mark + length);
}

static int holding(void)
{
	int count = 0;

	for (int i = 0; i < PROCESSES; i++)
		count += run_unsent(one[i].run, one[i].fd) > 0;
	return count;
}

/* Whether all three held something, for the kernel lets go by itself after 200 ms. */
static bool all_let_go(void)
{
	bool all;

	for (int i = 0; i < PROCESSES; i++)
		start(i, "half-later", true);
	for (int i = 0; i < PROCESSES; i++)
		wait_for(one[i].run, "trained ", &one[i].fd);
	for (int i = 0; i < PROCESSES; i++)
		run_go(one[i].run);
	for (int i = 0; i < PROCESSES; i++)
		wait_for(one[i].run, "half", NULL);
	all = holding() == PROCESSES;
	command("off --all", 0);
	assert_int_equal(holding(), 0);
	expect_table("off");
	command("status", 0);
	expect_table("off");
	switch_all("on --all", "on");
	for (int i = 0; i < PROCESSES; i++) {
		atomic_store(&one[i].page->told, 1);
		end(i);
	}
	return all;
}

static void nothing_is_held_anywhere(void **state)
{
	int tries = 0;

	(void)state;
	while (!all_let_go())
		assert_true(++tries < TRIES);
}

/* ---- what is made meanwhile ---- */

static void expect_nodelay(bool ours)
{
	for (int i = 0; i < PROCESSES; i++) {
		char *note = must_print("#nodelay %d %d", ours, ours);

		assert_string_equal(run_mark(one[i].run), note);
		free(note);
	}
}

static void go(void)
{
	for (int i = 0; i < PROCESSES; i++)
		run_go(one[i].run);
}

static void on_restores_them_all(void **state)
{
	(void)state;
	for (int i = 0; i < PROCESSES; i++)
		start(i, "serves", false);
	expect_nodelay(true);
	switch_all("off --all", "off");
	go();
	expect_nodelay(false);
	switch_all("on --all", "on");
	go();
	expect_nodelay(true);
	for (int i = 0; i < PROCESSES; i++)
		end(i);
}

/* Of three one has gone off alone: all are off, and all are on again. */
static void whatever_they_were_before(void **state)
{
	char *line;

	(void)state;
	for (int i = 0; i < PROCESSES; i++) {
		start(i, "idle", false);
		wait_for(one[i].run, "idle", NULL);
	}
	line = must_print("off %d", (int)run_pid(one[1].run));
	command(line, 0);
	free(line);
	switch_all("off --all", "off");
	switch_all("on --all", "on");
	for (int i = 0; i < PROCESSES; i++)
		end(i);
}

static void nobody_has_it(void **state)
{
	struct run *bare = run_start(
		&(struct launch){.program = "switched", .argument = {"idle"}, .mode = MODE_BARE});
	struct outcome outcome;

	(void)state;
	assert_string_equal(run_mark(bare), "idle");
	command("off --all", 1);
	assert_string_equal(capture.err, "sockfix: no process has the library\n");
	assert_string_equal(capture.out, "");
	command("status", 1);
	assert_string_equal(capture.err, "sockfix: no process has the library\n");
	run_go(bare);
	run_finish(bare, &outcome);
	outcome_free(&outcome);
}

static int play(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_held_anywhere),
		cmocka_unit_test(on_restores_them_all),
		cmocka_unit_test(whatever_they_were_before),
		cmocka_unit_test(nobody_has_it),
	};
	const int failed = cmocka_run_group_tests_name("switch all", tests, NULL, NULL);

	capture_free(&capture);
	return failed;
}

static int answer_of(pid_t child)
{
	int status;

	MUST(child > 0 && waitpid(child, &status, 0) == child);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

/* The first process of the namespace ends all others with it; the tests are its child, for signals
 * that nobody catches do not reach a first process. */
static int on_a_host_of_its_own(void)
{
	pid_t child;

	own_mounts();
	MUST(mount("proc", "/proc", "proc", 0, NULL) == 0);
	fflush(NULL);
	child = fork();
	if (child == 0)
		exit(play());
	return answer_of(child);
}

int main(void)
{
	pid_t child;

	need_for_all("mounts");
	if (!library_loads())
		return 0; /* there is nothing to switch */
	MUST(unshare(CLONE_NEWPID) == 0);
	child = fork();
	if (child == 0)
		exit(on_a_host_of_its_own());
	return answer_of(child);
}
