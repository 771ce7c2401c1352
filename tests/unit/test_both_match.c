/* Which connection of one recording is which of the other: by names, and where these serve again,
 * by bytes and times, however far apart the clocks are; and when nobody can tell. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tools/both/both_parts.h"

#define S UINT64_C(1000000000)

enum { MOST = 40, PROCESSES = 2 };

/* A host with a recording: its clock, and its connections in the hands of two processes. */
struct host {
	struct run run;
	struct run_process process[PROCESSES];
	struct trace_connection connection[PROCESSES][MOST];
};

static struct host client, server;
static struct both_list *list[BOTH_SIDES];
static struct both_match match;

/* wall: the time of day at 0 of its clock. */
static void host_begin(struct host *host, uint64_t wall)
{
	memset(host, 0, sizeof(*host));
	host->run.process = host->process;
	host->run.processes = PROCESSES;
	host->run.began = S;
	host->run.started_wall = wall + S;
	for (int p = 0; p < PROCESSES; p++)
		host->process[p].connection = host->connection[p];
}

static void address(uint8_t out[16], uint8_t last)
{
	const uint8_t made[16] = {[10] = 0xff, 0xff, 10, 0, 0, last};

	memcpy(out, made, sizeof(made));
}

/* 10.0.0.FROM:port -> 10.0.0.TO:143, as that host has it. */
static struct trace_connection *add(struct host *host, int p, uint8_t role, uint8_t from,
	uint16_t port, uint8_t to, uint64_t at, uint64_t sent, uint64_t got)
{
	struct run_process *process = &host->process[p];
	struct trace_connection *made = &process->connection[process->connections++];
	const bool serves = role == ROLE_OF_SERVER;

	assert_true(process->connections <= MOST);
	*made = (struct trace_connection){.number = (uint32_t)process->connections,
		.role = role,
		.local_port = serves ? 143 : port,
		.peer_port = serves ? port : 143,
		.opened = at,
		.connected = at,
		.closed = at + S / 2,
		.bytes_written = sent,
		.bytes_read = got};
	address(serves ? made->peer : made->local, from);
	address(serves ? made->local : made->peer, to);
	return made;
}

static void connects(uint16_t port, uint64_t at, uint64_t sent, uint64_t got)
{
	add(&client, 0, ROLE_OF_CLIENT, 5, port, 1, at, sent, got);
}

static void accepts(uint16_t port, uint64_t at, uint64_t got, uint64_t sent)
{
	add(&server, 0, ROLE_OF_SERVER, 5, port, 1, at, sent, got);
}

static void take(void)
{
	list[BOTH_CLIENT] = list_take(&client.run, BOTH_CLIENT);
	list[BOTH_SERVER] = list_take(&server.run, BOTH_SERVER);
	match_take(&match, list);
}

static int tear_down(void **state)
{
	(void)state;
	list_free(list[BOTH_CLIENT]);
	list_free(list[BOTH_SERVER]);
	free(match.found);
	list[BOTH_CLIENT] = list[BOTH_SERVER] = NULL;
	match = (struct both_match){0};
	return 0;
}

/* The server's connection that is that one of the client's, as the index of each; -1: none is. */
static long paired(uint64_t began)
{
	for (size_t i = 0; i < match.count; i++)
		if (match.found[i].end[BOTH_CLIENT]->began == began)
			return (long)(match.found[i].end[BOTH_SERVER]->began / S);
	return -1;
}

static void hosts(uint64_t client_wall, uint64_t server_wall)
{
	host_begin(&client, client_wall);
	host_begin(&server, server_wall);
}

static void by_address_and_port(void **state)
{
	(void)state;
	/* The clocks agree about the time of day, and are at other times since their hosts began.
	 */
	hosts(1000 * S, 400 * S);
	connects(4001, 10 * S, 50, 60);
	connects(4002, 11 * S, 50, 60);
	connects(4003, 12 * S, 50, 60);
	accepts(4003, 612 * S, 50, 60);
	accepts(4001, 610 * S, 50, 60);
	accepts(4009, 613 * S, 50, 60);
	take();
	assert_int_equal(match.count, 2);
	assert_int_equal(match.unsure, 0);
	assert_int_equal(paired(10 * S), 610);
	assert_int_equal(paired(11 * S), -1);
	assert_int_equal(paired(12 * S), 612);
}

