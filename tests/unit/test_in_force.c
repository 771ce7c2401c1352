/* Names of rules for a line of a screen: all of few, the first of many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tools/show/in_force.h"

static char *names_of(int count)
{
	char *line = must_print("1:"), *names;
	struct in_force rules;

	for (int i = 1; i <= count; i++) {
		char *more = must_print("%s+r%d@port=1@:ip_tos=1", line, i);

		free(line);
		line = more;
	}
	names = must_print("%s+=%d", line, count);
	rules = in_force_take(names);
	assert_true(rules.known);
	free(names);
	free(line);
	names = in_force_names(&rules);
	in_force_free(&rules);
	return names;
}

static void expect(int count, const char *wanted)
{
	char *names = names_of(count);

	assert_string_equal(names, wanted);
	free(names);
}

#define TWENTY                                                                                     \
	"r1, r2, r3, r4, r5, r6, r7, r8, r9, r10, r11, r12, r13, r14, r15, r16, r17, r18, r19, r20"

static void few_and_many(void **state)
{
	(void)state;
	expect(1, "r1");
	expect(3, "r1, r2, r3");
	expect(20, TWENTY);
	expect(21, TWENTY " and 1 more");
	expect(5000, TWENTY " and 4980 more");
}

static void what_is_no_line(void **state)
{
	struct in_force rules = in_force_take("2:+r@port=1+=1");

	(void)state;
	assert_false(rules.known);
	assert_int_equal(rules.set.count, 0);
	in_force_free(&rules);
}

/* A name may come from a recording that somebody else made. */
static void a_hostile_name(void **state)
{
	struct in_force rules = in_force_take("1:+a~1B~5B31mb@port=1@:ip_tos=1+=1");
	char *names = in_force_names(&rules);

	(void)state;
	assert_true(rules.known);
	assert_null(strchr(names, 27));
	free(names);
	in_force_free(&rules);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(few_and_many),
		cmocka_unit_test(what_is_no_line),
		cmocka_unit_test(a_hostile_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
