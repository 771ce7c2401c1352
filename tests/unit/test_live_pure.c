/* What looking at running programs is made of, without them: texts of /proc, bytes of inet_diag,
 * looks by what they say, the table of connections, the pace. */
#include "tests/unit/unit.h"

#include <arpa/inet.h>
#include <linux/inet_diag.h>
#include <linux/tcp.h>
#include <linux/rtnetlink.h>
#include <string.h>
#include <sys/socket.h>

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

static void those_that_are_gone_are_forgotten(void **state)
{
	struct connections connections = {.count = 0};
	uint32_t was[1000];

	(void)state;
	for (uint64_t cookie = 1; cookie <= 1000; cookie++)
		connections_find(&connections, cookie)->gone = cookie % 10 != 0;
	assert_int_equal(connections_forget_gone(&connections, was), 1000);
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(links_of_descriptors),
		cmocka_unit_test(descriptors_by_inode),
		cmocka_unit_test(the_status_of_a_process),
		cmocka_unit_test(units_and_containers),
		cmocka_unit_test(a_message_of_a_connection),
		cmocka_unit_test(messages_that_are_cut_off),
		cmocka_unit_test(messages_of_an_older_kernel),
		cmocka_unit_test(what_is_held),
		cmocka_unit_test(counts_of_looks),
		cmocka_unit_test(connections_by_their_cookies),
		cmocka_unit_test(those_that_are_gone_are_forgotten),
		cmocka_unit_test(a_look_in_each_slot),
		cmocka_unit_test(a_look_that_costs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
