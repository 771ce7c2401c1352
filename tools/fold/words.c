/* One turn in a few words: "w8192 x128", "(w4 w100) x20", "r3 x7". Repetitions that stand together
 * become one word or group; what does not fit any more is summed up in one last word a direction.
 */
#include <stdlib.h>

#include "tools/fold/fold_parts.h"
#include "tools/base/memory.h"

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
static size_t count_repeats(const uint32_t *piece, size_t pieces, size_t group)
{
	size_t at = group;

	while (at < pieces && is_like(piece[at], piece[at % group]))
		at++;
	return at / group;
}

static void word_add(struct word *word, uint32_t size)
{
	if (size < word->low)
		word->low = size;
	if (size > word->high)
		word->high = size;
}

/* The group, so often, as words. */
static void put_group(struct word *word, const struct saying *run, const uint32_t *piece,
	size_t group, size_t times)
{
	for (size_t i = 0; i < group; i++)
		word[i] = (struct word){
			.low = UINT32_MAX,
			.times = (uint32_t)(times < UINT32_MAX ? times : UINT32_MAX),
			.writes = run->writes,
			.block = i ? 0 : (uint8_t)group,
		};
	for (size_t i = 0; i < group * times; i++)
		word_add(&word[i % group], piece[i]);
}

/* The size of the group that covers most of the run's beginning; *times: how often. */
static size_t best_group(const uint32_t *piece, size_t pieces, size_t *times)
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
static size_t words_of_run(const struct saying *run, struct word *word)
{
	const size_t most = run->writes ? WRITES_MOST : READS_MOST;
	const uint32_t *piece = run->piece;
	size_t pieces = run->pieces, words = 0, times;

	if (!run->writes && pieces >= REPEATS) {
		put_group(word, run, piece, 1, pieces);
		return 1;
	}
	while (pieces) {
		size_t group = best_group(piece, pieces, &times);
		if (words + group >= most) { /* the last word: all that is left */
			put_group(&word[words], run, piece, 1, pieces);
			return words + 1;
		}
		put_group(&word[words], run, piece, group, times);
		words += group;
		piece += group * times;
		pieces -= group * times;
	}
	return words;
}

/* So many pieces are rare, and their room is not kept. */
#define PIECES_KEPT 64u

static void run_end(struct saying *saying)
{
	if (saying->pieces && saying->words + WRITES_MOST <= WORDS_MOST)
		saying->words += words_of_run(saying, saying->word + saying->words);
	if (saying->pieces > PIECES_KEPT) {
		free(saying->piece);
		saying->piece = NULL;
	}
	saying->pieces = 0;
}

static void piece_end(struct saying *saying)
{
	if (!saying->open)
		return;
	/* Room stays from run to run. */
	if (!saying->piece)
		saying->piece = memory_take(PIECES_KEPT, sizeof(*saying->piece));
	if (saying->pieces >= PIECES_KEPT)
		saying->piece = memory_grow(saying->piece, saying->pieces, sizeof(*saying->piece));
	saying->piece[saying->pieces++] =
		saying->bytes < UINT32_MAX ? (uint32_t)saying->bytes : UINT32_MAX;
	saying->open = false;
}

void saying_begin(struct saying *saying)
{
	saying->words = 0;
	saying->rest = 0;
}

void saying_step(struct saying *saying, const struct step *step)
{
	if (saying->open && (!step->writes || !saying->writes || step->asked != saying->rest ||
				    step->tid != saying->tid))
		piece_end(saying);
	if (step->writes != saying->writes)
		run_end(saying);
	if (!saying->open)
		saying->bytes = 0;
	saying->open = true;
	saying->writes = step->writes;
	saying->bytes += step->done;
	saying->tid = step->tid;
	saying->rest = step->writes && step->asked > step->done ? step->asked - step->done : 0;
	if (!saying->rest)
		piece_end(saying);
}

void saying_end(struct saying *saying)
{
	piece_end(saying);
	run_end(saying);
}

void saying_free(struct saying *saying)
{
	free(saying->piece);
}
