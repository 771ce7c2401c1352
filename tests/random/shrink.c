/* Delta debugging: leaves out ever smaller parts of a failing list, as long as it still fails in
 * the same mode. What fails by chance is tried several times before a part is kept. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "game.h"
#include "tests/helper/must.h"

#define TRIES 3
#define GAMES 400 /* at most; a bound on time where little can be left out */

struct shrink {
	struct game game; /* of one candidate */
	unsigned games;
};

/* Whether it fails without the steps [from, to) of the list. */
static bool fails_without(struct shrink *shrink, const struct list *list, size_t from, size_t to)
{
	struct list *kept = &shrink->game.list;

	kept->count = 0;
	for (size_t i = 0; i < list->count; i++)
		if (i < from || i >= to)
			kept->index[kept->count++] = list->index[i];
	for (int i = 0; i < TRIES && kept->count > 0 && shrink->games < GAMES; i++) {
		shrink->games++;
		if (!game_play(&shrink->game))
			return true;
	}
	return false;
}

static bool pass(struct shrink *shrink, struct list *list, size_t part)
{
	bool less = false;

	for (size_t from = 0; from < list->count;) {
		size_t to = from + part < list->count ? from + part : list->count;

		if (fails_without(shrink, list, from, to)) {
			memmove(list->index + from, list->index + to,
				(list->count - to) * sizeof(*list->index));
			list->count -= to - from;
			less = true;
		} else {
			from = to;
		}
	}
	return less;
}

void game_shrink(struct game *game)
{
	struct shrink shrink = {.game = {.seed = game->seed, .arms = 1u << game->faulty}};

	shrink.game.list.index = must_realloc(NULL, game->list.count * sizeof(*game->list.index));
	/* The end may be cut off first: most of it was not played. */
	for (size_t part = game->list.count / 2; part > 0; part /= 2)
		while (pass(&shrink, &game->list, part) && part == 1)
			;
	free(shrink.game.list.index);
	game_free(&shrink.game);
	game->arms = 1u << game->faulty;
	for (int i = 0; i < 2 * TRIES && game_play(game); i++)
		;
}
