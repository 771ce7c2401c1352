/* The judge of looks, on made-up ones: which habit is which, what is called proven, and how much a
 * number of looks allows to say. */
#include "tests/unit/unit.h"

#include <math.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "rules/ip.h"
#include "tools/find/sampled.h"

#define S UINT64_C(1000000000)

static struct observed observed;
static struct sampled sampled;

static int set_up(void **state)
{
	(void)state;
	observed = (struct observed){.looks = 1000, .began = S, .end = 11 * S};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	sampled_free(&sampled);
	connections_free(&observed.connections);
	return 0;
}

/* A connection that was looked at each time, and that moved bytes both ways. */
static struct looks *add(uint16_t local_port, uint16_t peer_port)
{
	const uint64_t cookie = observed.connections.count + 1;
	struct looks *looks = &connections_find(&observed.connections, cookie)->looks;

	looks->looks = observed.looks;
	looks->first.state = TCP_IS_UP;
	looks->first.local_port = local_port;
	looks->first.peer_port = peer_port;
	ip_from_v4(looks->first.peer, &(struct in_addr){htonl(0xc0000207)});
	looks->last = looks->first;
	looks->last.sent = 10000;
	looks->last.received = 3000;
	return looks;
}

static struct looks *add_stalled(uint16_t local_port, uint16_t peer_port)
{
	struct looks *looks = add(local_port, peer_port);

	looks->held = 440;
	looks->still = 400;
	looks->nagle = NAGLE_ON;
	return looks;
}

static void listen_on(uint16_t port)
{
	observed.listening[port / 8] |= (uint8_t)(1 << port % 8);
}

static void judge(enum verdict_word word, size_t count)
{
	sampled_free(&sampled);
	sampled = sampled_judge(&observed);
	assert_int_equal(sampled.count, count);
	assert_int_equal(sampled.word, word);
}

static void expect(const char *code, enum sure sure, uint32_t hits, const char *peer)
{
	const struct sampled_finding *first = &sampled.finding[0];

	assert_string_equal(first->code->name, code);
	assert_int_equal(first->sure, sure);
	assert_int_equal(first->hits, hits);
	assert_string_equal(first->peer, peer);
}

/* ---- a client that stalls ---- */

static void a_stalled_client(void **state)
{
	(void)state;
	add_stalled(40000, 143);
	judge(VERDICT_STALLED, 1);
	expect("N01", SURE_PROVEN, 440, "192.0.2.7:143");
	assert_int_equal(sampled.finding[0].of, 1000);
	assert_true(fabs(sampled.finding[0].share.low - 0.4095) < 0.001);
	assert_true(fabs(sampled.finding[0].share.high - 0.4710) < 0.001);
	assert_string_equal(sampled.finding[0].mend.name, "n01-192-0-2-7-143");
	assert_string_equal(sampled.finding[0].mend.match,
		"role = \"client\"; peer = \"192.0.2.7\"; port = 143;");
	assert_string_equal(sampled.finding[0].mend.set, "coalesce = \"auto\";");
}

static void likely_where_nobody_could_ask(void **state)
{
	(void)state;
	add_stalled(40000, 143)->nagle = NAGLE_UNKNOWN;
	judge(VERDICT_STALLED, 1);
	expect("N01", SURE_LIKELY, 440, "192.0.2.7:143");
}

static void not_where_nagle_is_off(void **state)
{
	(void)state;
	add_stalled(40000, 143)->nagle = NAGLE_OFF;
	judge(VERDICT_NOT_SOCKETS, 0);
}

static void a_server_whose_clients_wait(void **state)
{
	(void)state;
	listen_on(8080);
	add_stalled(8080, 50000);
	add_stalled(8080, 50001)->held = 700;
	judge(VERDICT_CLIENTS, 1);
	expect("N02", SURE_PROVEN, 700, "port 8080");
	assert_int_equal(sampled.finding[0].connections, 2);
	assert_string_equal(sampled.finding[0].mend.match, "role = \"server\"; port = 8080;");
	assert_string_equal(sampled.finding[0].mend.name, "n02-port-8080");
}

