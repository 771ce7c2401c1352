/* The table of endpoints: one learner each, none shared, and one that never predicts for those that
 * find no place. */
#include "tests/unit/unit.h"

#include <limits.h>
#include <string.h>

#include "shim/table/learners.h"

static void peer_of(uint8_t peer[16], unsigned number)
{
	memset(peer, 0, 16);
	memcpy(peer, &number, sizeof(number));
}

static void every_part_of_an_endpoint_tells_it_from_others(void **state)
{
	uint8_t peer[16] = {[10] = 0xff, 0xff, 10, 0, 0, 1}, other[16];
	struct learner *one = learner_of(false, peer, 0x1234);

	(void)state;
	assert_ptr_equal(learner_of(false, peer, 0x1234), one);
	assert_ptr_not_equal(learner_of(true, peer, 0x1234), one);
	assert_ptr_not_equal(learner_of(false, peer, 0x1235), one);
	assert_ptr_not_equal(learner_of(false, peer, 0x3412), one);
	for (int i = 0; i < 16; i++) {
		memcpy(other, peer, 16);
		other[i] ^= 1;
		assert_ptr_not_equal(learner_of(false, other, 0x1234), one);
	}
	assert_ptr_equal(learner_of(false, peer, 0x1234), one);
}

/* Wherever the address stands: what lies behind it is none of it. */
static void what_is_beside_an_address_is_not_looked_at(void **state)
{
	uint8_t place[17] = {[10] = 0xff, 0xff, 10, 0, 0, 2, 0};
	struct learner *one = learner_of(false, place, 80);

	(void)state;
	for (int i = 1; i < 256; i++) {
		place[16] = (uint8_t)i;
		assert_ptr_equal(learner_of(false, place, 80), one);
	}
}

static void a_full_table_sends_to_nobody_and_keeps_what_it_has(void **state)
{
	enum { MANY = 5000 };
	static struct learner *had[MANY];
	unsigned nobodys = 0;
	uint8_t peer[16];

	(void)state;
	/* 25 peers, two roles, a hundred ports: neighbours differ in one of these alone */
	for (unsigned i = 0; i < MANY; i++) {
		peer_of(peer, i % 25);
		had[i] = learner_of(i / 25 % 2, peer, (uint16_t)(i / 50));
		assert_non_null(had[i]);
		nobodys += had[i] == &learner_nobodys;
	}
	/* the places of the tests before this one are taken */
	assert_in_range(nobodys, MANY - 512, MANY - 512 + 40);
	assert_int_equal(learner_nobodys.benched, INT_MAX);
	for (unsigned i = 0; i < MANY; i++) {
		peer_of(peer, i % 25);
		assert_ptr_equal(learner_of(i / 25 % 2, peer, (uint16_t)(i / 50)), had[i]);
	}
	for (unsigned i = 0; i < MANY; i++)
		for (unsigned k = 0; k < i; k++)
			assert_true(had[i] == &learner_nobodys || had[i] != had[k]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_part_of_an_endpoint_tells_it_from_others),
		cmocka_unit_test(what_is_beside_an_address_is_not_looked_at),
		cmocka_unit_test(a_full_table_sends_to_nobody_and_keeps_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
