/* Reports of a recording and of an strace log of the same run, held against each other. */
#include "imported.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "both.h"
#include "capture.h"
#include "launch.h"
#include "must.h"

#define SLACK 20000000ll /* ns: some ticks of the kernel's clock */

bool imported_can(void)
{
	if (!library_loads())
		return false;
	if (system("strace -o /dev/null true >/dev/null 2>&1") == 0)
		return true;
	print_message("strace is missing, or may not trace here: nothing to agree with\n");
	return false;
}

static char *ask_log(const struct imported *imported, const char *format)
{
	char *line = must_print("report %s --from %s", format, imported->log), *text;

	text = capture_text(line);
	free(line);
	return text;
}

void imported_read(struct imported *imported)
{
	char *text = ask_log(imported, "--format json");
	json_error_t error;

	imported->report = json_loads(text, 0, &error);
	if (!imported->report)
		fail_msg("the report is no JSON: %s at line %d", error.text, error.line);
	free(text);
	imported->screen = ask_log(imported, "--all");
}

const char *const *imported_command(struct imported *imported, const char *const *argv)
{
	const char *whole[CLIENT_ARGUMENTS] = {"strace", "-f", "-ttt", "-T", "-o"};
	size_t count = 5;

	if (!imported->recording.folder) {
		imported->recording.folder = capture_folder_new();
		imported->recording.run = must_print("%s/run", imported->recording.folder);
	}
	imported->log = must_print("%s/log", imported->recording.folder);
	whole[count++] = imported->log;
	while (*argv) {
		MUST(count + 1 < CLIENT_ARGUMENTS);
		whole[count++] = *argv++;
	}
	return recording_command(&imported->recording, NULL, whole);
}

void imported_make(struct imported *imported, const char *const *argv)
{
	run_arm(imported_command(imported, argv), BARE, &imported->recording.program);
	recording_read(&imported->recording);
	imported_read(imported);
}

void imported_free(struct imported *imported)
{
	json_decref(imported->report);
	free(imported->screen);
	free(imported->log);
	recording_free(&imported->recording);
	imported->report = NULL;
}

/* ---- held against each other ---- */

static const json_t *find(const json_t *report, const char *code)
{
	const json_t *list = json_object_get(report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "code"), code) == 0)
			return json_array_get(list, i);
	return NULL;
}

static bool is_near(long long one, long long other)
{
	const long long most = one > other ? one : other;

	return llabs(one - other) <= most / 10 + SLACK;
}

/* Each finding of one that counts is one of the other. */
static bool has_all(const json_t *one, const json_t *other, const char *but, const char *who)
{
	const json_t *list = json_object_get(one, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *mine = json_array_get(list, i), *its;
		const char *code = finding_text(mine, "code");

		if (json_is_true(json_object_get(mine, "minor")) || strstr(but, code) ||
			finding_number(mine, "lost_ns.high") < SLACK)
			continue;
		its = find(other, code);
		if (!its) {
			printf("%s of %s is not in the other\n", code, who);
			return false;
		}
		/* Under strace each call takes longer than strace says: what is a sum of many short
		 * ones, and only possible, is not compared. */
		if (strcmp(finding_text(mine, "sure"), "possible") != 0 &&
			!is_near(finding_number(mine, "lost_ns.high"),
				finding_number(its, "lost_ns.high"))) {
			printf("%s: %lld ns of %s, %lld of the other\n", code,
				finding_number(mine, "lost_ns.high"), who,
				finding_number(its, "lost_ns.high"));
			return false;
		}
	}
	return true;
}

static bool proves_nothing(const json_t *report)
{
	const json_t *list = json_object_get(report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "sure"), "proven") == 0) {
			printf("%s of a log is called proven\n",
				finding_text(json_array_get(list, i), "code"));
			return false;
		}
	return true;
}

bool imported_agrees_but(const struct imported *imported, const char *codes)
{
	const char *is = finding_text(imported->report, "verdict");
	const char *was = finding_text(imported->recording.report, "verdict");
	bool good = true;

	if (strcmp(is, was) != 0 && !*codes) {
		printf("the recording says %s, the log %s\n", was, is);
		good = false;
	}
	good = good && proves_nothing(imported->report) &&
	       has_all(imported->recording.report, imported->report, codes, "the recording") &&
	       has_all(imported->report, imported->recording.report, codes, "the log");
	if (!good)
		printf("%s\n%s\n", imported->recording.screen, imported->screen);
	return good;
}

bool imported_agrees(const struct imported *imported)
{
	return imported_agrees_but(imported, "");
}
