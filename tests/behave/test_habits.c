/* Findings from end to end: a program that has a habit is recorded and the report names it; one
 * that nearly has it is recorded and the report does not. What tests/unit/test_find_*.c hold
 * against texts is held against the library's own recordings here, and in test_habits_far.c what
 * needs a long way or a long time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/codes.h"
#include "tests/helper/launch.h"

/* Some habits are quick ones; on a machine that has no time for the victim they look slow. A habit
 * that is not there must not be found in any run. */
enum { TRIES = 3 };

static const struct story {
	const char *code;
	const char *nearly; /* what else the one that nearly has it shows, A codes aside */
} story_table[] = {
	{"N03", "N01"},
	{"N05", ""},
	{"N06", ""},
	{"N07", ""},
	{"C03", ""},
	{"C04", ""},
	{"D01", ""},
	{"S02", ""},
	{"S06", ""},
	{"S11", ""},
	{"R05", ""},
	{"E01", ""},
	{"L03", ""},
};
enum { STORIES = sizeof(story_table) / sizeof(*story_table) };

static void is_found(void **state)
{
	const struct story *story = *state;
	char codes[CODES] = "";

	for (int i = 0; i < TRIES && strcmp(codes, story->code) != 0; i++)
		codes_of("habits", story->code, "show", NULL, codes);
	assert_string_equal(codes, story->code);
}

static void is_not_found(void **state)
{
	const struct story *story = *state;
	char codes[CODES];

	codes_of("habits", story->code, "nearly", NULL, codes);
	assert_string_equal(codes, story->nearly);
}

int main(void)
{
	struct CMUnitTest tests[2 * STORIES];
	char name[2 * STORIES][16];

	if (!library_loads())
		return 0;
	for (size_t i = 0; i < STORIES; i++) {
		void *story = (void *)(uintptr_t)&story_table[i];
		snprintf(name[2 * i], sizeof(name[0]), "%s", story_table[i].code);
		snprintf(name[2 * i + 1], sizeof(name[0]), "nearly %s", story_table[i].code);
		tests[2 * i] = (struct CMUnitTest){name[2 * i], is_found, NULL, NULL, story};
		tests[2 * i + 1] =
			(struct CMUnitTest){name[2 * i + 1], is_not_found, NULL, NULL, story};
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
