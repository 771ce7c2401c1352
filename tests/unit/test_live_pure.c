/* What looking at running programs is made of, without them: texts of /proc, bytes of inet_diag,
 * looks by what they say, the table of connections, the pace. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tools/live/connections.h"
#include "tools/live/descriptors.h"
#include "tools/live/diag.h"
#include "tools/live/pace.h"
#include "tools/live/who.h"

#define MS UINT64_C(1000000)

/* ---- /proc ---- */

static void links_of_descriptors(void **state)
{
	uint32_t inode = 0;

	(void)state;
	assert_true(descriptors_read("socket:[4294967295]", &inode));
	assert_true(inode == UINT32_MAX);
	assert_true(descriptors_read("socket:[7]", &inode));
	assert_int_equal(inode, 7);
	assert_false(descriptors_read("socket:[7", &inode));
	assert_false(descriptors_read("socket:[]", &inode));
	assert_false(descriptors_read("socket:[4294967296]", &inode));
	assert_false(descriptors_read("socket:[99999999999999999999999]", &inode));
	assert_false(descriptors_read("pipe:[7]", &inode));
	assert_false(descriptors_read("/home/socket:[7]", &inode));
	assert_false(descriptors_read("", &inode));
}

static void descriptors_by_inode(void **state)
{
	struct descriptor of[] = {{3, 9}, {5, 4}, {8, 7}};
	const struct descriptors three = {of, 3}, none = {.count = 0};

	(void)state;
	assert_int_equal(descriptors_find(&three, 5)->fd, 4);
	assert_int_equal(descriptors_find(&three, 8)->fd, 7);
	assert_null(descriptors_find(&three, 4));
	assert_null(descriptors_find(&none, 3));
}

static void the_status_of_a_process(void **state)
{
	struct who who = {.pid = 12};

	(void)state;
	who_read_status(&who, "Name:\tTgid:\t9\nUmask:\t0022\nTgid:\t4711\nNgid:\t0\nPid:\t12\n"
			      "Uid:\t1000\t0\t0\t0\n");
	assert_string_equal(who.name, "Tgid:\t9");
	assert_int_equal(who.leader, 4711);
	assert_int_equal(who.uid, 0);
	who_read_status(&who, "Uid:\t1000\t1001\t0\t0");
	assert_int_equal(who.uid, 1001);
	who_read_status(&who, "");
	assert_int_equal(who.uid, 1001);
}

static void the_beginning_of_a_process(void **state)
{
	(void)state;
	assert_true(who_read_began("12 (a) b (c) S 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 "
				   "4711 20 21") == 4711);
	assert_true(who_read_began("12 (a) Z 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 4711 20 "
				   "21") == 0);
	assert_true(who_read_began("12 (a) S 1 2 3") == 0);
	assert_true(who_read_began("") == 0);
	assert_true(who_began(getpid()) > 0);
	assert_true(who_began(-1) == 0);
}

static void expect_unit(const char *text, const char *unit)
{
	struct who who = {.pid = 12};

	who_read_unit(&who, text);
	assert_string_equal(who.unit, unit);
}

#define ID "3f2a91c07b11d5e83f2a91c07b11d5e83f2a91c07b11d5e83f2a91c07b11d5e8"

static void units_and_containers(void **state)
{
	(void)state;
	expect_unit("0::/system.slice/postgresql.service\n", "postgresql.service");
	expect_unit("0::/user.slice/user-1000.slice/user@1000.service/app.slice/run-7.scope\n",
		"run-7.scope");
	expect_unit("0::/system.slice/docker-" ID ".scope\n", "container 3f2a91c07b11");
	expect_unit("0::/kubepods/pod7/" ID, "container 3f2a91c07b11");
	expect_unit(
		"12:cpu:/x.service\n1:name=systemd:/system.slice/cron.service\n", "cron.service");
	expect_unit("0::/\n", "");
	expect_unit("0::/user.slice\n1:x:/y.service\n", "");
	expect_unit("", "");
	expect_unit("0::/evil\033.service", "evil?.service");
}

/* ---- inet_diag ---- */

/* As the kernel lays it out: the message, an attribute of another kind, TCP_INFO. */
struct message {
	struct inet_diag_msg diag;
	struct rtattr other;
	uint32_t number[2]; /* what follows is aligned as the kernel's is */
	struct rtattr head;
	struct tcp_info info;
};

