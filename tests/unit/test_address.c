/* Socket addresses: what a program hands over, and what the kernel tells of a descriptor. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>
#include <unistd.h>

#include "shim/base/address.h"

static const uint8_t loopback_v4[16] = {[10] = 0xff, 0xff, 127, 0, 0, 1};
static const uint8_t loopback_v6[16] = {[15] = 1};

static struct sockaddr_in v4_of(uint16_t port)
{
	return (struct sockaddr_in){.sin_family = AF_INET,
		.sin_port = htons(port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
}

static struct sockaddr_in6 v6_of(uint16_t port)
{
	return (struct sockaddr_in6){.sin6_family = AF_INET6,
		.sin6_port = htons(port),
		.sin6_addr = IN6ADDR_LOOPBACK_INIT};
}

/* The address at an odd place, in no more bytes than its length. */
static bool parse(const void *address, size_t length, uint8_t out[16], uint16_t *port)
{
	_Alignas(16) char bytes[1 + sizeof(struct sockaddr_storage)];

	memset(bytes, 0x55, sizeof(bytes));
	memcpy(bytes + 1, address, length);
	memset(out, 0xaa, 16);
	*port = 4711;
	return address_parse(
		(const struct sockaddr *)(const void *)(bytes + 1), (socklen_t)length, out, port);
}

static void assert_untouched(const uint8_t out[16], uint16_t port)
{
	for (int i = 0; i < 16; i++)
		assert_int_equal(out[i], 0xaa);
	assert_int_equal(port, 4711);
}

static void both_families_have_one_form(void **state)
{
	const struct sockaddr_in v4 = v4_of(143);
	const struct sockaddr_in6 v6 = v6_of(65535);
	uint8_t out[16];
	uint16_t port;

	(void)state;
	assert_true(parse(&v4, sizeof(v4), out, &port));
	assert_memory_equal(out, loopback_v4, 16);
	assert_int_equal(port, 143);
	assert_true(parse(&v6, sizeof(v6), out, &port));
	assert_memory_equal(out, loopback_v6, 16);
	assert_int_equal(port, 65535);
}

static void what_is_longer_is_taken_and_what_is_shorter_is_none(void **state)
{
	struct sockaddr_storage room = {0};
	const struct sockaddr_in v4 = v4_of(143);
	const struct sockaddr_in6 v6 = v6_of(143);
	uint8_t out[16];
	uint16_t port;

	(void)state;
	memcpy(&room, &v4, sizeof(v4));
	assert_true(parse(&room, sizeof(room), out, &port));
	assert_false(parse(&v4, sizeof(v4) - 1, out, &port));
	assert_untouched(out, port);
	assert_false(parse(&v4, 0, out, &port));
	assert_untouched(out, port);
	assert_false(parse(&v6, sizeof(v6) - 1, out, &port));
	assert_untouched(out, port);
	assert_false(address_parse(NULL, sizeof(v6), out, &port));
}

static void other_families_are_none(void **state)
{
	struct sockaddr_storage room = {.ss_family = AF_UNIX};
	uint8_t out[16];
	uint16_t port;

	(void)state;
	assert_false(parse(&room, sizeof(room), out, &port));
	assert_untouched(out, port);
	room.ss_family = AF_UNSPEC;
	assert_false(parse(&room, sizeof(room), out, &port));
}

/* A connection over loopback: fd[0] asked for it, fd[1] took it; the listener's port. */
static uint16_t connection(int family, int fd[2])
{
	struct sockaddr_in v4 = v4_of(0);
	struct sockaddr_in6 v6 = v6_of(0);
	void *address = family == AF_INET ? (void *)&v4 : &v6;
	socklen_t length = family == AF_INET ? sizeof(v4) : sizeof(v6);
	int listener = socket(family, SOCK_STREAM, 0);

	assert_int_equal(bind(listener, address, length), 0);
	assert_int_equal(listen(listener, 1), 0);
	assert_int_equal(getsockname(listener, address, &length), 0);
	fd[0] = socket(family, SOCK_STREAM, 0);
	assert_int_equal(connect(fd[0], address, length), 0);
	fd[1] = accept(listener, NULL, NULL);
	assert_true(fd[1] >= 0);
	close(listener);
	return ntohs(family == AF_INET ? v4.sin_port : v6.sin6_port);
}

static void check_connection(int family, const uint8_t loopback[16])
{
	uint8_t out[16];
	uint16_t port, there;
	int fd[2];
	const uint16_t served = connection(family, fd);

	errno = 77;
	assert_true(address_peer(fd[0], out, &port));
	assert_memory_equal(out, loopback, 16);
	assert_int_equal(port, served);
	assert_true(address_own(fd[1], out, &port));
	assert_memory_equal(out, loopback, 16);
	assert_int_equal(port, served);
	assert_int_equal(address_port(fd[1]), served);
	assert_true(address_own(fd[0], out, &port));
	assert_true(address_peer(fd[1], out, &there));
	assert_int_equal(port, there);
	assert_int_not_equal(port, served);
	assert_int_equal(address_is_v6(fd[0]), family == AF_INET6);
	assert_int_equal(errno, 77);
	close(fd[0]);
	close(fd[1]);
}

static void the_kernel_tells_both_ends(void **state)
{
	(void)state;
	check_connection(AF_INET, loopback_v4);
	check_connection(AF_INET6, loopback_v6);
}

static void who_has_none_says_so_and_keeps_errno(void **state)
{
	int fd = socket(AF_INET, SOCK_STREAM, 0), pair[2];
	uint8_t out[16];
	uint16_t port;

	(void)state;
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);
	errno = 77;
	assert_false(address_peer(fd, out, &port));
	assert_int_equal(address_port(fd), 0);
	assert_false(address_peer(pair[0], out, &port));
	assert_false(address_own(pair[0], out, &port));
	assert_false(address_own(-1, out, &port));
	assert_int_equal(address_port(-1), 0);
	assert_false(address_is_v6(pair[0]));
	assert_false(address_is_v6(-1));
	assert_int_equal(errno, 77);
	close(fd);
	close(pair[0]);
	close(pair[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_families_have_one_form),
		cmocka_unit_test(what_is_longer_is_taken_and_what_is_shorter_is_none),
		cmocka_unit_test(other_families_are_none),
		cmocka_unit_test(the_kernel_tells_both_ends),
		cmocka_unit_test(who_has_none_says_so_and_keeps_errno),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
