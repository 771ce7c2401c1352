/* Calls that hardly any program makes: they answer what they do without the library, and no half
 * line is lost beside them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "shim/trace_format.h"
#include "tests/helper/must.h"
#include "tests/helper/scenario.h"
#include "tests/helper/trace.h"

static struct scenario scenarios[] = {
	STORY("hosts by their old calls", "rare", "names", "names\n", 0),
	STORY("waits by their other names", "rare", "waits", "waits\n", 0),
	STORY("sockets by number", "rare", "numbers", "numbers\n", 0),
	STORY("half a line by number, and computing", "together", "message",
		"by send, by message\nlast\n", HOLDS),
	STORY("half a line by number, in a sandbox made for libc", "together", "sandboxed",
		"by send, by message\nlast\n", HOLDS),
	STORY("a line by number, and a wait for its answer", "together", "waits", "before a wait\n",
		HOLDS | SLEEPS),
	STORY("options and listeners by number", "together", "options", "set and told\n",
		UNTRAINED),
	STORY("a descriptor fetched from ourselves", "rare", "copies", "copies\n", 0),
	STORY("all streams closed at once", "rare", "ends", "ends\n", 0),
	STORY("another program by a list of words", "rare", "program", "program\n", 0),
};

/* The same marks bare and with those rules and that variable; *with is to be freed. */
static void play(const char *verb, const char *rules, const char *variable, struct outcome *with)
{
	struct launch launch = {
		.program = "rare", .argument = {verb}, .variable = {variable}, .port = 1};
	struct outcome bare;

	launch.mode = MODE_BARE;
	run_whole(&launch, &bare);
	launch.mode = MODE_AUTO;
	launch.rules = rules;
	run_whole(&launch, with);
	assert_int_equal(bare.status, 0);
	assert_same_outcome(verb, &bare, with);
	outcome_free(&bare);
}

static void all_of_them_are_recorded(void **state)
{
	char *directory = traces_new("/tmp", 1 << 30);
	char *setting = must_print("SOCKFIX_TRACE=%s", directory);
	struct trace traces[TRACES];
	struct outcome with;

	(void)state;
	play("alone", "", setting, &with);
	if (library_loads()) {
		assert_int_equal(traces_read(directory, traces), 1);
		assert_int_equal(trace_counts(&traces[0], TRACE_POLL), 1);
		assert_int_equal(trace_counts(&traces[0], TRACE_GETHOSTBYNAME), 4);
		assert_int_equal(trace_counts(&traces[0], TRACE_GETNAMEINFO), 1);
		/* who connected and who was accepted, closed by one call; the listener goes on */
		for (uint32_t i = 1; i <= 3; i++) {
			const struct trace_connection *one = trace_connection(&traces[0], i);

			assert_non_null(one);
			assert_int_equal(one->closed != 0, one->role != ROLE_OF_LISTENER);
		}
		traces_free(traces, 1);
	}
	outcome_free(&with);
	free(setting);
	traces_remove(directory);
}

static void who_is_to_be_left_alone_gets_nothing_handed_down(void **state)
{
	struct outcome with;

	(void)state;
	play("accepts", "1:+a@role=server@:ip_tos=^8+b@role=server@peer=127.0.0.1/32@veto+=2", NULL,
		&with);
	if (library_loads())
		assert_non_null(strstr(with.notes, "listener 8"));
	outcome_free(&with);
}

int main(void)
{
	const struct CMUnitTest more[] = {
		cmocka_unit_test(all_of_them_are_recorded),
		cmocka_unit_test(who_is_to_be_left_alone_gets_nothing_handed_down),
	};

	return scenarios_and_more("rare", scenarios, sizeof(scenarios) / sizeof(*scenarios), more,
		sizeof(more) / sizeof(*more));
}
