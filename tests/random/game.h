/* One random program, played in each mode at once, and compared with itself bare. */
#ifndef RANDOM_GAME_H
#define RANDOM_GAME_H

#include <stdbool.h>
#include <stdint.h>

#include "step.h"

enum arm_kind { ARM_BARE, ARM_OFF, ARM_AUTO, ARM_ALWAYS, ARM_BUFFER, ARM_RECORD, ARM_COUNT };
extern const char *const arm_name[ARM_COUNT];

struct game {
	uint64_t seed;
	struct list list;
	unsigned arms; /* a bit for each that is played; bare always is */

	/* With another build of the library, and one more variable for each arm; or NULL. */
	const char *library, *variable[ARM_COUNT];

	/* The answer, owned by the game until game_free() or the next game_play(). */
	char *fault; /* NULL: all is as bare; else what is not, for people */
	enum arm_kind faulty;
	char *log;	/* of the bare program */
	uint64_t holds; /* that the recorded arm had */
};

#define ARMS_ALL ((1u << ARM_COUNT) - 1)

/* False where something differs, fails, or hangs. */
bool game_play(struct game *game);
void game_free(struct game *game);

/* Leaves the fewest steps with which it still fails in that way, by delta debugging. */
void game_shrink(struct game *game);

/* Plays `steps` steps a mode in games from `seed` on; what fails is shrunk and printed. Returns how
 * many games failed; it ends at the first where `first_only`. */
struct series {
	uint64_t seed, steps;
	uint64_t played, holds; /* steps in all modes; holds where it was recorded */
};
unsigned series_play(struct series *series);

#endif
