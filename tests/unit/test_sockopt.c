/* Options that are set for ourselves: which call of libc's each makes, and what of the answer is
 * told. A kernel that says what the test wants stands in for libc. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <linux/tcp.h>
#include <netinet/in.h>
#include <string.h>

#include "shim/real.h"
#include "shim/settle/sockopt.h"

struct real real_table, libc_table;
_Atomic bool real_bound = true;
static int refusals[4]; /* errno of the next calls that set; 0: taken */
static int calls, level, name, answer_error;
static int number;			     /* set last, where it was an int */
static unsigned char answer[256], bytes[64]; /* what getsockopt gives; set last */
static socklen_t length, answer_length;

void real_bind(void)
{
}

static int fake_set(int fd, int on_level, int on_name, const void *value, socklen_t size)
{
	assert_int_equal(fd, 7);
	level = on_level;
	name = on_name;
	length = size;
	memcpy(bytes, value, size);
	memcpy(&number, bytes, sizeof(number));
	if (!refusals[calls++])
		return 0;
	errno = refusals[calls - 1];
	return -1;
}

static int fake_get(int fd, int on_level, int on_name, void *value, socklen_t *size)
{
	assert_int_equal(fd, 7);
	level = on_level;
	name = on_name;
	if (answer_error) {
		errno = answer_error;
		return -1;
	}
	if (*size > answer_length)
		*size = answer_length;
	memcpy(value, answer, *size);
	return 0;
}

static int set_up(void **state)
{
	(void)state;
	libc_table.setsockopt = fake_set;
	libc_table.getsockopt = fake_get;
	memset(refusals, 0, sizeof(refusals));
	memset(answer, 0, sizeof(answer));
	calls = level = name = answer_error = number = 0;
	answer_length = 4;
	errno = 77;
	return 0;
}

/* Every function keeps errno. */
static int kept(void **state)
{
	(void)state;
	return errno != 77;
}

static void assert_call(int on_level, int on_name)
{
	assert_int_equal(level, on_level);
	assert_int_equal(name, on_name);
}

static const struct value eight = {.kind = VALUE_NUMBER, .number = 8},
			  undone = {.kind = VALUE_UNDO};

static void an_option_is_set_by_its_name_on_the_family(void **state)
{
	(void)state;
	assert_int_equal(sockopt_set(7, false, OPTION_IP_TOS, &eight), 0);
	assert_call(IPPROTO_IP, IP_TOS);
	assert_int_equal(number, 8);
	assert_int_equal(sockopt_set(7, true, OPTION_IP_TOS, &eight), 0);
	assert_call(IPPROTO_IPV6, IPV6_TCLASS);
	assert_int_equal(sockopt_set(7, true, OPTION_TCP_KEEPCNT, &eight), 0);
	assert_call(IPPROTO_TCP, TCP_KEEPCNT);
	assert_int_equal(calls, 3);
	/* ours, that no kernel knows */
	assert_int_equal(sockopt_set(7, false, OPTION_COALESCE, &eight), 0);
	assert_int_equal(calls, 3);
}

static void a_refusal_is_told(void **state)
{
	(void)state;
	refusals[0] = EPERM;
	refusals[1] = EINVAL;
	assert_int_equal(sockopt_set(7, false, OPTION_IP_TOS, &eight), -EPERM);
	assert_int_equal(sockopt_set(7, false, OPTION_IP_TOS, &eight), -EINVAL);
	assert_int_equal(calls, 2);
}

static void an_old_kernel_gets_the_rate_as_an_int(void **state)
{
	struct value rate = {.kind = VALUE_NUMBER, .number = 5000};

	(void)state;
	refusals[0] = EINVAL;
	assert_int_equal(sockopt_set(7, false, OPTION_SO_MAX_PACING_RATE, &rate), 0);
	assert_int_equal(calls, 2);
	assert_int_equal(length, 4);
	assert_int_equal(number, 5000);
	calls = 0;
	rate.number = (int64_t)UINT32_MAX + 1;
	assert_int_equal(sockopt_set(7, false, OPTION_SO_MAX_PACING_RATE, &rate), 0);
	assert_int_equal(number, -1);
	calls = 0;
	refusals[0] = EPERM;
	assert_int_equal(sockopt_set(7, false, OPTION_SO_MAX_PACING_RATE, &rate), -EPERM);
	assert_int_equal(calls, 1);
}

