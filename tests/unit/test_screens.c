/* What users see, whole: each row of screens.h at four widths against its file in screens/. Where
 * wording or layout changes on purpose,
 *
 *	UPDATE=1 build/tests/test_screens
 *
 * writes the files anew; read them before they are committed. Widths that look alike stand together
 * under one line, "==== 132 200 ====". */
#include "tests/unit/report_text.h"
#include "tests/unit/screens.h"

#include <stdlib.h>

#include "tools/find/arms.h"
#include "tools/show/difference.h"

#define FOLDER "tests/unit/screens/"

enum { WIDTHS = 4 };

/* Verdicts that a screen was seen to have. */
static bool verdict_seen[VERDICT_MENDED + 1];

static const int width_table[WIDTHS] = {60, 80, 132, 200};

/* ---- printing ---- */

/* 60 connections, of which the ninth took a second; `exchanges` on each. */
static const char *connections(const char *ninth, unsigned exchanges)
{
	static char text[60 * 120];
	size_t used = 0;

	for (unsigned n = 1; n <= 60; n++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"client %u 10.0.0.7:3306%s\n%u: connect~%sms { w20 r20~1ms } x%u close\n",
			n, n == 9 ? ninth : "", n, n == 9 && *ninth ? "1020" : "0.2", exchanges);
	return text;
}

static const char *text_of(const struct screen *screen)
{
	if (screen->text)
		return screen->text;
	return strcmp(screen->name, "spikes") == 0 ? connections(" " LATE_SYN, 2)
						   : connections("", 1);
}

/* What stands before AFTER; to be freed. */
static char *first_run(const char *text)
{
	const char *after = strstr(text, AFTER);

	return strndup(text, after ? (size_t)(after - text) : strlen(text));
}

static void print_difference(FILE *out, const struct found *before, const char *text)
{
	struct found after = find_text(strstr(text, AFTER) + strlen(AFTER));
	const struct report was = report_of(before), is = report_of(&after);

	difference_print(out, &was, &is);
	find_end(after);
}

static void print_arms(FILE *out, struct report *report)
{
	struct arms arms;

	report->verb = "prove";
	arms_compare(report->fold, &arms);
	arms_print(out, report, &arms);
}

/* As `report --calls --timeline --all` shows them. */
static void print_views(FILE *out, const struct report *report)
{
	header_print(out, report);
	calls_print(out, report);
	timeline_print(out, report);
}

static void print_screen(FILE *out, const struct screen *screen, const struct found *found)
{
	struct report report = report_of(found);

	report.all = screen->shown == ALL || screen->shown == VIEWS;
	if (screen->shown == DIFF)
		print_difference(out, found, screen->text);
	else if (screen->shown == PROVE)
		print_arms(out, &report);
	else if (screen->shown == SUGGEST)
		suggest_print(out, &report);
	else if (screen->shown == CODE)
		finding_print(out, &report, &found->findings->finding[0]);
	else if (screen->shown == VIEWS)
		print_views(out, &report);
	else
		screen_print(out, &report);
	if (screen->shown == REPORT)
		verdict_seen[report.verdict.word] = true;
}

/* At that width; to be freed. The version is no part of what is kept. */
static char *screen_text(const struct screen *screen, const struct found *found, int width)
{
	char columns[16], *text = NULL, *version;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	snprintf(columns, sizeof(columns), "%d", width);
	setenv("COLUMNS", columns, 1);
	print_screen(out, screen, found);
	fclose(out);
	version = strstr(text, " " SOCKFIX_VERSION " ");
	if (version)
		memset(version + 1, 'V', strlen(SOCKFIX_VERSION));
	return text;
}

/* ---- looking at them ---- */

static bool begins_with(const char *line, const char *word)
{
	return strncmp(line, word, strlen(word)) == 0;
}

/* A command to paste, one setting of a rule, or nothing that could be broken: one word, behind a
 * comment's sign maybe. */
