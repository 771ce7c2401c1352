/* One-way streams of programs that manage their sending themselves, hand it on, share it among
 * threads, or may have no thread of ours: no more segments than bare, and TCP_NODELAY is theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/segments.h"

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
		.argument = {streams[part->stream].verb, "100000", "50"},
		.bytes = 5000000,
		.one_way = true,
		.resets = streams[part->stream].resets};

	/* On loopback medians of bare runs differ by a third; what is left of a TCP_NODELAY of ours
	 * doubles them at least, and mostly makes twenty of one. */
	assert_segments_as_bare(&work, part->mode, NULL, 150);
}

int main(void)
{
	static const enum mode modes[] = {MODE_AUTO, MODE_ALWAYS, MODE_BUFFER};
	enum { ROWS = sizeof(streams) / sizeof(*streams), MODES = sizeof(modes) / sizeof(*modes) };
	static struct part parts[MODES * ROWS];
	static struct CMUnitTest tests[MODES * ROWS];

	for (size_t i = 0; i < MODES * ROWS; i++) {
		parts[i].stream = i / MODES;
		parts[i].mode = modes[i % MODES];
		tests[i].name = must_print(
			"%s [%s]", streams[parts[i].stream].sentence, mode_name[parts[i].mode]);
		tests[i].test_func = as_few_as_bare;
		tests[i].initial_state = &parts[i];
	}
	return _cmocka_run_group_tests("streams", tests, MODES * ROWS, NULL, NULL);
}
