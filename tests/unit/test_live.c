/* What the kernel and /proc say of sockets and processes that this test makes. */
#include <arpa/inet.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tools/live/borrow.h"
#include "tools/live/family.h"
#include "tools/live/owners.h"
#include "tools/live/sockets.h"

struct pair {
	int listener, near, far;
	uint16_t near_port, far_port;
};

static uint16_t port_of(int fd)
{
	struct sockaddr_in6 at;
	socklen_t length = sizeof(at);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &length), 0);
	/* the port has the same place in both families */
	return ntohs(at.sin6_port);
}

static void make_pair(struct pair *pair, int family)
{
	struct sockaddr_in6 six = {.sin6_family = AF_INET6, .sin6_addr = IN6ADDR_LOOPBACK_INIT};
	struct sockaddr_in four = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	struct sockaddr *at =
		family == AF_INET ? (struct sockaddr *)&four : (struct sockaddr *)&six;
	socklen_t length = family == AF_INET ? sizeof(four) : sizeof(six);

	pair->listener = socket(family, SOCK_STREAM, 0);
	assert_int_equal(bind(pair->listener, at, length), 0);
	assert_int_equal(listen(pair->listener, 1), 0);
	assert_int_equal(getsockname(pair->listener, at, &length), 0);
	pair->near = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(pair->near, at, length), 0);
	pair->far = accept(pair->listener, NULL, NULL);
	pair->near_port = port_of(pair->near);
	pair->far_port = port_of(pair->far);
}

static void end_pair(struct pair *pair)
{
	close(pair->near);
	close(pair->far);
	close(pair->listener);
}

static uint32_t inode_of(int fd)
{
	struct stat status;

	assert_int_equal(fstat(fd, &status), 0);
	return (uint32_t)status.st_ino;
}

/* ---- the kernel ---- */

struct wanted {
	uint16_t local_port, peer_port;
	struct socket_state found;
	int count;
};

static void look_for(void *context, const struct socket_state *socket)
{
	struct wanted *wanted = context;

	if (socket->local_port != wanted->local_port || socket->peer_port != wanted->peer_port)
		return;
	wanted->found = *socket;
	wanted->count++;
}

static struct socket_state find(uint16_t local_port, uint16_t peer_port)
{
	struct wanted wanted = {.local_port = local_port, .peer_port = peer_port};
	const int kernel = sockets_open();

	assert_true(kernel >= 0);
	assert_int_equal(sockets_each(kernel, look_for, &wanted), 0);
	assert_int_equal(wanted.count, 1);
	close(kernel);
	return wanted.found;
}

static void check_pair(int family, const uint8_t loopback[16])
{
	struct socket_state near, far;
	struct pair pair;
	char text[8];

	make_pair(&pair, family);
	assert_int_equal(write(pair.near, "hello", 5), 5);
	assert_int_equal(read(pair.far, text, sizeof(text)), 5);
	near = find(pair.near_port, pair.far_port);
	far = find(pair.far_port, pair.near_port);
	assert_int_equal(near.inode, inode_of(pair.near));
	assert_int_equal(far.inode, inode_of(pair.far));
	assert_true(near.cookie != far.cookie);
	assert_memory_equal(near.local, loopback, 16);
	assert_memory_equal(near.peer, loopback, 16);
	assert_int_equal(far.received, 5);
	assert_int_equal(far.sent, 0);
	assert_int_equal(near.received, 0);
	assert_true(near.sent == 1 + 5 || near.sent == 1); /* the SYN counts; an ACK may be late */
	end_pair(&pair);
}

static void a_connection_of_ipv4(void **state)
{
	static const uint8_t loopback[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};

	(void)state;
	check_pair(AF_INET, loopback);
}

static void a_connection_of_ipv6(void **state)
{
	static const uint8_t loopback[16] = {[15] = 1};

	(void)state;
	check_pair(AF_INET6, loopback);
}

/* What is asked again is that socket, as it is now; a Nagle hold is bytes unsent behind a segment
 * that is not acknowledged. */
