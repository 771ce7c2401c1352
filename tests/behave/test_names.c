/* One connection under two names, in two processes, in one place after another: the bytes are in
 * the order of the writes, and none is lost where a call of the library's own fails. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/scenario.h"

#define FIVE(text)   text text text text text
#define TEN(text)    FIVE(text) FIVE(text)
#define TWENTY(text) TEN(text) TEN(text)

#define ORDER	"first, second, third\n"
#define REFUSED "first " TWENTY("ab") "\n"
#define CHILD	"first,child, again, parent\n"

static struct scenario scenarios[] = {
	STORY("two names that were inherited", "names", "inherited", TWENTY("ab") "\n", UNTRAINED),
	STORY("a second name that came by SCM_RIGHTS", "names", "received", TWENTY("ab") "\n",
		UNTRAINED),
	STORY("corked by one name, written by the other", "names", "cork", "abcbcbc\n", UNTRAINED),
	STORY("a vfork child writes and exits", "names", "vfork-exits", CHILD, UNTRAINED),
	STORY("a vfork child writes and execs", "names", "vfork-execs", CHILD, UNTRAINED),
	STORY("a child by clone that shares the memory writes", "names", "clone-exits", CHILD,
		UNTRAINED),
	STORY("a vfork child writes half a turn", "names", "vfork-half", "child, parent\n", 0),
	STORY("a child by clone that shares the memory writes half a turn", "names", "clone-half",
		"child, parent\n", 0),
	STORY("a thread has written, then system", "names", "system", ORDER, UNTRAINED),
	STORY("a thread has written, then popen", "names", "popen", ORDER, UNTRAINED),
	STORY("a thread has written, then posix_spawn", "names", "spawn", ORDER, UNTRAINED),
	STORY("two names in a sandbox that answers EINVAL to what the library asks", "names",
		"refused-before", TWENTY("ab") "\n", UNTRAINED),
	STORY("two names on a kernel that does not tell them", "names", "refused-cookie",
		TWENTY("ab") "\n", UNTRAINED),
	STORY("a sandbox that comes between for one question", "names", "refused-cookie-after",
		REFUSED, UNTRAINED),
	STORY("a sandbox that comes between, EINVAL", "names", "refused-einval", REFUSED,
		UNTRAINED),
	STORY("a sandbox that comes between, ENOMEM", "names", "refused-enomem", REFUSED,
		UNTRAINED),
	STORY("a sandbox that comes between, EPERM", "names", "refused-eperm", REFUSED, UNTRAINED),
};

/* A run under strace, which does that to its calls. The peer has `connections` strings. */
static void play(const char *verb, enum mode mode, const char *inject, int connections,
	const char *const *bytes, struct outcome *outcome)
{
	struct peer_plan plan = {.answer_lines = true};
	char *path = calls_path(), *calls = must_print("%.*s", (int)strcspn(inject, ":"), inject);
	struct launch launch = {.program = "names",
		.argument = {verb},
		.mode = mode,
		.trace = path,
		.calls = calls,
		.inject = inject};
	struct peer *peer;
	size_t length;

	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	run_whole(&launch, outcome);
	for (int i = 0; i < connections; i++) {
		assert_int_equal(peer_wait_end(peer, i), PEER_EOF);
		assert_string_equal(peer_bytes(peer, i, &length), bytes[i]);
	}
	peer_stop(peer);
	MUST(unlink(path) == 0);
	free(path);
	free(calls);
}

static void in_every_mode(
	const char *verb, const char *inject, int connections, const char *const *bytes)
{
	struct outcome bare, with;

	play(verb, MODE_BARE, inject, connections, bytes, &bare);
	assert_int_equal(bare.status, 0);
	for (enum mode mode = MODE_OFF; mode < MODE_COUNT; mode++) {
		play(verb, mode, inject, connections, bytes, &with);
		assert_same_outcome(mode_name[mode], &bare, &with);
		outcome_free(&with);
	}
	outcome_free(&bare);
}

static void a_flow_that_is_made_anew_while_all_are_pushed(void **state)
{
	static const char *const bytes[] = {"first", "1 2 3 "};

	(void)state;
	in_every_mode("recycle", "setsockopt:delay_enter=400000:when=1", 2, bytes);
}

/* The first ones tell what the socket is. */
static void a_question_that_fails(void **state)
{
	static const char *const inject[] = {"getsockopt:error=ENOMEM:when=3+",
		"getsockopt:error=EPERM:when=3+", "getsockopt:error=EINVAL:when=3+"};
	static const char *const bytes[] = {TEN("abc\n") TWENTY(".") "\n"};

	(void)state;
	for (size_t i = 0; i < sizeof(inject) / sizeof(*inject); i++)
		in_every_mode("turns", inject[i], 1, bytes);
}

int main(void)
{
	const struct CMUnitTest more[] = {
		cmocka_unit_test(a_flow_that_is_made_anew_while_all_are_pushed),
		cmocka_unit_test(a_question_that_fails),
	};

	return scenarios_and_more("names", scenarios, sizeof(scenarios) / sizeof(*scenarios), more,
		sizeof(more) / sizeof(*more));
}
