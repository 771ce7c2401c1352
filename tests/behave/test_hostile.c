/* What an attack on the library once broke, and that leads to the peer of the harness: bytes leave
 * when they should, nothing is held that must not be, and the socket is what the program made it.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/scenario.h"

#define TWENTY(text) FIVE(text) FIVE(text) FIVE(text) FIVE(text)
#define FIVE(text)   text text text text text

#define PROBE(name)                                                                                \
	STORY("a write, then a look for the answer finds nothing: " name, "hostile",               \
		"probe-" name, "no line yet\n", HOLDS)

static struct scenario scenarios[] = {
	STORY("a program that makes send() of sendto()", "hostile", "own-send", "hello,world\n",
		HOLDS),
	PROBE("flag"),
	PROBE("peek"),
	PROBE("nonblocking"),
	PROBE("poll"),
	PROBE("ppoll"),
	PROBE("select"),
	PROBE("pselect"),
	PROBE("epoll"),
	PROBE("fionread"),
	PROBE("outq"),
	PROBE("yield"),
	PROBE("thrd_yield"),
	STORY("a socket that is inherited with a linger of 0 seconds", "hostile", "inherit-linger",
		TWENTY("ab\n"), UNTRAINED | UNHELD | RESETS),
	STORY("select after a filter that allows little else", "confined", "filter-select",
		"held,then this\nmore words\n", HOLDS),
	STORY("poll after a filter that allows little else", "confined", "filter-poll",
		"held,then this\nmore words\n", HOLDS),
	STORY("setgid and setuid by syscall()", "confined", "setuid-syscall", "held,then this\n",
		HOLDS),
	STORY("refused by a port that is left alone, then a peer that is joined", "reuse",
		"left-alone-joined", "ab\n", HOLDS),
	STORY("taken apart from a port that is left alone, then a peer that is joined", "reuse",
		"unconnected-joined", "ab\n", HOLDS),
	STORY("syscall(SYS_dup3) over a socket that holds", "reuse", "dup-over-held",
		"before and after\n", HOLDS),
	STORY("close_range with flags that do not exist", "reuse", "bad-close_range",
		"still here\n", HOLDS),
};

/* The log of a run where no thread can be made; its bytes are checked. */
static void without_threads(enum mode mode, struct outcome *outcome)
{
	struct peer_plan plan = {.answer_lines = true};
	struct launch launch = {.program = "confined",
		.argument = {"no-threads"},
		.variable = {"SOCKFIX_LOG=stderr:error"},
		.mode = mode};
	struct peer *peer;
	size_t length;

	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	run_whole(&launch, outcome);
	assert_int_equal(outcome->status, 0);
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	assert_string_equal(peer_bytes(peer, 0, &length), TWENTY("two parts\n"));
	peer_stop(peer);
}

static void no_thread_can_be_made(void **state)
{
	static const char want[] = " no thread for the deadline (errno 11): coalesce = \"always\" "
				   "learns instead, as \"auto\"\n";
	struct outcome bare, with;
	const char *said;

	(void)state;
	without_threads(MODE_BARE, &bare);
	without_threads(MODE_ALWAYS, &with);
	assert_string_equal(bare.out, with.out);
	assert_string_equal(bare.err, "");
	said = strstr(with.err, " no thread");
	if (library_loads()) {
		assert_non_null(said);
		assert_string_equal(said, want);
		/* One line in all. */
		assert_ptr_equal(strchr(with.err, '\n'), said + strlen(want) - 1);
	}
	outcome_free(&bare);
	outcome_free(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(no_thread_can_be_made)};

	return scenarios_and_more("hostile", scenarios, sizeof(scenarios) / sizeof(*scenarios),
		tests, sizeof(tests) / sizeof(*tests));
}
