/* The link of tests/helper/link.h itself, by what the kernel's TCP says of it at both ends: its
 * round trip, its losses, that nothing changes places and nothing comes twice. No library is loaded
 * here. */
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/link.h"
#include "tests/helper/link_call.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"

enum { PING = 100, PINGS = 20, BULK = 300000, FIRST = 200 };

static uint64_t sent, heard;

static void say(int fd, size_t length)
{
	unsigned char bytes[PING];

	for (size_t i = 0; i < length; i++)
		bytes[i] = pattern_byte(sent + i);
	sent += length;
	MUST(send(fd, bytes, length, MSG_NOSIGNAL) == (ssize_t)length);
}

static void hear(int fd, size_t length)
{
	static unsigned char bytes[1 << 16];

	while (length > 0) {
		size_t room = length < sizeof(bytes) ? length : sizeof(bytes);
		ssize_t got = recv(fd, bytes, room, 0);

		MUST(got > 0);
		for (ssize_t i = 0; i < got; i++)
			if (bytes[i] != pattern_byte(heard + (uint64_t)i))
				fail_msg("byte %zu is another one", (size_t)heard + (size_t)i);
		heard += (uint64_t)got;
		length -= (size_t)got;
	}
}

/* Questions that go there, and the same bytes in answers that come back. */
static void ping(const struct call *call, int times)
{
	sent = heard = 0;
	for (int i = 0; i < times; i++) {
		say(call->client, PING);
		hear(call->server, PING);
		heard = sent -= PING;
		say(call->server, PING);
		hear(call->client, PING);
	}
}

/* ---- how long ---- */

static void a_round_trip_takes_as_long(void **state)
{
	const struct link_plan *plan = *state;
	struct call call;

	call_begin(&call, plan);
	ping(&call, 5);
	assert_in_range(info_of(call.client).tcpi_min_rtt, plan->round_us, UINT32_MAX);
	assert_in_range(info_of(call.server).tcpi_min_rtt, plan->round_us, UINT32_MAX);
	/* It is the way that takes it: one end alone sees both halves of it. */
	assert_in_range(info_of(call.client).tcpi_min_rtt, 0, 10 * plan->round_us + 10000);
	call_end(&call);
}

/* 152 bytes at 10,000 a second. The handshake's packets are shorter, so the least is not it. */
static void a_rate_takes_its_time(void **state)
{
	const struct link_plan plan = {.round_us = 500, .rate = 10000};
	struct call call;

	(void)state;
	call_begin(&call, &plan);
	ping(&call, PINGS);
	assert_in_range(info_of(call.client).tcpi_rtt, 500 + 15200 / 2, UINT32_MAX);
	call_end(&call);
}

/* ---- what is counted ---- */

static void each_segment_is_counted(void **state)
{
	const struct link_plan plan = {.round_us = 500};
	struct way_segment *segment;
	struct call call;

	(void)state;
	call_begin(&call, &plan);
	link_begin(call.link, NULL);
	ping(&call, PINGS);
	for (enum link_way way = LINK_THERE; way < LINK_WAYS; way++) {
		struct way_count count = link_count(call.link, way);
		size_t segments = link_segments(call.link, way, &segment);

		assert_int_equal(count.data, PINGS);
		assert_int_equal(count.bytes, PINGS * PING);
		assert_int_equal(count.lost + count.again + count.fins + count.resets, 0);
		assert_int_equal(count.packets, count.data + count.acks);
		assert_int_equal(segments, PINGS);
		for (size_t i = 0; i < segments; i++) {
			assert_int_equal(segment[i].length, PING);
			assert_int_equal(segment[i].offset, i * PING);
		}
		free(segment);
	}
	assert_int_equal(info_of(call.client).tcpi_data_segs_in, PINGS);
	assert_int_equal(info_of(call.server).tcpi_data_segs_in, PINGS);
	call_end(&call);
}

static void an_end_is_counted(void **state)
{
	const struct link_plan plan = {.round_us = 500};
	const struct linger none = {1, 0};
	struct call call;

	(void)state;
	call_begin(&call, &plan);
	ping(&call, 1);
	MUST(shutdown(call.client, SHUT_WR) == 0);
	MUST(recv(call.server, &(char){0}, 1, 0) == 0);
	assert_int_equal(link_count(call.link, LINK_THERE).fins, 1);
	MUST(setsockopt(call.server, SOL_SOCKET, SO_LINGER, &none, sizeof(none)) == 0);
	MUST(close(call.server) == 0);
	MUST(recv(call.client, &(char){0}, 1, 0) == -1 && errno == ECONNRESET);
	assert_int_equal(link_count(call.link, LINK_BACK).resets, 1);
	call.server = -1;
	call_end(&call);
}

/* ---- what is lost ---- */

/* The seventh way there and the ninth back; each is sent once more, and nothing else is. */
static void that_segment_is_lost(void **state)
{
	static const uint32_t lost[LINK_WAYS] = {7, 9};
	const struct link_plan plan = {.round_us = 2000, .lose = {{.segment = 7}, {.segment = 9}}};
	struct way_segment *segment;
	struct call call;

	(void)state;
	call_begin(&call, &plan);
	ping(&call, PINGS);
	for (enum link_way way = LINK_THERE; way < LINK_WAYS; way++) {
		const struct way_count count = link_count(call.link, way);

		MUST(link_segments(call.link, way, &segment) > lost[way]);
		assert_int_equal(count.lost, 1);
		assert_int_equal(count.again, count.data - PINGS);
		assert_in_range(count.again, 1, 3);
		assert_true(segment[lost[way] - 1].lost && !segment[lost[way]].lost);
		assert_int_equal(segment[lost[way]].offset, segment[lost[way] - 1].offset);
		free(segment);
	}
	assert_int_equal(
		info_of(call.client).tcpi_total_retrans, link_count(call.link, LINK_THERE).again);
	call_end(&call);
}

