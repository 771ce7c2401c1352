/* The screen of `sockfix look --all`: the verdict on the whole, each process that something was
 * found at as `sockfix look -p` prints it, and the others in a sum. */
#include <string.h>
#include <unistd.h>

#include "tools/base/ip_text.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/show/looked.h"
#include "tools/show/report.h"

enum { INDENT = 2 };

/* ---- the whole ---- */

size_t looked_busy(const struct looked_all *all, size_t from)
{
	size_t busy = 0;

	for (size_t i = from; i < all->count; i++)
		busy += all->process[i].sampled.busy > 0;
	return busy;
}

static bool has_nameless(const struct looked_all *all)
{
	return all->nameless.observed && all->nameless.sampled.loud;
}

/* A 'no' is one where it is one of each process that moved bytes. */
enum verdict_word looked_word(const struct looked_all *all)
{
	bool sure = looked_busy(all, 0) > 0 && !all->nameless.sampled.busy;

	if (all->found)
		return all->process[0].sampled.word;
	if (has_nameless(all))
		return all->nameless.sampled.word;
	for (size_t i = 0; i < all->count; i++)
		sure &= !all->process[i].sampled.busy ||
			all->process[i].sampled.word == VERDICT_NOT_SOCKETS;
	return sure ? VERDICT_NOT_SOCKETS : VERDICT_NOT_SURE;
}

static void print_whole(FILE *out, const struct looked_all *all)
{
	const enum verdict_word word = looked_word(all);
	const char *name = verdict_name(word);
	const size_t column = INDENT + strlen(name) + 1, busy = looked_busy(all, 0);
	char count[UNITS], found[UNITS];

	units_count(count, all->count);
	units_count(found, all->found);
	fprintf(out, "\n  %s%s.%s", text_bold(out), name, text_plain(out));
	if (all->found)
		text_sentences(out, column, "%s of %s process%s with TCP sockets%s.", found, count,
			all->count == 1 ? "" : "es",
			all->found > 1 ? "; the worst comes first" : "");
	else if (has_nameless(all))
		text_sentences(out, column, "Who it is may not be seen from here.");
	else if (word == VERDICT_NOT_SOCKETS)
		text_sentences(out, column,
			"%s process%s with TCP sockets, of which %zu moved bytes: no stall seen.",
			count, all->count == 1 ? "" : "es", busy);
	else
		text_sentences(out, column,
			"%s process%s with TCP sockets, of which %zu moved bytes: no stall seen, "
			"but that is not enough for a 'no'. Look for longer, while they are at "
			"work.",
			count, all->count == 1 ? "" : "es", busy);
}

/* ---- those that are no line of their own ---- */

static void print_others(FILE *out, const struct looked_all *all)
{
	const size_t others = all->count - all->found, busy = looked_busy(all, all->found);
	char count[UNITS];

	if (!all->found || !others)
		return;
	fputc('\n', out);
	text_sentences(out, 0, "%s other%s: no stall seen (%zu of them moved bytes).",
		units_count(count, others), plural(others), busy);
}

/* Processes that have a finding of that code which takes no time. */
static size_t minor_of(const struct looked_all *all, const struct code *code)
{
	size_t count = 0;

	for (size_t i = all->found; i < all->count; i++)
		for (size_t f = 0; f < all->process[i].sampled.count; f++)
			count += all->process[i].sampled.finding[f].code == code;
	return count;
}

static void print_minor(FILE *out, const struct looked_all *all)
{
	char text[256] = "";

	for (size_t i = 0; i < code_count; i++) {
		const size_t count = minor_of(all, &code_table[i]), length = strlen(text);

		if (count)
			snprintf(text + length, sizeof(text) - length, "%s%s at %zu process%s",
				length ? ", " : "", code_table[i].name, count,
				count == 1 ? "" : "es");
	}
	if (*text)
		text_sentences(out, 0, "+ minor: %s; sockfix look -p PID", text);
}

static void print_over(FILE *out, const struct looked_all *all)
{
	char peer[64], count[UNITS];

	for (size_t i = 0; i < all->overs; i++) {
		ip_text_endpoint(peer, all->over[i].peer, all->over[i].port);
		text_sentences(out, 0,
			"+ minor: C04, %s connections to %s ended meanwhile; whose they were the "
			"kernel does not say",
			units_count(count, all->over[i].count), peer);
	}
}

static void print_unnamed(FILE *out, const struct looked_all *all)
{
	const size_t sockets = all->nameless.sampled.connections + all->nameless.sampled.listeners;
	char count[UNITS];

	if (!all->nameless.observed)
		return;
	fputc('\n', out);
	if (!all->nameless.sampled.loud)
		text_sentences(out, 0, "%s socket%s without a name: no stall seen.",
			units_count(count, sockets), plural(sockets));
	if (geteuid() != 0)
		text_sentences(out, 0,
			"Whose the sockets without a name are is shown to root: sockfix look "
			"--all");
	else
		text_sentences(out, 0,
			"The sockets without a name are of no process that /proc shows here: of "
			"another PID namespace, or the kernel's own.");
}

static void print_shut(FILE *out, const struct looked_all *all)
{
	if (!all->shut)
		return;
	fputc('\n', out);
	text_sentences(out, 0,
		"%zu process%s in other network namespaces could not be looked at; as root: "
		"sockfix look --all",
		all->shut, all->shut == 1 ? "" : "es");
}

void looked_print_all(FILE *out, const struct watch *watch, const struct looked_all *all)
{
	looked_print_head(out, watch);
	print_whole(out, all);
	for (size_t i = 0; i < all->found; i++)
		looked_print_process(out, &all->process[i]);
	if (has_nameless(all))
		looked_print_process(out, &all->nameless);
	print_others(out, all);
	print_minor(out, all);
	print_over(out, all);
	print_unnamed(out, all);
	print_shut(out, all);
}
