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

static void play(enum mode mode, bool records)
{
	struct kills kills = {.mode = mode,
		.records = records,
		.seed = first_seed(),
		.count = getenv("SOAK") ? MANY : FEW};

	kills_play(&kills);
	printf("%s%s: %u kills, seeds from %llu: %llu writes, %u resets, %llu bytes short of what "
	       "was returned\n",
		records ? "recorded, " : "", mode_name[mode], kills.count,
		(unsigned long long)kills.seed, (unsigned long long)kills.writes, kills.resets,
		(unsigned long long)kills.bytes_short);
	assert_int_equal(kills.failed, 0);
}

static void bare(void **state)
{
	(void)state;
	play(MODE_BARE, false);
}

static void off(void **state)
{
	(void)state;
	play(MODE_OFF, false);
}

static void automatic(void **state)
{
	(void)state;
	play(MODE_AUTO, false);
}

static void always(void **state)
{
	(void)state;
	play(MODE_ALWAYS, false);
}

static void buffer(void **state)
{
	(void)state;
	play(MODE_BUFFER, false);
}

static void recorded(void **state)
{
	(void)state;
	play(MODE_AUTO, true);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(automatic), cmocka_unit_test(always)};
	const struct CMUnitTest soak[] = {cmocka_unit_test(bare), cmocka_unit_test(off),
		cmocka_unit_test(automatic), cmocka_unit_test(always), cmocka_unit_test(buffer),
		cmocka_unit_test(recorded)};

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (getenv("SOAK"))
		return cmocka_run_group_tests_name("kills, soak", soak, NULL, NULL);
	return cmocka_run_group_tests_name("kills", tests, NULL, NULL);
}
