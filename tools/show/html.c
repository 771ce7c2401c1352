/* The report as one HTML page: the screen's parts in their order, and what needs commands of its
 * own on a screen: the evidence of each finding, the timeline, the rules. It judges nothing: all
 * figures and sentences are those of the screen. It has no script, loads nothing, and tells
 * browsers to do neither, so that a hostile name in a recording could not even if it got through.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/show/html.h"
#include "tools/base/memory.h"

static void print_head(FILE *out, const struct report *report)
{
	fputs("<!DOCTYPE html>\n"
	      "<html xmlns=\"http://www.w3.org/1999/xhtml\" lang=\"en\">\n<head>\n"
	      "<meta charset=\"utf-8\"/>\n"
	      "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
	      "style-src 'unsafe-inline'\"/>\n"
	      "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n"
	      "<meta name=\"color-scheme\" content=\"light dark\"/>\n"
	      "<meta name=\"generator\" content=\"sockfix " SOCKFIX_VERSION "\"/>\n<title>",
		out);
	html_text(out, verdict_name(report->verdict.word));
	fputs(": ", out);
	html_text(out, *report->run->command ? report->run->command : "a run");
	fputs("</title>\n", out);
	html_style(out);
	fputs("</head>\n<body>\n", out);
	html_hatches(out);
}

/* One that a single command makes; what was imported may name none. */
static void print_header(FILE *out, const struct report *report)
{
	struct captured captured;
	char run[HEADER_RUN];

	header_run(report->run, run);
	fputs("<header>\n<h1>sockfix report</h1>\n", out);
	if (*report->run->command) {
		fputs("<p class=\"command\">", out);
		html_element(out, "code", NULL, report->run->command);
		fputs("</p>\n", out);
	}
	html_element(out, "p", "run", run);
	fputs("\n<div class=\"facts\">\n", out);
	captured_begin(&captured, HTML_FLOW);
	header_print_facts(captured.file, report);
	captured_as_lines(out, &captured, NULL);
	fputs("</div>\n</header>\n<main>\n", out);
}

/* Beside the word, its colour. */
static enum bar look_of(enum verdict_word word)
{
	static const enum bar look[] = {BAR_STALLED, BAR_STALLED, BAR_STALLED, BAR_PEER,
		BAR_STALLED, BAR_STALLED, BAR_STALLED, BAR_PROGRAM, BAR_DOUBT, BAR_PROGRAM};

	_Static_assert(sizeof(look) / sizeof(*look) == VERDICT_MENDED + 1, "one look a verdict");
	return look[word];
}

static void print_verdict(FILE *out, const struct report *report)
{
	char *word = memory_print("%s.", verdict_name(report->verdict.word));
	struct captured captured;

	fprintf(out, "<section id=\"verdict\" class=\"v-%s\" aria-label=\"verdict\">\n",
		html_hatch(look_of(report->verdict.word)));
	captured_begin(&captured, HTML_FLOW);
	verdict_print(captured.file, report);
	captured_as_lines(out, &captured, word);
	fputs("</section>\n", out);
	free(word);
}

/* A part that is a screen as it is; nothing where that has nothing to say. */
static void print_screen(FILE *out, const struct report *report, const char *id, const char *title,
	size_t width, void (*print)(FILE *, const struct report *))
{
	struct captured captured;

	captured_begin(&captured, width);
	print(captured.file, report);
	fflush(captured.file);
	if (captured.length > 1) {
		fprintf(out, "<section id=\"%s\">\n<h2>%s</h2>\n", id, title);
		captured_as_is(out, &captured, title);
		fputs("</section>\n", out);
	} else {
		captured_as_is(out, &captured, title);
	}
}

static void print_rules(FILE *out, const struct report *report)
{
	suggest_print(out, report);
}

static void print_dialect(FILE *out, const struct report *report)
{
	struct report all = *report;

	all.all = true;
	dialect_print(out, &all);
}

static void print_parts(FILE *out, const struct report *report)
{
	html_bar(out, report);
	html_table(out, report);
	print_screen(out, report, "rules", "The rule: sockfix suggest", HTML_WIDE, print_rules);
	html_lanes(out, report);
	html_findings(out, report);
	html_times(out, report);
	print_screen(out, report, "dialect", "Its dialect: w writes, r reads, in bytes",
		HTML_NARROW, print_dialect);
	print_screen(
		out, report, "not", "What it is not, and where to look", HTML_NARROW, no_print);
	if (report->calls)
		print_screen(
			out, report, "calls", "Calls by their seconds", HTML_WIDE, calls_print);
	if (report->all)
		print_screen(
			out, report, "connections", "Connections", HTML_WIDE, connections_print);
}

bool html_print(FILE *out, const struct report *report)
{
	print_head(out, report);
	print_header(out, report);
	print_verdict(out, report);
	if (report->fold->flows)
		print_parts(out, report);
	print_screen(out, report, "next", "What to type next", HTML_NARROW, next_print);
	fputs("</main>\n<footer>\n<p>Made by sockfix " SOCKFIX_VERSION
	      " (sockfix report --format html): one file, no script, nothing is loaded.</p>\n"
	      "</footer>\n</body>\n</html>\n",
		out);
	return !ferror(out);
}
