/* `coalesce = "buffer"`, clause by clause: what is collected, what lets it go, what ends it, and
 * what two threads, a full socket and a reset see of it. What a signal takes along: test_loss.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

/* The longest tick there is: what is collected is still there when the victim looks. */
#define RULE(limit) "1:+t@role=any@:coalesce=3@:coalesce_delay=100000@:coalesce_limit=" limit

#define KEEPS RULE("4096") "@:accept_loss=1+=1"

#define RECORD	64
#define RECORDS 20000
#define TRIES	3

static struct outcome play(
	const char *program, const char *verb, enum mode mode, const char *rules, struct peer *peer)
{
	struct launch launch = {.program = program,
		.argument = {verb},
		.mode = mode,
		.rules = rules,
		.port = peer_port(peer)};
	struct outcome outcome;

	run_whole(&launch, &outcome);
	return outcome;
}

static const char *bytes_of(struct peer *peer, int index)
{
	size_t length;

	return peer_bytes(peer, index, &length);
}

/* ---- the same as bare ---- */

static const struct row {
	const char *sentence, *program, *verb;
	const char *bytes; /* that the peer has of the first connection; NULL: there is none */
} rows[] = {
#define AFTER "one,two\nthree\n"
	{"fdopen ends it for good", "collects", "fdopen", "begun," AFTER},
	{"fork ends it for good", "collects", "fork", "begun," AFTER},
	{"a descriptor that is passed ends it for good", "collects", "passing", "begun," AFTER},
	{"the same by number", "collects", "passing-by-number", "begun," AFTER},
	{"one passed by sendmmsg does, too", "collects", "passing-many", "begun," AFTER},
	{"and by its number", "collects", "passing-many-by-number", "begun," AFTER},
	{"_Fork ends it for good", "collects", "fork-without-handlers", "begun," AFTER},
	{"clone with memory of its own ends it for good", "collects", "clone", "begun," AFTER},
	{"dup2 ends it for good, for stdio may be behind it", "collects", "dup2",
		"begun,printed," AFTER},
	{"dprintf ends it for good", "collects", "dprintf", "begun,printed," AFTER},
	{"a linger of 0 seconds ends it for good", "collects", "lingering", "begun," AFTER},
	{"shutdown lets it go", "collects", "shutdown", "begun,"},
	{"after shutdown nothing is taken", "collects", "after-shutdown", "begun,"},
	{"SO_SNDTIMEO: what was taken comes, what was refused does not", "crammed", "sndtimeo",
		NULL},
	{"SO_SNDTIMEO: on a full socket nothing is taken that keeps shutdown waiting", "crammed",
		"sndtimeo-full", NULL},
	{"a non-blocking flow is refused, drained, and goes on", "crammed", "nonblocking", NULL},
	{"a wait does not block on a full socket", "crammed", "full-poll", NULL},
	{"ECONNRESET of a flush is the next call's", "crammed", "kept-reset", NULL},
	{"EPIPE of a flush, and its SIGPIPE, are the next call's", "crammed", "kept-pipe", NULL},
};

/* Whether something was collected: a tick may come between a write and the look at it. */
static bool is_as_bare(const struct row *row, const struct outcome *bare)
{
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct outcome with = play(row->program, row->verb, MODE_BUFFER, KEEPS, peer);
	bool collected = strstr(with.notes, "#collected 1") || !strstr(with.notes, "#collected");

	assert_same_outcome(row->sentence, bare, &with);
	if (row->bytes) {
		assert_true(peer_wait(peer, 0, strlen(row->bytes)));
		peer_wait_end(peer, 0);
		assert_string_equal(bytes_of(peer, 0), row->bytes);
	}
	outcome_free(&with);
	peer_stop(peer);
	return collected || !library_loads();
}

static void as_bare(void **state)
{
	const struct row *row = *state;
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct outcome bare = play(row->program, row->verb, MODE_BARE, NULL, peer);
	bool collected = false;

	peer_stop(peer);
	assert_int_equal(bare.status, 0);
	for (int tries = 0; tries < TRIES && !collected; tries++)
		collected = is_as_bare(row, &bare);
	assert_true(collected);
	outcome_free(&bare);
}

