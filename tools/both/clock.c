/* How two hosts' clocks stand to each other, from bytes alone: none is read before it was written.
 * What the fastest byte of each way took, by clocks that do not agree, bounds their difference from
 * both sides, as NTP has it; its middle is as good a guess as there is. Clocks drift: a window is
 * short. One that jumps (a host that was asleep) begins another: its bytes would arrive before they
 * were sent. Pure: sees neither a run nor a connection. */
#include <stdlib.h>

#include "tools/base/memory.h"
#include "tools/both/both_parts.h"

/* A window ends after so long, if so many bytes of each way were in it: two clocks that nobody sets
 * drift by less than a millisecond meanwhile. */
#define LONG_ENOUGH UINT64_C(10000000000)
#define MANY_ENOUGH 8u
/* By so much two CPUs of a host may differ; more is a jump, or a drift that has added up. */
#define APART INT64_C(50000)
/* A drift comes to less. */
#define JUMP INT64_C(5000000)

static int compare_samples(const void *left, const void *right)
{
	const struct clock_sample *one = left, *other = right;

	return (one->at > other->at) - (one->at < other->at);
}

static struct clock_window *window_add(struct clock_windows *clock, uint64_t from)
{
	clock->window = memory_grow(clock->window, clock->windows, sizeof(*clock->window));
	clock->window[clock->windows] = (struct clock_window){from, {CLOCK_UNKNOWN, CLOCK_UNKNOWN}};
	return &clock->window[clock->windows++];
}

/* By how much the byte was faster than what the others of its window allow, ns; 0: it was not. */
static int64_t beyond(const struct clock_window *window, const struct clock_sample *sample)
{
	const int64_t other = window->raw[!sample->back];
	int64_t both;

	if (other == CLOCK_UNKNOWN)
		return 0;
	if (__builtin_add_overflow(other, sample->raw, &both))
		return INT64_MAX;
	return both < -APART ? -(both + 1) : 0;
}

void clock_take(struct clock_windows *clock, struct clock_sample *sample, size_t samples)
{
	struct clock_window *window = NULL;
	size_t count[2] = {0, 0};

	*clock = (struct clock_windows){0};
	if (samples)
		qsort(sample, samples, sizeof(*sample), compare_samples);
	for (size_t i = 0; i < samples; i++) {
		const struct clock_sample *now = &sample[i];
		const bool full = window && now->at - window->from > LONG_ENOUGH &&
				  count[0] >= MANY_ENOUGH && count[1] >= MANY_ENOUGH;

		const int64_t early = window ? beyond(window, now) : 0;

		clock->jumps += early > JUMP;
		if (!window || full || early) {
			window = window_add(clock, now->at);
			count[0] = count[1] = 0;
		}
		count[now->back]++;
		if (window->raw[now->back] > now->raw)
			window->raw[now->back] = now->raw;
	}
}

const struct clock_window *clock_at(const struct clock_windows *clock, uint64_t at)
{
	size_t low = 0, high = clock->windows;

	while (low < high) {
		const size_t middle = low + (high - low) / 2;
		if (clock->window[middle].from <= at)
			low = middle + 1;
		else
			high = middle;
	}
	return low ? &clock->window[low - 1] : NULL;
}

/* Reads so close by tell no more than the fastest of them. */
#define CLOSE_BY UINT64_C(100000)

static size_t sample_add(
	struct clock_sample **sample, size_t first, size_t samples, const struct clock_sample *now)
{
	struct clock_sample *last = samples > first ? &(*sample)[samples - 1] : NULL;

	if (last && now->at - last->at < CLOSE_BY) {
		if (now->raw < last->raw)
			last->raw = now->raw;
		return samples;
	}
	*sample = memory_grow(*sample, samples, sizeof(**sample));
	(*sample)[samples] = *now;
	return samples + 1;
}

/* Each read is one: it ended after the write of its last byte began. */
static size_t sample_way(const struct both_stream *said, const struct both_stream *heard, bool back,
	struct clock_sample **sample, size_t samples)
{
	const size_t first = samples;
	size_t hint = 0;

	for (size_t i = 0; i < heard->calls; i++) {
		const struct both_call *read = &heard->call[i];
		const struct both_call *write = stream_find(said, read->to - 1, &hint);
		if (!write)
			break;
		samples = sample_add(sample, first, samples,
			&(struct clock_sample){back ? read->end : write->begin,
				(int64_t)(read->end - write->begin), back});
	}
	return samples;
}

size_t clock_samples(const struct both_talk *talk, struct clock_sample **sample, size_t samples)
{
	samples = sample_way(
		&talk->said[BOTH_CLIENT], &talk->heard[BOTH_SERVER], false, sample, samples);
	return sample_way(
		&talk->said[BOTH_SERVER], &talk->heard[BOTH_CLIENT], true, sample, samples);
}
