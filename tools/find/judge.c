/* The judge: turns a tally of hits into a finding, says how sure it is and whether it is worth a
 * line, and writes rules for it. Knows no pattern: what a hit is, and what it lost, are the
 * finders' own. */
#include "tools/find/judge.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/option.h"
#include "rules/rule.h"
#include "tools/base/memory.h"

char *time_text(char *text, size_t size, uint64_t ns)
{
	if (ns >= S)
		snprintf(text, size, "%.1f s", (double)ns / 1e9);
	else if (ns >= 50 * US)
		snprintf(text, size, "%.1f ms", (double)ns / 1e6);
	else
		snprintf(text, size, "%.0f us", (double)ns / 1e3);
	return text;
}

bool code_is_found(const struct findings *out, const char *code)
{
	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->finding[i].code->name, code) == 0)
			return true;
	return false;
}

static bool is_free(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return !(turn_taken(judge, flow, turn) & PART_WAIT) && turn->answered && !turn->retrans;
}

bool turn_is_clean(const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return is_free(judge, flow, turn) && !turn->early && !turn->mixed;
}

bool turn_may_be_judged(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return turn->left ? is_free(judge, flow, turn) : turn_is_clean(judge, flow, turn);
}

bool is_delayed_ack(uint64_t wait)
{
	return within(wait, DELAYED_ACK_LOW, DELAYED_ACK_HIGH);
}

uint64_t life_of(const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;
	uint64_t end = connection->closed ? connection->closed : flow->process->ended;

	return beyond(end, connection->opened);
}

bool theirs(const struct flow_fold *flow, int option)
{
	return flow->connection->theirs & OPTION_BIT(option);
}

bool has_nagle(const struct flow_fold *flow)
{
	return flow->connection->options.nodelay != 1;
}

bool has_unseen_writes(const struct flow_fold *flow)
{
	const struct trace_connection *connection = flow->connection;

	return connection->fdopened ||
	       (connection->at_close.taken &&
		       connection->at_close.bytes_acked > connection->bytes_written + 2);
}

bool last_write_is_small(const struct flow_fold *flow, const struct turn *turn)
{
	return turn->last_write && turn->last_write < flow_mss(flow);
}

static uint8_t *taken_of(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return &judge->taken[flow - judge->fold->flow][turn->number];
}

void turn_take(
	struct judge *judge, const struct flow_fold *flow, const struct turn *turn, enum part part)
{
	*taken_of(judge, flow, turn) |= part;
}

void hit_take(struct judge *judge, const struct hit *hit, enum part part)
{
	judge->taken[hit->flow - judge->fold->flow][hit->turn] |= part;
}

enum part parts_taken(const struct judge *judge, const struct flow_fold *flow, size_t turn)
{
	return (enum part)judge->taken[flow - judge->fold->flow][turn];
}

enum part turn_taken(
	const struct judge *judge, const struct flow_fold *flow, const struct turn *turn)
{
	return parts_taken(judge, flow, turn->number);
}

/* The distribution, and of the hits the one that lies in its middle: the excerpt. */
static void take_distribution(struct finding *finding, const struct tally *tally)
{
	uint64_t *sorted = tally_times(tally);
	struct hits hits = {.tally = tally};

	finding->p5 = quantile(sorted, tally->hits, 0.05);
	finding->p50 = quantile(sorted, tally->hits, 0.5);
	finding->p95 = quantile(sorted, tally->hits, 0.95);
	finding->max = quantile(sorted, tally->hits, 1);
	free(sorted);
	while (!finding->flow && hits_next(&hits))
		if (hits.hit.timed == finding->p50) {
			finding->flow = hits.hit.flow;
			if (finding->flow && hits.hit.turn != NO_TURN)
				finding->turn = *turn_at(finding->flow, hits.hit.turn);
		}
}

static bool is_habit(const struct judge *judge, const struct finding *finding)
{
	uint64_t wall = judge->fold->split.wall;

	return finding->lost_high >= HABIT_LOST &&
	       (finding->hits >= HABIT_HITS || finding->lost_high * 200 >= wall);
}

bool judge_is_minor(const struct judge *judge, const struct finding *finding)
{
	return !is_habit(judge, finding) || finding->lost_high * 100 < judge->fold->split.wall;
}

struct finding *judge_add(
	struct judge *judge, const char *code, uint32_t endpoint, const struct tally *tally)
{
	struct findings *out = judge->out;
	struct finding *finding;

