/* The first word of both ends and the sentences behind it: what was held and by whom, or where the
 * time is instead, or why nobody can tell. */
#include <string.h>

#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/both.h"

#define LEAST UINT64_C(500000)	/* ns */
#define WAKES UINT64_C(1000000) /* ns: a busy host wakes programs so late */

static uint64_t held_by(const struct both *both, enum both_side side)
{
	return both->sum.part[side == BOTH_CLIENT ? BOTH_HELD_CLIENT : BOTH_HELD_SERVER];
}

static uint64_t withheld_by(const struct both *both, enum both_side side)
{
	return both->sum.part[side == BOTH_CLIENT ? BOTH_ACK_CLIENT : BOTH_ACK_SERVER];
}

/* The first word; returns the column behind it. */
static size_t print_word(FILE *out, const struct both *both)
{
	const char *name = verdict_name(both->word);

	fprintf(out, "  %s%s.%s", text_bold(out), name, text_plain(out));
	return 2 + strlen(name) + 1;
}

static void print_stalled(FILE *out, const struct both *both)
{
	const size_t column = print_word(out, both);
	char lost[UNITS], took[UNITS];

	text_sentences(out, column, "%s of %s in turns (%.0f %%) were held back.",
		units_seconds(lost, both->lost), units_seconds(took, both->sum.took),
		units_percent(both->lost, both->sum.took));
	for (int side = 0; side < BOTH_SIDES; side++) {
		const uint64_t held = held_by(both, side), ack = withheld_by(both, !side);

		if (held + ack < LEAST)
			continue;
		text_sentences(out, 0,
			"The %s's kernel held the last bytes of its %s: for %s of that the %s's "
			"kernel withheld the ACK that would have let them go.",
			both_side_name(side), side == BOTH_CLIENT ? "requests" : "answers",
			units_seconds(lost, ack), both_side_name(!side));
	}
}

/* Where most of the time is that is split. Of a host that wakes up a moment late nobody need know:
 * it is the way's. */
enum both_part both_most_of(const struct both_sum *all, uint64_t *took)
{
	struct both_sum sum = *all;
	enum both_part most = BOTH_IN_CLIENT;

	if (sum.turns && sum.part[BOTH_SLOW] / sum.turns < WAKES) {
		sum.part[BOTH_ON_WAY] += sum.part[BOTH_SLOW];
		sum.part[BOTH_SLOW] = 0;
	}
	for (int part = 0; part < BOTH_NOT_SPLIT; part++)
		if (sum.part[part] > sum.part[most])
			most = part;
	*took = sum.part[most];
	return most;
}

static void print_innocent(FILE *out, const struct both *both)
{
	static const char *const where[BOTH_PARTS] = {
		[BOTH_IN_CLIENT] = "in the client",
		[BOTH_ON_WAY] = "on the way there and back",
		[BOTH_IN_SERVER] = "in the server",
		[BOTH_SLOW] = "on the way, beyond what it takes at best (queues, losses, or many "
			      "bytes)",
	};
	const size_t column = print_word(out, both);
	uint64_t most_ns;
	const enum both_part most = both_most_of(&both->sum, &most_ns);
	char part[UNITS], took[UNITS], lost[UNITS];

	text_sentences(out, column,
		"Most of the turns' time is %s: %s of %s (%.0f %%). Held back at either end: %s.",
		where[most] ? where[most] : both_part_name(most), units_seconds(part, most_ns),
		units_seconds(took, both->sum.took), units_percent(most_ns, both->sum.took),
		units_seconds(lost, both->lost));
}

static void print_not_sure(FILE *out, const struct both *both)
{
	enum both_why why = BOTH_SPLIT;
	const size_t column = print_word(out, both);
	char part[UNITS], took[UNITS], count[UNITS];

	for (size_t i = 0; i < both->pairs && why == BOTH_SPLIT; i++)
		why = both->pair[i].why;
	if (!both->sum.turns) {
		text_sentences(out, column, "There is no turn in both: %s.",
			both_why_text(why ? why : BOTH_ENDLESS));
		return;
	}
	text_sentences(out, column, "%s of %s in turns cannot be split (%s turn%s): %s.",
		units_seconds(part, both->sum.part[BOTH_NOT_SPLIT]),
		units_seconds(took, both->sum.took), units_count(count, both->sum.not_split),
		plural(both->sum.not_split),
		why ? both_why_text(why)
		    : "the other end's recording does not have them, or answers began before the "
		      "whole request was there");
}

void both_print_verdict(FILE *out, const struct both *both)
{
	fputc('\n', out);
	if (both->word == VERDICT_STALLED)
		print_stalled(out, both);
	else if (both->word == VERDICT_NOT_SOCKETS)
		print_innocent(out, both);
	else
		print_not_sure(out, both);
	fputc('\n', out);
}
