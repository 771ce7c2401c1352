/* One-way streams that get Nagle back although the thread has no place for them, a filter forbids
 * setsockopt(), or another process made the socket: no more segments than bare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/segments.h"
#include "tests/helper/wire.h"

#define WRITES	    102400
#define WRITES_TEXT "102400"
#define BYTES	    50
#define BYTES_TEXT  "50"

/* Of bare's segments, in percent: a segment of each write would be more than 2,300. What is sent
 * before a stream is known as one is some dozen writes; each tick of `always` lets a tail go, and
 * how many ticks a stream lasts is up to how busy the machine is. */
enum { AS_BARE = 200, WITH_TICKS = 1000 };

static const struct stream {
	const char *sentence, *verb;
} streams[] = {
	{"setsockopt() is refused", "denied"},
	{"setsockopt() is the end", "killed"},
	{"setsockopt() is the end, from the middle on", "killed-late"},
	{"setsockopt() is the end, after three writes", "killed-holding"},
	{"a socket that was received", "passed"},
	{"a socket that was received after two writes", "passed-after-writes"},
	{"a socket that was received in the middle", "passed-in-stream"},
};

struct part {
	const struct stream *stream;
	enum mode mode;
};

static void as_few_as_bare(void **state)
{
	const struct part *part = *state;
	const struct work work = {.program = "lend",
		.argument = {part->stream->verb, "3000", BYTES_TEXT, "1"},
		.bytes = 3000 * BYTES,
		.at = WIRE_NEAR,
		.to = WIRE_FAR,
		.one_way = true};

	assert_segments_as_bare(
		&work, part->mode, NULL, part->mode == MODE_ALWAYS ? WITH_TICKS : AS_BARE);
}

/* So many that a thread has no place of its own for them (16, shim/flow/thread.h). On loopback each
 * write of a round finds the last one acknowledged, and Nagle has nothing to join: a long way. What
 * is sent before a stream is known as one is 15 writes a socket. */
static void by_turns(const char *sockets, int connections, unsigned percent)
{
	const struct work work = {.program = "lend",
		.argument = {"many", WRITES_TEXT, BYTES_TEXT, sockets},
		.bytes = (size_t)WRITES / (size_t)connections * BYTES,
		.connections = connections,
		.at = WIRE_NEAR,
		.to = WIRE_FAR,
		.one_way = true};

	assert_segments_as_bare(&work, MODE_AUTO, NULL, percent);
}

static void over_8_sockets_by_turns(void **state)
{
	(void)state;
	by_turns("8", 8, 120);
}

static void over_32_sockets_by_turns(void **state)
{
	(void)state;
	by_turns("32", 32, 120);
}

static void over_128_sockets_by_turns(void **state)
{
	(void)state;
	by_turns("128", 128, 150);
}

int main(void)
{
	static const enum mode modes[] = {MODE_AUTO, MODE_ALWAYS, MODE_BUFFER};
	static const struct CMUnitTest by_turns_tests[] = {
		cmocka_unit_test(over_8_sockets_by_turns),
		cmocka_unit_test(over_32_sockets_by_turns),
		cmocka_unit_test(over_128_sockets_by_turns),
	};
	enum {
		ROWS = sizeof(streams) / sizeof(*streams),
		MODES = sizeof(modes) / sizeof(*modes),
		MORE = sizeof(by_turns_tests) / sizeof(*by_turns_tests)
	};
	static struct part parts[MODES * ROWS];
	static struct CMUnitTest tests[MODES * ROWS + MORE];
	struct wire *wire;
	int failed;

	for (size_t i = 0; i < MODES * ROWS; i++) {
		parts[i].stream = &streams[i / MODES];
		parts[i].mode = modes[i % MODES];
		tests[i].name =
			must_print("%s [%s]", parts[i].stream->sentence, mode_name[parts[i].mode]);
		tests[i].test_func = as_few_as_bare;
		tests[i].initial_state = &parts[i];
	}
	memcpy(tests + MODES * ROWS, by_turns_tests, sizeof(by_turns_tests));
	/* The long way is in a network of our own. */
	need_for_all("namespaces");
	own_network();
	wire = wire_start();
	failed = _cmocka_run_group_tests("lend", tests, MODES * ROWS + MORE, NULL, NULL);
	wire_stop(wire);
	return failed;
}