static void a_peer_is_not_enough(void **state)
{
	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 50, 60);
	add(&server, 0, ROLE_OF_SERVER, 6, 4001, 1, 10 * S, 60, 50);
	add(&server, 0, ROLE_OF_SERVER, 5, 4001, 2, 10 * S, 60, 50);
	take();
	assert_int_equal(match.count, 0);
}

/* Listeners, and connections on which nothing went, are nobody's. */
static void what_is_no_connection(void **state)
{
	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 0, 0);
	accepts(4001, 10 * S, 0, 0);
	add(&client, 0, ROLE_OF_LISTENER, 5, 4002, 1, 10 * S, 1, 1);
	accepts(4002, 10 * S, 1, 1);
	take();
	assert_int_equal(list[BOTH_CLIENT]->ends, 0);
	assert_int_equal(list[BOTH_SERVER]->ends, 1);
	assert_int_equal(match.count, 0);
}

/* The same port five times; of the server's recording the first two are missing, and its clock is
 * wrong by hours. The bytes tell; and where all are alike, the intervals. */
static void ports_that_serve_again(void **state)
{
	static const uint64_t at[] = {10, 13, 19, 40, 47};
	static const uint64_t bytes[2][5] = {{50, 60, 70, 80, 90}, {50, 50, 50, 50, 50}};
	static const uint64_t wrong[] = {0, 5 * 3600 * S};

	(void)state;
	for (int alike = 0; alike < 2; alike++)
		for (int w = 0; w < 2; w++) {
			hosts(100000 * S, 100000 * S + wrong[w]);
			for (int i = 0; i < 5; i++)
				connects(4001, at[i] * S, bytes[alike][i], 9);
			for (int i = 2; i < 5; i++)
				accepts(4001, at[i] * S, bytes[alike][i], 9);
			take();
			assert_int_equal(match.count, 3);
			assert_int_equal(paired(10 * S), -1);
			for (int i = 2; i < 5; i++)
				assert_int_equal(paired(at[i] * S), (long)at[i]);
			tear_down(NULL);
		}
}

/* Once a minute, as many bytes each, and clocks that are wrong: any of them may be any. */
static void nobody_can_tell(void **state)
{
	(void)state;
	hosts(100000 * S, 200000 * S);
	for (uint64_t i = 0; i < 5; i++)
		connects(4001, (10 + 60 * i) * S, 50, 9);
	for (uint64_t i = 0; i < 3; i++)
		accepts(4001, (700 + 60 * i) * S, 50, 9);
	take();
	assert_int_equal(match.count, 0);
	assert_int_equal(match.unsure, 3);
	tear_down(NULL);
	/* But one connection on a port of its own sets the clocks, and then it is plain. */
	connects(4002, 15 * S, 7, 7);
	accepts(4002, 585 * S, 7, 7);
	take();
	assert_int_equal(match.unsure, 0);
	assert_int_equal(match.count, 4);
	assert_int_equal(paired(130 * S), 700);
}

#define MS (S / 1000)

/* One after the other within milliseconds, on clocks that are noted 7 ms late: what each moved
 * tells, and where that is the same and so are the intervals, nothing does. */
static void quick_ones(void **state)
{
	static const struct {
		uint64_t bytes[5], at[5]; /* ms */
		size_t count, unsure;
	} table[] = {
		{{50, 60, 70, 80, 90}, {10, 12, 14, 16, 18}, 3, 0},
		{{30, 30, 50, 50, 50}, {10, 12, 14, 16, 18}, 3, 0},
		{{50, 50, 50, 50, 50}, {10, 12, 14, 16, 18}, 0, 3},
		{{50, 50, 50, 50, 50}, {10, 12, 130, 132, 900}, 3, 0},
	};

	(void)state;
	for (size_t t = 0; t < sizeof(table) / sizeof(*table); t++) {
		hosts(1000 * S, 1000 * S + 7 * MS);
		for (int i = 0; i < 5; i++)
			accepts(4001, table[t].at[i] * MS, table[t].bytes[i], 9);
		for (int i = 2; i < 5; i++)
			connects(4001, table[t].at[i] * MS, table[t].bytes[i], 9);
		take();
		assert_int_equal(match.count, table[t].count);
		assert_int_equal(match.unsure, table[t].unsure);
		for (size_t i = 0; i < match.count; i++)
			assert_int_equal(match.found[i].end[BOTH_CLIENT]->began,
				match.found[i].end[BOTH_SERVER]->began);
		tear_down(NULL);
	}
}

