/* `sockfix status` of one process: what it counts is what the program itself has counted, and what
 * is recorded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

/* A write may be seen held no more, where the machine has stopped for long in between. */
enum { UNSEEN = 3 };

static struct capture capture = {.env = capture_clean};
static char *folder, *schema;

/* ask.py JSON SCHEMA EXPRESSION: the value of that in Python, of the one process there is. */
static const char ask_text[] =
	"import json, jsonschema, sys\n"
	"status, schema = (json.load(open(name)) for name in sys.argv[1:3])\n"
	"jsonschema.Draft7Validator.check_schema(schema)\n"
	"jsonschema.Draft7Validator(schema).validate(status)\n"
	"assert len(status) == 1\n"
	"process, inside = status[0], status[0]['inside']\n"
	"print(eval(sys.argv[3]))\n";

/* What the JSON says of that process; valid until the next call. */
static const char *asked(pid_t pid, const char *expression)
{
	char *line = must_print("status --format json %d", (int)pid);
	char *json = must_print("%s/json", folder), *ask = must_print("%s/ask.py", folder);

	capture_sockfix(&capture, line);
	assert_int_equal(capture.status, 0);
	capture_write(folder, "json", capture.out, 0644);
	capture_run(&capture, (const char *[]){"python3", ask, json, schema, expression, NULL});
	if (capture.status)
		fail_msg("%s: %s", expression, capture.err);
	free(line);
	free(json);
	free(ask);
	return capture.out;
}

static long number(pid_t pid, const char *name)
{
	char *expression = must_print("inside['%s']", name);
	const long value = atol(asked(pid, expression));

	free(expression);
	return value;
}

static void expect(pid_t pid, const char *expression, const char *value)
{
	char *line = must_print("%s\n", value);

	assert_string_equal(asked(pid, expression), line);
	free(line);
}

static void expect_text(pid_t pid, const char *part)
{
	char *line = must_print("status %d", (int)pid);

	capture_sockfix(&capture, line);
	assert_int_equal(capture.status, 0);
	if (!strstr(capture.out, part))
		fail_msg("no '%s' in:\n%s", part, capture.out);
	free(line);
}

static int number_after(const char *mark, const char *word)
{
	return mark && strncmp(mark, word, strlen(word)) == 0 ? atoi(mark + strlen(word)) : -1;
}

static int wait_mark(struct run *run, const char *word)
{
	const char *mark;

	while ((mark = run_mark(run)) && number_after(mark, word) < 0)
		;
	assert_non_null(mark);
	return number_after(mark, word);
}

static struct run *start(
	const char *verb, struct peer *peer, const char *rules, const char *trace, int page)
{
	const struct launch launch = {.program = "switched",
		.argument = {verb},
		.variable = {trace},
		.mode = MODE_AUTO,
		.rules = rules,
		.port = peer_port(peer),
		.train = 60,
		.page = page};

	return run_start(&launch);
}

static void end(struct run *run)
{
	struct outcome outcome;

	run_go(run);
	run_finish(run, &outcome);
	if (outcome.status)
		fail_msg("status %#x: %s", (unsigned)outcome.status, outcome.err);
	outcome_free(&outcome);
}

/* ---- counts ---- */

static void expect_held(struct run *run, pid_t pid)
{
	const long theirs = wait_mark(run, "held ");
	const long ours = number(pid, "held");

	if (ours < theirs || ours > theirs + UNSEEN)
		fail_msg("%ld writes held, but the program has seen %ld", ours, theirs);
	assert_true(theirs > 0);
}

static void counts(const char *trace)
{
	struct peer *peer;
	struct run *run;
	pid_t pid;
	int fd;

	page_make(&fd);
	peer = peer_start(&(struct peer_plan){.answer_every = 64});
	run = start(
		"counts", peer, "1:+mails@role=client@:coalesce=1+peers@role=server+=2", trace, fd);
	close(fd);
	pid = run_pid(run);
	expect_held(run, pid);
	expect(pid, "inside['rules']", "['mails', 'peers']");
	expect(pid, "[inside[n] for n in ('connections', 'accepted', 'listeners', 'sockets')]",
		"[2, 0, 1, 4]");
	expect(pid, "[(g['why'], g['connections']) for g in inside['given_up']]", "[('CORK', 1)]");
	expect_text(pid, "rules    mails, peers\n"
			 "flows    2 connections now, 0 accepted; 1 listener; 4 sockets so far\n");
	expect_text(pid, "given up 1 connection: it uses TCP_CORK\n");
	expect(pid, "process['records']", trace ? "True" : "False");
	expect(pid, "inside['directory']", trace ? strchr(trace, '=') + 1 : "");
	run_go(run);
	expect_held(run, pid);
	end(run);
	peer_stop(peer);
}

static void test_counts(void **state)
{
	(void)state;
	if (library_loads())
		counts(NULL);
}

/* Every call goes the long way there. */
static void test_recorded(void **state)
{
	char *run, *setting, *line;

	(void)state;
	if (!library_loads())
		return;
	run = must_print("%s/run", folder);
	line = must_print("record -q -o %s -- true", run);
	capture_sockfix(&capture, line);
	assert_int_equal(capture.status, 0);
	setting = must_print("SOCKFIX_TRACE=%s", run);
	counts(setting);
	free(setting);
	free(line);
	free(run);
}

/* ---- what is late ---- */

static void test_lates(void **state)
{
	struct peer *peer;
	struct run *run;
	long spent, late;
	pid_t pid, child;
	int fd;

	(void)state;
	if (!library_loads())
		return;
	page_make(&fd);
	peer = peer_start(&(struct peer_plan){.answer_lines = true});
	run = start("lates", peer, NULL, NULL, fd);
	close(fd);
	pid = run_pid(run);
	spent = wait_mark(run, "late ");
	late = number(pid, "late_ns");
	expect(pid, "inside['late']", "1");
	if (late < 20000000 || late > spent * 1000)
		fail_msg("%ld ns late of %ld us", late, spent);
	expect_text(pid, ", 1 late (0.");
	run_go(run);
	child = wait_mark(run, "child ");
	expect(child, "inside['late']", "1");
	run_go(run);
	end(run);
	peer_stop(peer);
}

static int group_set_up(void **state)
{
	(void)state;
	schema = realpath("tools/show/status.schema.json", NULL);
	assert_non_null(schema);
	folder = capture_folder_new();
	capture_write(folder, "ask.py", ask_text, 0644);
	return 0;
}

static int group_tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	free(schema);
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_counts),
		cmocka_unit_test(test_recorded),
		cmocka_unit_test(test_lates),
	};

	return cmocka_run_group_tests_name("status", tests, group_set_up, group_tear_down);
}
