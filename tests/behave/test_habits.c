/* Findings from end to end: a program that has a habit is recorded and the report names it; one
 * that nearly has it is recorded and the report does not. What tests/unit/test_find_*.c hold
 * against texts is held against the library's own recordings here. (R04 is about round trips, of
 * which loopback has none to speak of; L01 and S01 want minutes or a long way.) */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

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

/* Records the victim and reads the codes that the report names, but those of places: "N03 L03". */
static void record(const char *code, const char *how, char codes[64])
{
	static const char key[] = "\"code\": \"";
	struct capture capture = {.env = capture_clean};
	char *folder = capture_folder_new(), *run = must_print("%s/run", folder);
	char *sockfix = build_path("sockfix"), *victim = build_path("victims/habits");

	capture_run(&capture, (const char *const[]){sockfix, "record", "-q", "-o", run, "--",
				      victim, code, how, NULL});
	if (capture.status != 0)
		fail_msg("%s %s: %d: %s", code, how, capture.status, capture.err);
	capture_run(&capture,
		(const char *const[]){sockfix, "report", "--all", "--format", "json", run, NULL});
	assert_int_equal(capture.status, 0);
	codes[0] = '\0';
	for (const char *at = capture.out; (at = strstr(at, key)); at++)
		if (at[sizeof(key) - 1] != 'A')
			snprintf(codes + strlen(codes), 64 - strlen(codes), "%s%.3s",
				*codes ? " " : "", at + sizeof(key) - 1);
	capture_free(&capture);
	capture_folder_free(folder);
	free(run);
	free(sockfix);
	free(victim);
}

static void is_found(void **state)
{
	const struct story *story = *state;
	char codes[64] = "";

	for (int i = 0; i < TRIES && strcmp(codes, story->code) != 0; i++)
		record(story->code, "show", codes);
	assert_string_equal(codes, story->code);
}

static void is_not_found(void **state)
{
	const struct story *story = *state;
	char codes[64];

	record(story->code, "nearly", codes);
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
