/* What a program sees of the library in /proc: with the default no thread and no descriptor. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/peer.h"
#include "tests/helper/run.h"

static void look(enum mode mode, struct outcome *outcome)
{
	struct launch launch = {.program = "looks", .mode = mode};
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer;

	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	launch.train = mode_holds(mode) && library_loads() ? 200 : 0;
	run_whole(&launch, outcome);
	assert_int_equal(outcome->status, 0);
	peer_stop(peer);
}

static void no_thread_and_no_descriptor(void **state)
{
	struct outcome bare, with;

	(void)state;
	look(MODE_BARE, &bare);
	assert_non_null(strstr(bare.out, "1 in /proc/self/task"));
	assert_non_null(strstr(bare.out, "descriptor 5: socket:"));
	look(MODE_OFF, &with);
	assert_same_outcome("off", &bare, &with);
	outcome_free(&with);
	look(MODE_AUTO, &with);
	assert_same_outcome("auto", &bare, &with);
	outcome_free(&with);
	outcome_free(&bare);
}

/* `always` has one thread of its own while it holds, and no descriptor either. */
static void always_has_one_thread(void **state)
{
	struct outcome bare, with;
	char *bare_list, *with_list;

	(void)state;
	look(MODE_BARE, &bare);
	look(MODE_ALWAYS, &with);
	if (library_loads())
		assert_non_null(strstr(with.out, "2 in /proc/self/task"));
	/* The first list of descriptors, with its count. */
	bare_list = strstr(bare.out, "descriptor");
	with_list = strstr(with.out, "descriptor");
	*strstr(bare_list, " in /proc/self/fd") = 0;
	*strstr(with_list, " in /proc/self/fd") = 0;
	assert_string_equal(bare_list, with_list);
	outcome_free(&bare);
	outcome_free(&with);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_thread_and_no_descriptor),
		cmocka_unit_test(always_has_one_thread),
	};

	return cmocka_run_group_tests_name("proc", tests, NULL, NULL);
}