static void one_socket_again(void **state)
{
	struct socket_state near;
	struct pair pair;
	const int kernel = sockets_open();
	char text[8];

	(void)state;
	make_pair(&pair, AF_INET);
	near = find(pair.near_port, pair.far_port);
	assert_int_equal(near.state, TCP_IS_UP);
	assert_int_equal(near.tcp.unsent, 0);
	assert_int_equal(setsockopt(pair.near, IPPROTO_TCP, 3 /* TCP_CORK */, &(int){1}, 4), 0);
	assert_int_equal(write(pair.near, "hello", 5), 5);
	assert_int_equal(sockets_again(kernel, &near), 0);
	assert_int_equal(near.inode, inode_of(pair.near));
	assert_int_equal(near.tcp.unsent, 5);
	assert_int_equal(near.room, 5);
	assert_true(near.tcp.mss > 5 && near.tcp.congested > 0 && near.tcp.window > 5);
	assert_int_equal(setsockopt(pair.near, IPPROTO_TCP, 3, &(int){0}, 4), 0);
	assert_int_equal(read(pair.far, text, sizeof(text)), 5);
	near.cookie++;
	assert_int_equal(sockets_again(kernel, &near), -ENOENT);
	close(kernel);
	end_pair(&pair);
}

static void a_listener_and_its_queue(void **state)
{
	struct wanted wanted = {.peer_port = 0};
	struct pair pair;
	const int kernel = sockets_open();
	int waiting;

	(void)state;
	make_pair(&pair, AF_INET);
	waiting = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(connect(waiting,
				 (struct sockaddr *)&(struct sockaddr_in){.sin_family = AF_INET,
					 .sin_port = htons(pair.far_port),
					 .sin_addr = {htonl(INADDR_LOOPBACK)}},
				 sizeof(struct sockaddr_in)),
		0);
	wanted.local_port = pair.far_port;
	assert_int_equal(sockets_each(kernel, look_for, &wanted), 0);
	assert_int_equal(wanted.count, 0);
	assert_int_equal(sockets_each_and_listeners(kernel, look_for, &wanted), 0);
	assert_int_equal(wanted.count, 1);
	assert_int_equal(wanted.found.state, TCP_IS_LISTENING);
	assert_int_equal(wanted.found.waiting, 1);
	assert_int_equal(wanted.found.room, 1);
	assert_int_equal(sockets_again(kernel, &wanted.found), 0);
	assert_int_equal(wanted.found.inode, inode_of(pair.listener));
	close(waiting);
	close(kernel);
	end_pair(&pair);
}

/* What is borrowed says the same as the kernel's list, and is given back. */
static void a_borrowed_socket(void **state)
{
	const int self = borrow_open(getpid());
	struct socket_state near;
	struct borrowed borrowed;
	struct pair pair;
	int ends[2], lowest;

	(void)state;
	assert_true(self >= 0);
	make_pair(&pair, AF_INET6);
	assert_int_equal(setsockopt(pair.near, IPPROTO_TCP, 1 /* TCP_NODELAY */, &(int){1}, 4), 0);
	near = find(pair.near_port, pair.far_port);
	assert_int_equal(borrow_ask(self, pair.near, &borrowed), 0);
	assert_true(borrowed.nodelay && !borrowed.cork);
	assert_true(borrowed.socket.cookie == near.cookie);
	assert_int_equal(borrowed.socket.state, TCP_IS_UP);
	assert_memory_equal(borrowed.socket.peer, near.peer, 16);
	assert_int_equal(borrowed.socket.local_port, pair.near_port);
	assert_int_equal(borrowed.socket.peer_port, pair.far_port);
	assert_int_equal(borrow_ask(self, pair.listener, &borrowed), 0);
	assert_int_equal(borrowed.socket.state, TCP_IS_LISTENING);
	assert_int_equal(borrowed.socket.room, 1);
	assert_false(borrowed.nodelay);
	end_pair(&pair);
	assert_int_equal(borrow_ask(self, pair.near, &borrowed), -EBADF);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
	assert_int_equal(borrow_ask(self, ends[0], &borrowed), -ENOTSOCK);
	lowest = dup(0);
	assert_true(lowest > ends[1] || lowest < ends[0]);
	assert_int_equal(borrow_ask(self, ends[0], &borrowed), -ENOTSOCK);
	close(lowest);
	assert_int_equal(dup(0), lowest);
	close(lowest);
	assert_false(borrow_has_ended(self));
	assert_int_equal(borrow_open(0x7ffffff0), -ESRCH);
	close(ends[0]);
	close(ends[1]);
	close(self);
}

