/* One-way streams of programs that manage their sending themselves, hand it on, share it among
 * threads, or may have no thread of ours: no more segments than bare, and TCP_NODELAY is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/segments.h"
#include "tests/helper/wire.h"

/* Of bare's segments, in percent: a segment of each write would be more than 2,300. What is sent
 * before a stream is known as one is some dozen writes; each tick of `always` lets a tail go, and
 * how many ticks a stream lasts is up to how busy the machine is. */
enum { AS_BARE = 200, WITH_TICKS = 1000 };

static const struct {
	const char *sentence;
	const char *verb;
	bool resets;
} streams[] = {
	{"stdio on the socket", "stdio", false},
	{"a linger of 0 seconds after two writes", "linger", true},
	{"MSG_MORE after two writes", "msg-more", false},
	{"two threads in turns", "threads", false},
	{"a program that inherits the socket by exec", "exec", false},
	{"a program that inherits what was accepted", "inetd", false},
	{"no thread can be made", "no-threads", false},
};

struct part {
	size_t stream;
	enum mode mode;
};

static void as_few_as_bare(void **state)
{
	const struct part *part = *state;
	const struct work work = {.program = "streams",
		.argument = {streams[part->stream].verb, "3000", "50"},
		.bytes = 3000 * 50,
		.at = WIRE_NEAR,
		.to = WIRE_FAR,
		.one_way = true,
		.resets = streams[part->stream].resets};

	/* Over a long way Nagle joins until a round trip is over, however busy the machine is; what
	 * is left of a TCP_NODELAY of ours makes a segment of each write that comes slower. */
	assert_segments_as_bare(
		&work, part->mode, NULL, part->mode == MODE_ALWAYS ? WITH_TICKS : AS_BARE);
}

int main(void)
{
	static const enum mode modes[] = {MODE_AUTO, MODE_ALWAYS, MODE_BUFFER};
	enum { ROWS = sizeof(streams) / sizeof(*streams), MODES = sizeof(modes) / sizeof(*modes) };
	static struct part parts[MODES * ROWS];
	static struct CMUnitTest tests[MODES * ROWS];
	struct wire *wire;
	int failed;

	for (size_t i = 0; i < MODES * ROWS; i++) {
		parts[i].stream = i / MODES;
		parts[i].mode = modes[i % MODES];
		tests[i].name = must_print(
			"%s [%s]", streams[parts[i].stream].sentence, mode_name[parts[i].mode]);
		tests[i].test_func = as_few_as_bare;
		tests[i].initial_state = &parts[i];
	}
	/* The long way is in a network of our own. */
	need_for_all("namespaces");
	own_network();
	wire = wire_start();
	failed = _cmocka_run_group_tests("streams", tests, MODES * ROWS, NULL, NULL);
	wire_stop(wire);
	return failed;
}