/* Regular but for a moment, and clocks that are wrong: a moment is what a busy host makes, too. */
static void nearly_regular(void **state)
{
	(void)state;
	hosts(100000 * S, 200000 * S);
	for (uint64_t i = 0; i < 5; i++)
		connects(4001, (10 + 60 * i) * S + i * i * MS, 50, 9);
	for (uint64_t i = 0; i < 3; i++)
		accepts(4001, (700 + 60 * i) * S + i * i * MS, 50, 9);
	take();
	assert_int_equal(match.count, 0);
	assert_int_equal(match.unsure, 3);
}

/* Runs of other days: a few ports are the same, by chance, and at no time that is one. */
static void strangers(void **state)
{
	(void)state;
	hosts(1000000 * S, 2000000 * S);
	for (uint16_t i = 0; i < 6; i++) {
		connects((uint16_t)(4000 + i), (10 + 7u * i * i) * S, 50, 9);
		accepts((uint16_t)(4000 + i), (900 - 50u * i) * S, 50, 9);
	}
	take();
	assert_int_equal(match.count, 0);
}

/* One of many that began at another time than all others say is not the same. */
static void one_stranger(void **state)
{
	(void)state;
	hosts(1000000 * S, 2000000 * S);
	for (uint16_t i = 0; i < 6; i++) {
		connects((uint16_t)(4000 + i), (10 + 7u * i) * S, 50, 9);
		accepts((uint16_t)(4000 + i), (500 + 7u * i + (i == 3 ? 100 : 0)) * S, 50, 9);
	}
	take();
	assert_int_equal(match.count, 5);
	assert_int_equal(paired(31 * S), -1);
}

/* A child goes on with what its parent accepted: one connection, and its bytes are both's. */
static void two_processes_hold_it(void **state)
{
	const struct both_end *end;

	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 100, 60);
	add(&server, 0, ROLE_OF_SERVER, 5, 4001, 1, 10 * S, 0, 30);
	add(&server, 1, ROLE_OF_SERVER, 5, 4001, 1, 10 * S + 5, 60, 70);
	take();
	assert_int_equal(match.count, 1);
	end = match.found[0].end[BOTH_SERVER];
	assert_int_equal(end->members, 2);
	assert_int_equal(end->written, 60);
	assert_int_equal(end->read, 100);
}

/* As many may be the same, and the intervals of more are. */
static void intervals_of_most(void **state)
{
	(void)state;
	/* Clocks are wrong, bytes differ a little each time (the client did not read all). */
	hosts(100000 * S, 200000 * S);
	for (uint64_t i = 0; i < 4; i++)
		connects(4001, (10 + i * i * 10) * S, 50, 8);
	for (uint64_t i = 0; i < 4; i++)
		accepts(4001, (10 + i * i * 10) * S, 50, 9);
	take();
	assert_int_equal(match.count, 4);
	for (uint64_t i = 0; i < 4; i++)
		assert_int_equal(paired((10 + i * i * 10) * S), (long)(10 + i * i * 10));
}

/* One after the other they are two, whoever had them. */
static void two_processes_in_turn(void **state)
{
	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 30, 60);
	connects(4001, 12 * S, 70, 60);
	add(&server, 0, ROLE_OF_SERVER, 5, 4001, 1, 10 * S, 60, 30);
	add(&server, 1, ROLE_OF_SERVER, 5, 4001, 1, 12 * S, 60, 70);
	take();
	assert_int_equal(list[BOTH_SERVER]->ends, 2);
	assert_int_equal(match.count, 2);
	assert_int_equal(paired(10 * S), 10);
	assert_int_equal(paired(12 * S), 12);
}

/* An inherited socket (inetd) does not say who called whom; the other end does. */
static void one_end_does_not_know(void **state)
{
	(void)state;
	for (int both_unknown = 0; both_unknown < 2; both_unknown++) {
		hosts(1000 * S, 1000 * S);
		connects(4001, 10 * S, 30, 60);
		accepts(4001, 10 * S, 30, 60);
		server.connection[0][0].role = ROLE_OF_UNKNOWN;
		if (both_unknown)
			client.connection[0][0].role = ROLE_OF_UNKNOWN;
		take();
		assert_int_equal(match.count, !both_unknown);
		tear_down(NULL);
	}
}

