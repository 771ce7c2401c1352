/* Name lookups: the same name over and over (D01), the resolver's own timeout (D02), which is known
 * by its length alone, and such as only take long (D03). Names are compared by their hashes: they
 * are spelt only where the recording kept them (--names). */
#include <stdio.h>
#include <stdlib.h>

#include "tools/find/judge.h"
#include "tools/read/events.h"
#include "tools/base/memory.h"

#define AGAIN	   10
#define A_MINUTE   10
#define A_LONG_ONE (100 * MS)
#define SHARE	   10 /* one part in so many of the run */

/* Of a name; pieces from so many characters on are left out. */
#define NAME_MOST  64
#define NAME_SHOWN 40

struct lookup {
	uint64_t start, took;
	uint32_t name;	      /* its hash; 0: no name was asked for */
	char text[NAME_MOST]; /* its beginning, where it was kept */
};

/* The resolver waits for whole seconds (resolv.conf(5), timeout: 5 unless set), and asks in a
 * moment.
 */
static bool is_timeout(uint64_t ns)
{
	return ns >= 980 * MS && (ns % S <= 100 * MS || ns % S >= 980 * MS);
}

/* The events that spell it stand behind it. */
static void take_text(struct lookup *lookup, const struct events *events)
{
	const size_t pieces = events_notes(events, TRACE_NAME);
	size_t length = 0;

	for (size_t i = 0; i < pieces && length < NAME_SHOWN; i++)
		length += (size_t)snprintf(lookup->text + length, NAME_MOST - length, "%.*s",
			(int)sizeof(events->note[i].text), events->note[i].text);
}

static struct lookup *add_lookups(struct lookup *list, const struct run_process *process,
	const struct run_thread *thread, size_t *count)
{
	struct events events;

	if (!thread_called(thread, CLASS_NAME))
		return list;
	events_begin(&events, process, thread);
	while (events_next(&events)) {
		const struct trace_event *event = &events.event;
		struct lookup lookup = {event->start, event_duration(event), event->asked, ""};

		if (call_class(event->call) != CLASS_NAME)
			continue;
		take_text(&lookup, &events);
		list = memory_grow(list, *count, sizeof(*list));
		list[(*count)++] = lookup;
	}
	events_end(&events);
	return list;
}

static struct lookup *list_lookups(const struct run *run, size_t *count)
{
	struct lookup *list = NULL;

	*count = 0;
	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			list = add_lookups(
				list, &run->process[p], &run->process[p].thread[t], count);
	return list;
}

static int by_name(const void *left, const void *right)
{
	const struct lookup *a = left, *b = right;

	if (a->name != b->name)
		return a->name < b->name ? -1 : 1;
	return a->start < b->start ? -1 : a->start > b->start;
}

/* Lookups [from, to) are of one name. */
static void judge_name(struct tally *tally, const struct lookup *list, size_t from, size_t to)
{
	uint64_t span = list[to - 1].start - list[from].start;

	if (!list[from].name || to - from < AGAIN ||
		(double)(to - from) * 60e9 < A_MINUTE * (double)span)
		return;
	for (size_t i = from + 1; i < to; i++)
		if (!is_timeout(list[i].took))
			tally_hit(tally,
				(struct hit){NULL, NO_TURN, list[i].took, list[i].took, 0, false});
}

static void find_again(struct judge *judge, struct lookup *list, size_t count)
{
	struct tally tally = {.of = count};
	size_t most = 0;
	const char *name = "";

	if (count > 0)
		qsort(list, count, sizeof(*list), by_name);
	for (size_t from = 0, to = 0; from < count; from = to) {
		while (++to < count && list[to].name == list[from].name) {
		}
		judge_name(&tally, list, from, to);
		if (list[from].name && to - from > most) {
			most = to - from;
			name = *list[from].text ? list[from].text : "a name";
		}
	}
	if (tally.hits > 0) {
		struct finding *finding = judge_add(judge, "D01", UINT32_MAX, &tally);

		finding->lost_low = finding->lost_high * 9 / 10;
		finding->fix = FIX_APP;
		finding_put(finding, what, "looks up %s again and again: %llu of %llu", name,
			(unsigned long long)tally.hits, (unsigned long long)tally.of);
		finding_put(finding, how, "the time in these lookups");
		finding_put(finding, no_rule,
			"no rule mends this: keep the address, or run a cache (nscd, "
			"systemd-resolved)");
	}
	tally_free(&tally);
}

/* Those of the resolver's timeout, or the other long ones. `when`: and when they were. */
static struct tally tally_of(const struct lookup *list, size_t count, bool timeouts, bool when)
{
	struct tally tally = {.of = count};

	for (size_t i = 0; i < count; i++)
		if (is_timeout(list[i].took) == timeouts && list[i].took >= A_LONG_ONE)
			tally_hit(&tally, (struct hit){NULL, NO_TURN, list[i].took, list[i].took,
						  when ? list[i].start + list[i].took : 0, false});
	return tally;
}

static void say_when(struct judge *judge, const struct finding *finding, const struct lookup *list,
	size_t count, bool timeouts)
{
	struct tally tally = tally_of(list, count, timeouts, true);

	judge_beside(judge, finding, &tally);
	tally_free(&tally);
}

static void find_timeouts(struct judge *judge, const struct lookup *list, size_t count)
{
	struct tally tally = tally_of(list, count, true, false);

	if (tally.hits > 0) {
		struct finding *finding = judge_add(judge, "D02", UINT32_MAX, &tally);

		say_when(judge, finding, list, count, true);
		finding->lost_low = finding->lost_high * 9 / 10;
		finding->fix = FIX_SYSTEM;
		finding->minor = false;
		finding_put(finding, what,
			"lookups of %.0f s, the resolver's timeout: %llu of %llu",
			(double)finding->p5 / 1e9, (unsigned long long)tally.hits,
			(unsigned long long)tally.of);
		finding_put(finding, how, "the time in these lookups");
		finding_put(finding, no_rule,
			"no rule mends this: in resolv.conf, options timeout:1 "
			"single-request-reopen, or another name server");
	}
	tally_free(&tally);
}

/* What the others took where that is a part of the run: a cache, or a nearer server, saves most of
 * it. */
static void find_long(struct judge *judge, const struct lookup *list, size_t count)
{
	struct tally tally = tally_of(list, count, false, false);
	struct finding *finding;

	if (tally_lost(&tally, false) * SHARE >= judge->fold->split.wall && tally.hits > 0) {
		finding = judge_add(judge, "D03", UINT32_MAX, &tally);
		say_when(judge, finding, list, count, false);
		finding->lost_high = least(finding->lost_high, judge->fold->split.wall);
		finding->fix = FIX_SYSTEM;
		finding->minor = false;
		finding_put(finding, what, "lookups of %.1f s and more: %llu of %llu",
			(double)A_LONG_ONE / 1e9, (unsigned long long)tally.hits,
			(unsigned long long)tally.of);
		finding_put(finding, how,
			"the time in these lookups, at most; some of it the first one of a name "
			"needs");
		finding_put(finding, no_rule,
			"no rule mends this: a cache on this host (nscd, systemd-resolved), or a "
			"nearer name server");
	}
	tally_free(&tally);
}

void find_name(struct judge *judge)
{
	size_t count;
	struct lookup *list = list_lookups(judge->fold->run, &count);

	find_timeouts(judge, list, count);
	find_again(judge, list, count);
	if (!code_is_found(judge->out, "D01"))
		find_long(judge, list, count);
	free(list);
}