/* ---- which calls are made of writes ---- */

struct traced {
	struct calls calls;
	size_t from, to; /* between the victim's two marks */
};

static struct traced trace(const char *verb, const char *rules)
{
	char *path = calls_path();
	struct launch launch = {.program = "collects",
		.argument = {verb},
		.mode = MODE_BUFFER,
		.rules = rules,
		.trace = path};
	struct peer_plan plan = {.answer_lines = true, .page = page_make(&launch.page)};
	struct peer *peer = peer_start(&plan);
	struct outcome outcome;
	struct traced got;

	launch.port = peer_port(peer);
	run_whole(&launch, &outcome);
	close(launch.page);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	calls_read(path, &got.calls);
	got.from = calls_find(&got.calls, 0, "getppid", NULL);
	got.to = calls_find(&got.calls, got.from + 1, "getppid", NULL);
	assert_true(got.to < got.calls.count);
	free(path);
	outcome_free(&outcome);
	peer_stop(peer);
	munmap(plan.page, sizeof(*plan.page));
	return got;
}

static size_t sends(const struct traced *got, const char *part)
{
	return calls_count(&got->calls, got->from, got->to, "sendmsg", part);
}

/* Under strace a tick may come in between: then two calls are made of it, and it is tried again. */
static void goes_as_one_call(const char *verb, const char *pieces)
{
	size_t all = 0, whole = 0;

	for (int tries = 0; library_loads() && tries < TRIES && !(all == 1 && whole == 1);
		tries++) {
		struct traced got = trace(verb, RULE("64") "@:accept_loss=1+=1");

		all = sends(&got, NULL);
		whole = sends(&got, pieces);
		calls_free(&got.calls);
	}
	assert_int_equal(all, library_loads());
	assert_int_equal(whole, library_loads());
}

static void the_write_that_does_not_fit_takes_all_along(void **state)
{
	(void)state;
	goes_as_one_call("limit", "= 80");
}

/* It stands beside what is pending in one call, from where the program has it: 64 bytes are all
 * that could have been copied. */
static void a_larger_write_goes_in_one_call(void **state)
{
	(void)state;
	goes_as_one_call("larger", "= 100006");
}

/* The first half is in one page, the second one in both. */
static void what_was_readable_is_not_asked_for_again(void **state)
{
	size_t asked = SIZE_MAX;

	(void)state;
	for (int tries = 0; library_loads() && tries < TRIES && asked > 3; tries++) {
		struct traced got = trace("halves", RULE("1000000") "@:accept_loss=1+=1");

		asked = calls_count(&got.calls, got.from, got.to, "rt_sigprocmask", "EINVAL");
		calls_free(&got.calls);
	}
	if (library_loads())
		assert_int_equal(asked, 3);
}

/* Programs that send datagrams by the thousand pay nothing for what others collect. */
static void messages_are_not_looked_through_for_nothing(void **state)
{
	struct traced got;

	(void)state;
	if (!library_loads())
		return;
	got = trace("messages", "1:default");
	assert_int_equal(calls_count(&got.calls, got.from, got.to, "rt_sigprocmask", "EINVAL"), 0);
	assert_int_equal(sends(&got, NULL), 1);
	calls_free(&got.calls);
}

static void the_tick_never_waits_nor_signals(void **state)
{
	struct traced got;
	size_t at;

	(void)state;
	if (!library_loads())
		return;
	got = trace("tick", "1:+t@role=any@:coalesce=3@:accept_loss=1+=1");
	assert_int_equal(sends(&got, NULL), 1);
	assert_int_equal(sends(&got, "MSG_DONTWAIT|MSG_NOSIGNAL"), 1);
	at = calls_find(&got.calls, got.from, "sendmsg", NULL);
	assert_int_not_equal(got.calls.call[at].process, got.calls.call[got.from].process);
	calls_free(&got.calls);
}

static void without_accept_loss_nothing_is_collected(void **state)
{
	struct traced got;

	(void)state;
	if (!library_loads())
		return;
	got = trace("limit", RULE("64") "+=1");
	assert_int_equal(
		sends(&got, NULL) + calls_count(&got.calls, got.from, got.to, "write", NULL), 5);
	calls_free(&got.calls);
}

