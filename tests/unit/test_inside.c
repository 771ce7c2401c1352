/* What the library has published, read from memory that says whatever it likes: this process's own
 * stands for another one's. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/wire.h"
#include "tools/live/flows.h"
#include "tools/live/inside.h"

enum { SETTLED = 1, SERVER = 2, LISTENS = 4, SHIFT = 2, CHUNKS = 3 };

struct flow {
	uint32_t refs, state;
	uint64_t held, buffer;
	uint8_t rest[8]; /* all other fields */
};

static struct flow flow[CHUNKS][1 << SHIFT];
static uint64_t chunk[CHUNKS];
static uint32_t count, collected;
static struct control_counts counts;
static const char *rules, *directory;
static struct control_taken taken;
static struct control_map map;
static struct control control;
static struct library library;

#define AT(of) (uint64_t)(uintptr_t)(of)

static void begin(void)
{
	for (int i = 0; i < CHUNKS; i++)
		chunk[i] = AT(flow[i]);
	memset(flow, 0, sizeof(flow));
	counts = (struct control_counts){.flows = 9};
	count = CHUNKS << SHIFT;
	collected = 0;
	rules = "1:default";
	directory = "/run/x";
	map = (struct control_map){.size = sizeof(map),
		.flow_size = sizeof(struct flow),
		.flow_shift = SHIFT,
		.flow_chunks = CHUNKS,
		.flow_chunk = AT(chunk),
		.flow_count = AT(&count),
		.settled = SETTLED,
		.server = SERVER,
		.listens = LISTENS,
		.held_shift = 32,
		.counts = AT(&counts),
		.rules = AT(&rules),
		.directory = AT(&directory),
		.taken = AT(&taken)};
	for (int i = 0; i < CONTROL_FIELD_COUNT; i++)
		map.field[i] = (struct control_field){offsetof(struct flow, rest), 1};
	map.field[CONTROL_REFS] = (struct control_field){offsetof(struct flow, refs), 4};
	map.field[CONTROL_STATE] = (struct control_field){offsetof(struct flow, state), 4};
	map.field[CONTROL_HELD] = (struct control_field){offsetof(struct flow, held), 8};
	map.field[CONTROL_BUFFER] = (struct control_field){offsetof(struct flow, buffer), 8};
	control.map = AT(&map);
	library.page = AT(&control);
}

static void take(struct inside *inside, int error)
{
	assert_int_equal(inside_take(getpid(), &library, inside), error);
	assert_int_equal(inside->known, !error);
}

static void flows_are_counted_by_what_they_are(void **state)
{
	struct inside inside;

	(void)state;
	begin();
	flow[0][0] = (struct flow){.refs = 1, .state = SETTLED, .held = UINT64_C(5) << 32 | 77};
	flow[0][3] = (struct flow){.refs = 2, .state = SETTLED | SERVER};
	flow[2][3] = (struct flow){.refs = 1, .state = SETTLED | LISTENS | SERVER};
	flow[1][1] = (struct flow){.refs = 1};
	flow[1][2] = (struct flow){
		.state = SETTLED, .held = UINT64_C(7) << 32, .buffer = AT(&collected)};
	collected = 11;
	take(&inside, 0);
	assert_int_equal(inside.connections, 2);
	assert_int_equal(inside.servers, 1);
	assert_int_equal(inside.listeners, 1);
	assert_int_equal(inside.held, 12);
	assert_int_equal(inside.collected, 11);
	assert_int_equal(inside.flows, 9);
	assert_string_equal(inside.rules, "1:default");
	assert_string_equal(inside.directory, "/run/x");
	assert_int_equal(inside.changed, 0);
	assert_false(inside.waits);
	inside_free(&inside);
}

static void changes_of_rules_are_told(void **state)
{
	struct inside inside;

	(void)state;
	begin();
	taken = (struct control_taken){.number = 7, .times = 3};
	control.wanted_rules = 1;
	take(&inside, 0);
	assert_int_equal(inside.changed, 3);
	assert_true(inside.waits);
	inside_free(&inside);
	taken = (struct control_taken){.number = 0};
	control.wanted_rules = 0;
}

static void a_count_without_end_ends(void **state)
{
	struct inside inside;

	(void)state;
	begin();
	count = UINT32_MAX;
	flow[2][3] = (struct flow){.refs = 1, .state = SETTLED};
	take(&inside, 0);
	assert_int_equal(inside.connections, 1);
	inside_free(&inside);
}

static void a_chunk_that_is_not_there_is_nothing(void **state)
{
	struct inside inside;

	(void)state;
	begin();
	flow[2][0] = (struct flow){.refs = 1, .state = SETTLED, .buffer = 8};
	chunk[1] = 0;
	take(&inside, 0);
	assert_int_equal(inside.connections, 1);
	inside_free(&inside);
}

