/* What a mend keeps: what is written is read again, what a connection had first is what it gets
 * back, and lines of others are refused with their number. And options as the kernel has them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tools/live/undo.h"
#include "tools/live/who.h"

static struct undo sample(uint64_t cookie, uint8_t option)
{
	return (struct undo){.pid = 4711,
		.started = 123456789,
		.cookie = cookie,
		.fd = 5,
		.v6 = true,
		.option = option,
		.peer = "[2001:db8::7]:143",
		.was = {.bytes = {0, 1, 0xfe, 0xff}, .length = 4, .beside = 3},
		.left = {.bytes = {1}, .length = 4, .beside = -1}};
}

static int read_text(const char *text, struct undo **undo, size_t *count, int *line)
{
	FILE *file = fmemopen((void *)(uintptr_t)text, strlen(text), "r");
	int error;

	MUST(file);
	error = undo_read(file, undo, count, line);
	fclose(file);
	return error;
}

static char *write_all(const struct undo *undo, size_t count)
{
	char *text;
	size_t length;
	FILE *file = open_memstream(&text, &length);

	MUST(file);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(undo_write(file, &undo[i]), 0);
	fclose(file);
	return text;
}

static void written_is_read(void **state)
{
	struct undo wanted = sample(0xfedcba9876543210, OPTION_SO_LINGER), *undo;
	size_t count;
	char *text;
	int line;

	(void)state;
	wanted.left = (struct option_state){.bytes = {9, 8, 7, 6, 5, 4, 3, 2}, .length = 8};
	text = write_all(&wanted, 1);
	assert_int_equal(read_text(text, &undo, &count, &line), 0);
	assert_int_equal(count, 1);
	assert_memory_equal(undo, &wanted, sizeof(wanted));
	free(undo);
	free(text);
}

/* The line before the option is set, and that after it; and an option that was set two times. */
static void the_first_was_and_the_last_left(void **state)
{
	struct undo lines[4] = {sample(1, OPTION_TCP_NODELAY), sample(1, OPTION_TCP_NODELAY),
		sample(2, OPTION_TCP_NODELAY), sample(1, OPTION_TCP_NODELAY)};
	struct undo *undo;
	size_t count;
	char *text;
	int line;

	(void)state;
	lines[1].left = (struct option_state){.bytes = {1}, .length = 4};
	lines[3].was = lines[1].left;
	lines[3].left = (struct option_state){.bytes = {2}, .length = 4};
	text = write_all(lines, 4);
	assert_int_equal(read_text(text, &undo, &count, &line), 0);
	assert_int_equal(count, 2);
	assert_true(option_state_is_same(&undo[0].was, &lines[0].was));
	assert_true(option_state_is_same(&undo[0].left, &lines[3].left));
	assert_int_equal(undo[1].cookie, 2);
	free(undo);
	free(text);
}

/* The disk was full: that option was not set, then. */
static void a_cut_line_is_none(void **state)
{
	const struct undo lines[2] = {sample(1, OPTION_TCP_NODELAY), sample(2, OPTION_IP_TOS)};
	char *text = write_all(lines, 2);
	struct undo *undo;
	size_t count;
	int line;

	(void)state;
	text[strlen(text) - 20] = '\0';
	assert_int_equal(read_text(text, &undo, &count, &line), 0);
	assert_int_equal(count, 1);
	free(undo);
	free(text);
}

static void what_is_not_ours(void **state)
{
	static const char *const wrong[] = {"root:x:0:0\n", "{}\n", "[1]\n",
		"{\"pid\":0,\"started\":1,\"cookie\":\"1\",\"fd\":1,\"ipv6\":false,\"option\":"
		"\"tcp_nodelay\",\"peer\":\"\",\"was\":{\"bytes\":\"00\",\"beside\":0},\"set\":{\"bytes\":\"00\",\"beside\":0}}\n",
		"{\"pid\":1,\"started\":1,\"cookie\":\"1\",\"fd\":1,\"ipv6\":false,\"option\":"
		"\"so_reuseaddr\",\"peer\":\"\",\"was\":{\"bytes\":\"00\",\"beside\":0},\"set\":{\"bytes\":\"00\",\"beside\":0}}\n",
		"{\"pid\":1,\"started\":1,\"cookie\":\"1\",\"fd\":1,\"ipv6\":false,\"option\":"
		"\"tcp_nodelay\",\"peer\":\"\",\"was\":{\"bytes\":\"0\",\"beside\":0}}\n",
		"{\"pid\":1,\"started\":1,\"cookie\":\"1\",\"fd\":1,\"ipv6\":false,\"option\":"
		"\"tcp_nodelay\",\"peer\":\"\",\"was\":{\"bytes\":"
		"\"0000000000000000000000000000000000\",\"beside\":0}}\n"};
	const struct undo good = sample(1, OPTION_TCP_NODELAY);
	char *first = write_all(&good, 1);
	struct undo *undo;
	size_t count;
	int line;

	(void)state;
	for (size_t i = 0; i < sizeof(wrong) / sizeof(*wrong); i++) {
		char *text = must_print("%s%s", first, wrong[i]);

		assert_int_equal(read_text(text, &undo, &count, &line), -EINVAL);
		assert_int_equal(line, 2);
		assert_null(undo);
		free(text);
	}
	free(first);
}