/* ---- NAT ---- */

static void translate(void)
{
	take();
	assert_int_equal(match.count, 0);
	match_translated(&match, list);
}

static void other_addresses(void **state)
{
	(void)state;
	hosts(1000 * S, 900 * S);
	connects(4001, 10 * S, 5000, 60);
	connects(4002, 20 * S, 7000, 60);
	add(&server, 0, ROLE_OF_SERVER, 77, 61000, 9, 110 * S, 60, 5000);
	add(&server, 0, ROLE_OF_SERVER, 77, 61001, 9, 120 * S, 60, 7000);
	translate();
	assert_true(match.translated);
	assert_int_equal(match.count, 2);
	assert_int_equal(paired(10 * S), 110);
	assert_int_equal(paired(20 * S), 120);
}

/* Other bytes, another time, another port, or two that may be it: none is. */
static void no_translation(void **state)
{
	static const struct {
		uint64_t at, bytes;
		uint16_t port;
		int times;
	} table[] = {
		{10, 5001, 143, 1}, {20, 5000, 143, 1}, {10, 5000, 144, 1}, {10, 5000, 143, 2}};

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		hosts(1000 * S, 1000 * S);
		connects(4001, 10 * S, 5000, 60);
		for (int n = 0; n < table[i].times; n++)
			add(&server, 0, ROLE_OF_SERVER, 77, (uint16_t)(61000 + n), 9,
				table[i].at * S, 60, table[i].bytes)
				->local_port = table[i].port;
		translate();
		assert_false(match.translated);
		assert_int_equal(match.count, 0);
		tear_down(NULL);
	}
}

/* Both ways must be the same, and what one wrote alone is not enough. */
static void half_is_not_enough(void **state)
{
	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 5000, 60);
	add(&server, 0, ROLE_OF_SERVER, 77, 61000, 9, 10 * S, 61, 5000);
	translate();
	assert_int_equal(match.count, 0);
}

/* ---- who is who ---- */

/* Of several services and clients each stands with its own, and who is left over is told. */
static void several_services(void **state)
{
	struct both *both;

	(void)state;
	hosts(1000 * S, 1000 * S);
	for (uint16_t i = 0; i < 6; i++) {
		const uint8_t to = i & 1 ? 1 : 2, from = i < 3 ? 5 : 6;
		add(&client, 0, ROLE_OF_CLIENT, from, (uint16_t)(4001 + i), to, (10 + i) * S, 50,
			60);
		add(&server, 0, ROLE_OF_SERVER, from, (uint16_t)(4001 + i), to, (10 + i) * S, 60,
			50);
	}
	connects(4100, 20 * S, 7, 7);
	accepts(4101, 20 * S, 7, 7);
	both = both_take(&client.run, &server.run);
	assert_int_equal(both->pairs, 6);
	assert_int_equal(both->services, 2);
	assert_int_equal(both->service[0].pairs, 3);
	assert_int_equal(both->service[1].pairs, 3);
	assert_int_equal(both->lone[BOTH_CLIENT]->local_port, 4100);
	assert_int_equal(both->lone[BOTH_SERVER]->peer_port, 4101);
	both_free(both);
}

static void who_was_dropped_is_alone(void **state)
{
	struct both *both;

	(void)state;
	hosts(1000000 * S, 2000000 * S);
	for (uint16_t i = 0; i < 6; i++) {
		connects((uint16_t)(4000 + i), (10 + 7u * i) * S, 50, 9);
		accepts((uint16_t)(4000 + i), (500 + 7u * i + (i == 3 ? 100 : 0)) * S, 50, 9);
	}
	both = both_take(&client.run, &server.run);
	assert_int_equal(both->lone[BOTH_CLIENT]->local_port, 4003);
	assert_int_equal(both->lone[BOTH_SERVER]->peer_port, 4003);
	both_free(both);
}

