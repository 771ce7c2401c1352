/* Records a victim of habits and keeps the codes of its report. Judges nothing. */
#include "codes.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "capture.h"
#include "launch.h"
#include "must.h"

/* Where nothing goes wrong the victim ends with 0. */
static void record(const char *folder, const char *const victim[3], const char *rules)
{
	struct capture capture = {.env = capture_clean, .dir = folder};
	char *sockfix = build_path("sockfix"), *name = must_print("victims/%s", victim[0]);
	char *path = build_path(name);
	const char *argv[12] = {sockfix, "record", "-q", "-o", "run"};
	size_t count = 5;

	if (rules) {
		capture_write(folder, "rules.conf", rules, 0644);
		argv[count++] = "-r";
		argv[count++] = "rules.conf";
	}
	argv[count++] = "--";
	argv[count++] = path;
	argv[count++] = victim[1];
	argv[count] = victim[2];
	capture_run(&capture, argv);
	if (capture.status != 0 || *capture.err)
		fail_msg("%s %s %s: %d: %s", victim[0], victim[1], victim[2], capture.status,
			capture.err);
	capture_free(&capture);
	free(sockfix);
	free(name);
	free(path);
}

void codes_of(
	const char *victim, const char *code, const char *how, const char *rules, char codes[CODES])
{
	static const char key[] = "\"code\": \"";
	char *folder = capture_folder_new();
	struct capture capture = {.env = capture_clean, .dir = folder};

	record(folder, (const char *const[]){victim, code, how}, rules);
	capture_sockfix(&capture, "report --all --format json run");
	assert_int_equal(capture.status, 0);
	codes[0] = '\0';
	for (const char *at = capture.out; (at = strstr(at, key)); at++)
		if (at[sizeof(key) - 1] != 'A')
			snprintf(codes + strlen(codes), CODES - strlen(codes), "%s%.3s",
				*codes ? " " : "", at + sizeof(key) - 1);
	capture_free(&capture);
	capture_folder_free(folder);
}
