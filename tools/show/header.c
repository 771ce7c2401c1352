/* The first lines of the screen: who ran, for how long, how much of it was seen. Whatever makes the
 * report a lower bound is said here, before any verdict. */
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/show/command.h"
#include "tools/show/in_force.h"
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/base/harmless.h"

enum { COMMAND_LEAST = 30, LINE = 2048, COST = 27 };

char *clock_text(uint64_t wall, char text[CLOCK_TEXT])
{
	time_t when = (time_t)(wall / UINT64_C(1000000000));
	struct tm local;

	strcpy(text, "?");
	if (wall && localtime_r(&when, &local))
		strftime(text, CLOCK_TEXT, "%H:%M:%S", &local);
	return text;
}

/* Where nobody saw its end: the last thing that a trace tells. */
static uint64_t ended_wall(const struct run *run)
{
	if (run->ended_wall || !run->processes || !run->started_wall)
		return run->ended_wall;
	return run->started_wall + (run->ended - run->began);
}

void header_run(const struct run *run, char text[HEADER_RUN])
{
	char began[CLOCK_TEXT], ended[CLOCK_TEXT];

	clock_text(run->started_wall, began);
	clock_text(ended_wall(run), ended);
	snprintf(text, HEADER_RUN, "run %s  %s-%s", run->name, began, ended);
}

/* The command and, at the right end or where that leaves too little in a line of its own, the run.
 */
static void print_who(FILE *out, const struct report *report)
{
	const struct run *run = report->run;
	char left[64], right[HEADER_RUN], command[LINE];
	const size_t width = text_width(out);

	header_run(run, right);
	const size_t used = (size_t)snprintf(left, sizeof(left), "sockfix %-7s  ", report->verb);
	const size_t more = strlen(right);
	const bool one_line = used + COMMAND_LEAST + 3 + more <= width;
	const size_t room = width - used - (one_line ? 3 + more : 0);

	command_short(command, room, run->command);
	if (one_line)
		fprintf(out, "%s%-*s   %s\n", left, (int)room, command, right);
	else
		fprintf(out, "%s%s\n  %s\n", left, command, right);
}

static void print_count(
	FILE *out, size_t *column, uint64_t count, const char *one, const char *several)
{
	char text[UNITS], piece[2 * UNITS + 20];

	if (!count)
		return;
	snprintf(piece, sizeof(piece), "%s %s", units_count(text, count),
		count == 1 ? one : several);
	text_piece(out, column, 2, piece);
}

static void print_what(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	char piece[2 * UNITS], text[UNITS];
	size_t peers = 0, connections = 0, column = 0;

	for (size_t e = 0; e < fold->endpoints; e++)
		peers += fold->endpoint[e].connections > 0;
	for (size_t f = 0; f < fold->flows; f++)
		connections += fold->flow[f].connection->role != ROLE_OF_LISTENER;
	snprintf(piece, sizeof(piece), "%s wall", units_seconds(text, fold->split.wall));
	text_piece(out, &column, 2, piece);
	print_count(out, &column, report->run->processes, "process", "processes");
	if (report->run->processes <= 1)
		print_count(out, &column, fold->socket_threads, "thread on sockets",
			"threads on sockets");
	print_count(out, &column, connections, "connection", "connections");
	print_count(out, &column, peers, "peer", "peers");
	fputc('\n', out);
}

static void seen_text(const struct fold *fold, char *seen, size_t size)
{
	if (!fold->flows)
		snprintf(seen, size, "no TCP connection was seen");
	else if (fold->coverage < 0)
		snprintf(seen, size, "SEEN an unknown part of its TCP bytes");
	else if (fold->coverage < SEEN_ENOUGH)
		snprintf(seen, size, "%s ONLY %.0f %% of its TCP bytes",
			fold_saw_what_was_asked(fold) ? "VOUCHED FOR" : "SEEN",
			100 * fold->coverage);
	else
		snprintf(seen, size, "seen %.0f %% of its TCP bytes (kernel's count)",
			100 * fold->coverage);
}

/* No kernel was asked: what it cost and what share was seen has no meaning. */
static void print_imported(FILE *out, const struct run_imported *imported)
{
	text_sentences(out, 0, "from %s %s: nothing in it is proven, for no kernel was asked.",
		imported->what, imported->file ? imported->file : "");
	if (imported->about)
		text_sentences(out, 0, "%s", imported->about);
	if (imported->lacks)
		text_sentences(out, 0, "%s", imported->lacks);
}

static void print_coverage(FILE *out, const struct report *report)
{
	const struct fold *fold = report->fold;
	char seen[160], cost[64], bytes[UNITS], count[UNITS];
	const size_t width = text_width(out);

	seen_text(fold, seen, sizeof(seen));
	snprintf(cost, sizeof(cost), "recording cost %.3f s", (double)fold->cost / 1e9);
	if (2 + strlen(seen) + 4 + strlen(cost) <= width)
		fprintf(out, "  %-*s%s\n", (int)width - COST - 2, seen, cost);
	else
		fprintf(out, "  %s\n  %s\n", seen, cost);
	if (fold->bytes_kernel > fold->bytes_seen && !fold_saw_what_was_asked(fold))
		text_sentences(out, 0, "%s went by unseen: what follows is a lower bound.",
			units_bytes(bytes, fold->bytes_kernel - fold->bytes_seen));
	if (fold->unasked)
		text_sentences(out, 0,
			"%s connection%s, %s, not seen to end (killed, open): not vouched for.",
			units_count(count, fold->unasked), plural(fold->unasked),
			units_bytes(bytes, fold->bytes_unasked));
}

