/* `sockfix status`, `off` and `on` on programs that run: what they say, that nothing is held once
 * off has returned, and that no byte is lost however often they come. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

enum { FLIPS = 300, TRIES = 20, NOBODY = 65534 };

static struct capture capture = {.env = capture_clean};

/* Runs `sockfix VERB PID`, which ends so. */
static void command(const char *verb, pid_t pid, int status)
{
	char *line = must_print("%s %d", verb, (int)pid);

	capture_sockfix(&capture, line);
	if (capture.status != status)
		fail_msg("sockfix %s: %d, not %d:\n%s%s", line, capture.status, status, capture.out,
			capture.err);
	free(line);
}

static void expect(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void expect_state(pid_t pid, const char *word)
{
	char *line = must_print("state    %s: ", word);

	command("status", pid, 0);
	expect(capture.out, line);
	free(line);
}

static struct run *start(const char *verb, enum mode mode, struct peer *peer, int page)
{
	const struct launch launch = {.program = "switched",
		.argument = {verb},
		.mode = mode,
		.port = peer ? peer_port(peer) : 0,
		.train = 60,
		.page = page};
	struct run *run = run_start(&launch);

	return run;
}

static void finish(struct run *run, struct outcome *outcome)
{
	run_go(run);
	run_finish(run, outcome);
	if (outcome->status)
		fail_msg("status %#x: %s", (unsigned)outcome->status, outcome->err);
}

static void end(struct run *run)
{
	struct outcome outcome;

	finish(run, &outcome);
	outcome_free(&outcome);
}

/* ---- under load ---- */

static unsigned long note(const struct outcome *outcome, const char *name)
{
	const char *at = strstr(outcome->notes, name);

	assert_non_null(at);
	return strtoul(at + strlen(name), NULL, 10);
}

/* .told: how often it was off; 0 while it is not, or may not be. */
static void flip(pid_t pid, struct page *page)
{
	const int had = library_loads() ? 0 : 1;

	for (unsigned i = 1; i <= FLIPS; i++) {
		command("off", pid, had);
		atomic_store(&page->told, library_loads() ? i : 0);
		if (i % 50 == 0 && library_loads())
			expect_state(pid, "off");
		usleep(2000);
		atomic_store(&page->told, 0);
		command("on", pid, had);
		usleep(2000);
	}
}

static void flips(enum mode mode)
{
	struct page *page;
	struct outcome outcome;
	struct peer *peer;
	struct run *run;
	bool right;
	int fd;

	page = page_make(&fd);
	peer = peer_start(&(struct peer_plan){.pattern = true, .answer_every = 64});
	run = start("flips", mode, peer, fd);
	close(fd);
	assert_string_equal(run_mark(run), "running");
	flip(run_pid(run), page);
	finish(run, &outcome);
	assert_string_equal(outcome.out, "running\nlate 0\n");
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	assert_int_equal(peer_received(peer, 0, &right), note(&outcome, "#bytes "));
	assert_true(right);
	if (library_loads() && mode != MODE_OFF)
		assert_true(note(&outcome, "#held ") > 0);
	outcome_free(&outcome);
	peer_stop(peer);
}

static void test_flips_auto(void **state)
{
	(void)state;
	flips(MODE_AUTO);
}

static void test_flips_always(void **state)
{
	(void)state;
	flips(MODE_ALWAYS);
}

static void test_flips_buffer(void **state)
{
	(void)state;
	flips(MODE_BUFFER);
}

/* ---- what is held when it is switched off ---- */

static int number_after(const char *mark, const char *word)
{
	return mark && strncmp(mark, word, strlen(word)) == 0 ? atoi(mark + strlen(word)) : -1;
}

/* It computes in the middle of a turn. Whether there was something to let go: the kernel lets go by
 * itself after 200 ms. */
static bool lets_go(void)
{
	struct page *page;
	struct peer *peer;
	struct run *run;
	const char *mark;
	int fd, unsent;

	page = page_make(&fd);
	peer = peer_start(&(struct peer_plan){.answer_lines = true, .page = page});
	run = start("half", MODE_AUTO, peer, fd);
	close(fd);
	while ((mark = run_mark(run)) && number_after(mark, "half ") < 0)
		;
	fd = number_after(mark, "half ");
	unsent = run_unsent(run, fd);
	command("off", run_pid(run), 0);
	assert_int_equal(run_unsent(run, fd), 0);
	atomic_store(&page->told, 1);
	end(run);
	peer_stop(peer);
	return unsent > 0;
}

static void test_lets_go(void **state)
{
	int tries = 0;

	(void)state;
	while (library_loads() && !lets_go())
		assert_true(++tries < TRIES);
}

/* ---- what is made while it is off ---- */

static void expect_nodelay(struct run *run, bool ours)
{
	char *note = must_print("#nodelay %d %d", ours, ours);

	assert_string_equal(run_mark(run), note);
	free(note);
}

static void test_made_while_off(void **state)
{
	const bool loads = library_loads();
	struct run *run = start("serves", MODE_AUTO, NULL, 0);

	(void)state;
	expect_nodelay(run, loads);
	command("off", run_pid(run), !loads);
	run_go(run);
	expect_nodelay(run, false);
	command("on", run_pid(run), !loads);
	run_go(run);
	expect_nodelay(run, loads);
	end(run);
}

/* ---- states ---- */

static void test_states(void **state)
{
	struct run *run = start("idle", MODE_AUTO, NULL, 0);
	const pid_t pid = run_pid(run);

	(void)state;
	assert_string_equal(run_mark(run), "idle");
	if (library_loads()) {
		expect_state(pid, "on");
		command("off", pid, 0);
		expect_state(pid, "off");
		command("off", pid, 0);
		capture_sockfix(&capture, "status");
		assert_int_equal(capture.status, 0);
		expect(capture.out, "off       ");
		command("on", pid, 0);
		expect_state(pid, "on");
	}
	end(run);
	command("status", pid, 2);
	expect(capture.err, "there is no process");
	command("off", pid, 2);
	expect(capture.err, "there is no process");
}

static void test_without(void **state)
{
	struct run *run = start("idle", MODE_BARE, NULL, 0);

	(void)state;
	assert_string_equal(run_mark(run), "idle");
	command("status", run_pid(run), 1);
	command("on", run_pid(run), 1);
	command("off", run_pid(run), 1);
	expect(capture.err, "has not the library");
	end(run);
}

static void test_inert(void **state)
{
	const struct launch launch = {
		.program = "switched", .argument = {"idle"}, .mode = MODE_AUTO, .rules = ""};
	struct run *run = run_start(&launch);

	(void)state;
	assert_string_equal(run_mark(run), "idle");
	if (library_loads()) {
		expect_state(run_pid(run), "inert");
		expect(capture.out, "state    inert: SOCKFIX_RULES is not set\n");
		command("off", run_pid(run), 0);
		expect_state(run_pid(run), "inert");
	}
	end(run);
}

static void test_inert_why(void **state)
{
	static const struct {
		const char *rules, *variable, *why;
	} row[] = {
		{"1:defau", NULL, "SOCKFIX_RULES cannot be used: cut off, or of another version"},
		{"@/none", NULL,
			"SOCKFIX_RULES names a file that could not be used: SOCKFIX_LOG=stderr says "
			"why"},
		{"1:default", "SOCKFIX_OFF=1", "SOCKFIX_OFF=1 is set"}};

	(void)state;
	for (size_t i = 0; library_loads() && i < sizeof(row) / sizeof(*row); i++) {
		const struct launch launch = {.program = "switched",
			.argument = {"idle"},
			.variable = {row[i].variable},
			.mode = MODE_AUTO,
			.rules = row[i].rules};
		struct run *run = run_start(&launch);
		char *line = must_print("state    inert: %s\n", row[i].why);

		assert_string_equal(run_mark(run), "idle");
		expect_state(run_pid(run), "inert");
		expect(capture.out, line);
		free(line);
		capture_sockfix(&capture, "status");
		line = must_print("(%s)\n", row[i].why);
		expect(capture.out, line);
		free(line);
		end(run);
	}
}

static void test_resigned(void **state)
{
	struct run *run = start("sandboxed", MODE_AUTO, NULL, 0);

	(void)state;
	assert_string_equal(run_mark(run), "idle");
	if (library_loads()) {
		expect_state(run_pid(run), "resigned");
		command("on", run_pid(run), 0);
		expect_state(run_pid(run), "resigned");
	}
	end(run);
}

/* ---- copies, which others may use, and which may go ---- */

static char *folder;

static char *copied(const char *built, const char *name)
{
	char *from = build_path(built), *to = must_print("%s/%s", folder, name);
	char *line = must_print("cp %s %s", from, to);

	assert_int_equal(system(line), 0);
	free(line);
	free(from);
	return to;
}

static struct run *start_copy(const char *verb, const char *library, uid_t uid)
{
	char *program = copied("victims/switched", "program");
	const struct launch launch = {.program = program,
		.argument = {verb},
		.mode = MODE_BARE,
		.preload = library,
		.variable = {"SOCKFIX_RULES=1:default"},
		.uid = uid};
	struct run *run = run_start(&launch);

	assert_string_equal(run_mark(run), "idle");
	free(program);
	return run;
}

static void test_deleted(void **state)
{
	struct run *run;
	char *library;

	(void)state;
	folder = capture_folder_new();
	library = copied("libsockfix.so", "other.so");
	run = start_copy("idle", library, 0);
	assert_int_equal(unlink(library), 0);
	expect_state(run_pid(run), "on");
	expect(capture.out, "other.so (deleted)\n");
	expect(capture.out, "library deleted: what it starts goes without\n");
	free(copied("libsockfix.so", "other.so"));
	capture_sockfix(&capture, "status");
	expect(capture.out,
		"  (library deleted, another is in its place: the older one stays until "
		"it is restarted)\n");
	command("off", run_pid(run), 0);
	expect_state(run_pid(run), "off");
	end(run);
	free(library);
	capture_folder_free(folder);
}

/* ---- who may ---- */

static void as_nobody(const char *verb, pid_t pid, const char *why)
{
	char *tool = must_print("%s/tool", folder), *number = must_print("%d", (int)pid);

	capture.uid = NOBODY;
	capture_run(&capture, (const char *[]){tool, verb, number, NULL});
	capture.uid = 0;
	assert_int_equal(capture.status, 2);
	expect(capture.err, why);
	free(number);
	free(tool);
}

static void refused(const char *verb, const char *library, uid_t theirs, const char *why)
{
	struct run *run = start_copy(verb, library, theirs);

	as_nobody("off", run_pid(run), why);
	as_nobody("status", run_pid(run), why);
	expect_state(run_pid(run), "on");
	end(run);
}

static void test_others(void **state)
{
	char *library, *tool;

	(void)state;
	need("root");
	folder = capture_folder_new();
	library = copied("libsockfix.so", "libsockfix.so");
	tool = copied("sockfix", "tool");
	refused("idle", library, 0, "it is root's: run this as root\n");
	refused("idle", library, 1, "'s: run this as ");
	refused("undumpable", library, NOBODY, "undumpable");
	free(tool);
	free(library);
	capture_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_flips_auto),
		cmocka_unit_test(test_flips_always),
		cmocka_unit_test(test_flips_buffer),
		cmocka_unit_test(test_lets_go),
		cmocka_unit_test(test_made_while_off),
		cmocka_unit_test(test_states),
		cmocka_unit_test(test_without),
		cmocka_unit_test(test_inert),
		cmocka_unit_test(test_inert_why),
		cmocka_unit_test(test_resigned),
		cmocka_unit_test(test_deleted),
		cmocka_unit_test(test_others),
	};
	const int failed = cmocka_run_group_tests_name("switch", tests, NULL, NULL);

	capture_free(&capture);
	return failed;
}
