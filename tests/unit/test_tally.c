/* What a process has counted for `sockfix metrics`, read from memory that says whatever it likes:
 * this process's own stands for another one's. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "shim/settle/peer.h"
#include "tools/live/tally.h"

static struct control_tally there;
static struct control_map map;
static struct control page;
static struct library library;
static struct inside inside;

#define AT(of) (uint64_t)(uintptr_t)(of)

static void begin(void)
{
	memset(&there, 0, sizeof(there));
	map = (struct control_map){.size = sizeof(map),
		.flow_size = 64,
		.tally = AT(&there),
		.tally_size = sizeof(there),
		.arm_size = sizeof(*there.arm)};
	for (int i = 0; i < CONTROL_FIELD_COUNT; i++)
		map.field[i] = (struct control_field){0, 1};
	page.map = AT(&map);
	library.page = AT(&page);
	inside =
		(struct inside){.known = true, .flows = 10, .held = 20, .late = 3, .late_ns = 4000};
}

static void take(struct tally *tally, int error)
{
	assert_int_equal(tally_take(getpid(), &library, &inside, tally), error);
}

static void what_was_before_a_fork_is_not_counted(void **state)
{
	struct tally tally;

	(void)state;
	begin();
	there.flows_before = 4;
	there.held_before = 20;
	there.late_before = 5; /* it cannot be, and is 0 */
	there.refused = 2;
	take(&tally, 0);
	assert_true(tally.known);
	assert_int_equal(tally.sockets, 6);
	assert_int_equal(tally.held, 0);
	assert_int_equal(tally.late, 0);
	assert_int_equal(tally.late_ns, 4000);
	assert_int_equal(tally.refused, 2);
	assert_int_equal(tally.arms, 0);
}

static void rows_are_taken_when_they_are_whole(void **state)
{
	struct tally tally;

	(void)state;
	begin();
	there.arm[1].connections = 1; /* bare, of those that found no room */
	there.arm[2] =
		(struct control_arm){.state = CONTROL_ARM_BEGUN, .rule = "half", .connections = 5};
	there.arm[3] = (struct control_arm){
		.state = CONTROL_ARM_THERE, .peer = 200, .rule = "x", .connections = 6};
	memset(there.arm[3].rule, 'x', sizeof(there.arm[3].rule));
	there.arm[3].squares = UINT64_MAX; /* no number */
	there.arm[4] = (struct control_arm){
		.state = CONTROL_ARM_THERE, .rule = "a\033\n\xff", .connections = 7};
	take(&tally, 0);
	assert_int_equal(tally.arms, 3);
	assert_string_equal(tally.arm[2].rule, "a???");
	assert_true(tally.arm[0].bare);
	assert_string_equal(tally.arm[0].rule, "");
	assert_int_equal(tally.arm[1].peer, CONTROL_PEER_UNKNOWN);
	assert_int_equal(strlen(tally.arm[1].rule), CONTROL_RULE - 1);
	assert_true(tally.arm[1].squares == 0);
}

/* As 0.1.0 has it; and as some later one may. */
static void other_releases_say_what_they_can(void **state)
{
	struct control_map taken;
	struct tally tally;

	(void)state;
	begin();
	map.size = CONTROL_MAP_LEAST;
	take(&tally, 0);
	assert_false(tally.known);
	map.size = sizeof(map) + 64;
	assert_int_equal(inside_map(getpid(), &library, &taken), 0);
	take(&tally, 0);
	assert_true(tally.known);
	map.tally_size++;
	take(&tally, 0);
	assert_int_equal(tally.arms, 0);
	map.size = CONTROL_MAP_LEAST - 1;
	take(&tally, -EPROTO);
}

static void what_is_not_there_is_an_error(void **state)
{
	struct tally tally;

	(void)state;
	begin();
	map.tally = 4096;
	take(&tally, -EFAULT);
	assert_false(tally.known);
}

static enum control_peer peer(uint8_t a, uint8_t b)
{
	return peer_kind((const uint8_t[16]){[10] = 0xff, [11] = 0xff, a, b, 0, 1});
}

static void peers_are_of_few_kinds(void **state)
{
	(void)state;
	assert_int_equal(peer(127, 0), CONTROL_PEER_LOOPBACK);
	assert_int_equal(peer(10, 0), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(172, 16), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(172, 31), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(172, 32), CONTROL_PEER_PUBLIC);
	assert_int_equal(peer(192, 168), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(192, 0), CONTROL_PEER_PUBLIC);
	assert_int_equal(peer(169, 254), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(100, 127), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer(100, 128), CONTROL_PEER_PUBLIC);
	assert_int_equal(peer_kind((const uint8_t[16]){[15] = 1}), CONTROL_PEER_LOOPBACK);
	assert_int_equal(peer_kind((const uint8_t[16]){0xfe, 0x80}), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer_kind((const uint8_t[16]){0xfd}), CONTROL_PEER_PRIVATE);
	assert_int_equal(peer_kind((const uint8_t[16]){0x20, 1}), CONTROL_PEER_PUBLIC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_before_a_fork_is_not_counted),
		cmocka_unit_test(rows_are_taken_when_they_are_whole),
		cmocka_unit_test(other_releases_say_what_they_can),
		cmocka_unit_test(what_is_not_there_is_an_error),
		cmocka_unit_test(peers_are_of_few_kinds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
