/* One turn in a few words: "w8192 x128", "(w4 w100) x20", "r3 x7". Repetitions that stand together
 * become one word or group; what does not fit any more is summed up in one last word a direction.
 */
#include <stdlib.h>
#include <string.h>

#include "tools/trace/fold_parts.h"
#include "tools/trace/memory.h"

#define WRITES_MOST 9u /* words of a turn's run of writes, the last for all that is left */
#define READS_MOST  4u
#define GROUP_MOST  4u /* words that are repeated together */
#define REPEATS	    3u /* from so many on it is a repetition */

static bool is_like(uint64_t one, uint64_t other)
{
	const uint64_t low = one < other ? one : other, high = one < other ? other : one;

	return high - low <= 4 || high <= low + low / 2;
}

/* How often the group of that many pieces stands at the beginning of a run, one after the other. */
static size_t count_repeats(const struct piece *piece, size_t pieces, size_t group)
{
	size_t at = group;

	while (at < pieces && is_like(piece[at].bytes, piece[at % group].bytes))
		at++;
	return at / group;
}

static void word_add(struct word *word, uint64_t bytes)
{
	const uint32_t size = bytes < UINT32_MAX ? (uint32_t)bytes : UINT32_MAX;

	if (size < word->low)
		word->low = size;
	if (size > word->high)
		word->high = size;
}

/* The group, so often, as words. */
static void put_group(struct word *word, const struct piece *piece, size_t group, size_t times)
{
	for (size_t i = 0; i < group; i++)
		word[i] = (struct word){
			.low = UINT32_MAX,
			.times = (uint32_t)(times < UINT32_MAX ? times : UINT32_MAX),
			.writes = piece->writes,
			.block = i ? 0 : (uint8_t)group,
		};
	for (size_t i = 0; i < group * times; i++)
		word_add(&word[i % group], piece[i].bytes);
}

/* The size of the group that covers most of the run's beginning; *times: how often. */
static size_t best_group(const struct piece *piece, size_t pieces, size_t *times)
{
	size_t best = 1;

	*times = 1;
	for (size_t group = 1; group <= GROUP_MOST && group < pieces; group++) {
		size_t repeats = count_repeats(piece, pieces, group);
		if (repeats >= REPEATS && repeats * group > best * *times) {
			best = group;
			*times = repeats;
		}
	}
	return best;
}

/* The words of pieces in one direction. How reads are cut up is the network's doing: from three on
 * they are one word. */
static size_t words_of_run(const struct piece *piece, size_t pieces, struct word *word)
{
	const size_t most = piece->writes ? WRITES_MOST : READS_MOST;
	size_t words = 0, times;

	if (!piece->writes && pieces >= REPEATS) {
		put_group(word, piece, 1, pieces);
		return 1;
	}
	while (pieces) {
		size_t group = best_group(piece, pieces, &times);
		if (words + group >= most) { /* the last word: all that is left */
			put_group(&word[words], piece, 1, pieces);
			return words + 1;
		}
		put_group(&word[words], piece, group, times);
		words += group;
		piece += group * times;
		pieces -= group * times;
	}
	return words;
}

size_t words_of(const struct flow_fold *flow, const struct turn *turn, struct word *word)
{
	struct piece_cursor cursor = {.step = turn->first};
	struct piece *piece = memory_take(turn->steps, sizeof(*piece));
	size_t pieces = 0, words = 0;

	while (piece_next(flow, turn->first + turn->steps, &cursor, &piece[pieces]))
		pieces++;
	/* A turn is one run of each direction. */
	for (size_t first = 0; first < pieces;) {
		size_t end = first;
		while (end < pieces && piece[end].writes == piece[first].writes)
			end++;
		if (words + WRITES_MOST <= WORDS_MOST)
			words += words_of_run(piece + first, end - first, word + words);
		first = end;
	}
	free(piece);
	return words;
}