/* ---- who is like it, and is not ---- */

static void streams_are_not_stalled(void **state)
{
	struct looks *looks = add_stalled(40000, 143);

	(void)state;
	looks->still = 100; /* it sends all the time */
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->still = 440;
	looks->bulk = 440;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->bulk = 0;
	looks->last.received = looks->first.received; /* nobody answers: nobody waits */
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->last.received++;
	judge(VERDICT_STALLED, 1);
}

static void accidents_are_no_habit(void **state)
{
	struct looks *looks = add_stalled(40000, 143);

	(void)state;
	looks->held = looks->still = 9;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->held = looks->still = 10;
	judge(VERDICT_STALLED, 1);
	observed.looks = looks->looks = 100;
	looks->held = looks->still = 4;
	judge(VERDICT_NOT_SOCKETS, 0);
}

static void no_for_want_of_looks(void **state)
{
	struct looks *looks = add(40000, 143);

	(void)state;
	judge(VERDICT_NOT_SOCKETS, 0);
	assert_int_equal(sampled.busy, 1);
	observed.looks = 60;
	judge(VERDICT_NOT_SURE, 0);
	observed.looks = 1000;
	looks->last = looks->first;
	judge(VERDICT_NOT_SURE, 0);
	assert_int_equal(sampled.busy, 0);
	assert_int_equal(sampled.connections, 1);
}

/* ---- the other codes ---- */

static void a_syn_that_nobody_answers(void **state)
{
	struct looks *looks = add(40000, 143);

	(void)state;
	looks->first.state = looks->last.state = TCP_IS_CALLING;
	looks->calling = 300;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->again = 200;
	judge(VERDICT_STALLED, 1);
	expect("C01", SURE_PROVEN, 300, "192.0.2.7:143");
	assert_string_equal(sampled.finding[0].mend.set, "");
	assert_int_equal(sampled.finding[0].fix, FIX_PEER);
	assert_true(*sampled.finding[0].no_rule);
}

static void a_listener_that_is_full(void **state)
{
	struct looks *looks = add(9999, 0);

	(void)state;
	listen_on(9999);
	looks->first.state = looks->last.state = TCP_IS_LISTENING;
	looks->last.room = 1;
	looks->fullest = 2;
	judge(VERDICT_NOT_SURE, 0);
	assert_int_equal(sampled.listeners, 1);
	looks->full = 500;
	judge(VERDICT_CLIENTS, 1);
	expect("C02", SURE_LIKELY, 500, "port 9999"); /* nobody was turned away */
	looks->first.dropped = 7;
	looks->last.dropped = 10;
	judge(VERDICT_CLIENTS, 1);
	expect("C02", SURE_PROVEN, 500, "port 9999");
	assert_non_null(strstr(sampled.finding[0].what, "2 wait, for 1"));
	assert_non_null(strstr(sampled.finding[0].what, "3 SYNs dropped"));
	assert_string_equal(sampled.finding[0].mend.set, "listen_backlog = 1024;");
}

static void a_peer_that_reads_slowly(void **state)
{
	struct looks *looks = add(40000, 143);

	(void)state;
	looks->first.tcp.window_us = 1000000;
	looks->last.tcp.window_us = 1000000 + 900000; /* of 10 s */
	looks->last.tcp.busy_us = 4000000;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->last.tcp.window_us = 1000000 + 3000000;
	judge(VERDICT_PEER, 1);
	expect("S02", SURE_PROVEN, 300, "192.0.2.7:143");
	looks->last.tcp.busy_us = UINT64_C(15000001);
	judge(VERDICT_NOT_SOCKETS, 0);
}

/* Bursts fill it between two looks; what is dropped without is no queue's. */
static void a_listener_that_overflows(void **state)
{
	struct looks *looks = add(9999, 0);

	(void)state;
	listen_on(9999);
	looks->first.state = looks->last.state = TCP_IS_LISTENING;
	looks->last.room = 16;
	looks->fullest = 15;
	looks->last.dropped = 40;
	judge(VERDICT_NOT_SURE, 0);
	looks->fullest = 16;
	judge(VERDICT_CLIENTS, 1);
	expect("C02", SURE_PROVEN, 0, "port 9999");
	looks->last.dropped = 0;
	judge(VERDICT_NOT_SURE, 0);
}

