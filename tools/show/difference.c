/* The screen of `sockfix diff`: each run in a line, their figures an exchange beside each other,
 * the verdict last. Must not judge: find/exchange.c did. */
#include "tools/show/difference.h"

#include <string.h>

#include "tools/show/command.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

enum { COMMAND_LEAST = 24 };

/* The command in a line of its own where its line leaves too little for it. */
static void print_run(FILE *out, const char *label, const struct report *report)
{
	const struct run *run = report->run;
	const char *rules = *run->rules ? "with rules" : "no rules";
	const size_t width = text_width(out);
	char wall[UNITS], left[64], command[256];

	snprintf(left, sizeof(left), "%-6s run %s", label, run->name);
	units_seconds(wall, report->fold->split.wall);
	if (width >= strlen(left) + COMMAND_LEAST + 2 + 26) {
		const size_t room = width - strlen(left) - 2 - 26;
		fprintf(out, "%s  %-*s  %10s  %s\n", left, (int)room,
			command_short(command, room, run->command), wall, rules);
	} else {
		fprintf(out, "%s  %10s  %s\n  %s\n", left, wall, rules,
			command_short(command, width - 2, run->command));
	}
}

/* Of "/usr/bin/curl -s x": "curl". */
static const char *program_of(const char *command, size_t *length)
{
	const char *name = command;

	*length = strcspn(command, " ");
	for (const char *c = command; c < command + *length; c++)
		if (*c == '/')
			name = c + 1;
	*length -= (size_t)(name - command);
	return name;
}

/* Two jobs may well carry as many bytes an exchange: then nothing else tells that they are two. */
static void print_commands(FILE *out, const char *before, const char *after)
{
	size_t was, is;
	const char *first = program_of(before, &was), *second = program_of(after, &is);

	if (!*before || !*after || strcmp(before, after) == 0)
		return;
	if (was == is && memcmp(first, second, was) == 0)
		text_sentences(out, 0, "The commands differ in their arguments.");
	else
		text_sentences(out, 0, "The commands differ: before ran %.*s, after ran %.*s.",
			was > 100 ? 100 : (int)was, first, is > 100 ? 100 : (int)is, second);
}

/* "-": it was not, or cannot be, counted. */
static void print_row(FILE *out, const char *name, double was, double is, const char *unit)
{
	char a[UNITS] = "-", b[UNITS] = "-", ratio[UNITS] = "-";
	const int digits = was < 10 && is < 10 ? 2 : 1;

	if (was >= 0)
		snprintf(a, sizeof(a), "%.*f", digits, was);
	if (is >= 0)
		snprintf(b, sizeof(b), "%.*f", digits, is);
	if (was > 0 && is >= 0)
		snprintf(ratio, sizeof(ratio), "%.3f", is / was);
	fprintf(out, "  %-18s%12s%12s  %-3s%9s\n", name, a, b, unit, ratio);
}

static void print_rows(FILE *out, const struct exchange *was, const struct exchange *is)
{
	char a[UNITS], b[UNITS];

	fprintf(out, "\n  %-18s%12s%12s  %-3s%9s\n", "an exchange", "before", "after", "", "ratio");
	print_row(out, "the run", was->wall / 1e6, is->wall / 1e6, "ms");
	print_row(out, was->unseen ? "to be acknowledged" : "on its sockets", was->waiting / 1e6,
		is->waiting / 1e6, "ms");
	print_row(out, "stalls", was->stalls, is->stalls, "");
	print_row(out, "segments", was->segments, is->segments, "");
	print_row(out, "system calls", was->calls, is->calls, "");
	print_row(out, "bytes a segment", was->in_segment, is->in_segment, "");
	fprintf(out, "  %-18s%12s%12s\n\n", "exchanges", units_count(a, was->count),
		units_count(b, is->count));
}

static void print_verdict(FILE *out, enum exchange_verdict verdict, const char *why,
	const struct exchange *was, const struct exchange *is)
{
	static const char *const word[] = {"NOT COMPARABLE", "BETTER", "EQUAL", "WORSE"};
	const size_t column = 2 + strlen(word[verdict]) + 1;
	char a[UNITS], b[UNITS];

	fprintf(out, "  %s%s%s:", text_bold(out), word[verdict], text_plain(out));
	if (verdict == EXCHANGE_UNKNOWN) {
		text_sentences(out, column, "%s.", why);
		return;
	}
	text_sentences(out, column,
		was->unseen ? "by the kernel's counts, for no write was seen: what goes out waits "
			      "%s for its ACK, an answer; before, it waited %s."
			    : "an exchange takes %s on its sockets; before, it took %s.",
		units_time(a, (uint64_t)is->waiting), units_time(b, (uint64_t)was->waiting));
	if (*why)
		text_wrap(out, 2, why);
}

enum exchange_verdict difference_print(
	FILE *out, const struct report *before, const struct report *after)
{
	struct exchange was, is;
	enum exchange_verdict verdict;
	char why[160];

	exchange_count(before->fold, before->findings, &was);
	exchange_count(after->fold, after->findings, &is);
	verdict = exchange_compare(before->fold, &was, after->fold, &is, why);
	print_run(out, "before", before);
	print_run(out, "after", after);
	print_commands(out, before->run->command, after->run->command);
	if (was.count && is.count)
		print_rows(out, &was, &is);
	else
		fputc('\n', out);
	print_verdict(out, verdict, why, &was, &is);
	return verdict;
}
