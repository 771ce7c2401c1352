/* `sockfix report [CODE] [DIR]` and `sockfix suggest [DIR]`: what a recording shows, and the rules
 * that mend it. Without DIR the newest run is taken, and that is said. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/cmd/arguments.h"
#include "tools/cmd/judged.h"
#include "tools/cmd/report_both.h"
#include "tools/cmd/report_format.h"
#include "tools/cmd/imported.h"
#include "tools/import/discard.h"
#include "tools/import/import.h"
#include "tools/record/record.h"
#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

enum {
	FLAG_FORMAT = 400,
	FLAG_ALL,
	FLAG_FAIL_OVER,
	FLAG_ANONYMIZE,
	FLAG_CALLS,
	FLAG_TIMELINE,
	FLAG_FROM,
	FLAG_END,
	FLAG_LIMIT
};

struct request {
	const struct report_format *format;
	bool all, masked, calls, timeline;
	double fail_over; /* percent; < 0: not asked */
	uint64_t limit;	  /* slices; 0: not asked */
	const struct code *code;
	enum import_end end;
	const char *from;		/* a log or a capture; NULL: a recording */
	const char *directory, *second; /* second: the other end's recording, or NULL */
	char *newest;			/* the same, to be freed */
	struct line source;		/* "--from FILE", for a shell */
};

/* A letter and two digits, N01. */
/* Every code there is, in either case, is a CODE, whatever folders there are: what a line of a
 * script means must not hang on where it runs. False: said that it is neither. */
static bool take_code(struct request *request, char *const **word)
{
	if (!**word || !code_looks(**word))
		return true;
	request->code = code_find(**word);
	if (request->code) {
		++*word;
		return true;
	}
	if (access(**word, F_OK) == 0)
		return true;
	arguments_no_code(**word);
	return false;
}

static char *find_newest(void)
{
	char **path, *newest;
	const size_t count = store_list(&path);

	for (size_t i = 1; i < count; i++)
		free(path[i]);
	newest = path[0];
	free(path);
	return newest;
}

static bool choose_directory(struct request *request, char *const *word)
{
	if (*word) {
		request->directory = *word;
		return true;
	}
	request->directory = request->newest = find_newest();
	if (request->newest)
		say("the newest run: %s", request->newest);
	else
		say("there is no recording yet; sockfix record -- COMMAND makes one");
	return request->newest != NULL;
}

static const struct finding *find_code(const struct judged *judged, const struct code *code)
{
	for (size_t i = 0; i < judged->findings->count; i++)
		if (judged->findings->finding[i].code == code)
			return &judged->findings->finding[i];
	return NULL;
}

static int show_code(const struct judged *judged, const struct request *request)
{
	const struct finding *finding = find_code(judged, request->code);
	const char *pasted = judged->report.directory;

	if (!finding) {
		say("%s was not found in %s; sockfix report%s%s prints what was",
			request->code->name, request->from ? request->from : request->directory,
			*pasted ? " " : "", pasted);
		return EXIT_FOUND;
	}
	finding_print(stdout, &judged->report, finding);
	return EXIT_FINE;
}

/* Of the run, to what costs it or others; bytes that others lack are beyond any percentage. */
static double percent_lost(const struct report *report)
{
	const struct finding *others = report->verdict.others;
	const uint64_t whole = report->verdict.whole, lost = report->verdict.lost;

	if (others && !others->others_ns)
		return 100;
	return units_percent(others && others->others_ns > lost ? others->others_ns : lost, whole);
}

static int show(struct judged *judged, const struct request *request)
{
	judged->report.all = request->all;
	judged->report.calls = request->calls;
	judged->report.timeline = request->timeline;
	judged->report.limit = request->limit;
	if (request->newest)
		judged->report.directory = "";
	if (request->from)
		judged->report.directory = request->source.text;
	if (request->code)
		return show_code(judged, request);
	if (!request->format->print(stdout, &judged->report))
		return EXIT_TROUBLE;
	if (request->fail_over < 0)
		return EXIT_FINE;
	if (judged->report.verdict.word == VERDICT_NOT_SURE)
		return EXIT_TROUBLE;
	return percent_lost(&judged->report) > request->fail_over ? EXIT_FOUND : EXIT_FINE;
}

/* "5", "2.5", "5%": strtod() takes more, such as "0x10" and "inf". */
static bool read_percent(const char *text, double *percent)
{
	const size_t length = strspn(text, "0123456789.");
	char *end;

	*percent = strtod(text, &end);
	return length && end == text + length && (!*end || strcmp(end, "%") == 0) &&
	       *percent <= 100;
}

/* "500000": slices, one or more. */
static bool read_limit(const char *text, uint64_t *limit)
{
	const size_t digits = strspn(text, "0123456789");

	*limit = strtoull(text, NULL, 10);
	return digits && digits < 19 && !text[digits] && *limit;
}

