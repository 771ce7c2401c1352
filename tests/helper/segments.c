/* Counts segments at the peer. How many a stream takes depends on who runs when: bare runs of one
 * minute differ by a factor. So bare and mended runs are made in turns, and medians compared. */
#include "segments.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#define ROUNDS_LEAST 3
#define ROUNDS_MOST  15

static void play(struct launch *launch, struct peer *peer, char **marks)
{
	struct run *run = run_start(launch);
	struct outcome outcome;
	const char *line;
	int port;

	close(launch->page);
	while ((line = run_mark(run)))
		if (sscanf(line, "#listens %d", &port) == 1)
			peer_join(peer, port);
	run_finish(run, &outcome);
	assert_string_equal(outcome.err, "");
	assert_int_equal(outcome.status, 0);
	if (marks) {
		*marks = outcome.out;
		outcome.out = NULL;
	}
	outcome_free(&outcome);
}

static uint32_t segments_on(const struct work *work, struct peer *peer, int connection)
{
	enum peer_end end = peer_wait_end(peer, connection);
	bool right;

	assert_int_equal(end, work->resets ? PEER_RESET : PEER_EOF);
	assert_int_equal(peer_received(peer, connection, &right), work->bytes);
	assert_true(right);
	return peer_segments(peer, connection);
}

uint32_t segments_of(
	const struct work *work, enum mode mode, const struct netns *wire, char **marks)
{
	struct peer_plan plan = {.pattern = work->answer > 0 || work->one_way,
		.answer_every = work->answer,
		.answer_lines = !work->answer && !work->one_way,
		.address = work->at,
		.joins = work->to};
	struct launch launch = {.program = work->program, .mode = mode, .address = work->to};
	struct peer *peer;
	uint32_t count = 0;

	/* The tick as users have it, not the long one that stories need. */
	if (mode == MODE_ALWAYS)
		launch.rules = "1:+t@role=any@:coalesce=2+=1";
	memcpy(launch.argument, work->argument, sizeof(launch.argument));
	if (wire) {
		launch.netns = wire->client;
		plan.netns = wire->server;
		plan.address = launch.address = NETNS_SERVER_ADDRESS;
	}
	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	play(&launch, peer, marks);
	for (int i = 0; i < work->connections || i == 0; i++)
		count += segments_on(work, peer, i);
	peer_stop(peer);
	munmap(plan.page, sizeof(*plan.page));
	print_message(
		"    %s%s: %u segments\n", mode_name[mode], wire ? " over a wire" : "", count);
	return count;
}

static int by_size(const void *a, const void *b)
{
	const uint32_t *x = a, *y = b;

	return (*x > *y) - (*x < *y);
}

static uint32_t median(const uint32_t *count, int rounds)
{
	uint32_t sorted[ROUNDS_MOST];

	memcpy(sorted, count, (size_t)rounds * sizeof(*count));
	qsort(sorted, (size_t)rounds, sizeof(*sorted), by_size);
	return sorted[rounds / 2];
}

void assert_segments_as_bare(
	const struct work *work, enum mode mode, const struct netns *wire, unsigned percent)
{
	uint32_t bare[ROUNDS_MOST], with[ROUNDS_MOST];
	char *bare_marks, *with_marks;

	for (int i = 0; i < ROUNDS_MOST;) {
		bare[i] = segments_of(work, MODE_BARE, wire, &bare_marks);
		with[i] = segments_of(work, mode, wire, &with_marks);
		assert_string_equal(bare_marks, with_marks);
		free(bare_marks);
		free(with_marks);
		i++;
		if (i >= ROUNDS_LEAST &&
			median(with, i) * 100ull <= median(bare, i) * (uint64_t)percent)
			return;
	}
	if (library_loads())
		fail_msg("%u segments, bare %u", median(with, ROUNDS_MOST),
			median(bare, ROUNDS_MOST));
}
