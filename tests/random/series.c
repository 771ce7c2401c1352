/* Plays many random programs one after the other, and prints what people need of one that fails. */
#include <stdio.h>
#include <stdlib.h>

#include "game.h"
#include "tests/helper/must.h"

/* A process gives up holding after it was late four times; so programs are short, and many. */
#define STEPS 120

static void tell(struct game *game)
{
	char *text = list_text(&game->list);
	enum arm_kind faulty = game->faulty;

	printf("seed %llu, %s: %s\n", (unsigned long long)game->seed, arm_name[faulty],
		game->fault);
	printf("shrinking ..\n");
	fflush(stdout);
	free(text);
	game_shrink(game);
	text = list_text(&game->list);
	if (game->fault)
		printf("%zu steps are left: %s\n%s", game->list.count, game->fault, game->log);
	else
		printf("%zu steps are left, and it does not fail each time\n", game->list.count);
	printf("again: build/random/replay %llu %s %s\n", (unsigned long long)game->seed, text,
		arm_name[faulty]);
	fflush(stdout);
	free(text);
}

unsigned series_play(struct series *series)
{
	unsigned failed = 0;

	for (uint64_t done = 0, n = 0; done < series->steps; done += STEPS, n++) {
		struct game game = {.seed = series->seed + n, .arms = ARMS_ALL};

		game.list.index = must_realloc(NULL, STEPS * sizeof(*game.list.index));
		for (uint32_t i = 0; i < STEPS; i++)
			game.list.index[game.list.count++] = i;
		if (!game_play(&game)) {
			failed++;
			tell(&game);
		}
		series->played += STEPS * ARM_COUNT;
		series->holds += game.holds;
		free(game.list.index);
		game_free(&game);
	}
	return failed;
}