static int take_option(
	const struct verb *verb, struct request *request, int letter, const char *value)
{
	if (letter == FLAG_FROM) {
		request->from = value;
	} else if (letter == FLAG_END) {
		if (!imported_end(value, &request->end))
			return arguments_misuse(
				verb, "--end takes client or server, not '%s'", value);
	} else if (letter == FLAG_ALL) {
		request->all = true;
	} else if (letter == FLAG_CALLS) {
		request->calls = true;
	} else if (letter == FLAG_TIMELINE) {
		request->timeline = true;
	} else if (letter == FLAG_ANONYMIZE) {
		request->masked = true;
	} else if (letter == FLAG_FORMAT) {
		request->format = format_find(value);
		if (!request->format)
			return arguments_misuse(verb,
				"--format takes text, json, html or perfetto, not '%s'", value);
	} else if (letter == FLAG_LIMIT) {
		if (!read_limit(value, &request->limit))
			return arguments_misuse(verb,
				"--limit takes a number of slices such as 500000, not '%s'", value);
	} else if (letter == FLAG_FAIL_OVER) {
		if (!read_percent(value, &request->fail_over))
			return arguments_misuse(verb,
				"--fail-over takes a percentage from 0 to 100 such as 5, not '%s'",
				value);
	}
	return EXIT_FINE;
}

/* What does not go together; false: said. */
static bool check_request(const struct verb *verb, const struct request *request)
{
	const bool text = request->format == format_find("text");

	if (request->code && (!text || request->fail_over >= 0))
		arguments_misuse(verb, "a CODE goes with neither --format %s nor --fail-over",
			text ? "json" : request->format->name);
	else if (request->code && (request->calls || request->timeline))
		arguments_misuse(verb, "a CODE goes with neither --calls nor --timeline");
	else if (request->limit && request->format->print != perfetto_print)
		arguments_misuse(verb, "--limit is for --format perfetto");
	else if (request->end != IMPORT_CLIENTS && !request->from)
		arguments_misuse(verb, "--end is for a capture: --from FILE");
	else
		return true;
	return false;
}

/* The words behind the options; false: *status is the answer. */
static bool read_words(
	const struct verb *verb, char *const *word, struct request *request, int *status)
{
	const bool one_end = request->code || request->calls || request->timeline;

	if (!report_both_take(verb, verb == &verb_report, word, one_end, &request->second, status))
		return false;
	*status = EXIT_TROUBLE;
	if (request->second && !request->format->of_both)
		arguments_misuse(verb,
			"--format %s is of one recording; of two there are text and json",
			request->format->name);
	else if (*word && request->from)
		arguments_misuse(verb, "--from FILE or a folder, not both");
	else
		return true;
	return false;
}

/* Options and words; false: *status is the answer. */
static bool read_request(
	const struct verb *verb, int argc, char **argv, struct request *request, int *status)
{
	const char *value;
	int letter;

	while ((letter = arguments_next(verb, argc, argv, &value, status)) != ARGUMENTS_END) {
		if (letter == ARGUMENTS_STOP)
			return false;
		*status = take_option(verb, request, letter, value);
		if (*status != EXIT_FINE)
			return false;
	}
	*status = EXIT_TROUBLE;
	char *const *word = argv + optind;
	if (verb == &verb_report && !take_code(request, &word))
		return false;
	if (!check_request(verb, request) || !read_words(verb, word, request, status))
		return false;
	/* Of a run that is not there nobody can tell what it lost. */
	*status = request->fail_over >= 0 ? EXIT_TROUBLE : EXIT_FOUND;
	return request->from || choose_directory(request, word);
}

static int suggest(struct judged *judged, const struct request *request)
{
	judged->report.all = request->all;
	if (suggest_print(stdout, &judged->report) > 0)
		return EXIT_FINE;
	if (*judged->report.run->rules)
		say("that run was made with rules, which leaves nothing to suggest; "
		    "sockfix list runs prints the others");
	return EXIT_FOUND;
}

/* Into a folder that is gone afterwards. False: said. */
static bool take_from(struct request *request, struct passing *passing)
{
	char *file = (char *)(uintptr_t)request->from;
	struct import_note note;

	memory_begin();
	line_add_word(&request->source, "--from", sizeof("--from") - 1);
	line_add_word(&request->source, file, strlen(file));
	if (!passing_make(passing)) {
		say("no folder for what is read from %s can be made (TMPDIR): %s", file,
			strerror(errno));
		return false;
	}
	if (import_files(&file, 1, passing->folder, request->end, &note) == 0) {
		request->directory = passing->folder;
		return true;
	}
	say("%s", note.why);
	passing_end(passing);
	return false;
}

