/* The option table and its values as bytes: what setsockopt() is given, checked byte by byte. */
#include "tests/unit/unit.h"

#include <ctype.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "rules/option.h"

static void every_name_finds_its_own_row(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++)
		assert_int_equal(option_by_name(option_table[id].name), id);
}

static void names_are_exact(void **state)
{
	(void)state;
	assert_int_equal(option_by_name("tcp_nodelay"), OPTION_TCP_NODELAY);
	assert_int_equal(option_by_name("TCP_NODELAY"), -1);
	assert_int_equal(option_by_name("tcp_nodela"), -1);
	assert_int_equal(option_by_name("tcp_nodelayy"), -1);
	assert_int_equal(option_by_name(""), -1);
}

static void every_kernel_number_finds_its_own_row(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++)
		if (option_table[id].level != OPTION_OURS)
			assert_int_equal(
				option_by_number(option_table[id].level, option_table[id].optname),
				id);
}

static void the_traffic_class_of_ipv6_is_ip_tos(void **state)
{
	(void)state;
	assert_int_equal(option_by_number(IPPROTO_IPV6, IPV6_TCLASS), OPTION_IP_TOS);
	assert_int_equal(option_by_number(IPPROTO_IP, IP_TOS), OPTION_IP_TOS);
}

static void a_number_of_another_level_is_no_option(void **state)
{
	(void)state;
	assert_int_equal(option_by_number(SOL_SOCKET, TCP_NODELAY + 1000), -1);
	/* 1 is TCP_NODELAY on one level and SO_DEBUG on the other */
	assert_int_equal(option_by_number(SOL_SOCKET, TCP_NODELAY), -1);
	assert_int_equal(option_by_number(IPPROTO_TCP, TCP_NODELAY), OPTION_TCP_NODELAY);
}

static void no_setsockopt_reaches_an_option_of_ours(void **state)
{
	(void)state;
	assert_int_equal(option_by_number(OPTION_OURS, 0), -1);
}

static void rows_make_sense(void **state)
{
	(void)state;
	for (int id = 0; id < OPTION_COUNT; id++) {
		const struct option *option = &option_table[id];

		assert_true(option->low <= option->high);
		assert_true(option->when != 0);
		assert_true(*option->man && *option->summary);
		for (const char *c = option->name; *c; c++)
			assert_true(islower((unsigned char)*c) || *c == '_');
		assert_int_equal(option->type == TYPE_MODE, id == OPTION_COALESCE);
	}
	assert_int_equal(option_table[OPTION_COALESCE].high, COALESCE_COUNT - 1);
}

static size_t encode(int id, enum value_kind kind, int64_t number, unsigned char out[16])
{
	const struct value value = {.kind = kind, .number = number};

	memset(out, 0xaa, 16);
	return option_encode(id, &value, out);
}

static void switches_and_numbers_are_an_int(void **state)
{
	unsigned char out[16];
	const int one = 1, idle = 60, rcvbuf = 1073741823;

	(void)state;
	assert_int_equal(encode(OPTION_TCP_NODELAY, VALUE_NUMBER, 1, out), sizeof(int));
	assert_memory_equal(out, &one, sizeof(int));
	assert_int_equal(out[sizeof(int)], 0xaa);
	assert_int_equal(encode(OPTION_TCP_KEEPIDLE, VALUE_NUMBER, 60, out), sizeof(int));
	assert_memory_equal(out, &idle, sizeof(int));
	assert_int_equal(encode(OPTION_SO_RCVBUF, VALUE_NUMBER, rcvbuf, out), sizeof(int));
	assert_memory_equal(out, &rcvbuf, sizeof(int));
}

static void so_mark_uses_all_32_bits(void **state)
{
	unsigned char out[16];

	(void)state;
	assert_int_equal(encode(OPTION_SO_MARK, VALUE_NUMBER, 0xfffffffe, out), 4);
	assert_memory_equal(out, &(uint32_t){0xfffffffe}, 4);
}

