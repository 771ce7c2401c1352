/* What averages hide: how many transactions took how long, printed where a few took very long. */
#include "tools/show/report.h"
#include "tools/base/text.h"
#include "tools/base/units.h"

enum { BUCKETS = 9 };

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

/* "812", "71.9k". */
static void short_count(char text[UNITS], size_t count)
{
	if (count < 1000)
		snprintf(text, UNITS, "%zu", count);
	else
		snprintf(text, UNITS, "%.1fk", (double)count / 1e3);
}

/* Those outside of the first and the last that there are are left out. */
static void print_line(FILE *out, const struct endpoint *endpoint, const struct transactions *all)
{
	size_t in[BUCKETS] = {0}, at = 0;
	int first = BUCKETS, last = 0;
	char text[UNITS];

	for (int b = 0; b < BUCKETS; b++) {
		for (; at < all->count && all->took[at] < bucket_table[b].below; at++)
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
		struct transactions all = transactions_take(report->fold, e);

		if (all.spikes)
			print_line(out, &report->fold->endpoint[e], &all);
		transactions_free(&all);
	}
}