static void addresses_of_nothing_are_an_error(void **state)
{
	uint64_t *const address[] = {&chunk[2], &map.flow_chunk, &map.flow_count, &map.counts,
		&map.rules, &map.directory, &map.taken};
	struct inside inside;

	(void)state;
	for (size_t i = 0; i < sizeof(address) / sizeof(*address); i++) {
		begin();
		*address[i] = 64;
		take(&inside, -EFAULT);
		inside_free(&inside);
	}
	begin();
	rules = (const char *)64;
	take(&inside, -EFAULT);
	inside_free(&inside);
}

static void a_text_without_end_is_an_error(void **state)
{
	const size_t size = WIRE_MOST + 64 * 1024;
	char *text = malloc(size);
	struct inside inside;

	(void)state;
	begin();
	memset(text, 'a', size);
	rules = text;
	take(&inside, -EFAULT);
	inside_free(&inside);
	free(text);
}

/* What stands behind it is not its own. */
static void the_map_of_an_older_release_is_taken(void **state)
{
	struct control_map got;
	struct inside inside;

	(void)state;
	begin();
	map.size = CONTROL_MAP_LEAST;
	map.tally = 64;
	take(&inside, 0);
	inside_free(&inside);
	assert_int_equal(inside_map(getpid(), &library, &got), 0);
	assert_int_equal(got.tally, 0);
}

static void what_is_no_map_is_refused(void **state)
{
	static const struct {
		size_t at, size;
		uint64_t value;
	} row[] = {
#define ROW(member, value) {offsetof(struct control_map, member), sizeof(map.member), value}
		ROW(size, CONTROL_MAP_LEAST - 8),
		ROW(flow_size, 0),
		ROW(flow_size, UINT32_MAX),
		ROW(flow_shift, 40),
		ROW(flow_chunks, UINT32_MAX),
		ROW(held_shift, 64),
		ROW(slot_shift, 32),
		ROW(slot_chunks, UINT32_MAX),
		ROW(field[CONTROL_HELD].offset, sizeof(struct flow) - 7),
		ROW(field[CONTROL_HELD].size, 3),
		ROW(field[CONTROL_REFS].size, 0),
#undef ROW
	};
	struct inside inside;

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		begin();
		memcpy((char *)&map + row[i].at, &row[i].value, row[i].size);
		take(&inside, -EPROTO);
	}
	begin();
	control.map = 0;
	take(&inside, -ENOENT);
	control.map = 64;
	take(&inside, -EFAULT);
}

/* ---- by its descriptor ---- */

static void a_descriptor_names_a_flow_or_none(void **state)
{
	static uint64_t first[1 << SHIFT], second[1 << SHIFT], chunks[CHUNKS];
	char room[sizeof(struct flow)];
	struct flow_copy found;

	(void)state;
	begin();
	map.slot_shift = SHIFT;
	map.slot_chunks = CHUNKS;
	map.slot_first = AT(first);
	map.slot_chunk = AT(chunks);
	chunks[1] = AT(second);
	first[0] = 3;	 /* no address of a flow */
	first[1] = 4096; /* nothing is there */
	first[2] = second[3] = AT(&flow[1][2]);
	first[3] = AT(&flow[0][0]);
	flow[1][2] = (struct flow){.refs = 1, .state = SERVER};
	assert_int_equal(flows_find(getpid(), &map, 0, room, &found), -ENOENT);
	assert_int_equal(flows_find(getpid(), &map, 1, room, &found), -EFAULT);
	assert_int_equal(flows_find(getpid(), &map, 2, room, &found), 0);
	assert_int_equal(flow_copy_get(&found, CONTROL_STATE), SERVER);
	assert_int_equal(flows_find(getpid(), &map, 3, room, &found), -ENOENT); /* it has ended */
	assert_int_equal(flows_find(getpid(), &map, 7, room, &found), 0);
	assert_int_equal(flows_find(getpid(), &map, 8, room, &found), -ENOENT);
	assert_int_equal(flows_find(getpid(), &map, 100, room, &found), -ENOENT);
	assert_int_equal(flows_find(getpid(), &map, -1, room, &found), -ENOENT);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(flows_are_counted_by_what_they_are),
		cmocka_unit_test(changes_of_rules_are_told),
		cmocka_unit_test(a_count_without_end_ends),
		cmocka_unit_test(a_chunk_that_is_not_there_is_nothing),
		cmocka_unit_test(addresses_of_nothing_are_an_error),
		cmocka_unit_test(a_text_without_end_is_an_error),
		cmocka_unit_test(a_descriptor_names_a_flow_or_none),
		cmocka_unit_test(the_map_of_an_older_release_is_taken),
		cmocka_unit_test(what_is_no_map_is_refused),
	};

	return cmocka_run_group_tests_name("inside", tests, NULL, NULL);
}
