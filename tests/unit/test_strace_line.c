/* Lines of strace logs and their arguments, as versions of strace print them, and as they never
 * should. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/import/strace_args.h"
#include "tools/import/strace_line.h"

static char text[LINE_ROOM];

static struct log_line parse(const char *from)
{
	struct log_line line;

	snprintf(text, sizeof(text), "%s", from);
	assert_true(line_parse(text, strlen(text), &line));
	return line;
}

static void no_line(const char *from)
{
	struct log_line line;

	snprintf(text, sizeof(text), "%s", from);
	assert_false(line_parse(text, strlen(text), &line));
}

static void who_and_when(void **state)
{
	static const struct row {
		const char *text;
		int32_t tid;
		enum line_clock clock;
		uint64_t time;
	} table[] = {
		{"read(3, \"\", 1) = 0", 0, CLOCK_MISSING, 0},
		{"4711 read(3, \"\", 1) = 0", 4711, CLOCK_MISSING, 0},
		{"[pid   123] read(3, \"\", 1) = 0", 123, CLOCK_MISSING, 0},
		{"1795899007.820083 read(3, \"\", 1) = 0", 0, CLOCK_EPOCH, 1795899007820083000},
		{"1795899007.820083123 read(3, \"\", 1) = 0", 0, CLOCK_EPOCH, 1795899007820083123},
		{"12 1795899007 read(3, \"\", 1) = 0", 12, CLOCK_EPOCH, 1795899007000000000},
		{"12 00:00:01.5 read(3, \"\", 1) = 0", 12, CLOCK_DAY, 1500000000},
		{"[pid 9] 23:59:60 read(3, \"\", 1) = 0", 9, CLOCK_DAY, 86400000000000},
		{"     0.000384 read(3, \"\", 1) = 0", 0, CLOCK_SINCE, 384000},
		{"7      1.000384 read(3, \"\", 1) = 0", 7, CLOCK_SINCE, 1000384000},
		{"00:00:01 (+     0.000100) read(3, \"\", 1) = 0", 0, CLOCK_DAY, 1000000000},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		const struct log_line line = parse(table[i].text);

		assert_int_equal(line.kind, LINE_CALL);
		assert_string_equal(line.name, "read");
		assert_int_equal(line.tid, table[i].tid);
		assert_int_equal(line.clock, table[i].clock);
		assert_int_equal(line.time, table[i].time);
	}
}

static void what_came_of_it(void **state)
{
	struct log_line line = parse("read(3, \") = 9\", 1)      = 6 <0.000123>\r\n");

	(void)state;
	assert_int_equal(line.result, 6);
	assert_int_equal(line.took, 123000);
	assert_string_equal(line.args, "3, \") = 9\", 1");
	line = parse("recvfrom(3, 0x7f, 9, 0, NULL, NULL) = -1 EAGAIN (nicht verf\303\274gbar)");
	assert_int_equal(line.error, EAGAIN);
	assert_int_equal(line.took, -1);
	line = parse("connect(3, {...}, 16) = -1 EINPROGRESS (Operation now in progress) <0.1>");
	assert_int_equal(line.error, EINPROGRESS);
	line = parse("read(3, 0x7f, 9) = -1 ENOSUCHNAME (?)");
	assert_int_equal(line.error, EIO);
	line = parse("read(3, 0x7f, 9) = -1 (errno 11)");
	assert_int_equal(line.error, EIO);
	line = parse("read(3, 0x7f, 9) = ? ERESTARTSYS (To be restarted if SA_RESTART is set)");
	assert_true(line.again);
	assert_int_equal(line.error, EINTR);
	line = parse("exit_group(0) = ?");
	assert_false(line.answered);
	assert_int_equal(line.error, 0);
	line = parse("accept4(3, NULL, NULL, 0) = 4<TCP:[1.2.3.4:5->6.7.8.9:10]> <0.000001>");
	assert_int_equal(line.result, 4);
	assert_memory_equal(line.note, "TCP:[1.2.3.4:5->", 16);
	line = parse("brk(NULL) = 0x560146afe000");
	assert_int_equal(line.result, 0x560146afe000);
	line = parse("poll([{fd=3}], 1, 5) = 1 ([{fd=3, revents=POLLIN}])");
	assert_int_equal(line.result, 1);
	line = parse("fcntl(3, F_GETFL) = 0x802 (flags O_RDWR|O_NONBLOCK)");
	assert_non_null(strstr(line.rest, "O_NONBLOCK"));
}

static void halves_and_ends(void **state)
{
	struct log_line line = parse("12 recvfrom(5,  <unfinished ...>");

	(void)state;
	assert_int_equal(line.kind, LINE_UNFINISHED);
	assert_string_equal(line.args, "5,");
	line = parse("12 <... recvfrom resumed>\"ok\", 100, 0, NULL, NULL) = 2 <0.000090>");
	assert_int_equal(line.kind, LINE_RESUMED);
	assert_string_equal(line.name, "recvfrom");
	assert_string_equal(line.args, "\"ok\", 100, 0, NULL, NULL");
	line = parse("12 <... sendto resumed> )    = 3");
	assert_int_equal(line.result, 3);
	line = parse("12 <... clone resumed>) = 3");
	assert_string_equal(line.args, "");
	line = parse("12 +++ exited with 3 +++");
	assert_int_equal(line.kind, LINE_EXITED);
	assert_int_equal(line.result, 3);
	line = parse("12 +++ killed by SIGKILL (core dumped) +++");
	assert_int_equal(line.kind, LINE_KILLED);
	assert_int_equal(line.result, 9);
	line = parse("--- SIGCHLD {si_signo=SIGCHLD} ---");
	assert_int_equal(line.kind, LINE_SIGNAL);
	line = parse("+++ superseded by execve in pid 7 +++");
	assert_int_equal(line.kind, LINE_NOTHING);
}

static void what_is_none(void **state)
{
	(void)state;
	no_line("");
	no_line("   ");
	no_line("Dear all,");
	no_line("this (a letter) = no log.");
	no_line("f(x) equals 3");
	no_line("f(x = 3");
	no_line("3 = f(x)");
	no_line("9read(3) = 3");
	no_line("a_name_that_is_longer_than_any_call_of_linux(3) = 3");
	no_line("12 <... recvfrom resumed");
	no_line("12 <...  resumed>) = 3");
	no_line("12 34 56");
}

static struct args split(const char *from)
{
	struct args args;

	snprintf(text, sizeof(text), "%s", from);
	args_split(text, &args);
	return args;
}

static void arguments_are_split(void **state)
{
	struct args args =
		split("5<TCP:[1.2.3.4:5->6.7.8.9:10]>, \"a, \\\"b\\\" (\", [{fd=3, x}], 7");

	(void)state;
	assert_int_equal(args.count, 4);
	assert_string_equal(args.arg[1], "\"a, \\\"b\\\" (\"");
	assert_string_equal(args.arg[2], "[{fd=3, x}]");
	assert_string_equal(args.arg[3], "7");
	assert_string_equal(args.arg[4], "");
	args = split("");
	assert_int_equal(args.count, 0);
	args = split("3</tmp/a, b)>, 1<<3, \"cut off");
	assert_int_equal(args.count, 3);
	assert_string_equal(args.arg[0], "3</tmp/a, b)>");
	assert_string_equal(args.arg[2], "\"cut off");
	args = split(")))]], (((, 1");
	assert_int_equal(args.count, 2);
	args = split("1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14");
	assert_int_equal(args.count, ARGS_MOST);
}

static void numbers_and_flags(void **state)
{
	const char *note;
	int64_t number;
	bool more;
	int fd;

	(void)state;
	assert_true(arg_fd("5<socket:[1]>", &fd, &note));
	assert_int_equal(fd, 5);
	assert_memory_equal(note, "socket:", 7);
	assert_false(arg_fd("-1", &fd, &note));
	assert_false(arg_fd("AT_FDCWD</tmp>", &fd, &note));
	assert_false(arg_fd("99999999999", &fd, &note));
	assert_true(arg_number("{tv_sec=1, tv_nsec=500}", 1, &number));
	assert_int_equal(number, 500);
	assert_true(arg_number("{30, 7}", 0, &number));
	assert_int_equal(number, 30);
	assert_true(arg_number("16*1024", 0, &number));
	assert_int_equal(number, 16384);
	assert_true(arg_number("[-5]", 0, &number));
	assert_int_equal(number, -5);
	assert_false(arg_number("NULL", 0, &number));
	assert_false(arg_number("\"7\"", 0, &number));
	assert_true(arg_has("MSG_MORE|MSG_NOSIGNAL", "MSG_MORE"));
	assert_false(arg_has("MSG_MORE2", "MSG_MORE"));
	assert_false(arg_has("\"MSG_MORE\"", "MSG_MORE"));
	assert_int_equal(
		arg_sum("[{iov_base=\"iov_len=9\", iov_len=3}, {iov_base=\"\", iov_len=4}]",
			"iov_len=", &more),
		7);
	assert_false(more);
	arg_sum("[{iov_base=\"\", iov_len=3}, ...]", "iov_len=", &more);
	assert_true(more);
}

static void strings_and_addresses(void **state)
{
	uint8_t address[16], family;
	uint16_t port;
	char bytes[16];
	struct ends ends;

	(void)state;
	assert_int_equal(arg_string("\"a\\n\\x41\\101\\\"\\0\"...", bytes, sizeof(bytes)), 6);
	assert_memory_equal(bytes, "a\nAA\"", 6);
	assert_int_equal(arg_string("\"abcdef\"", bytes, 3), 3);
	assert_int_equal(arg_string("\"ab\\", bytes, sizeof(bytes)), 3);
	assert_true(arg_address("{sa_family=AF_INET, sin_port=htons(80), "
				"sin_addr=inet_addr(\"\\x31\\x30.0.0.1\")}",
		address, &port, &family));
	assert_int_equal(port, 80);
	assert_int_equal(family, 4);
	assert_int_equal(address[12], 10);
	assert_true(arg_address("{sa_family=AF_INET6, sin6_port=htons(5), inet_pton(AF_INET6, "
				"\"::ffff:10.0.0.1\", &sin6_addr), sin6_scope_id=0}",
		address, &port, &family));
	assert_int_equal(family, 6);
	assert_int_equal(address[12], 10);
	assert_false(
		arg_address("{sa_family=AF_UNIX, sun_path=\"/run/x\"}", address, &port, &family));
	assert_true(note_tcp("TCP:[1.2.3.4:5->6.7.8.9:10]>", &ends));
	assert_true(ends.connected);
	assert_int_equal(ends.peer_port, 10);
	assert_int_equal(ends.local_port, 5);
	assert_true(note_tcp("TCPv6:[[::1]:80]>", &ends));
	assert_false(ends.connected);
	assert_int_equal(ends.local_port, 80);
	assert_int_equal(ends.family, 6);
	assert_true(note_tcp("TCP:[24967827]>", &ends));
	assert_int_equal(ends.local_port, 0);
	assert_false(note_tcp("UDP:[1.2.3.4:5->6.7.8.9:10]>", &ends));
	assert_false(note_tcp("socket:[123]>", &ends));
	assert_false(note_tcp(NULL, &ends));
	assert_true(note_tcp("TCP:[1.2.3.4:5->", &ends));
	assert_false(ends.connected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_and_when),
		cmocka_unit_test(what_came_of_it),
		cmocka_unit_test(halves_and_ends),
		cmocka_unit_test(what_is_none),
		cmocka_unit_test(arguments_are_split),
		cmocka_unit_test(numbers_and_flags),
		cmocka_unit_test(strings_and_addresses),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