static bool may_be_longer(const char *line, size_t length)
{
	line += strspn(line, " #");
	line += begins_with(line, "next  ") ? 6 : 0;
	if (begins_with(line, "sockfix ") || memmem(line, length, " = ", 3))
		return true;
	return !memchr(line, ' ', length);
}

static void check_lines(const struct screen *screen, const char *text, int width)
{
	const size_t most = screen->shown == SUGGEST ? 80 : (size_t)width;

	for (const char *line = text; *line; line += strcspn(line, "\n") + 1) {
		const size_t length = strcspn(line, "\n");

		if (length && strchr(" \t", line[length - 1]))
			fail_msg("%s at %d: blanks at the end of '%.*s'", screen->name, width,
				(int)length, line);
		if (length > most && !may_be_longer(line, length))
			fail_msg("%s at %d: %zu columns: '%.*s'", screen->name, width, length,
				(int)length, line);
		if (line[length] != '\n')
			fail_msg("%s at %d: no line's end", screen->name, width);
	}
}

/* All widths in one text, to be freed. */
static char *all_widths(const struct screen *screen)
{
	char *text = first_run(text_of(screen));
	struct found found = find_text(text);
	char *all = NULL, *shown[WIDTHS];
	size_t size;
	FILE *out = open_memstream(&all, &size);

	if (*screen->name < 'a' && !finding_of(&found, (char[]){screen->name[0], screen->name[1],
							       screen->name[2], '\0'}))
		fail_msg("%s was not found, but %s", screen->name, codes_of(&found));
	for (int w = 0; w < WIDTHS; w++) {
		shown[w] = screen_text(screen, &found, width_table[w]);
		check_lines(screen, shown[w], width_table[w]);
	}
	for (int w = 0; w < WIDTHS; w++) {
		fprintf(out, "%s%d",
			w && strcmp(shown[w], shown[w - 1]) == 0 ? " " : "==== ", width_table[w]);
		if (w + 1 == WIDTHS || strcmp(shown[w], shown[w + 1]) != 0)
			fprintf(out, " ====\n%s", shown[w]);
	}
	for (int w = 0; w < WIDTHS; w++)
		free(shown[w]);
	fclose(out);
	find_end(found);
	free(text);
	return all;
}

/* ---- the files ---- */

static void write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "w");

	if (!file || fputs(text, file) < 0 || fclose(file) != 0)
		fail_msg("cannot write %s", path);
}

/* Prints how they differ. */
static bool is_in_file(const char *path, const char *text)
{
	char command[300];
	FILE *diff;

	fflush(stdout);
	snprintf(command, sizeof(command), "diff -u %s -", path);
	diff = popen(command, "w");
	assert_non_null(diff);
	fputs(text, diff);
	return pclose(diff) == 0;
}

static void screens_are_as_they_were(void **state)
{
	size_t differ = 0;

	(void)state;
	setenv("TZ", "UTC", 1);
	setenv("TERM", "dumb", 1);
	for (size_t i = 0; i < sizeof(screen_table) / sizeof(*screen_table); i++) {
		char path[200], *text = all_widths(&screen_table[i]);

		snprintf(path, sizeof(path), FOLDER "%s.txt", screen_table[i].name);
		if (getenv("UPDATE"))
			write_text(path, text);
		else
			differ += !is_in_file(path, text);
		free(text);
	}
	for (int v = 0; v <= VERDICT_MENDED; v++)
		if (!verdict_seen[v])
			fail_msg("no screen says %s (%d)", verdict_name((enum verdict_word)v), v);
	if (differ)
		fail_msg("%zu screens differ; UPDATE=1 writes them anew", differ);
}

static void each_code_has_its_screen(void **state)
{
	(void)state;
	for (size_t c = 0; c < code_count; c++) {
		bool any = false;

		for (size_t i = 0; i < sizeof(screen_table) / sizeof(*screen_table); i++)
			any = any || strcmp(screen_table[i].name, code_table[c].name) == 0;
		if (!any)
			fail_msg("%s has no row in screens.h", code_table[c].name);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(screens_are_as_they_were),
		cmocka_unit_test(each_code_has_its_screen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