static struct message message_of_ipv4(void)
{
	struct message message = {
		.diag = {.idiag_family = AF_INET,
			.idiag_state = TCP_IS_UP,
			.idiag_inode = 77,
			.idiag_rqueue = 5,
			.idiag_wqueue = 300},
		.other = {RTA_LENGTH(8), INET_DIAG_MARK},
		.head = {RTA_LENGTH(sizeof(struct tcp_info)), INET_DIAG_INFO},
		.info = {.tcpi_snd_mss = 1448,
			.tcpi_unacked = 2,
			.tcpi_notsent_bytes = 100,
			.tcpi_snd_wnd = 64000,
			.tcpi_snd_cwnd = 10,
			.tcpi_last_data_sent = 12,
			.tcpi_busy_time = 70,
			.tcpi_rwnd_limited = 30,
			.tcpi_sndbuf_limited = 20,
			.tcpi_bytes_acked = 1000,
			.tcpi_bytes_received = 2000},
	};

	message.diag.id.idiag_sport = htons(4000);
	message.diag.id.idiag_dport = htons(143);
	message.diag.id.idiag_src[0] = htonl(0x7f000001);
	message.diag.id.idiag_dst[0] = htonl(0xc0000207);
	message.diag.id.idiag_cookie[0] = 3;
	message.diag.id.idiag_cookie[1] = 1;
	return message;
}

static void a_message_of_a_connection(void **state)
{
	static const uint8_t peer[16] = {[10] = 0xff, 0xff, 192, 0, 2, 7};
	const struct message message = message_of_ipv4();
	struct socket_state socket;

	(void)state;
	assert_true(diag_read(&socket, &message, sizeof(message)));
	assert_true(socket.cookie == (UINT64_C(1) << 32 | 3));
	assert_memory_equal(socket.peer, peer, 16);
	assert_int_equal(socket.local_port, 4000);
	assert_int_equal(socket.peer_port, 143);
	assert_int_equal(socket.inode, 77);
	assert_int_equal(socket.waiting, 5);
	assert_int_equal(socket.room, 300);
	assert_int_equal(socket.tcp.mss, 1448);
	assert_int_equal(socket.tcp.unacked, 2);
	assert_int_equal(socket.tcp.unsent, 100);
	assert_int_equal(socket.tcp.window, 64000);
	assert_int_equal(socket.tcp.congested, 10);
	assert_int_equal(socket.tcp.silent_ms, 12);
	assert_int_equal(socket.tcp.busy_us, 70);
	assert_int_equal(socket.tcp.window_us, 30);
	assert_int_equal(socket.tcp.buffer_us, 20);
	assert_int_equal(socket.sent, 1000);
	assert_int_equal(socket.received, 2000);
}

static void messages_that_are_cut_off(void **state)
{
	struct message message = message_of_ipv4();
	struct socket_state socket;

	(void)state;
	assert_false(diag_read(&socket, &message, sizeof(message.diag) - 1));
	assert_true(diag_read(&socket, &message, sizeof(message.diag)));
	assert_int_equal(socket.tcp.mss, 0);
	/* an attribute that claims more than there is is none */
	assert_true(diag_read(&socket, &message, sizeof(message) - 1));
	assert_int_equal(socket.tcp.mss, 0);
	message.other.rta_len = 1;
	assert_true(diag_read(&socket, &message, sizeof(message)));
	assert_int_equal(socket.tcp.mss, 0);
}

/* An older kernel's TCP_INFO ends earlier: its window is not known, which is not 0. */
static void messages_of_an_older_kernel(void **state)
{
	struct message message = message_of_ipv4();
	struct socket_state socket;
	const size_t until = offsetof(struct tcp_info, tcpi_snd_wnd);

	(void)state;
	message.head.rta_len = (unsigned short)RTA_LENGTH(until);
	assert_true(diag_read(&socket, &message, offsetof(struct message, info) + until));
	assert_int_equal(socket.tcp.unsent, 100);
	assert_true(socket.tcp.window == UINT32_MAX);
}

/* ---- looks ---- */

static struct socket_state held_socket(void)
{
	return (struct socket_state){.state = TCP_IS_UP,
		.room = 300,
		.tcp = {.mss = 1448,
			.unacked = 1,
			.unsent = 100,
			.window = 64000,
			.congested = 10,
			.silent_ms = 20}};
}

