/* Programs that are killed in the middle of their writing: the peer has every byte whose write()
 * had returned, in its place, and nothing is left behind. Each seed says where; a failure prints
 * it. With SOAK in the environment (and SEED) a thousand in each mode, recorded ones, too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "kills.h"

#define FEW  50
#define MANY 1000

/* Of a soak, or always the same. */
static uint64_t first_seed(void)
{
	const char *seed = getenv("SEED");

	if (seed && *seed)
		return strtoull(seed, NULL, 10);
	return getenv("SOAK") ? (uint64_t)time(NULL) * 1000 : 1;
}

static const struct arm {
	const char *name;
	enum mode mode;
	bool records, soak; /* soak: in a soak alone */
} arms[] = {
	{"auto", MODE_AUTO, false, false},
	{"always", MODE_ALWAYS, false, false},
	{"bare", MODE_BARE, false, true},
	{"off", MODE_OFF, false, true},
	{"buffer", MODE_BUFFER, false, true},
	{"recorded, auto", MODE_AUTO, true, true},
};

#define ARMS (sizeof(arms) / sizeof(*arms))

static void has_every_byte(void **state)
{
	const struct arm *arm = *state;
	struct kills kills = {.mode = arm->mode,
		.records = arm->records,
		.seed = first_seed(),
		.count = getenv("SOAK") ? MANY : FEW};

	kills_play(&kills);
	printf("%s: %u kills, seeds from %llu: %llu writes, %u resets, %llu bytes short of what "
	       "was "
	       "returned\n",
		arm->name, kills.count, (unsigned long long)kills.seed,
		(unsigned long long)kills.writes, kills.resets,
		(unsigned long long)kills.bytes_short);
	assert_int_equal(kills.failed, 0);
}

int main(void)
{
	struct CMUnitTest tests[ARMS];
	size_t count = 0;

	for (size_t i = 0; i < ARMS; i++)
		if (!arms[i].soak || getenv("SOAK"))
			tests[count++] = (struct CMUnitTest){arms[i].name, has_every_byte, NULL,
				NULL, (void *)(uintptr_t)&arms[i]};
	setvbuf(stdout, NULL, _IOLBF, 0);
	return _cmocka_run_group_tests("kills", tests, count, NULL, NULL);
}
