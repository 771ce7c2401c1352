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

void codes_of(const char *victim, const char *code, const char *how, char codes[CODES])
{
	static const char key[] = "\"code\": \"";
	struct capture capture = {.env = capture_clean};
	char *folder = capture_folder_new(), *run = must_print("%s/run", folder);
	char *sockfix = build_path("sockfix"), *name = must_print("victims/%s", victim);
	char *path = build_path(name);

	capture_run(&capture, (const char *const[]){sockfix, "record", "-q", "-o", run, "--", path,
				      code, how, NULL});
	if (capture.status != 0)
		fail_msg("%s %s %s: %d: %s", victim, code, how, capture.status, capture.err);
	capture_run(&capture,
		(const char *const[]){sockfix, "report", "--all", "--format", "json", run, NULL});
	assert_int_equal(capture.status, 0);
	codes[0] = '\0';
	for (const char *at = capture.out; (at = strstr(at, key)); at++)
		if (at[sizeof(key) - 1] != 'A')
			snprintf(codes + strlen(codes), CODES - strlen(codes), "%s%.3s",
				*codes ? " " : "", at + sizeof(key) - 1);
	capture_free(&capture);
	capture_folder_free(folder);
	free(run);
	free(sockfix);
	free(path);
	free(name);
}
