/* How much of its room a line takes: what fits exactly is taken, one byte less is refused. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdlib.h>

#include "rules/wire.h"

static void takes_exactly(const char *line, size_t size)
{
	void *room = malloc(size);
	struct ruleset set;

	assert_int_equal(wire_decode(line, room, size - 1, &set), -ENOMEM);
	assert_null(set.rule);
	assert_int_equal(wire_decode(line, room, size, &set), 0);
	assert_int_equal(set.count, 1);
	free(room);
}

/* Names are followed by what has pointers. */
static size_t rounded_up(size_t size)
{
	return (size + sizeof(void *) - 1) & ~(sizeof(void *) - 1);
}

static void the_default_takes_one_rule(void **state)
{
	(void)state;
	takes_exactly("1:default", sizeof(struct rule));
}

static void a_name_is_rounded_up_and_no_further(void **state)
{
	const size_t two_rules = 2 * sizeof(struct rule); /* the last piece is the count */

	(void)state;
	takes_exactly("1:+a@:ip_tos=^1+=1", two_rules + sizeof(struct setting) + rounded_up(2));
	takes_exactly(
		"1:+abcdefg@:ip_tos=^1+=1", two_rules + sizeof(struct setting) + rounded_up(8));
	takes_exactly(
		"1:+abcdefgh@:ip_tos=^1+=1", two_rules + sizeof(struct setting) + rounded_up(9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_takes_one_rule),
		cmocka_unit_test(a_name_is_rounded_up_and_no_further),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