#define NOT_HELD(change)                                                                           \
	do {                                                                                       \
		struct socket_state socket = held_socket();                                        \
		socket.change;                                                                     \
		assert_false(looks_held(&socket));                                                 \
	} while (0)

static void what_is_held(void **state)
{
	const struct socket_state held = held_socket();

	(void)state;
	assert_true(looks_held(&held));
	NOT_HELD(tcp.unsent = 0);
	NOT_HELD(tcp.unsent = 1448); /* a whole segment may go */
	NOT_HELD(tcp.unacked = 0);   /* a cork, or an empty window */
	NOT_HELD(tcp.unacked = 10);  /* the network is full */
	NOT_HELD(tcp.again = 1);     /* what was lost comes first */
	NOT_HELD(tcp.window = 299);  /* the peer has no room */
	NOT_HELD(state = TCP_IS_CALLING);
	NOT_HELD(state = 4); /* FIN_WAIT1: a close pushes */
}

static void counts_of_looks(void **state)
{
	struct socket_state socket = held_socket();
	struct looks looks = {.looks = 0};

	(void)state;
	socket.received = 7;
	looks_add(&looks, &socket);
	socket.tcp.silent_ms = 0;
	looks_add(&looks, &socket);
	socket.tcp.unsent = 90000;
	socket.received = 8;
	looks_add(&looks, &socket);
	assert_int_equal(looks.looks, 3);
	assert_int_equal(looks.held, 2);
	assert_int_equal(looks.still, 1);
	assert_int_equal(looks.bulk, 1);
	assert_int_equal(looks.first.received, 7);
	assert_int_equal(looks.last.received, 8);
	socket = (struct socket_state){.state = TCP_IS_CALLING};
	looks_add(&looks, &socket);
	socket.tcp.again = 1;
	looks_add(&looks, &socket);
	assert_int_equal(looks.calling, 2);
	assert_int_equal(looks.again, 1);
	socket = (struct socket_state){.state = TCP_IS_LISTENING, .waiting = 5, .room = 5};
	looks_add(&looks, &socket);
	assert_int_equal(looks.full, 0);
	socket.waiting = 6;
	looks_add(&looks, &socket);
	assert_int_equal(looks.full, 1);
	assert_int_equal(looks.fullest, 6);
	assert_int_equal(looks.held + looks.bulk, 3);
}

static void connections_by_their_cookies(void **state)
{
	struct connections connections = {.count = 0};

	(void)state;
	for (uint64_t cookie = 0; cookie < 5000; cookie++)
		connections_find(&connections, cookie * 4096)->fd = (int)cookie;
	assert_int_equal(connections.count, 5000);
	for (uint64_t cookie = 0; cookie < 5000; cookie++)
		assert_int_equal(connections_find(&connections, cookie * 4096)->fd, (int)cookie);
	assert_int_equal(connections.count, 5000);
	assert_int_equal(connections_find(&connections, 1)->fd, -1);
	connections_free(&connections);
}

/* The kernel waits 200 ms, sends again, and only then it is known that this was a loss. */
static void looks_that_were_lost(void **state)
{
	struct socket_state socket = held_socket();
	struct looks looks = {.looks = 0};

	(void)state;
	for (int i = 0; i < 20; i++)
		assert_int_equal(looks_add(&looks, &socket), 0);
	assert_int_equal(looks.stuck, 19);
	socket.tcp.sent_again = 1;
	socket.tcp.again = 1;
	assert_int_equal(looks_add(&looks, &socket), 20);
	assert_int_equal(looks_add(&looks, &socket), 1);
	socket.tcp.again = 0;
	socket.tcp.unacked = 0;
	socket.sent += 100;
	assert_int_equal(looks_add(&looks, &socket), 0);
	assert_int_equal(looks.lost, 21);
	/* one that was answered between two looks */
	socket.tcp.unacked = 1;
	assert_int_equal(looks_add(&looks, &socket), 0);
	assert_int_equal(looks_add(&looks, &socket), 0);
	socket.tcp.sent_again = 2;
	socket.tcp.unacked = 0;
	assert_int_equal(looks_add(&looks, &socket), 2);
	/* a stream gets on while segments are sent again */
	socket.tcp.unacked = 9;
	for (int i = 0; i < 20; i++) {
		socket.sent += 1000;
		socket.tcp.sent_again++;
		assert_int_equal(looks_add(&looks, &socket), 0);
	}
}

