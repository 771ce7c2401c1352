/* The screen of both ends: who was recorded, what is the same connection, the verdict, where the
 * turns' time went, which end can mend it, what to do next. */
#include "tools/show/both.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/ip_text.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/command.h"

enum { COMMAND_LEAST = 20, LINE = 2048, LIST = 400 };

/* ---- who ---- */

static void print_end(FILE *out, const struct both_report *report, enum both_side side)
{
	const struct run *run = report->both->run[side];
	char began[CLOCK_TEXT], right[64], command[LINE];
	const size_t width = text_width(out);
	const int used = snprintf(right, sizeof(right), "run %s  %s", run->name,
		clock_text(run->started_wall, began));
	const size_t room = width - 10 - 3 - (size_t)used;

	command_short(command, room < COMMAND_LEAST ? COMMAND_LEAST : room, run->command);
	fprintf(out, "  %s  %-*s   %s\n", both_side_name(side), (int)room, command, right);
}

static void print_same(FILE *out, const struct both *both)
{
	char count[UNITS], of[UNITS], other[UNITS], piece[3 * UNITS + 80], place[IP_TEXT_ENDPOINT];
	size_t column = 0;

	snprintf(piece, sizeof(piece),
		"%s connection%s in both (%s at the client, %s at the server)",
		units_count(count, both->pairs), plural(both->pairs),
		units_count(of, both->known[BOTH_CLIENT]),
		units_count(other, both->known[BOTH_SERVER]));
	text_piece(out, &column, 2, piece);
	snprintf(piece, sizeof(piece), "%s turn%s", units_count(count, both->sum.turns),
		plural(both->sum.turns));
	text_piece(out, &column, 2, piece);
	ip_text_endpoint(place, both->service->first->peer, both->service->first->peer_port);
	snprintf(piece, sizeof(piece), "%s%s", place, both->services > 1 ? " and others" : "");
	text_piece(out, &column, 2, piece);
	fputc('\n', out);
}

static void print_clocks(FILE *out, const struct both *both)
{
	const struct both_clocks *clocks = &both->clocks;
	const uint64_t apart =
		clocks->ahead < 0 ? -(uint64_t)clocks->ahead : (uint64_t)clocks->ahead;
	char ahead[UNITS], give[UNITS];

	if (clocks->known && apart <= clocks->give)
		fprintf(out, "  their clocks agree, give or take %s\n",
			units_time(give, clocks->give));
	else if (clocks->known)
		fprintf(out, "  the server's clock is %s %s, give or take %s\n",
			units_time(ahead, apart), clocks->ahead < 0 ? "behind" : "ahead",
			units_time(give, clocks->give));
	if (!clocks->steady)
		text_sentences(out, 0,
			"One of their clocks stood still or jumped meanwhile: turns around that "
			"time are not split.");
}

/* What makes it less than it looks. */
static void print_caveats(FILE *out, const struct both *both)
{
	if (both->translated)
		text_sentences(out, 0,
			"Their addresses differ: by their bytes, ports and times they are the same "
			"(a NAT in between). A proxy in between would look alike, and then the ACKs "
			"are its own.");
	if (both->run[BOTH_CLIENT] == both->run[BOTH_SERVER])
		text_sentences(out, 0, "One recording has both ends.");
	if (both->unsure)
		text_sentences(out, 0,
			"%zu connection%s cannot be told from others on the same ports.",
			both->unsure, plural(both->unsure));
	if (both->other_way)
		text_sentences(out, 0,
			"%zu connection%s the other way, from what is called server here, %s left "
			"out.",
			both->other_way, plural(both->other_way),
			both->other_way == 1 ? "is" : "are");
	for (int side = 0; side < BOTH_SIDES; side++)
		if (!run_is_whole(both->run[side]))
			text_sentences(
				out, 0, "The %s's recording is not whole.", both_side_name(side));
}

