/* Calls by their seconds: one table of the run, one of each connection. Seconds and bytes of calls
 * that were only counted are not known, and what lacks them is marked as a lower bound. */
#include <string.h>

#include "tools/base/plural.h"
#include "tools/fold/called.h"
#include "tools/show/connections.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

/* "read", of regular files "read (file)"; of the sums "total". */
static void name_text(char text[UNITS], const struct called_row *row)
{
	snprintf(text, UNITS, "%s%s", row->call ? call_name(row->call) : "total",
		row->file ? " (file)" : "");
}

enum { COLUMNS = 7, LAST = COLUMNS - 1, NAME = 11, WIDE = 78 };

/* Of the columns but the last; 0: left out. Where it is narrow, what can be computed from the
 * others is. */
static const int *widths(FILE *out)
{
	static const int wide[] = {6, 12, 11, 10, 9, 13}, narrow[] = {6, 10, 0, 9, 6, 12};

	return text_width(out) >= WIDE ? wide : narrow;
}

static void print_words(FILE *out, const char *const word[COLUMNS])
{
	const int *width = widths(out);

	for (int i = 0; i < LAST; i++)
		if (width[i])
			fprintf(out, "%*s ", width[i], word[i]);
	fprintf(out, "%s\n", word[LAST]);
}

static void print_rule(FILE *out)
{
	static const char line[] = "-------------";
	const int *width = widths(out);

	for (int i = 0; i < LAST; i++)
		if (width[i])
			fprintf(out, "%.*s ", width[i], line);
	fprintf(out, "%.*s\n", NAME, line);
}

/* Empty where there is nothing to say, as strace has it; '-' where it is not known. */
static void print_row(FILE *out, const struct called_row *row, uint64_t whole)
{
	const char *bound = row->timed < row->calls ? ">" : "";
	char share[UNITS] = "-", seconds[UNITS] = "-", each[UNITS] = "-", failed[UNITS] = "";
	char bytes[UNITS] = "", calls[UNITS], name[UNITS];

	if (row->timed) {
		snprintf(share, sizeof(share), "%.2f", units_percent(row->ns, whole));
		snprintf(seconds, sizeof(seconds), "%s%.6f", bound, (double)row->ns / 1e9);
		snprintf(each, sizeof(each), "%.0f", (double)row->ns / 1e3 / (double)row->timed);
	}
	if (row->failed)
		snprintf(failed, sizeof(failed), "%llu", (unsigned long long)row->failed);
	if (!row->call || call_moves_bytes(row->call)) {
		if (row->timed)
			snprintf(bytes, sizeof(bytes), "%s%llu", bound,
				(unsigned long long)row->bytes);
		else
			strcpy(bytes, "-");
	}
	name_text(name, row);
	snprintf(calls, sizeof(calls), "%llu", (unsigned long long)row->calls);
	print_words(out, (const char *const[]){share, seconds, each, calls, failed, bytes, name});
}

static void print_table(FILE *out, const struct called *called)
{
	static const char *const head[] = {
		"% time", "seconds", "usecs/call", "calls", "errors", "bytes", "call"};
	const struct called_row total = called_total(called);

	if (!called->rows) {
		fputs("no call was timed\n\n", out);
		return;
	}
	print_words(out, head);
	print_rule(out);
	for (size_t i = 0; i < called->rows; i++)
		print_row(out, &called->row[i], total.ns);
	print_rule(out);
	print_row(out, &total, total.ns);
	fputc('\n', out);
}

static void print_beyond(
	FILE *out, const struct trace_connection *connection, const struct called *called)
{
	static const char *const noun[] = {"read", "write"};

	for (int writes = 1; writes >= 0; writes--) {
		const struct beyond_timed beyond = calls_beyond(connection, called, writes);
		char calls[UNITS], bytes[UNITS];

		if (beyond.calls)
			fprintf(out, "and %s %s%s of %s that %s only counted\n",
				units_count(calls, beyond.calls), noun[writes],
				plural(beyond.calls), units_bytes(bytes, beyond.bytes),
				beyond.calls == 1 ? "was" : "were");
	}
}

static void print_parts(FILE *out, const struct fold *fold)
{
	struct called_parts parts;
	char name[CONNECTION_TEXT];

	called_part(fold, &parts);
	for (size_t f = 0; f < fold->flows; f++) {
		fprintf(out, "%s%s%s\n", text_bold(out),
			connection_text(name, fold, &fold->flow[f]), text_plain(out));
		print_beyond(out, fold->flow[f].connection, &parts.flow[f]);
		print_table(out, &parts.flow[f]);
	}
	if (parts.none.rows) {
		fputs("no connection, or several: waits, look-ups, sleeps\n", out);
		print_table(out, &parts.none);
	}
	if (parts.untold.rows) {
		fputs("only counted, on which connection is not known\n", out);
		print_table(out, &parts.untold);
	}
	called_parts_free(fold, &parts);
}

static void print_bound(FILE *out, const struct called_row *total)
{
	const uint64_t untold = total->calls - total->timed;
	char count[UNITS], text[200];

	if (!untold)
		return;
	snprintf(text, sizeof(text),
		">: at least. %s call%s had no room in the recording and %s only counted: what %s "
		"took and moved is not in the table.",
		units_count(count, untold), plural(untold), untold == 1 ? "was" : "were",
		untold == 1 ? "it" : "they");
	text_wrap(out, 2, text);
	fputc('\n', out);
}

void calls_print(FILE *out, const struct report *report)
{
	struct called all;

	called_take(report->run, &all);
	const struct called_row total = called_total(&all);
	print_table(out, &all);
	print_bound(out, &total);
	if (report->all)
		print_parts(out, report->fold);
	called_free(&all);
}