/* Where the way is long, writes that follow each other are held for that long. */
static void holds_on_a_long_way(void **state)
{
	struct socket_state socket = held_socket();
	struct looks looks = {.looks = 0};

	(void)state;
	socket.tcp.way_us = 14000;
	looks_add(&looks, &socket);
	assert_int_equal(looks.held, 1);
	assert_int_equal(looks.still, 0);
	socket.tcp.way_us = 13000;
	looks_add(&looks, &socket);
	assert_int_equal(looks.still, 1);
}

static void looks_as_bits(void **state)
{
	struct when when = {.words = 0}, other = {.words = 0};

	(void)state;
	assert_int_equal(when_count(&when), 0);
	when_add(&when, 60, 70);
	when_add(&when, 1000, 1000);
	when_add(&when, 65, 66);
	assert_int_equal(when_count(&when), 12);
	when_add(&other, 70, 79);
	when_unite(&when, &other);
	assert_int_equal(when_count(&when), 21);
	when_forget(&when, 64);
	assert_int_equal(when_count(&when), 17);
	when_forget(&when, 3);
	assert_int_equal(when_count(&when), 14);
	when_add(&when, 0, 63);
	when_forget(&when, 0);
	assert_int_equal(when_count(&when), 65); /* those of before are among them, but for one */
	when_free(&when);
	when_free(&other);
}

/* After a few times nothing is left but that it was there. */
static void what_is_old_fades(void **state)
{
	struct socket_state socket = held_socket();
	struct looks looks = {.looks = 0};

	(void)state;
	socket.cookie = 7;
	looks_add(&looks, &socket);
	socket.received = 1001;
	socket.tcp.window_us = 800;
	for (int i = 1; i < 100; i++)
		looks_add(&looks, &socket);
	looks_fade(&looks);
	assert_int_equal(looks.looks, 50);
	assert_int_equal(looks.held, 50);
	assert_int_equal(looks.still, 50);
	assert_int_equal(looks.last.received - looks.first.received, 500);
	assert_int_equal(looks.last.tcp.window_us - looks.first.tcp.window_us, 400);
	for (int i = 0; i < 20; i++)
		looks_fade(&looks);
	assert_int_equal(looks.held + looks.still, 0);
	assert_int_equal(looks.looks, 1);
	assert_true(looks.last.received == looks.first.received);
	assert_int_equal(looks.first.cookie, 7);
}

static bool is_even(const struct connection *connection, const void *context)
{
	(void)context;
	return connection->looks.first.cookie % 2 == 0;
}

static void connections_that_are_kept(void **state)
{
	struct connections connections = {.count = 0};

	(void)state;
	for (uint64_t cookie = 0; cookie < 1000; cookie++)
		connections_find(&connections, cookie)->fd = (int)cookie;
	connections_keep(&connections, is_even, NULL, NULL);
	assert_int_equal(connections.count, 500);
	for (uint64_t cookie = 0; cookie < 1000; cookie += 2)
		assert_int_equal(connections_find(&connections, cookie)->fd, (int)cookie);
	assert_int_equal(connections.count, 500);
	assert_int_equal(connections_find(&connections, 7)->fd, -1);
	connections_free(&connections);
}

/* What was known of it goes along; where it was it counts no more. */
static void a_connection_that_moves(void **state)
{
	struct connections from = {.count = 0}, to = {.count = 0};
	struct socket_state socket = held_socket();

	(void)state;
	for (socket.cookie = 1; socket.cookie <= 100; socket.cookie++)
		looks_add(&connections_find(&from, socket.cookie)->looks, &socket);
	connections_move(&to, &from, 41);
	assert_int_equal(to.count, 1);
	assert_int_equal(connections_find(&to, 42)->looks.held, 1);
	assert_false(to.of[0].left_out || to.of[0].gone);
	assert_true(from.of[41].left_out && from.of[41].gone);
	assert_false(from.of[40].left_out);
	connections_free(&from);
	connections_free(&to);
}

static void idle_between_two_lists(void **state)
{
	struct connection connection = {.fd = 3, .gone = true};
	struct socket_state socket = {.state = TCP_IS_UP, .sent = 9, .received = 1};

	(void)state;
	connection_listed(&connection, &socket);
	assert_false(connection.idle || connection.gone);
	looks_add(&connection.looks, &socket);
	connection_listed(&connection, &socket);
	assert_true(connection.idle);
	socket.tcp.unacked = 1;
	connection_listed(&connection, &socket);
	assert_false(connection.idle);
	socket.tcp.unacked = 0;
	socket.received++;
	connection_listed(&connection, &socket);
	assert_false(connection.idle);
}

