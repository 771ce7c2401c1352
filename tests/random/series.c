/* Plays many random programs, a few at a time, and prints what people need of one that fails. */
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>

#include "game.h"
#include "tests/helper/must.h"
#include "workers.h"

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

/* What the worker processes have come to. */
struct tally {
	_Atomic uint64_t played, holds;
	_Atomic unsigned failed;
};

static void play_one(uint64_t seed, struct tally *tally)
{
	struct game game = {.seed = seed, .arms = ARMS_ALL};

	game.list.index = must_realloc(NULL, STEPS * sizeof(*game.list.index));
	for (uint32_t i = 0; i < STEPS; i++)
		game.list.index[game.list.count++] = i;
	if (!game_play(&game)) {
		atomic_fetch_add(&tally->failed, 1);
		tell(&game);
	}
	atomic_fetch_add(&tally->played, STEPS * ARM_COUNT);
	atomic_fetch_add(&tally->holds, game.holds);
	free(game.list.index);
	game_free(&game);
}

unsigned series_play(struct series *series)
{
	struct tally *tally = worker_memory(sizeof(*tally));
	unsigned failed;

	for (uint64_t done = 0, seed = series->seed; done < series->steps; done += STEPS, seed++)
		if (worker_begin()) {
			play_one(seed, tally);
			worker_end();
		}
	while (worker_wait())
		;
	series->played += tally->played;
	series->holds += tally->holds;
	failed = tally->failed;
	worker_memory_free(tally, sizeof(*tally));
	return failed;
}
