/* What the kernel told of single connections, as the screen of --all has it: what was asked, and
 * that what was not is no zero. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

#include "tools/fold/said.h"
#include "tools/show/connections.h"

static struct kernel_said said_of(const struct found *found, size_t number)
{
	return kernel_said(&found->run->process[0].connection[number - 1]);
}

static void assert_said(struct kernel_said said, int64_t busy, int64_t rwnd, int64_t sndbuf,
	int64_t queued, int64_t notsent, int64_t unacked)
{
	assert_int_equal(said.busy_us, busy);
	assert_int_equal(said.rwnd_limited_us, rwnd);
	assert_int_equal(said.sndbuf_limited_us, sndbuf);
	assert_int_equal(said.queued, queued);
	assert_int_equal(said.notsent, notsent);
	assert_int_equal(said.unacked, unacked);
}

static void what_was_asked_and_what_was_not(void **state)
{
	struct found found =
		find_text("run wall=10s\n"
			  "client 1 10.0.0.1:80 tcp.busy_us=5000000 tcp.rwnd_limited_us=3000000 "
			  "tcp.sndbuf_limited_us=7\n"
			  "client 2 10.0.0.1:80 unasked\n"
			  "client 3 10.0.0.1:80 tcp.busy_us=1000 tcp.state=7\n"
			  "1: { w100 } x10 +6s close\n2: w100 r10\n3: w100 close\n");

	(void)state;
	assert_said(said_of(&found, 1), 5000000, 3000000, 7, 0, 0, 0);
	assert_said(said_of(&found, 2), -1, -1, -1, -1, -1, -1);
	assert_said(said_of(&found, 3), 1000, 0, 0, -1, -1, 0);
	find_end(found);
}

/* A kernel that counts no bytes that it sent has not got the clocks either, or may not. */
static void an_old_kernel_has_no_clocks(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:80\nclient 2 10.0.0.1:80\n"
				       "client 3 10.0.0.1:80\n1: w100 close\n2: w100 close\n"
				       "3: r100 close\n");
	struct trace_connection *connection = found.run->process[0].connection;

	(void)state;
	for (size_t i = 0; i < 3; i++)
		connection[i].at_close.bytes_sent = 0;
	connection[1].at_close.busy_us = 4000;
	assert_said(said_of(&found, 1), -1, -1, -1, 0, 0, 0);
	assert_said(said_of(&found, 2), 4000, 0, 0, 0, 0, 0);
	assert_said(said_of(&found, 3), 0, 0, 0, 0, 0, 0);
	find_end(found);
}

/* Bytes on the way are those that were sent and not acknowledged; who connects has its SYN
 * acknowledged, too. With segments that were sent twice nobody can tell. */
static void of_what_is_queued_some_is_on_the_way(void **state)
{
	static const struct {
		const char *line;
		int64_t notsent;
	} table[] = {
		{"client 1 10.0.0.1:80 tcp.unacked=0 unsent=500", 500},
		{"client 1 10.0.0.1:80 tcp.unacked=2 unsent=500 tcp.bytes_acked=501 "
		 "tcp.bytes_sent=800",
			200},
		{"server 1 80 tcp.unacked=2 unsent=500 tcp.bytes_acked=500 tcp.bytes_sent=800",
			200},
		{"client 1 10.0.0.1:80 tcp.unacked=2 unsent=500 tcp.bytes_acked=501 "
		 "tcp.bytes_sent=800 tcp.total_retrans=1",
			-1},
		{"unknown 1 10.0.0.1:80 tcp.unacked=2 unsent=500 tcp.bytes_acked=501 "
		 "tcp.bytes_sent=800",
			-1},
		{"client 1 10.0.0.1:80 tcp.unacked=2 unsent=500 tcp.bytes_acked=501 "
		 "tcp.bytes_sent=2000",
			-1},
		{"client 1 10.0.0.1:80 tcp.unacked=1 unsent=0", 0},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		char text[300];
		snprintf(text, sizeof(text), "%s\n1: w1000 close\n", table[i].line);
		struct found found = find_text(text);
		assert_int_equal(said_of(&found, 1).notsent, table[i].notsent);
		find_end(found);
	}
}

/* Listeners send nothing; names too long for their column have a line. */
static void the_busiest_come_first(void **state)
{
	struct found found = find_text(
		"run wall=100s\n"
		"client 1 10.0.0.1:80 tcp.busy_us=2000\n"
		"client 2 10.0.0.1:80 unasked\n"
		"listener 3 8000\n"
		"server 4 8000 tcp.busy_us=60000000 tcp.rwnd_limited_us=59000000 unsent=4096 "
		"tcp.unacked=0\n"
		"1: w100 r1 close\n2: w100 r1\n4: r10 w9000 +70s close\n");
	char *text = printed(&found, connections_print);

	(void)state;
	assert_non_null(strstr(text,
		"  CONNECTION                 BUSY     RWND   SNDBUF    QUEUED   NOTSENT  UNACKED\n"
		"  port 8000 (server) from 192.0.2.9:50004 #4\n"
		"                           60.0 s   59.0 s    0.0 s    4.1 kB    4.1 kB        0\n"
		"  10.0.0.1:80 http #1     0.002 s    0.0 s    0.0 s       0 B       0 B        0\n"
		"  10.0.0.1:80 http #2           -        -        -         -         -        -\n"
		"  By the kernel "));
	free(text);
	find_end(found);
}

static void of_many_the_first_are_shown(void **state)
{
	char lines[64 * 100] = "", *text;
	size_t used = 0;

	(void)state;
	for (int n = 1; n <= 60; n++)
		used += (size_t)snprintf(lines + used, sizeof(lines) - used,
			"client %d 10.0.0.1:80 tcp.busy_us=%d\n%d: w9 close\n", n, n * 1000, n);
	struct found found = find_text(lines);
	text = printed(&found, connections_print);
	assert_non_null(strstr(text, " #60 "));
	assert_non_null(strstr(text, " #21 "));
	assert_null(strstr(text, " #20 "));
	assert_non_null(strstr(text, "\n    + 20 more: --all --format json\n"));
	free(text);
	find_end(found);
}

static void a_number_is_of_a_process(void **state)
{
	struct found found = find_text("process pid=7\nclient 1 [2001:db8::1]:143\n1: w9 close\n"
				       "process pid=8\nlistener 1 143\n");
	char text[CONNECTION_TEXT];

	(void)state;
	assert_string_equal(connection_text(text, found.fold, &found.fold->flow[0]),
		"[2001:db8::1]:143 imap #1, process 7");
	assert_string_equal(connection_text(text, found.fold, &found.fold->flow[1]),
		"port 143 imap (server) listener #1, process 8");
	find_end(found);
	found = find_text("server 1 80\n1: r9 w9 close\n");
	memset(found.run->process[0].connection[0].peer, 0, 16);
	assert_string_equal(connection_text(text, found.fold, &found.fold->flow[0]),
		"port 80 http (server) from [::]:50001 #1");
	find_end(found);
}

static void no_connection_no_table(void **state)
{
	struct found found = find_text("listener 1 80\n0: getaddrinfo~1ms\n");
	char *text = printed(&found, connections_print);

	(void)state;
	assert_string_equal(text, "");
	free(text);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_asked_and_what_was_not),
		cmocka_unit_test(an_old_kernel_has_no_clocks),
		cmocka_unit_test(of_what_is_queued_some_is_on_the_way),
		cmocka_unit_test(the_busiest_come_first),
		cmocka_unit_test(of_many_the_first_are_shown),
		cmocka_unit_test(a_number_is_of_a_process),
		cmocka_unit_test(no_connection_no_table),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
