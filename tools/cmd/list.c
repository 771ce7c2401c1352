/* `sockfix list THINGS`: the tables that are compiled in, and the runs that were kept; for people
 * and for grep. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/presets.h"
#include "tools/cmd/arguments.h"
#include "tools/find/find.h"
#include "tools/record/living.h"
#include "tools/record/record.h"
#include "tools/show/command.h"
#include "tools/show/language.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/words.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

enum { NAME = 25, VALUES = 24, WHEN = 22, RISK = 9 };
/* Of runs: time, length and rules, and what the command gets at least. */
enum { WHAT = 19 + 2 + 10 + 2 + 5 + 2, LEAST = 18 };

static void print_columns(const char *name, const char *values, const char *when, const char *risk)
{
	printf("%-*s%-*s%-*s%s\n", NAME, name, VALUES, values, WHEN, when, risk);
}

/* A screen that is too narrow for columns gets paragraphs. */
static void print_option(int id, bool columns)
{
	const struct option *option = &option_table[id];
	char values[64], when[64], text[256];
	option_values(id, values, sizeof(values));
	option_when(id, when, sizeof(when));
	if (columns) {
		print_columns(option->name, values, when, option_risk(id));
	} else {
		snprintf(text, sizeof(text), "%s; at %s; risk: %s", values, when, option_risk(id));
		puts(option->name);
		text_wrap(stdout, 2, text);
	}
	text_wrap(stdout, columns ? 4 : 2, option->summary);
}

static void list_options(void)
{
	bool columns = text_width(stdout) >= NAME + VALUES + WHEN + RISK;
	if (columns) {
		fputs(text_bold(stdout), stdout);
		print_columns("NAME", "VALUES", "WHEN", "RISK");
		fputs(text_plain(stdout), stdout);
	}
	for (int id = 0; id < OPTION_COUNT; id++)
		print_option(id, columns);
	puts("");
	text_wrap(stdout, 0,
		"WHEN: what is set at connect or listen is there before the first byte. RISK: "
		"none; seen: the program can notice it; may break: it changes what calls mean. "
		"sockfix explain OPTION says more.");
}

static void list_presets(void)
{
	for (size_t i = 0; i < preset_count; i++) {
		char left[64], line[256];
		snprintf(left, sizeof(left), "%s", preset_table[i].name);
		preset_summary(&preset_table[i], line, sizeof(line));
		text_item(stdout, left, 16, line);
	}
	puts("");
	text_wrap(stdout, 0, "sockfix explain PRESET prints one; sockfix run -P PRESET uses it.");
}

static void list_codes(void)
{
	for (size_t i = 0; i < code_count; i++)
		text_item(stdout, code_table[i].name, 6, code_table[i].title);
	puts("");
	text_wrap(stdout, 0, "sockfix explain CODE says what each means and how it is found.");
}

/* No screen: lines for grep, of nearly any length. */
enum { NO_SCREEN = 4096 };

static size_t line_width(void)
{
	return getenv("COLUMNS") || isatty(STDOUT_FILENO) ? text_width(stdout) : NO_SCREEN;
}

/* In ten columns. Where record saw no end, processes of it tell whether there was one. */
static const char *how_long(const struct run *run, const char *path, char wall[UNITS])
{
	struct living living;

	if (run->ended > run->began)
		return units_seconds(wall, run->ended - run->began);
	living_look(path, 0, &living);
	return living.count ? "not over" : "end unseen";
}

static void print_run(const struct run *run, const char *path, size_t room)
{
	const time_t began = (time_t)(run->started_wall / 1000000000);
	char when[32] = "?", wall[UNITS], command[NO_SCREEN];
	struct tm local;

	if (began && localtime_r(&began, &local))
		strftime(when, sizeof(when), "%Y-%m-%d %H:%M:%S", &local);
	printf("%-19s  %10s  %-5s  %s\n", when, how_long(run, path, wall),
		*run->rules ? "rules" : "bare",
		command_short(command, room > WHAT + LEAST ? room - WHAT : LEAST, run->command));
}

/* Paths in a column; where that leaves too little for commands, each has a line of its own. */
static void print_row(const char *path, const char *name, size_t column, size_t width)
{
	const bool one_line = column + 2 + WHAT + LEAST <= width;
	const size_t indent = one_line ? column + 2 : 2;
	char *why;
	struct run *run = run_read_summary(path, &why);

	if (one_line)
		printf("%-*s", (int)indent, name);
	else
		printf("%s\n  ", name);
	if (run)
		print_run(run, path, width - indent);
	else
		puts(why);
	run_free(run);
	free(run ? NULL : why);
}

/* Newest first; a run that cannot be read is said, and the others are listed. */
static void list_runs(void)
{
	char **path;
	const size_t count = store_list(&path), width = line_width();
	struct line *name = memory_take(count, sizeof(*name));
	size_t column = 0;

	for (size_t i = 0; i < count; i++) {
		line_add_word(&name[i], path[i], strlen(path[i]));
		if (name[i].length > column)
			column = name[i].length;
	}
	for (size_t i = 0; i < count; i++) {
		print_row(path[i], name[i].text, column, width);
		free(name[i].text);
		free(path[i]);
	}
	if (!count)
		puts("There is no recording yet; sockfix record -- COMMAND makes one.");
	else
		puts("\nsockfix report DIR prints one; without DIR, the first of these.");
	free(name);
	free(path);
}

#define THINGS "presets, options, matchers, codes"

static const struct {
	const char *name;
	void (*print)(void);
} thing_table[] = {
	{"presets", list_presets},
	{"options", list_options},
	{"matchers", language_matchers},
	{"codes", list_codes},
	{"runs", list_runs},
};
enum { THING_COUNT = sizeof(thing_table) / sizeof(*thing_table) };

static int run(const struct verb *verb, int argc, char **argv)
{
	const char *value, *name[THING_COUNT];
	int status;

	if (arguments_next(verb, argc, argv, &value, &status) == ARGUMENTS_STOP)
		return status;
	if (argc - optind != 1)
		return arguments_misuse(verb, "say what, one word: " THINGS " or runs");
	for (size_t i = 0; i < THING_COUNT; i++) {
		name[i] = thing_table[i].name;
		if (strcmp(argv[optind], name[i]) == 0) {
			thing_table[i].print();
			return EXIT_FINE;
		}
	}
	say_unknown(argv[optind], "a list", name, THING_COUNT, "there are " THINGS " and runs");
	return EXIT_TROUBLE;
}

const struct verb verb_list = {
	.name = "list",
	.group = "reference",
	.synopsis = "presets|options|matchers|codes|runs",
	.summary = "list presets, options, matchers of rules, codes of findings, or runs",
	.detail = "  sockfix list options | grep -A1 keep\n\n"
		  "Of runs, the newest first. not over: processes of it are running. end unseen: "
		  "none is, and record was not there to see it end.\n\n"
		  "Exit status: 0, or 2 where it was misused or stdout cannot be written.",
	.misuse = EXIT_TROUBLE,
	.run = run,
};