/* Of those that are split. */
static void print_mean(FILE *out, const struct both_sum *sum)
{
	const uint64_t turns = sum->turns - sum->not_split;
	char text[UNITS], piece[96];
	size_t column = 0;

	if (!turns)
		return;
	snprintf(piece, sizeof(piece), "a turn, in the mean  %s:",
		units_time(text, (sum->took - sum->part[BOTH_NOT_SPLIT]) / turns));
	text_piece(out, &column, 2, piece);
	for (int part = 0; part < BOTH_NOT_SPLIT; part++) {
		if (sum->part[part] / turns < 1000)
			continue;
		snprintf(piece, sizeof(piece), "%s %s", both_part_name(part),
			units_time(text, sum->part[part] / turns));
		text_piece(out, &column, 4, piece);
	}
	fputs("\n\n", out);
}

/* ---- one end alone, and what is next ---- */

/* "N01 proven 12.1 s, R04 possible 0-3.0 s". */
static void alone_text(char text[LIST], const struct report *report)
{
	size_t used = 0;

	strcpy(text, "nothing");
	for (size_t i = 0; i < report->findings->count && used + 64 < LIST; i++) {
		const struct finding *finding = &report->findings->finding[i];
		char low[UNITS], high[UNITS];

		if (finding->minor || finding_is_place(finding))
			continue;
		units_bare_seconds(low, finding->lost_low);
		units_seconds(high, finding->lost_high);
		used += (size_t)snprintf(text + used, LIST - used, "%s%s %s %s%s%s",
			used ? ", " : "", finding->code->name, sure_name(finding->sure),
			finding->sure == SURE_PROVEN ? "" : low,
			finding->sure == SURE_PROVEN ? "" : "-", high);
	}
}

static void print_alone(FILE *out, const struct both_report *report)
{
	char text[LIST];

	for (int side = 0; side < BOTH_SIDES; side++) {
		char left[32];

		snprintf(left, sizeof(left), "  the %s alone", both_side_name(side));
		alone_text(text, report->alone[side]);
		text_item(out, left, 20, text);
	}
	fputc('\n', out);
}

static void print_mend(
	FILE *out, const struct both_report *report, const struct both_finding *finding, bool first)
{
	const char *directory = report->alone[finding->end]->directory;
	char left[64], right[LINE], seconds[UNITS];

	snprintf(left, sizeof(left), "%s on the %s", first ? "  next " : "       ",
		both_side_name(finding->end));
	units_seconds(seconds, finding->lost);
	if (finding->again)
		snprintf(right, sizeof(right),
			"or sockfix run -s tcp_quickack=true -- COMMAND   (ends %s of it)",
			seconds);
	else if (strstr(finding->set, "force"))
		snprintf(right, sizeof(right), "sockfix suggest %s > my.conf   (ends %s)",
			directory, seconds);
	else
		snprintf(right, sizeof(right),
			"sockfix run -s coalesce=auto -- COMMAND   (ends %s)", seconds);
	text_item(out, left, 24, right);
}

static void print_next(FILE *out, const struct both_report *report)
{
	const struct both *both = report->both;
	uint64_t most_ns;
	const enum both_part most = both_most_of(&both->sum, &most_ns);
	const enum both_side side = most == BOTH_IN_CLIENT ? BOTH_CLIENT : BOTH_SERVER;
	char right[LINE];
	size_t shown = 0;

	for (size_t i = 0; i < both->findings && shown < 4; i++)
		if (!both->finding[i].minor)
			print_mend(out, report, &both->finding[i], shown++ == 0);
	if (shown || both->word == VERDICT_NOT_SURE ||
		(most != BOTH_IN_CLIENT && most != BOTH_IN_SERVER))
		return;
	snprintf(right, sizeof(right), "sockfix report %s    (what the %s does meanwhile)",
		report->alone[side]->directory, both_side_name(side));
	text_item(out, "  next", 8, right);
}

void both_print(FILE *out, const struct both_report *report)
{
	const struct both *both = report->both;

	fputs("sockfix report   both ends\n", out);
	for (int side = 0; side < BOTH_SIDES; side++)
		print_end(out, report, side);
	print_same(out, both);
	print_clocks(out, both);
	print_caveats(out, both);
	both_print_verdict(out, both);
	both_print_bar(out, &both->sum);
	both_print_table(out, report);
	print_mean(out, &both->sum);
	if (report->all)
		both_print_connections(out, both);
	print_alone(out, report);
	print_next(out, report);
}
