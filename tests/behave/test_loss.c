/* A signal at any moment of a stream that is collected: what arrived is the beginning of what was
 * written, and short of it by no more than coalesce_limit; by nothing, where a handler ends it. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"

static const struct death {
	const char *sentence, *verb;
	bool loses;
	int status; /* as waitpid(2) gives it */
} deaths[] = {
	{"SIGTERM without a handler loses no more than the limit, off the end", "killed", true,
		SIGTERM},
	{"a handler that lets main return loses nothing", "killed-and-returns", false, 0},
	{"a handler that calls exit loses nothing", "killed-and-exits", false, SIGTERM << 8},
	{"a handler that calls _exit loses nothing", "killed-and-exits-now", false, SIGTERM << 8},
};

/* A write that was under way may have been taken, too. */
static void die(const struct death *death, size_t after)
{
	enum { WRITE = 50, KEPT = 4096 };
	struct launch launch = {.program = "loss",
		.argument = {death->verb},
		.mode = MODE_BUFFER,
		.rules = "1:+t@role=any@:coalesce=3@:coalesce_limit=4096@:accept_loss=1+=1"};
	struct peer_plan plan = {.pattern = true, .page = page_make(&launch.page)};
	struct peer *peer = peer_start(&plan);
	struct outcome outcome;
	size_t received, written;
	struct run *run;
	bool right, may_lose = death->loses && library_loads();

	launch.port = peer_port(peer);
	run = run_start(&launch);
	close(launch.page);
	assert_true(peer_wait(peer, 0, after));
	MUST(kill(run_pid(run), SIGTERM) == 0);
	run_finish(run, &outcome);
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	received = peer_received(peer, 0, &right);
	written = atomic_load(&plan.page->written);
	assert_int_equal(outcome.status, death->status);
	assert_true(right);
	assert_in_range(received, 0, written + WRITE);
	assert_in_range(received + (may_lose ? KEPT : 0), written, SIZE_MAX);
	outcome_free(&outcome);
	peer_stop(peer);
	munmap(plan.page, sizeof(*plan.page));
}

static void dies(void **state)
{
	for (size_t i = 0; i < 10; i++)
		die(*state, 1 + i * 10007);
}

int main(void)
{
	enum { DEATHS = sizeof(deaths) / sizeof(*deaths) };
	static struct CMUnitTest tests[DEATHS];

	for (size_t i = 0; i < DEATHS; i++) {
		tests[i].name = deaths[i].sentence;
		tests[i].test_func = dies;
		tests[i].initial_state = (void *)(uintptr_t)&deaths[i];
	}
	return _cmocka_run_group_tests("loss", tests, DEATHS, NULL, NULL);
}
