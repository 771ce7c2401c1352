/* What averages hide: how many transactions took how long, printed where the longest took more than
 * 100 times the median. A transaction is a turn, and the connect before a connection's first. */
#include <stdlib.h>
#include <string.h>

#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/base/memory.h"
#include "tools/fold/fold_parts.h"

enum { BUCKETS = 9, SPIKE = 100, TURNS_LEAST = 100 };

static const struct bucket {
	const char *name; /* in ms */
	uint64_t below;	  /* ns */
} bucket_table[BUCKETS] = {
	{"<0.1", 100000},
	{"<0.2", 200000},
	{"<0.5", 500000},
	{"<1", 1000000},
	{"<5", 5000000},
	{"<10", 10000000},
	{"<100", 100000000},
	{"<1000", 1000000000},
	{"more", UINT64_MAX},
};

static uint64_t transaction(const struct flow_fold *flow, size_t turn)
{
	return turn_at(flow, turn)->wait + (turn == 0 ? flow->connect_took : 0);
}

/* All of an endpoint, sorted; to be freed. */
static uint64_t *collect(const struct report *report, uint32_t endpoint, size_t *count)
{
	const struct fold *fold = report->fold;
	uint64_t *list = NULL;

	*count = 0;
	for_each_flow (flow, fold, endpoint)
		for (size_t t = 0; t < flow->turns; t++) {
			if (!turn_at(flow, t)->answered || !turn_at(flow, t)->writes)
				continue;
			list = memory_grow(list, *count, sizeof(*list));
			list[(*count)++] = transaction(flow, t);
		}
	sort_numbers(list, *count);
	return list;
}

static bool has_spikes(const uint64_t *sorted, size_t count)
{
	return count >= TURNS_LEAST && sorted[count - 1] / SPIKE > sorted[count / 2];
}

bool endpoint_has_spikes(const struct report *report, uint32_t endpoint)
{
	size_t count;
	uint64_t *list = collect(report, endpoint, &count);
	const bool spikes = has_spikes(list, count);

	free(list);
	return spikes;
}

struct transactions endpoint_transactions(const struct report *report, uint32_t endpoint)
{
	struct transactions all = {0};
	uint64_t *list = collect(report, endpoint, &all.count);

	if (all.count) {
		all.p50 = list[(all.count - 1) / 2];
		all.p99 = list[(all.count - 1) * 99 / 100];
		all.max = list[all.count - 1];
	}
	free(list);
	return all;
}

/* "812", "71.9k". */
static void short_count(char text[UNITS], size_t count)
{
	if (count < 1000)
		snprintf(text, UNITS, "%zu", count);
	else
		snprintf(text, UNITS, "%.1fk", (double)count / 1e3);
}

/* Those outside of the first and the last that there are are left out. */
static void print_line(
	FILE *out, const struct endpoint *endpoint, const uint64_t *sorted, size_t count)
{
	size_t in[BUCKETS] = {0}, at = 0;
	int first = BUCKETS, last = 0;
	char text[UNITS];

	for (int b = 0; b < BUCKETS; b++) {
		for (; at < count && sorted[at] < bucket_table[b].below; at++)
			in[b]++;
		if (in[b])
			last = b;
		if (b < first && in[b])
			first = b;
	}
	text_sentences(out, 0, "transactions with %s, by the ms that they took:", endpoint->text);
	fputs("  ", out);
	for (int b = first; b <= last; b++)
		fprintf(out, "%6s", bucket_table[b].name);
	fputs("\n  ", out);
	for (int b = first; b <= last; b++) {
		short_count(text, in[b]);
		fprintf(out, "%6s", text);
	}
	fputs("\n\n", out);
}

void histogram_print(FILE *out, const struct report *report)
{
	for (uint32_t e = 0; e < report->fold->endpoints; e++) {
		size_t count;
		uint64_t *list = collect(report, e, &count);

		if (has_spikes(list, count))
			print_line(out, &report->fold->endpoint[e], list, count);
		free(list);
	}
}
