/* Pools: items as they were left, each once, up to the limit. */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <string.h>

#include "shim/base/pool.h"

struct thing {
	uint64_t words[3];
	struct pool_item item;
};

#define SHIFT 3
#define LIMIT 24

static _Atomic(void *) chunk[LIMIT >> SHIFT];
static struct pool pool;

static int set_up(void **state)
{
	(void)state;
	memset(chunk, 0, sizeof(chunk));
	pool = (struct pool){.size = sizeof(struct thing),
		.item = offsetof(struct thing, item),
		.shift = SHIFT,
		.limit = LIMIT,
		.chunk = chunk};
	return 0;
}

static void take_all(struct thing *thing[LIMIT])
{
	bool seen[LIMIT] = {false};
	uint32_t index;

	for (int i = 0; i < LIMIT; i++) {
		struct thing *one = pool_take(&pool, &index);

		assert_non_null(one);
		assert_in_range(index, 0, LIMIT - 1);
		assert_false(seen[index]);
		seen[index] = true;
		assert_ptr_equal(pool_at(&pool, index), one);
		thing[index] = one;
	}
	assert_null(pool_take(&pool, &index));
	assert_int_equal(pool.carved, LIMIT);
}

static void every_item_has_a_place_of_its_own(void **state)
{
	struct thing *thing[LIMIT];

	(void)state;
	take_all(thing);
	for (size_t i = 0; i < LIMIT; i++) {
		for (size_t word = 0; word < 3; word++)
			assert_int_equal(thing[i]->words[word], 0);
		memset(thing[i]->words, (int)i + 1, sizeof(thing[i]->words));
	}
	for (size_t i = 0; i < LIMIT; i++)
		for (size_t byte = 0; byte < sizeof(thing[i]->words); byte++)
			assert_int_equal(((unsigned char *)thing[i]->words)[byte], i + 1);
}

static void what_is_given_is_taken_again_as_it_was_left(void **state)
{
	struct thing *thing[LIMIT];
	uint32_t index;

	(void)state;
	take_all(thing);
	thing[0]->words[1] = 5;
	thing[9]->words[1] = 6;
	pool_give(&pool, 0);
	pool_give(&pool, 9);
	assert_ptr_equal(pool_take(&pool, &index), thing[9]);
	assert_int_equal(index, 9);
	assert_int_equal(thing[9]->words[1], 6);
	assert_ptr_equal(pool_take(&pool, &index), thing[0]);
	assert_int_equal(index, 0);
	assert_int_equal(thing[0]->words[1], 5);
	assert_null(pool_take(&pool, &index));
}

static void nothing_is_carved_while_something_is_free(void **state)
{
	uint32_t first, again;
	void *one = pool_take(&pool, &first);

	(void)state;
	pool_give(&pool, first);
	assert_ptr_equal(pool_take(&pool, &again), one);
	assert_int_equal(pool.carved, 1);
	assert_null(chunk[1]);
}

/* Who was overtaken between its look and its change must fail: the head is another then. */
static void the_head_of_the_free_list_never_comes_again(void **state)
{
	uint64_t seen[20];
	uint32_t index;

	(void)state;
	pool_take(&pool, &index);
	for (int i = 0; i < 20; i++) {
		if (i % 2)
			pool_take(&pool, &index);
		else
			pool_give(&pool, index);
		seen[i] = pool.free;
		for (int k = 0; k < i; k++)
			assert_true(seen[k] != seen[i]);
	}
}

static void a_chunk_is_mapped_once(void **state)
{
	_Atomic(void *) place = NULL;
	void *first = pool_chunk(&place, 4096);

	(void)state;
	assert_non_null(first);
	assert_ptr_equal(place, first);
	assert_ptr_equal(pool_chunk(&place, 4096), first);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(every_item_has_a_place_of_its_own, set_up),
		cmocka_unit_test_setup(what_is_given_is_taken_again_as_it_was_left, set_up),
		cmocka_unit_test_setup(nothing_is_carved_while_something_is_free, set_up),
		cmocka_unit_test_setup(the_head_of_the_free_list_never_comes_again, set_up),
		cmocka_unit_test(a_chunk_is_mapped_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