static void a_process_has_a_beginning(void **state)
{
	const uint64_t ours = who_began(getpid());
	uint64_t ticks;
	char *line = NULL;
	size_t size = 0;
	FILE *uptime = fopen("/proc/uptime", "re");

	(void)state;
	MUST(uptime && getline(&line, &size, uptime) > 0);
	fclose(uptime);
	/* Rounded: 36499.59 * 100 is 3649958.9999999995. */
	ticks = (uint64_t)(atof(line) * (double)sysconf(_SC_CLK_TCK) + 0.5);
	free(line);
	assert_in_range(ours, 1, ticks);
	assert_in_range(ours, ticks > 60000 ? ticks - 60000 : 0, ticks);
	assert_int_equal(who_began(0x7ffffff), 0);
}

/* ---- options as the kernel has them ---- */

static void expect_printed(int id, const void *bytes, uint32_t length, const char *wanted)
{
	struct option_state state = {.length = length};
	char text[64];

	memcpy(state.bytes, bytes, length);
	option_state_print(id, &state, text, sizeof(text));
	assert_string_equal(text, wanted);
}

static void as_people_write_them(void **state)
{
	const int one = 1, size = 131072, time = 30000, none = -1;
	const struct linger off = {0, 5}, on = {1, 5};
	const uint64_t rate = 125000000, no_rate = UINT64_MAX;

	(void)state;
	expect_printed(OPTION_TCP_NODELAY, &one, 4, "true");
	expect_printed(OPTION_SO_SNDBUF, &size, 4, "131072");
	expect_printed(OPTION_TCP_USER_TIMEOUT, &time, 4, "30s");
	expect_printed(OPTION_TCP_NOTSENT_LOWAT, &none, 4, "none");
	expect_printed(OPTION_SO_LINGER, &off, 8, "off");
	expect_printed(OPTION_SO_LINGER, &on, 8, "5s");
	expect_printed(OPTION_SO_MAX_PACING_RATE, &rate, 8, "1Gbit");
	expect_printed(OPTION_SO_MAX_PACING_RATE, &no_rate, 8, "none");
	expect_printed(OPTION_TCP_CONGESTION, "reno\0\0\0\0\0\0\0\0\0\0\0", 16, "reno");
}

static void so_already(void **state)
{
	const struct value yes = {.kind = VALUE_NUMBER, .number = 1}, undo = {.kind = VALUE_UNDO},
			   size = {.kind = VALUE_NUMBER, .number = 65536},
			   reno = {.kind = VALUE_WORD, .word = "reno"};
	struct option_state is = {.bytes = {1}, .length = 4};

	(void)state;
	assert_true(option_state_is(OPTION_TCP_NODELAY, &is, &yes));
	assert_false(option_state_is(OPTION_TCP_QUICKACK, &is, &yes));
	is.bytes[0] = 0;
	assert_false(option_state_is(OPTION_TCP_NODELAY, &is, &yes));
	is = (struct option_state){.bytes = {0, 0, 2}, .length = 4, .beside = 1};
	assert_true(option_state_is(OPTION_SO_SNDBUF, &is, &size));
	assert_false(option_state_is(OPTION_SO_RCVBUF, &is, &size)); /* it is tuned */
	assert_true(option_state_is(OPTION_SO_RCVBUF, &is, &undo));
	assert_false(option_state_is(OPTION_SO_SNDBUF, &is, &undo));
	is = (struct option_state){.bytes = "reno", .length = 16};
	assert_true(option_state_is(OPTION_TCP_CONGESTION, &is, &reno));
	is = (struct option_state){.bytes = "reno2", .length = 16};
	assert_false(option_state_is(OPTION_TCP_CONGESTION, &is, &reno));
	is = (struct option_state){.bytes = {0, 0, 0, 0, 5}, .length = 8};
	assert_true(option_state_is(OPTION_SO_LINGER, &is, &undo));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(written_is_read),
		cmocka_unit_test(the_first_was_and_the_last_left),
		cmocka_unit_test(a_cut_line_is_none),
		cmocka_unit_test(what_is_not_ours),
		cmocka_unit_test(a_process_has_a_beginning),
		cmocka_unit_test(as_people_write_them),
		cmocka_unit_test(so_already),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
