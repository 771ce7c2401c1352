/* replay SEED LIST [MODE]: plays one random program again, bare and in that mode (or in all), and
 * prints what it noted. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "game.h"

int main(int argc, char **argv)
{
	struct game game = {.arms = ARMS_ALL};
	bool same;

	if (argc < 3 || !list_read(argv[2], &game.list)) {
		fprintf(stderr, "usage: replay SEED LIST [MODE]\n");
		return 2;
	}
	game.seed = strtoull(argv[1], NULL, 10);
	for (int i = 0; argc > 3 && i < ARM_COUNT; i++)
		if (strcmp(argv[3], arm_name[i]) == 0)
			game.arms = 1u << i;
	same = game_play(&game);
	printf("%s", game.log);
	if (same)
		printf("the same in all modes\n");
	else
		printf("%s: %s\n", arm_name[game.faulty], game.fault);
	game_free(&game);
	free(game.list.index);
	return same ? 0 : 1;
}