static void a_buffer_that_is_fixed(void **state)
{
	struct looks *looks = add(40000, 143);

	(void)state;
	looks->last.tcp.busy_us = 8000000; /* of 10 s */
	looks->last.tcp.buffer_us = 3000000;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->send_buffer = FIXED_NOT;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->send_buffer = FIXED_YES;
	judge(VERDICT_STALLED, 1);
	expect("S01", SURE_LIKELY, 300, "192.0.2.7:143");
	assert_true(sampled.finding[0].share.low < 0.3);
	assert_true(sampled.finding[0].share.high > 0.8 && sampled.finding[0].share.high < 0.9);
	assert_string_equal(sampled.finding[0].mend.set, "so_sndbuf = \"auto\";");
	assert_true(sampled.finding[0].mend.force);
	looks->last.tcp.buffer_us = 900000;
	judge(VERDICT_NOT_SOCKETS, 0);
}

static void segments_that_are_sent_again(void **state)
{
	struct looks *looks = add(40000, 143);

	(void)state;
	looks->lost = 200;
	looks->first.tcp.sent_again = 3;
	looks->last.tcp.sent_again = 13;
	looks->last.tcp.needless = 10; /* the peer had them all */
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->last.tcp.needless = 2;
	judge(VERDICT_STALLED, 1);
	expect("S09", SURE_PROVEN, 200, "192.0.2.7:143");
	assert_non_null(strstr(sampled.finding[0].what, "8 segments sent again"));
	assert_int_equal(sampled.finding[0].fix, FIX_SYSTEM);
	assert_false(sampled.finding[0].others);
	looks->lost = 9;
	judge(VERDICT_NOT_SOCKETS, 0);
	looks->lost = 200;
	listen_on(40000);
	judge(VERDICT_CLIENTS, 1);
	expect("S09", SURE_PROVEN, 200, "port 40000");
}

/* It costs a connection some day, and no time now: the verdict is that of the rest. */
static void a_silence_without_keepalives(void **state)
{
	struct looks *looks = add(40000, 143);
	struct socket_tcp *tcp = &looks->last.tcp;

	(void)state;
	tcp->silent_ms = 301000;
	tcp->quiet_ms = 400000;
	judge(VERDICT_NOT_SOCKETS, 1);
	expect("L01", SURE_POSSIBLE, 0, "192.0.2.7:143");
	assert_true(sampled.finding[0].minor && sampled.loud == 0);
	assert_true(sampled.finding[0].share.high <= 0);
	assert_non_null(strstr(sampled.finding[0].what, "silent for 301 s"));
	assert_non_null(strstr(sampled.finding[0].mend.set, "so_keepalive = true;"));
	add_stalled(40001, 993);
	judge(VERDICT_STALLED, 2);
	expect("N01", SURE_PROVEN, 440, "192.0.2.7:993");
	looks = &observed.connections.of[0].looks;
	looks->last.keepalive = true;
	judge(VERDICT_STALLED, 1);
	looks->last.keepalive = false;
	looks->last.tcp.quiet_ms = 299000;
	judge(VERDICT_STALLED, 1);
	looks->last.tcp.quiet_ms = 400000;
	looks->last.tcp.unacked = 1;
	judge(VERDICT_STALLED, 1);
}

