/* Counting runs by the exchange, and judging one against another: by what an exchange takes, for
 * the wall holds the program's own work, too. Must not print. */
#include "tools/find/exchange.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "tools/find/judge.h"
#include "tools/base/memory.h"

/* Runs of one job differ by some per cent anyway; what costs less than a hundredth of the run is
 * no loss. */
static const double better = 0.95, worse = 1.10, worth_it = 0.01;
/* Of the same work an exchange carries about as many bytes. */
static const double same_work = 1.5;
/* ns: two runs of one job differ by that an exchange where a CPU's clock or its neighbour does. */
static const double too_fine = 50000;

static void take_spread(struct exchange *exchange, uint64_t *took)
{
	const uint64_t tail = exchange->count / 20;

	if (!exchange->count)
		return;
	sort_numbers(took, exchange->count);
	exchange->low = (double)took[tail];
	exchange->high = (double)took[exchange->count - 1 - tail];
}

/* exchange->unseen: no write is in them. */
static void count_turns(const struct fold *fold, struct exchange *exchange)
{
	uint64_t waiting = 0, bytes = 0, *took = NULL;

	exchange->unseen = true;

	for (size_t f = 0; f < fold->flows; f++)
		for_each_turn (turn, &fold->flow[f]) {
			exchange->unseen = exchange->unseen && !turn->writes;
			if (!turn->writes || !turn->answered)
				continue;
			took = memory_grow(took, exchange->count, sizeof(*took));
			took[exchange->count] = turn_took(&fold->flow[f], turn);
			waiting += took[exchange->count++];
			bytes += turn->bytes_out + turn->bytes_in;
		}
	take_spread(exchange, took);
	free(took);
	exchange->waiting = (double)waiting;
	exchange->bytes = (double)bytes;
}

/* What one exchange takes by the kernel's counts is no finer than its clock. */
static void count_unseen(const struct fold *fold, struct exchange *exchange)
{
	for (size_t f = 0; f < fold->flows; f++) {
		const struct trace_tcp *tcp = &fold->flow[f].connection->at_close;

		if (!tcp->taken || fold->flow[f].connection->role == ROLE_OF_LISTENER)
			continue;
		exchange->count += tcp->data_segs_in;
		exchange->waiting += (double)tcp->busy_us * 1000;
		exchange->bytes += (double)tcp->bytes_acked + (double)tcp->bytes_received;
	}
	exchange->high = exchange->count ? 2 * exchange->waiting / (double)exchange->count : 0;
}

static void count_segments(const struct fold *fold, struct exchange *exchange)
{
	uint64_t segments = 0, bytes = 0;

	for (size_t f = 0; f < fold->flows; f++) {
		const struct trace_connection *connection = fold->flow[f].connection;
		if (!connection->at_close.taken || connection->role == ROLE_OF_LISTENER)
			continue;
		segments += connection->at_close.data_segs_out;
		bytes += exchange->unseen ? connection->at_close.bytes_acked
					  : connection->bytes_written;
	}
	exchange->segments = segments ? (double)segments : -1;
	exchange->in_segment = segments ? (double)bytes / (double)segments : -1;
}

static uint64_t count_calls(const struct run *run)
{
	uint64_t calls = 0;

	for (size_t p = 0; p < run->processes; p++)
		for (size_t t = 0; t < run->process[p].threads; t++)
			for (unsigned call = 0; call < TRACE_CALL_COUNT; call++) {
				const int class = call_class(call);
				if (class != CLASS_NAME && class != CLASS_SLEEP &&
					class != CLASS_NOTE && class >= 0)
					calls += run->process[p].thread[t].counts.calls[call];
			}
	return calls;
}

static uint64_t count_stalls(const struct findings *findings)
{
	uint64_t stalls = 0;

	for (size_t i = 0; i < findings->count; i++) {
		const struct code *code = findings->finding[i].code;
		if (findings->finding[i].sure != SURE_POSSIBLE && code->segments &&
			code->sort == SORT_STALL)
			stalls += findings->finding[i].hits;
	}
	return stalls;
}

void exchange_count(
	const struct fold *fold, const struct findings *findings, struct exchange *exchange)
{
	*exchange = (struct exchange){.count = 0};
	count_turns(fold, exchange);
	if (exchange->unseen)
		count_unseen(fold, exchange);
	count_segments(fold, exchange);
	if (!exchange->count)
		return;
	const double count = (double)exchange->count;
	exchange->wall = (double)fold->split.wall / count;
	exchange->waiting /= count;
	exchange->bytes /= count;
	exchange->calls = (double)count_calls(fold->run) / count;
	exchange->stalls = (double)count_stalls(findings) / count;
	if (exchange->segments > 0)
		exchange->segments /= count;
}

static bool comparable(const struct fold *before, const struct exchange *was,
	const struct fold *after, const struct exchange *is, char why[160])
{
	const double ratio = was->bytes > 0 ? is->bytes / was->bytes : 0;

	*why = '\0';
	if (!was->count || !is->count)
		snprintf(why, 160, "%s has no exchange: nothing of it was answered",
			was->count ? "the second run" : "the first run");
	else if (was->unseen != is->unseen)
		snprintf(why, 160, "the writes of %s were not seen",
			was->unseen ? "the first run" : "the second run");
	else if (!was->unseen && (before->coverage < SEEN_ENOUGH || after->coverage < SEEN_ENOUGH))
		snprintf(why, 160, "too little was seen of %s's bytes",
			before->coverage < SEEN_ENOUGH ? "the first run" : "the second run");
	else if (!run_is_whole(before->run) || !run_is_whole(after->run))
		snprintf(why, 160, "%s was not recorded whole",
			run_is_whole(before->run) ? "the second run" : "the first run");
	else if (ratio > same_work || ratio < 1 / same_work)
		snprintf(why, 160,
			"an exchange carries %.0f bytes in the first run and %.0f in "
			"the second: that is not the same work",
			was->bytes, is->bytes);
	return !*why;
}

static enum exchange_verdict by_ratio(const struct exchange *was, const struct exchange *is)
{
	if (is->waiting < was->waiting * better)
		return EXCHANGE_BETTER;
	if (is->waiting > was->waiting * worse && is->waiting - was->waiting > was->wall * worth_it)
		return EXCHANGE_WORSE;
	return EXCHANGE_EQUAL;
}

/* Microseconds are told apart where hardly an exchange of one run took as long as one of the
 * other. */
static bool can_be_told(const struct exchange *was, const struct exchange *is)
{
	return fabs(is->waiting - was->waiting) >= too_fine || is->high < was->low ||
	       is->low > was->high;
}

enum exchange_verdict exchange_compare(const struct fold *before, const struct exchange *was,
	const struct fold *after, const struct exchange *is, char why[160])
{
	enum exchange_verdict verdict;

	if (!comparable(before, was, after, is, why))
		return EXCHANGE_UNKNOWN;
	verdict = by_ratio(was, is);
	if (verdict == EXCHANGE_EQUAL || can_be_told(was, is))
		return verdict;
	snprintf(why, 160,
		"That is below what two runs can tell apart: exchanges of one run differ by more.");
	return EXCHANGE_EQUAL;
}