	out->finding = memory_grow(out->finding, out->count, sizeof(*out->finding));
	finding = &out->finding[out->count++];
	memset(finding, 0, sizeof(*finding));
	finding->code = code_find(code);
	finding->endpoint = endpoint;
	if (!tally)
		return finding;
	finding->hits = tally->hits;
	finding->of = tally->of;
	finding->lost_high = tally_lost(tally, false);
	finding->lost_low =
		tally->proven == tally->hits ? finding->lost_high : tally_lost(tally, true);
	finding->sure = SURE_LIKELY;
	if (tally->hits > 0 && tally->proven * 10 >= tally->hits * 9) {
		finding->sure = SURE_PROVEN;
		finding->hits = tally->proven;
		finding->lost_high = finding->lost_low;
	}
	take_distribution(finding, tally);
	finding->minor = judge_is_minor(judge, finding);
	return finding;
}

void judge_how(struct judge *judge, struct finding *finding, const struct tally *tally,
	const char *format, ...)
{
	uint64_t sum = 0, accompanied = tally_accompanied(judge, tally);
	struct hits hits = {.tally = tally};
	size_t used;
	va_list args;

	va_start(args, format);
	vsnprintf(finding->how, sizeof(finding->how), format, args);
	va_end(args);
	while (hits_next(&hits))
		sum += hits.hit.lost;
	used = strlen(finding->how);
	if (tally_lost(tally, false) * 20 < sum * 19)
		snprintf(finding->how + used, sizeof(finding->how) - used,
			"; %.1f s of the connections, but they overlap", (double)sum / 1e9);
	used = strlen(finding->how);
	if (finding->flow && finding->flow->connection->wired && finding->code->segments)
		snprintf(finding->how + used, sizeof(finding->how) - used,
			"; a capture shows when segments left, not when they were written: right "
			"after the one before, it is taken");
	used = strlen(finding->how);
	if (accompanied > 0)
		snprintf(finding->how + used, sizeof(finding->how) - used,
			"; in %llu of %llu another connection got on meanwhile",
			(unsigned long long)accompanied, (unsigned long long)tally->hits);
}

static void add_stretches(const struct judge *judge, struct stretches *stretches,
	const struct finding *finding, const struct tally *tally)
{
	struct hits hits = {.tally = tally};

	while (hits_next(&hits)) {
		const struct hit *hit = &hits.hit;
		const struct stretch stretch = {.begin = beyond(hit->end, hit->lost),
			.end = hit->end,
			.flow = hit->flow ? (uint32_t)(hit->flow - judge->fold->flow) : NO_FLOW,
			.code = (uint8_t)(finding->code - code_table),
			.mends = *finding->mend.set};

		if (hit->end)
			stretch_add(stretches, &stretch);
	}
}

void judge_stalled(struct judge *judge, const struct finding *finding, const struct tally *tally)
{
	struct hits hits = {.tally = tally};

	add_stretches(judge, &judge->out->stalled, finding, tally);
	while (hits_next(&hits))
		judge->explained += hits.hit.end ? 0 : hits.hit.lost;
}

void judge_beside(struct judge *judge, const struct finding *finding, const struct tally *tally)
{
	add_stretches(judge, &judge->out->beside, finding, tally);
}

bool never_joined(const struct judge *judge, uint32_t endpoint)
{
	return one_message_a_segment(judge->fold->endpoint[endpoint].port);
}

/* Once or twice a program's own pace looks like the kernel's, where only the wire was seen. */
static size_t hits_least(const struct fold *fold)
{
	return fold->flows && fold->flow->connection->wired ? 3 : 1;
}

static void find_pair_at(struct judge *judge, const struct pair *pair, uint32_t e)
{
	struct tally tally[2] = {{0}};

	for_each_flow (flow, judge->fold, e)
		for_each_turn (turn, flow)
			pair->sort(judge, tally, flow, turn);
	for (int i = 0; i < 2; i++) {
		if (tally[i].hits >= hits_least(judge->fold))
			pair->report[i](judge, e, &tally[i]);
		tally_free(&tally[i]);
	}
}

void find_pair(struct judge *judge, const struct pair *pair)
{
	for (uint32_t e = 0; e < judge->fold->endpoints; e++)
		find_pair_at(judge, pair, e);
}