static void linger_is_on_with_its_seconds(void **state)
{
	unsigned char out[16];
	const struct linger zero = {1, 0}, five = {1, 5};

	(void)state;
	assert_int_equal(encode(OPTION_SO_LINGER, VALUE_NUMBER, 0, out), sizeof(zero));
	assert_memory_equal(out, &zero, sizeof(zero));
	assert_int_equal(encode(OPTION_SO_LINGER, VALUE_NUMBER, 5, out), sizeof(five));
	assert_memory_equal(out, &five, sizeof(five));
}

static void timeouts_are_a_timeval(void **state)
{
	unsigned char out[16];
	const struct timeval time = {.tv_sec = 2, .tv_usec = 345000};

	(void)state;
	assert_int_equal(encode(OPTION_SO_RCVTIMEO, VALUE_NUMBER, 2345, out), sizeof(time));
	assert_memory_equal(out, &time, sizeof(time));
}

static void rates_have_64_bits(void **state)
{
	unsigned char out[16];

	(void)state;
	assert_int_equal(encode(OPTION_SO_MAX_PACING_RATE, VALUE_NUMBER, 5000000000, out), 8);
	assert_memory_equal(out, &(int64_t){5000000000}, 8);
}

static void words_are_their_bytes(void **state)
{
	unsigned char out[16];
	struct value value = {.kind = VALUE_WORD, .word = "bbr"};

	(void)state;
	memset(out, 0xaa, sizeof(out));
	assert_int_equal(option_encode(OPTION_TCP_CONGESTION, &value, out), 3);
	assert_memory_equal(out, "bbr\xaa", 4);
	memset(value.word, 'x', sizeof(value.word));
	assert_int_equal(option_encode(OPTION_TCP_CONGESTION, &value, out), 15);
}

static void what_the_kernel_never_sees_has_no_bytes(void **state)
{
	unsigned char out[16];

	(void)state;
	assert_int_equal(encode(OPTION_SO_RCVBUF, VALUE_UNDO, 0, out), 0);
	assert_int_equal(encode(OPTION_TCP_NODELAY, VALUE_KEEP, 0, out), 0);
	assert_int_equal(encode(OPTION_COALESCE, VALUE_NUMBER, COALESCE_AUTO, out), 0);
	assert_int_equal(encode(OPTION_LISTEN_BACKLOG, VALUE_NUMBER, 1024, out), 0);
	for (size_t i = 0; i < sizeof(out); i++)
		assert_int_equal(out[i], 0xaa);
}

static void the_kernel_takes_every_default_sized_value(void **state)
{
	static const struct {
		int id;
		int64_t number;
	} row[] = {
		{OPTION_TCP_NODELAY, 1},
		{OPTION_SO_SNDBUF, 65536},
		{OPTION_TCP_KEEPCNT, 6},
		{OPTION_SO_LINGER, 5},
		{OPTION_SO_SNDTIMEO, 1500},
		{OPTION_SO_MAX_PACING_RATE, 625000000},
		{OPTION_IP_TOS, 8},
	};
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)state;
	assert_true(fd >= 0);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		const struct option *option = &option_table[row[i].id];
		unsigned char out[16];
		const size_t length = encode(row[i].id, VALUE_NUMBER, row[i].number, out);

		assert_int_equal(
			setsockopt(fd, option->level, option->optname, out, (socklen_t)length), 0);
	}
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_name_finds_its_own_row),
		cmocka_unit_test(names_are_exact),
		cmocka_unit_test(every_kernel_number_finds_its_own_row),
		cmocka_unit_test(the_traffic_class_of_ipv6_is_ip_tos),
		cmocka_unit_test(a_number_of_another_level_is_no_option),
		cmocka_unit_test(no_setsockopt_reaches_an_option_of_ours),
		cmocka_unit_test(rows_make_sense),
		cmocka_unit_test(switches_and_numbers_are_an_int),
		cmocka_unit_test(so_mark_uses_all_32_bits),
		cmocka_unit_test(linger_is_on_with_its_seconds),
		cmocka_unit_test(timeouts_are_a_timeval),
		cmocka_unit_test(rates_have_64_bits),
		cmocka_unit_test(words_are_their_bytes),
		cmocka_unit_test(what_the_kernel_never_sees_has_no_bytes),
		cmocka_unit_test(the_kernel_takes_every_default_sized_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
