/* Streams and ends over a long way: no more segments than bare whatever the mode, no byte lost with
 * a segment, and connections that are closed while their bytes are under way end as they do bare.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/counted.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/segments.h"

/* Of bare's segments, in percent. Each tick of `always` lets a tail go, and how many ticks a stream
 * lasts is up to how busy the machine is; TCP_NODELAY makes 27 segments of one. */
enum { AS_BARE = 110, WITH_TICKS = 200, TRIES = 5 };

struct part {
	const struct work *work;
	enum mode mode;
	const char *preset; /* instead, by `sockfix run -P` */
	uint32_t round_us;
	unsigned percent;
};

/* ---- one way ---- */

/* At full speed, which is more than the way's round trip lets Nagle join. */
static const struct work at_full_speed = {
	"turns", {"stream", "8000", "50"}, .bytes = 400000, .one_way = true};

/* A long way's window joins what comes at full speed, whatever the mode; but what comes slower goes
 * out write by write where TCP_NODELAY is ours, and by the round trip where Nagle is given back. */
static const struct work paced_for_20_ms = {
	"far", {"paced", "6000", "50", "30"}, .bytes = 300000, .one_way = true};
static const struct work paced_for_80_ms = {
	"far", {"paced", "5000", "50", "100"}, .bytes = 250000, .one_way = true};

static void as_few_as_bare(void **state)
{
	const struct part *part = *state;
	const struct link_plan plan = {.round_us = part->round_us};
	struct link *link = link_start(&plan);

	assert_segments_as_bare(part->work, part->mode, link_ends(link), part->percent);
	link_stop(link);
}

/* ---- presets ---- */

/* What those make of a stream for whoever runs them over a long way. */
static void a_preset_as_few_as_bare(void **state)
{
	const struct part *part = *state;
	const struct link_plan plan = {.round_us = part->round_us};
	struct link *link = link_start(&plan);
	char *sockfix = build_path("sockfix"), *victim = build_path("victims/turns");
	const struct work bare = {
		victim, {"stream", "8000", "50"}, .bytes = 400000, .one_way = true};
	const struct work mended = {sockfix,
		{"run", "-P", part->preset, "--", victim, "stream", "8000", "50"}, .bytes = 400000,
		.one_way = true};
	uint32_t most = 0, with = UINT32_MAX;

	for (int i = 0; library_loads() && i < TRIES && with > most; i++) {
		most = segments_of(&bare, MODE_BARE, link_ends(link), NULL) * part->percent / 100;
		with = segments_of(&mended, MODE_BARE, link_ends(link), NULL);
	}
	if (library_loads())
		assert_in_range(with, 1, most);
	free(sockfix);
	free(victim);
	link_stop(link);
}

/* ---- losses ---- */

/* One segment of a hundred is lost, the same ones in both arms: all the bytes come, and what is
 * sent again is as much as bare, but for what depends on when the losses come. */
static void a_lossy_way_loses_nothing(void **state)
{
	static const struct work work = {
		"turns", {"stream", "128", "8192"}, .bytes = 128 * 8192, .one_way = true};
	const struct part *part = *state;
	const struct link_plan plan = {
		.round_us = part->round_us, .lose = {{.percent = 1, .seed = 7}, {0}}};
	struct link *link = link_start(&plan);
	struct way_count bare, with;

	segments_of(&work, MODE_BARE, link_ends(link), NULL);
	bare = link_count(link, LINK_THERE);
	link_begin(link, NULL);
	segments_of(&work, part->mode, link_ends(link), NULL);
	with = link_count(link, LINK_THERE);
	print_message("    bare: %u with data, %u lost, %u again; with: %u, %u, %u\n", bare.data,
		bare.lost, bare.again, with.data, with.lost, with.again);
	assert_in_range(bare.lost, 3, bare.data / 20);
	assert_in_range(with.lost, 3, with.data / 20);
	assert_in_range(with.data, 1, bare.data * part->percent / 100);
	assert_in_range(with.again, with.lost, 2 * bare.again + 10);
	link_stop(link);
}

/* ---- ends ---- */

struct end {
	const char *verb;
	bool answered; /* or the peer is silent: what would come after a close resets */
	enum peer_end end;
	enum mode mode;
	enum trace_given_up given_up;
};