static int run(const struct verb *verb, int argc, char **argv)
{
	struct request request = {.fail_over = -1, .format = format_find("text")};
	struct passing passing = {.keeper = -1};
	struct judged judged;
	int status;

	if (!read_request(verb, argc, argv, &request, &status))
		return status;
	if (request.second)
		return report_both(&(struct both_request){{request.directory, request.second},
			request.format->print == json_print, request.all, request.masked,
			request.fail_over});
	if (request.from && !take_from(&request, &passing)) {
		free(request.source.text);
		return EXIT_TROUBLE;
	}
	if (judged_open(&judged, request.directory, request.masked)) {
		status = (verb == &verb_report ? show : suggest)(&judged, &request);
		judged_close(&judged);
	}
	if (request.from)
		passing_end(&passing);
	free(request.newest);
	free(request.source.text);
	return status;
}

#define FLAG_FROM_ROW                                                                               \
	{                                                                                           \
		"from", FLAG_FROM, "FILE",                                                          \
			"of an strace log or a capture in place of a recording; see sockfix import" \
	}

#define FLAG_END_ROW                                                                               \
	{                                                                                          \
		"end", FLAG_END, "client|server",                                                  \
			"whose calls a capture is to tell (default: client)"                       \
	}

static const struct flag report_flags[] = {
	FLAG_FROM_ROW,
	FLAG_END_ROW,
	{"format", FLAG_FORMAT, "text|json|html|perfetto",
		"how to print it (default: text); html: one page for a ticket, perfetto: a trace "
		"for ui.perfetto.dev"},
	{"all", FLAG_ALL, NULL, "minor findings and each connection, too"},
	{"calls", FLAG_CALLS, NULL,
		"the calls by their seconds, as strace -w -c has them; with --all of each "
		"connection"},
	{"timeline", FLAG_TIMELINE, NULL, "when it stalled, from the run's beginning to its end"},
	{"anonymize", FLAG_ANONYMIZE, NULL,
		"for strangers: addresses become ones for documentation, commands their program's "
		"name"},
	{"limit", FLAG_LIMIT, "SLICES",
		"of --format perfetto: the longest so many (default: 500000); what is left out is "
		"said there"},
	{"fail-over", FLAG_FAIL_OVER, "PERCENT",
		"exit with 1 where more of the run is lost, with 2 where it cannot be told"},
};

const struct verb verb_report = {
	.name = "report",
	.group = "find",
	.synopsis =
		"[--format text|json|html|perfetto] [--all] [--calls] [--timeline] [--anonymize] "
		"[--fail-over PERCENT] [--limit SLICES] [CODE] "
		"[DIR [DIR] | --from FILE [--end client|server]]",
	.summary = "print what a recording shows: the verdict, the seconds, the rule",
	.detail = "  sockfix report             the newest run\n"
		  "  sockfix report N01 DIR     one finding in full\n"
		  "  sockfix report --timeline  when it stalled\n"
		  "  sockfix report A B         both ends of the same connections\n"
		  "  sockfix report --format html > report.html\n"
		  "                             the same as a page: pictures, evidence, rule\n"
		  "  sockfix report --from LOG  of an strace log, see sockfix import\n\n"
		  "With --calls or --timeline these are printed in place of the verdict, with "
		  "--format json and html beside it.\n\n" REPORT_BOTH_DETAIL
		  "A first word that sockfix list codes prints is a CODE, in upper or lower case; "
		  "a folder of such a name is written ./N01.\n\n"
		  "Exit status: 0, or 1 where there is no such run or finding, 2 where it was "
		  "misused, two folders have no connection in common or stdout cannot be written; "
		  "with --fail-over as said there.",
	.flag = report_flags,
	.flags = sizeof(report_flags) / sizeof(*report_flags),
	.misuse = EXIT_TROUBLE,
	.run = run,
};

static const struct flag suggest_flags[] = {
	{"all", FLAG_ALL, NULL, "rules for minor findings, too"},
	FLAG_FROM_ROW,
	FLAG_END_ROW,
};

const struct verb verb_suggest = {
	.name = "suggest",
	.group = "mend",
	.synopsis = "[--all] [DIR | --from FILE [--end client|server]]",
	.summary = "print the rules that mend what a recording shows, as a file",
	.detail =
		"  sockfix suggest > my.conf\n"
		"  sockfix run -r my.conf -- COMMAND\n\n"
		"Where nothing was found that a rule mends, the file holds comments that say why, "
		"and no rule, which sockfix check calls an error.\n\n"
		"Exit status: 0, 1 where nothing was found that a rule mends, or no run, 2 where "
		"it was misused or stdout cannot be written.",
	.flag = suggest_flags,
	.flags = sizeof(suggest_flags) / sizeof(*suggest_flags),
	.misuse = EXIT_TROUBLE,
	.run = run,
};