/* All is counted, but in detail only as far as there was room: until the first process had none. */
static void print_full(FILE *out, const struct report *report)
{
	const struct run *run = report->run;
	const uint64_t wall = report->fold->split.wall;
	const uint64_t until = since(run->began, report->fold->recorded);
	char clock[CLOCK_TEXT];

	clock_text(run->started_wall ? run->started_wall + until : 0, clock);
	text_sentences(out, 0,
		"Recorded in detail until %s only (%.0f %% of the run): it was FULL "
		"(record --limit SIZE). What came after is counted, and not judged.",
		clock, units_percent(until, wall));
}

/* What was not recorded. */
static void print_gaps(FILE *out, const struct report *report)
{
	const struct run *run = report->run;
	size_t stdio = 0;
	char a[UNITS];

	for (size_t f = 0; f < report->fold->flows; f++)
		stdio += report->fold->flow[f].connection->fdopened != 0;
	if (stdio)
		text_sentences(out, 0,
			"%s went through stdio, where calls cannot be seen (fdopen).",
			stdio == 1 ? "One connection" : "Some connections");
	if (report->fold->recorded != UINT64_MAX)
		print_full(out, report);
	if (run->refused)
		text_sentences(out, 0,
			"%s process%s could NOT be recorded: no room (--limit SIZE).",
			units_count(a, run->refused), run->refused == 1 ? "" : "es");
	if (run->barred)
		text_sentences(out, 0,
			"%s process%s could NOT be recorded: %s another user now, or has another "
			"root, and may not write into the recording.",
			units_count(a, run->barred), run->barred == 1 ? "" : "es",
			run->barred == 1 ? "it is" : "each is");
	if (run->confined)
		text_sentences(out, 0,
			"%s went into a sandbox (seccomp, landlock): NOT seen from then on.",
			run->confined == 1 ? "One process" : "Some processes");
}

/* What was recorded, and cannot be read. */
static void print_losses(FILE *out, const struct run *run)
{
	size_t damaged = run->damaged, cut = 0;
	char a[UNITS];

	for (size_t p = 0; p < run->processes; p++) {
		damaged += run->process[p].damaged;
		cut += run->process[p].cut_off;
	}
	if (damaged)
		text_sentences(out, 0, "%s block%s of the recording made no sense and %s left out.",
			units_count(a, damaged), plural(damaged), damaged == 1 ? "is" : "are");
	if (cut)
		text_sentences(out, 0, "A trace is cut off: what follows is of what is there.");
	if (run->unread)
		text_sentences(out, 0, "%s trace%s could NOT be read: %s",
			units_count(a, run->unread), plural(run->unread), run->unread_why);
	if (run->missing)
		text_sentences(out, 0, "%s trace%s MISSING: %s made, and %s not here.",
			units_count(a, run->missing), run->missing == 1 ? " is" : "s are",
			run->missing == 1 ? "it was" : "they were",
			run->missing == 1 ? "is" : "are");
}

/* Where nothing was found the verdict says it. */
static void print_unseen(FILE *out, const struct report *report)
{
	char unseen[UNSEEN_TEXT];

	unseen_text(report->run, unseen, sizeof(unseen));
	if (*unseen && report->verdict.word != VERDICT_NOT_SURE)
		text_wrap(out, 2, unseen);
}

static void print_end(FILE *out, const struct run *run)
{
	if (run->status >= 0 && WIFSIGNALED(run->status))
		text_sentences(out, 0, "It was ended by signal %d (%s).", WTERMSIG(run->status),
			strsignal(WTERMSIG(run->status)));
	else if (run->status > 0 && WEXITSTATUS(run->status))
		text_sentences(out, 0, "It ended with status %d.", WEXITSTATUS(run->status));
	if (!run->ended_wall && !run->imported.what)
		text_sentences(out, 0, "Its end was not seen: %s.",
			run->living ? "it still runs"
				    : "it outlived sockfix record, which left it or was cut off");
}

static void print_rules(FILE *out, const char *line)
{
	struct in_force rules = in_force_take(line);
	char *names = in_force_names(&rules), *text = memory_print("rules: %s", names);

	if (rules.known)
		text_wrap(out, 2, text);
	else
		text_sentences(out, 0, RULES_UNREAD);
	free(text);
	free(names);
	in_force_free(&rules);
}

void header_print_facts(FILE *out, const struct report *report)
{
	print_what(out, report);
	if (report->run->imported.what)
		print_imported(out, &report->run->imported);
	else
		print_coverage(out, report);
	print_gaps(out, report);
	print_losses(out, report->run);
	print_unseen(out, report);
	print_end(out, report->run);
	if (*report->run->rules)
		print_rules(out, report->run->rules);
}

void header_print(FILE *out, const struct report *report)
{
	print_who(out, report);
	header_print_facts(out, report);
	fputc('\n', out);
}