static void ends_as_bare(void **state)
{
	const struct end *end = *state;
	const struct link_plan plan = {.round_us = 80000};
	struct link *link = link_start(&plan);
	struct counted c = {.program = "far",
		.argument = {end->verb, "20"},
		.mode = end->mode,
		.silent = !end->answered,
		.link = link};
	const struct way_count *bare = &c.bare_way[LINK_THERE], *with = &c.with_way[LINK_THERE];

	counted_play(&c);
	assert_int_equal(c.end, end->end);
	assert_int_equal(with->fins, bare->fins);
	assert_int_equal(with->resets > 0, end->end == PEER_RESET);
	assert_int_equal(with->bytes, bare->bytes);
	assert_int_equal(with->again, 0);
	print_message("    bare: %u with data, with: %u\n", bare->data, with->data);
	/* Collected or held from the first write on, it is one train that the end lets go. */
	if (end->mode != MODE_AUTO)
		assert_in_range(with->data, 1, bare->data + 1);
	if (library_loads())
		assert_int_equal(c.connection.given_up, end->given_up);
	counted_free(&c);
	link_stop(link);
}

#define ENDS(verb, answered, end, given_up)                                                        \
	{verb, answered, end, MODE_AUTO, given_up}, {verb, answered, end, MODE_ALWAYS, given_up},  \
	{                                                                                          \
		verb, answered, end, MODE_BUFFER, given_up                                         \
	}

static const struct end ends[] = {
	ENDS("half-closed", true, PEER_EOF, GIVEN_UP_NOT),
	ENDS("closed", false, PEER_EOF, GIVEN_UP_NOT),
	ENDS("lingers", false, PEER_EOF, GIVEN_UP_NOT),
	ENDS("resets", false, PEER_RESET, GIVEN_UP_LINGER),
};

/* ---- */

static const struct part streams[] = {
	{&at_full_speed, MODE_AUTO, NULL, 500, AS_BARE},
	{&at_full_speed, MODE_ALWAYS, NULL, 500, WITH_TICKS},
	{&at_full_speed, MODE_BUFFER, NULL, 500, AS_BARE},
	{&paced_for_20_ms, MODE_AUTO, NULL, 20000, AS_BARE},
	{&paced_for_80_ms, MODE_AUTO, NULL, 80000, AS_BARE},
};

static const struct part presets[] = {
	{NULL, MODE_BARE, "default", 500, AS_BARE},
	{NULL, MODE_BARE, "ftp-data", 500, WITH_TICKS},
};

static const struct part lossy[] = {
	{NULL, MODE_AUTO, NULL, 20000, AS_BARE},
	{NULL, MODE_ALWAYS, NULL, 20000, AS_BARE},
	{NULL, MODE_BUFFER, NULL, 20000, AS_BARE},
};

#define COUNT_OF(list) (sizeof(list) / sizeof(*(list)))

int main(void)
{
	enum { TESTS = COUNT_OF(streams) + COUNT_OF(presets) + COUNT_OF(lossy) + COUNT_OF(ends) };
	static struct CMUnitTest tests[TESTS];
	struct CMUnitTest *test = tests;

	need_for_all("tun");
	for (size_t i = 0; i < COUNT_OF(streams); i++)
		*test++ = (struct CMUnitTest){
			must_print("a stream of small writes [%s, %.1f ms]",
				mode_name[streams[i].mode], streams[i].round_us / 1e3),
			as_few_as_bare, NULL, NULL, (void *)(uintptr_t)&streams[i]};
	for (size_t i = 0; i < COUNT_OF(presets); i++)
		*test++ = (struct CMUnitTest){must_print("a stream by -P %s", presets[i].preset),
			a_preset_as_few_as_bare, NULL, NULL, (void *)(uintptr_t)&presets[i]};
	for (size_t i = 0; i < COUNT_OF(lossy); i++)
		*test++ = (struct CMUnitTest){
			must_print("1 MB, one segment of 100 lost [%s]", mode_name[lossy[i].mode]),
			a_lossy_way_loses_nothing, NULL, NULL, (void *)(uintptr_t)&lossy[i]};
	for (size_t i = 0; i < COUNT_OF(ends); i++)
		*test++ = (struct CMUnitTest){
			must_print("%s [%s]", ends[i].verb, mode_name[ends[i].mode]), ends_as_bare,
			NULL, NULL, (void *)(uintptr_t)&ends[i]};
	return _cmocka_run_group_tests("link_streams", tests, TESTS, NULL, NULL);
}