static void a_connection_for_each_transaction(void **state)
{
	struct over of[] = {{.port = 25, .count = 70}, {.port = 143, .count = 80}};
	const struct overs overs = {of, 2};
	struct looks *looks = add(40000, 143);

	(void)state;
	memcpy(of[0].peer, looks->first.peer, 16);
	memcpy(of[1].peer, looks->first.peer, 16);
	add(40001, 143);
	judge(VERDICT_NOT_SOCKETS, 0);
	observed.over = &overs;
	judge(VERDICT_NOT_SOCKETS, 0); /* those that last may be another program's */
	observed.connections.of[0].gone = true;
	judge(VERDICT_NOT_SOCKETS, 1); /* with the one on port 25 it has nothing to do */
	expect("C04", SURE_POSSIBLE, 0, "192.0.2.7:143");
	assert_int_equal(sampled.finding[0].connections, 80);
	assert_int_equal(sampled.finding[0].fix, FIX_APP);
	of[1].peer[15]++;
	judge(VERDICT_NOT_SOCKETS, 0);
	of[1].peer[15]--;
	listen_on(40000);
	listen_on(40001);
	judge(VERDICT_NOT_SOCKETS, 0);
}

/* Looks at which both wait are one; what comes of three that wait in turn is their sum. */
static void waiting_at_the_same_looks(void **state)
{
	static const uint32_t from[] = {0, 100, 400};

	(void)state;
	for (uint16_t i = 0; i < 3; i++) {
		struct looks *looks = add_stalled(40000 + i, 143);

		looks->held = looks->still = 200;
		when_add(&observed.connections.of[i].waited, from[i], from[i] + 199);
	}
	judge(VERDICT_STALLED, 1);
	expect("N01", SURE_PROVEN, 500, "192.0.2.7:143");
	assert_int_equal(sampled.finding[0].connections, 3);
	when_add(&observed.connections.of[2].waited, 0, 1100);
	judge(VERDICT_STALLED, 1);
	assert_int_equal(sampled.finding[0].hits, 1000);
	assert_true(sampled.finding[0].share.high <= 1);
}

static void the_worst_comes_first(void **state)
{
	(void)state;
	for (uint16_t i = 0; i < 100; i++)
		add(30000 + i, 25);
	add_stalled(40000, 143)->held = 410;
	add_stalled(40001, 143);
	add_stalled(40002, 993)->held = 600;
	judge(VERDICT_STALLED, 2);
	expect("N01", SURE_PROVEN, 600, "192.0.2.7:993");
	assert_int_equal(sampled.finding[1].hits, 440);
	assert_int_equal(sampled.finding[1].connections, 2);
	assert_int_equal(sampled.connections, 103);
}

/* ---- shares ---- */

static void expect_share(uint64_t hits, uint64_t of, double low, double high, const char *text)
{
	const struct share share = share_of(hits, of);
	char words[SHARE_TEXT];

	assert_true(fabs(share.low - low) < 0.0001);
	assert_true(fabs(share.high - high) < 0.0001);
	assert_string_equal(share_text(words, &share), text);
}

/* Values of Wilson's interval that tables have. */
static void shares_of_looks(void **state)
{
	(void)state;
	expect_share(0, 0, 0, 1, "at most 100 %");
	expect_share(0, 10, 0, 0.2775, "at most 28 %");
	expect_share(5, 10, 0.2366, 0.7634, "24 to 76 %");
	expect_share(10, 10, 0.7225, 1, "72 to 100 %");
	expect_share(1320, 3000, 0.4223, 0.4578, "42 to 46 %");
	expect_share(30, 3000, 0.0070, 0.0142, "0.7 to 1.4 %");
	expect_share(0, 3000, 0, 0.00128, "at most 0.1 %");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(a_stalled_client),
		TEST(likely_where_nobody_could_ask),
		TEST(not_where_nagle_is_off),
		TEST(a_server_whose_clients_wait),
		TEST(streams_are_not_stalled),
		TEST(accidents_are_no_habit),
		TEST(no_for_want_of_looks),
		TEST(a_syn_that_nobody_answers),
		TEST(a_listener_that_is_full),
		TEST(a_peer_that_reads_slowly),
		TEST(a_listener_that_overflows),
		TEST(a_buffer_that_is_fixed),
		TEST(segments_that_are_sent_again),
		TEST(a_silence_without_keepalives),
		TEST(a_connection_for_each_transaction),
		TEST(waiting_at_the_same_looks),
		TEST(the_worst_comes_first),
		TEST(shares_of_looks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