/* One way, which nobody answers. */
static void *pour(void *argument)
{
	const struct call *call = argument;

	sent = 0;
	while (sent < BULK)
		say(call->client, PING);
	return NULL;
}

static void pour_all(struct call *call)
{
	pthread_t thread;

	heard = 0;
	MUST(pthread_create(&thread, NULL, pour, call) == 0);
	hear(call->server, BULK);
	pthread_join(thread, NULL);
}

/* By their numbers; returns how many of the first segments were lost. */
static size_t losses(uint32_t seed, size_t lost[FIRST])
{
	const struct link_plan plan = {
		.round_us = 500, .lose = {{.percent = 3, .seed = seed}, {0}}};
	struct way_segment *segment;
	size_t count = 0, segments, bytes = 0;
	struct call call;

	call_begin(&call, &plan);
	pour_all(&call);
	segments = link_segments(call.link, LINK_THERE, &segment);
	MUST(segments >= FIRST);
	for (size_t i = 0; i < segments; i++) {
		if (segment[i].lost && i < FIRST)
			lost[count++] = i;
		bytes += segment[i].lost ? segment[i].length : 0;
	}
	assert_in_range(link_count(call.link, LINK_THERE).lost, segments / 100, segments / 20);
	assert_in_range(link_count(call.link, LINK_THERE).bytes, BULK + bytes, UINT32_MAX);
	free(segment);
	call_end(&call);
	return count;
}

static void a_seed_says_which_are_lost(void **state)
{
	size_t one[FIRST], other[FIRST], another[FIRST], count;

	(void)state;
	count = losses(1, one);
	assert_int_equal(losses(1, other), count);
	assert_memory_equal(one, other, count * sizeof(*one));
	assert_true(losses(2, another) != count || memcmp(one, another, count * sizeof(*one)) != 0);
}

/* ---- and what is not ---- */

static void nothing_changes_places_or_comes_twice(void **state)
{
	const struct link_plan *plan = *state;
	struct way_segment *segment;
	struct tcp_info client, server;
	uint32_t again, next = 0;
	struct call call;
	size_t segments;

	call_begin(&call, plan);
	pour_all(&call);
	client = info_of(call.client);
	server = info_of(call.server);
	assert_int_equal(server.tcpi_rcv_ooopack, 0);
	assert_int_equal(client.tcpi_reord_seen, 0);
	/* A busy machine's kernel sends again what is only late; nothing else comes twice. */
	again = link_count(call.link, LINK_THERE).again;
	assert_int_equal(client.tcpi_total_retrans, again);
	assert_in_range(client.tcpi_dsack_dups, 0, again);
	assert_int_equal(server.tcpi_data_segs_in, link_count(call.link, LINK_THERE).data);
	segments = link_segments(call.link, LINK_THERE, &segment);
	for (size_t i = 0; i < segments; i++) {
		if (segment[i].offset >= next)
			assert_int_equal(segment[i].offset, next);
		if (segment[i].offset == next)
			next += segment[i].length;
	}
	assert_int_equal(next, BULK);
	free(segment);
	call_end(&call);
}

/* ---- what it needs ---- */

static void it_says_what_it_needs(void **state)
{
	const struct link_plan plan = {.round_us = 500};
	struct link *link;
	int status;
	pid_t pid;

	(void)state;
	pid = fork();
	if (pid == 0) {
		if (seteuid(65534) != 0)
			_exit(1);
		_exit(link_try(&plan, &link) == -EPERM ? 0 : 2);
	}
	MUST(waitpid(pid, &status, 0) == pid);
	assert_int_equal(status, 0);
}

static void only_who_says_so_leaves_it_out(void **state)
{
	static const struct {
		const char *without;
		bool left_out;
	} rows[] = {
		{"tun", true},
		{"namespaces,tun", true},
		{"tun namespaces", true},
		{"tuning,attune", false},
		{"", false},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		MUST(setenv("TESTS_WITHOUT", rows[i].without, 1) == 0);
		assert_int_equal(need_left_out("tun"), rows[i].left_out);
	}
	MUST(unsetenv("TESTS_WITHOUT") == 0);
}

static const struct link_plan plans[] = {
	{.round_us = 500},
	{.round_us = 20000},
	{.round_us = 80000},
};

#define ON_LINK(name, plan) cmocka_unit_test_prestate(name, (void *)(uintptr_t)&plans[plan])

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LINK(a_round_trip_takes_as_long, 0),
		ON_LINK(a_round_trip_takes_as_long, 1),
		ON_LINK(a_round_trip_takes_as_long, 2),
		cmocka_unit_test(a_rate_takes_its_time),
		cmocka_unit_test(each_segment_is_counted),
		cmocka_unit_test(an_end_is_counted),
		cmocka_unit_test(that_segment_is_lost),
		cmocka_unit_test(a_seed_says_which_are_lost),
		ON_LINK(nothing_changes_places_or_comes_twice, 0),
		ON_LINK(nothing_changes_places_or_comes_twice, 1),
		ON_LINK(nothing_changes_places_or_comes_twice, 2),
		cmocka_unit_test(it_says_what_it_needs),
		cmocka_unit_test(only_who_says_so_leaves_it_out),
	};
	const size_t count = sizeof(tests) / sizeof(*tests);

	need_for_all("tun");
	return _cmocka_run_group_tests("link", tests, count, NULL, NULL);
}