/* ---- threads, a stop, a stolen number ---- */

static void two_threads_keep_their_writes_whole(void **state)
{
	struct peer_plan plan = {0};
	struct peer *peer = peer_start(&plan);
	struct outcome outcome = play(
		"collects", "two-threads", MODE_BUFFER, RULE("1000") "@:accept_loss=1+=1", peer);
	int next[2] = {0, 0};
	const char *bytes;
	size_t length;

	(void)state;
	assert_int_equal(outcome.status, 0);
	peer_wait_end(peer, 0);
	bytes = peer_bytes(peer, 0, &length);
	assert_int_equal(length, 2 * RECORDS * RECORD);
	for (size_t at = 0; at < length; at += RECORD) {
		int thread = bytes[at] - 'A';

		assert_in_range(thread, 0, 1);
		assert_int_equal(atoi(bytes + at + 1), next[thread]++);
		assert_int_equal(bytes[at + RECORD - 1], '\n');
	}
	outcome_free(&outcome);
	peer_stop(peer);
}

static void what_a_stopped_process_has_collected_waits(void **state)
{
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct launch launch = {.program = "collects",
		.argument = {"stopped"},
		.mode = MODE_BUFFER,
		.rules = KEEPS,
		.port = peer_port(peer)};
	struct run *run = run_start(&launch);
	struct outcome outcome;
	siginfo_t info;

	(void)state;
	MUST(waitid(P_PID, (id_t)run_pid(run), &info, WSTOPPED) == 0);
	assert_int_equal(info.si_code, CLD_STOPPED);
	MUST(kill(run_pid(run), SIGCONT) == 0);
	assert_true(peer_wait(peer, 0, 9));
	run_finish(run, &outcome);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(bytes_of(peer, 0), "stopped,\n");
	outcome_free(&outcome);
	peer_stop(peer);
}

/* What was collected is lost then, as it would be with the socket that was closed unseen; the one
 * that has its number gets nothing of it. */
static void a_number_that_another_socket_has_gets_nothing(void **state)
{
	struct peer_plan plan = {.answer_lines = true};
	bool collected = false;

	(void)state;
	for (int tries = 0; library_loads() && tries < TRIES && !collected; tries++) {
		struct peer *peer = peer_start(&plan);
		struct outcome outcome = play("collects", "replaced", MODE_BUFFER, KEEPS, peer);

		assert_int_equal(outcome.status, 0);
		collected = strstr(outcome.notes, "#collected 1") != NULL;
		peer_wait_end(peer, 1);
		assert_string_equal(bytes_of(peer, 1), "for the second\n");
		outcome_free(&outcome);
		peer_stop(peer);
	}
	assert_int_equal(collected, library_loads());
}

int main(void)
{
	enum { ROWS = sizeof(rows) / sizeof(*rows), OTHERS = 9 };
	static struct CMUnitTest tests[OTHERS + ROWS] = {
		cmocka_unit_test(the_write_that_does_not_fit_takes_all_along),
		cmocka_unit_test(a_larger_write_goes_in_one_call),
		cmocka_unit_test(what_was_readable_is_not_asked_for_again),
		cmocka_unit_test(messages_are_not_looked_through_for_nothing),
		cmocka_unit_test(the_tick_never_waits_nor_signals),
		cmocka_unit_test(without_accept_loss_nothing_is_collected),
		cmocka_unit_test(two_threads_keep_their_writes_whole),
		cmocka_unit_test(what_a_stopped_process_has_collected_waits),
		cmocka_unit_test(a_number_that_another_socket_has_gets_nothing),
	};

	for (size_t i = 0; i < ROWS; i++) {
		tests[OTHERS + i].name = rows[i].sentence;
		tests[OTHERS + i].test_func = as_bare;
		tests[OTHERS + i].initial_state = (void *)(uintptr_t)&rows[i];
	}
	return _cmocka_run_group_tests("collect", tests, OTHERS + ROWS, NULL, NULL);
}