static void undoing_ends_what_the_program_asked_for(void **state)
{
	const int locks = 3 | 8;

	(void)state;
	assert_int_equal(sockopt_set(7, false, OPTION_SO_LINGER, &undone), 0);
	assert_call(SOL_SOCKET, SO_LINGER);
	assert_int_equal(length, sizeof(struct linger));
	assert_int_equal(number, 0);
	memcpy(answer, &locks, sizeof(locks));
	assert_int_equal(sockopt_set(7, false, OPTION_SO_SNDBUF, &undone), 0);
	assert_call(SOL_SOCKET, 72); /* SO_BUF_LOCK */
	assert_int_equal(number, 2 | 8);
	assert_int_equal(sockopt_set(7, false, OPTION_SO_RCVBUF, &undone), 0);
	assert_int_equal(number, 1 | 8);
	answer_error = ENOPROTOOPT;
	calls = 0;
	assert_int_equal(sockopt_set(7, false, OPTION_SO_RCVBUF, &undone), -ENOPROTOOPT);
	assert_int_equal(calls, 0);
}

static void what_was_read_can_be_put_back(void **state)
{
	unsigned char out[16] = {0};

	(void)state;
	answer_length = 12;
	for (unsigned char i = 0; i < 12; i++)
		answer[i] = i;
	assert_int_equal(sockopt_get(7, true, OPTION_IP_TOS, out), 12);
	assert_call(IPPROTO_IPV6, IPV6_TCLASS);
	assert_memory_equal(out, answer, 12);
	assert_int_equal(sockopt_restore(7, true, OPTION_IP_TOS, out, 12), 0);
	assert_call(IPPROTO_IPV6, IPV6_TCLASS);
	assert_int_equal(length, 12);
	assert_memory_equal(bytes, answer, 12);
	answer_length = 200;
	assert_int_equal(sockopt_get(7, false, OPTION_TCP_CONGESTION, out), 16);
	answer_error = EBADF;
	assert_int_equal(sockopt_get(7, false, OPTION_IP_TOS, out), -EBADF);
}

static void what_has_a_cork_is_tcp(void **state)
{
	(void)state;
	assert_true(sockopt_is_tcp(7));
	assert_call(IPPROTO_TCP, TCP_CORK);
	answer_error = ENOPROTOOPT;
	assert_false(sockopt_is_tcp(7));
}

static void switches(void **state)
{
	(void)state;
	number = 5;
	assert_int_equal(sockopt_push(7), 0);
	assert_call(IPPROTO_TCP, TCP_CORK);
	assert_int_equal(number, 0);
	sockopt_cork(7);
	assert_call(IPPROTO_TCP, TCP_CORK);
	assert_int_equal(number, 1);
	sockopt_quickack(7);
	assert_call(IPPROTO_TCP, TCP_QUICKACK);
	assert_int_equal(number, 1);
	refusals[3] = EBADF;
	assert_int_equal(sockopt_nodelay(7, 0), -EBADF);
	assert_call(IPPROTO_TCP, TCP_NODELAY);
	assert_int_equal(number, 0);
}

static void the_round_trip_is_told_in_ns(void **state)
{
	struct tcp_info info = {.tcpi_min_rtt = 80};

	(void)state;
	answer_length = sizeof(info);
	memcpy(answer, &info, sizeof(info));
	assert_int_equal(sockopt_min_rtt(7), 80000);
	assert_call(IPPROTO_TCP, TCP_INFO);
	info.tcpi_min_rtt = UINT32_MAX - 1;
	memcpy(answer, &info, sizeof(info));
	assert_int_equal(sockopt_min_rtt(7), (UINT32_MAX - UINT64_C(1)) * 1000);
	info.tcpi_min_rtt = UINT32_MAX; /* none yet */
	memcpy(answer, &info, sizeof(info));
	assert_int_equal(sockopt_min_rtt(7), 0);
	answer_length = 100; /* an old kernel's */
	assert_int_equal(sockopt_min_rtt(7), 0);
	answer_error = EBADF;
	assert_int_equal(sockopt_min_rtt(7), 0);
}

int main(void)
{
#define TEST(test) cmocka_unit_test_setup_teardown(test, set_up, kept)
	const struct CMUnitTest tests[] = {
		TEST(an_option_is_set_by_its_name_on_the_family),
		TEST(a_refusal_is_told),
		TEST(an_old_kernel_gets_the_rate_as_an_int),
		TEST(undoing_ends_what_the_program_asked_for),
		TEST(what_was_read_can_be_put_back),
		TEST(what_has_a_cork_is_tcp),
		TEST(switches),
		TEST(the_round_trip_is_told_in_ns),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