static enum both_why why_of(struct trace_connection *closed, uint64_t acked, uint64_t received,
	uint32_t unsent, uint32_t unread)
{
	struct both *both;
	enum both_why why;

	closed->at_close.taken = 11 * S;
	closed->at_close.bytes_acked = acked;
	closed->at_close.bytes_received = received;
	closed->unsent = unsent;
	closed->unread = unread;
	both = both_take(&client.run, &server.run);
	why = both->pair[0].why;
	both_free(both);
	return why;
}

/* What the kernel moved beyond what was seen; two bytes are SYN and FIN. */
static void what_the_kernel_moved(void **state)
{
	struct trace_connection *closed;

	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 50, 60);
	accepts(4001, 10 * S, 50, 60);
	closed = &client.connection[0][0];
	assert_int_not_equal(why_of(closed, 52, 62, 0, 0), BOTH_UNSEEN);
	assert_int_equal(why_of(closed, 53, 60, 0, 0), BOTH_UNSEEN);
	assert_int_equal(why_of(closed, 50, 63, 0, 0), BOTH_UNSEEN);
	assert_int_not_equal(why_of(closed, 40, 70, 10, 10), BOTH_UNSEEN);
	assert_int_equal(why_of(closed, 40, 60, 20, 0), BOTH_UNSEEN);
}

static void the_client_may_be_second(void **state)
{
	struct both *both;

	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 50, 60);
	connects(4002, 10 * S, 50, 60);
	accepts(4001, 10 * S, 50, 60);
	accepts(4002, 10 * S, 50, 60);
	/* And one the other way. */
	add(&server, 0, ROLE_OF_CLIENT, 1, 4005, 5, 10 * S, 50, 60);
	add(&client, 0, ROLE_OF_SERVER, 1, 4005, 5, 10 * S, 60, 50);
	both = both_take(&server.run, &client.run);
	assert_true(both->swapped);
	assert_ptr_equal(both->run[BOTH_CLIENT], &client.run);
	assert_int_equal(both->pairs, 2);
	assert_int_equal(both->other_way, 1);
	assert_int_equal(both->known[BOTH_SERVER], 2);
	assert_int_equal(both->services, 1);
	assert_int_equal(both->word, VERDICT_NOT_SURE);
	both_free(both);
}

/* What one end read was not all written where the other could see it. */
static void bytes_that_went_past(void **state)
{
	struct both *both;

	(void)state;
	hosts(1000 * S, 1000 * S);
	connects(4001, 10 * S, 50, 60);
	accepts(4001, 10 * S, 90, 60);
	both = both_take(&client.run, &server.run);
	assert_false(both->swapped);
	assert_int_equal(both->pairs, 1);
	assert_int_equal(both->pair[0].why, BOTH_UNSEEN);
	both_free(both);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(by_address_and_port, tear_down),
		cmocka_unit_test_teardown(a_peer_is_not_enough, tear_down),
		cmocka_unit_test_teardown(what_is_no_connection, tear_down),
		cmocka_unit_test_teardown(ports_that_serve_again, tear_down),
		cmocka_unit_test_teardown(nobody_can_tell, tear_down),
		cmocka_unit_test_teardown(quick_ones, tear_down),
		cmocka_unit_test_teardown(nearly_regular, tear_down),
		cmocka_unit_test_teardown(strangers, tear_down),
		cmocka_unit_test_teardown(one_stranger, tear_down),
		cmocka_unit_test_teardown(two_processes_hold_it, tear_down),
		cmocka_unit_test_teardown(other_addresses, tear_down),
		cmocka_unit_test_teardown(no_translation, tear_down),
		cmocka_unit_test_teardown(two_processes_in_turn, tear_down),
		cmocka_unit_test_teardown(one_end_does_not_know, tear_down),
		cmocka_unit_test_teardown(intervals_of_most, tear_down),
		cmocka_unit_test_teardown(half_is_not_enough, tear_down),
		cmocka_unit_test_teardown(several_services, tear_down),
		cmocka_unit_test_teardown(who_was_dropped_is_alone, tear_down),
		cmocka_unit_test_teardown(what_the_kernel_moved, tear_down),
		cmocka_unit_test_teardown(the_client_may_be_second, tear_down),
		cmocka_unit_test_teardown(bytes_that_went_past, tear_down),
	};

	return cmocka_run_group_tests_name("both_match", tests, NULL, NULL);
}