/* ---- /proc ---- */

static bool is_in(uint32_t inode, const uint32_t *list, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (list[i] == inode)
			return true;
	return false;
}

static void sockets_that_a_process_holds(void **state)
{
	uint32_t inode[1024];
	struct pair pair;
	size_t count;

	(void)state;
	make_pair(&pair, AF_INET);
	count = family_sockets(getpid(), inode, 1024);
	assert_true(is_in(inode_of(pair.near), inode, count));
	assert_true(is_in(inode_of(pair.listener), inode, count));
	assert_int_equal(family_sockets(getpid(), inode, 1), 1);
	end_pair(&pair);
	assert_int_equal(family_sockets(-1, inode, 1024), 0);
}

/* Our own are left out; a socket that two have is the older's. */
static void whose_the_sockets_are(void **state)
{
	struct owners owners = {.count = 0};
	const struct owner *owner;
	int alive[2], ready[2];
	struct pair pair;
	pid_t child[2];
	char byte;

	(void)state;
	assert_int_equal(pipe(alive), 0);
	assert_int_equal(pipe(ready), 0);
	make_pair(&pair, AF_INET);
	for (int i = 0; i < 2; i++) {
		child[i] = fork();
		if (child[i] == 0) {
			close(alive[1]);
			if (i == 1)
				close(pair.far);
			if (write(ready[1], "", 1) == 1)
				_exit(read(alive[0], &byte, 1) != 0);
		}
		assert_int_equal(read(ready[0], &byte, 1), 1);
	}
	for (int again = 0; again < 2; again++) {
		assert_int_equal(owners_take(&owners), 0);
		owner = owners_find(&owners, inode_of(pair.far));
		assert_non_null(owner);
		assert_int_equal(owners.holder[owner->holder].pid, child[0]);
		assert_int_equal(owner->fd, pair.far);
		owner = owners_find(&owners, inode_of(pair.near));
		assert_non_null(owner);
		assert_int_equal(owners.holder[owner->holder].pid,
			child[0] < child[1] ? child[0] : child[1]);
		assert_null(owners_find(&owners, 0));
		assert_int_equal(owners_of(&owners, child[1])->pid, child[1]);
		assert_true(owners_of(&owners, child[1])->number != 0);
		assert_null(owners_of(&owners, getpid()));
	}
	owners_free(&owners);
	close(alive[1]);
	assert_int_equal(waitpid(child[0], NULL, 0), child[0]);
	assert_int_equal(waitpid(child[1], NULL, 0), child[1]);
	close(alive[0]);
	close(ready[0]);
	close(ready[1]);
	end_pair(&pair);
}

/* Waits until the other end of `ends` is closed. */
static void stay(int ends)
{
	char byte;

	_exit(read(ends, &byte, 1) != 0);
}

static void children_and_their_children(void **state)
{
	int alive[2], ready[2];
	pid_t pid[16], child;
	char byte;

	(void)state;
	assert_int_equal(pipe(alive), 0);
	assert_int_equal(pipe(ready), 0);
	child = fork();
	if (child == 0) {
		close(alive[1]);
		if (fork() != 0)
			stay(alive[0]);
		if (write(ready[1], "", 1) == 1)
			stay(alive[0]);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(family_of(child, pid, 16), 2);
	assert_int_equal(pid[0], child);
	assert_true(pid[1] != child);
	assert_int_equal(family_of(getpid(), pid, 16), 3);
	assert_int_equal(family_of(getpid(), pid, 2), 2);
	assert_int_equal(family_of(getpid(), pid, 0), 0);
	close(alive[1]);
	assert_int_equal(waitpid(child, NULL, 0), child);
	close(alive[0]);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connection_of_ipv4),
		cmocka_unit_test(a_connection_of_ipv6),
		cmocka_unit_test(one_socket_again),
		cmocka_unit_test(a_listener_and_its_queue),
		cmocka_unit_test(a_borrowed_socket),
		cmocka_unit_test(sockets_that_a_process_holds),
		cmocka_unit_test(whose_the_sockets_are),
		cmocka_unit_test(children_and_their_children),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
