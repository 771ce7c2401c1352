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
	enum { ROWS = sizeof(streams) / sizeof(*streams) };
	static struct part parts[2 * ROWS];
	static struct CMUnitTest tests[2 * ROWS];

	for (size_t i = 0; i < 2 * ROWS; i++) {
		parts[i].stream = i / 2;
		parts[i].mode = i % 2 ? MODE_ALWAYS : MODE_AUTO;
		tests[i].name =
			must_print("%s [%s]", streams[i / 2].sentence, mode_name[parts[i].mode]);
		tests[i].test_func = as_few_as_bare;
		tests[i].initial_state = &parts[i];
	}
	return _cmocka_run_group_tests("streams", tests, 2 * ROWS, NULL, NULL);
}