static bool is_there(const struct connection *connection, const void *context)
{
	(void)context;
	return !connection->gone;
}

static void those_that_are_gone_are_forgotten(void **state)
{
	struct connections connections = {.count = 0};
	uint32_t was[1000];

	(void)state;
	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		connections_find(&connections, cookie)->gone = cookie % 10 != 0;
	connections_keep(&connections, is_there, NULL, was);
	assert_int_equal(connections.count, 100);
	for (size_t i = 0; i < 100; i++) {
		assert_int_equal(was[i], i * 10 + 9);
		assert_int_equal(connections.of[i].looks.first.cookie, (i + 1) * 10);
		assert_ptr_equal(connections_find(&connections, (i + 1) * 10), &connections.of[i]);
	}
	assert_int_equal(connections.count, 100);
	assert_int_equal(connections_find(&connections, 1)->fd, -1);
	assert_int_equal(connections.count, 101);
	connections_free(&connections);
}

/* ---- the pace ---- */

/* What costs nothing is done once a slot, at a moment of its own in each. */
static void a_look_in_each_slot(void **state)
{
	struct pace pace = pace_new(1000, 100, 7);
	uint64_t now = 1000, low = UINT64_MAX, high = 0;

	(void)state;
	for (uint64_t slot = 1; slot <= 1000; slot++) {
		const uint64_t next = pace_next(&pace, now, 0), within = (next - 1000) % (10 * MS);

		assert_true((next - 1000) / (10 * MS) == slot);
		low = within < low ? within : low;
		high = within > high ? within : high;
		now = next;
	}
	assert_true(low < MS && high > 9 * MS);
}

/* A look that takes a millisecond is made 30 times a second; slots that went by are not made up
 * for. */
static void a_look_that_costs(void **state)
{
	struct pace pace = pace_new(0, 100, 7);
	uint64_t now = 0, cost = 0;
	unsigned looks = 0;

	(void)state;
	for (; now < 10000 * MS; looks++) {
		cost += MS;
		now = pace_next(&pace, now + MS, cost);
		assert_true(cost * 100 <= now * PACE_PERCENT + 100);
	}
	assert_true(looks > 240 && looks <= 300);
	assert_true(pace_next(&pace, 60000 * MS, cost) >= 60000 * MS);
	assert_true(pace_next(&pace, 60000 * MS, cost) >= 60010 * MS);
}

static void the_first_look_is_paid_back(void **state)
{
	(void)state;
	assert_true(pace_charge(100 * MS, 100 * MS, 0) == 0);
	assert_true(pace_charge(150 * MS, 100 * MS, 5000 * MS) == 100 * MS);
	assert_true(pace_charge(150 * MS, 100 * MS, 10000 * MS) == 150 * MS);
	assert_true(pace_charge(150 * MS, 100 * MS, 90000 * MS) == 150 * MS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_of_descriptors),
		cmocka_unit_test(descriptors_by_inode),
		cmocka_unit_test(the_status_of_a_process),
		cmocka_unit_test(the_beginning_of_a_process),
		cmocka_unit_test(units_and_containers),
		cmocka_unit_test(a_message_of_a_connection),
		cmocka_unit_test(messages_that_are_cut_off),
		cmocka_unit_test(messages_of_an_older_kernel),
		cmocka_unit_test(what_is_held),
		cmocka_unit_test(counts_of_looks),
		cmocka_unit_test(connections_by_their_cookies),
		cmocka_unit_test(looks_that_were_lost),
		cmocka_unit_test(holds_on_a_long_way),
		cmocka_unit_test(looks_as_bits),
		cmocka_unit_test(what_is_old_fades),
		cmocka_unit_test(connections_that_are_kept),
		cmocka_unit_test(a_connection_that_moves),
		cmocka_unit_test(idle_between_two_lists),
		cmocka_unit_test(those_that_are_gone_are_forgotten),
		cmocka_unit_test(a_look_in_each_slot),
		cmocka_unit_test(a_look_that_costs),
		cmocka_unit_test(the_first_look_is_paid_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
