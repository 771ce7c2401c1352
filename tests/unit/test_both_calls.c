/* What was written and read at one end, out of a recording: the bytes in order, whichever thread
 * they are of, and since when the program waited for those that it read. */
#include "tests/unit/unit.h"

#include <stdlib.h>
#include <string.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/both/both_parts.h"

#define US UINT64_C(1000)

static struct run *run;
static struct both_member member[2];
static struct both_talk *talk;

/* Connection 1 is the server's end, connection 2 the client's. */
static const struct both_stream *heard_in(const char *text)
{
	const struct both_pair pair = {
		.member = {&member[BOTH_CLIENT], &member[BOTH_SERVER]}, .members = {1, 1}};

	run = trace_text(text);
	member[BOTH_SERVER].process = member[BOTH_CLIENT].process = &run->process[0];
	member[BOTH_SERVER].connection = &run->process[0].connection[0];
	member[BOTH_CLIENT].connection = &run->process[0].connection[1];
	talk = both_talks_take(&pair, 1);
	return &talk->heard[BOTH_SERVER];
}

static int tear_down(void **state)
{
	(void)state;
	both_talks_free(talk, 1);
	run_free(run);
	return 0;
}

/* us since the run began. */
static uint64_t at(uint64_t time)
{
	return (time - TRACE_TEXT_BEGAN) / US;
}

#define EXPECT_READ(stream, i, idle_us, woken_us, end_us, to_byte)                                 \
	do {                                                                                       \
		const struct both_call *call_ = &(stream)->call[i];                                \
		assert_true((i) < (stream)->calls);                                                \
		assert_int_equal(at(call_->idle), idle_us);                                        \
		assert_int_equal(at(call_->woken), woken_us);                                      \
		assert_int_equal(at(call_->end), end_us);                                          \
		assert_int_equal(call_->to, to_byte);                                              \
	} while (0)

#define ENDS "server 1 80\nclient 2 10.0.0.1:80\n"

static void a_read_that_waits(void **state)
{
	const struct both_stream *heard = heard_in(ENDS "1: @100us r5~50us @300us r7~1us\n");

	(void)state;
	assert_int_equal(heard->calls, 2);
	EXPECT_READ(heard, 0, 101, 151, 151, 5);
	EXPECT_READ(heard, 1, 301, 302, 302, 12);
	assert_int_equal(heard->call[1].from, 5);
}

/* The wait is the poll's; what came between that and the read the program was at something else. */
static void a_poll_and_a_read(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us poll(covers=1/2,done=1)~50us @200us r5~1us r6~1us\n");

	(void)state;
	EXPECT_READ(heard, 0, 101, 151, 202, 5);
	/* It waited for this one in no call but its own. */
	EXPECT_READ(heard, 1, 203, 204, 204, 11);
}

/* epoll found another connection: that was no wait for this one's bytes. */
static void a_poll_for_another(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us epoll_wait(covers=2,done=1)~50us @200us r5~1us\n");

	(void)state;
	EXPECT_READ(heard, 0, 201, 202, 202, 5);
}

/* Again and again for nothing is one wait; where it did something in between it is not. */
static void waits_in_a_row(void **state)
{
	const struct both_stream *heard = heard_in(ENDS "1: @100us poll(covers=1)~50us "
							"poll(covers=1)~50us "
							"poll(covers=1,done=1)~50us r5~1us\n");

	(void)state;
	EXPECT_READ(heard, 0, 101, 253, 255, 5);
	tear_down(NULL);
	heard = heard_in(ENDS "1: @100us poll(covers=1)~50us +5ms "
			      "poll(covers=1,done=1)~50us r5~1us\n");
	EXPECT_READ(heard, 0, 5152, 5202, 5204, 5);
}

/* A look that found nothing, and then one that did: what came was not there at the first. */
static void looks_in_a_row(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us { again } x20 r5(nonblock)~1us\n");

	(void)state;
	EXPECT_READ(heard, 0, 101, 142, 142, 5);
}

/* A wait from before the last bytes is not for the next ones. */
static void a_wait_that_is_used(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us poll(covers=1,done=1)~50us r5~1us @400us r6~1us "
			      "@500us w3 @600us r7~1us\n");

	(void)state;
	EXPECT_READ(heard, 1, 401, 402, 402, 11);
	EXPECT_READ(heard, 2, 601, 602, 602, 18);
}

/* Two threads read it; calls that failed or moved nothing are none. */
static void two_threads(void **state)
{
	const struct both_stream *heard = heard_in(ENDS "1: @100us r5 again @500us r7 r0\n"
							"thread 9\n1: @300us r6 r4(error=104)\n");

	(void)state;
	assert_int_equal(heard->calls, 3);
	assert_int_equal(heard->call[0].to, 5);
	assert_int_equal(heard->call[1].to, 11);
	assert_int_equal(heard->call[2].to, 18);
	assert_int_equal(talk->said[BOTH_SERVER].calls, 0);
}

/* One that began later and ended sooner has the bytes that come first. */
static void reads_by_their_ends(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us r5~900us w6~1us\nthread 9\n1: @300us r7~5us w8~1us\n");

	(void)state;
	assert_int_equal(heard->call[0].to, 7);
	assert_int_equal(heard->call[1].to, 12);
	assert_int_equal(talk->said[BOTH_SERVER].call[0].to, 8);
	assert_int_equal(talk->said[BOTH_SERVER].call[1].to, 14);
}

/* A write that could not, or a wait that failed, is no wait for bytes. */
static void what_is_no_wait(void **state)
{
	const struct both_stream *heard =
		heard_in(ENDS "1: @100us w5(error=11)~50us @200us r5~1us "
			      "@300us poll(covers=1,error=4)~50us @400us r5~1us\n");

	(void)state;
	EXPECT_READ(heard, 0, 201, 202, 202, 5);
	EXPECT_READ(heard, 1, 401, 402, 402, 10);
}

/* What the kernel said of each end goes with it. */
static void what_the_kernel_said(void **state)
{
	(void)state;
	heard_in("server 1 80 opt.nodelay=1 tcp.total_retrans=3\nclient 2 10.0.0.1:80 "
		 "opt.nodelay=-1 tcp.snd_mss=500\n1: r5 w6(proven)\n2: w7 r8\n");
	assert_true(talk->kernel[BOTH_SERVER].nagle_known && !talk->kernel[BOTH_SERVER].nagle);
	assert_int_equal(talk->kernel[BOTH_SERVER].retrans, 3);
	assert_false(talk->kernel[BOTH_CLIENT].nagle_known);
	assert_int_equal(talk->kernel[BOTH_CLIENT].mss, 500);
	assert_int_equal(talk->said[BOTH_SERVER].call[0].flags, EVENT_PROVEN);
	assert_int_equal(talk->said[BOTH_CLIENT].call[0].to, 7);
	assert_int_equal(talk->heard[BOTH_CLIENT].call[0].to, 8);
}

static void which_call_has_a_byte(void **state)
{
	const struct both_stream *heard = heard_in(ENDS "1: r5 r1 r9\n");
	size_t hint = 0;

	(void)state;
	assert_ptr_equal(stream_find(heard, 4, &hint), &heard->call[0]);
	assert_ptr_equal(stream_find(heard, 5, &hint), &heard->call[1]);
	assert_ptr_equal(stream_find(heard, 14, &hint), &heard->call[2]);
	assert_ptr_equal(stream_find(heard, 0, &hint), &heard->call[0]);
	assert_null(stream_find(heard, 15, &hint));
	assert_null(stream_find(heard, 16, &hint));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(a_read_that_waits, tear_down),
		cmocka_unit_test_teardown(a_poll_and_a_read, tear_down),
		cmocka_unit_test_teardown(a_poll_for_another, tear_down),
		cmocka_unit_test_teardown(waits_in_a_row, tear_down),
		cmocka_unit_test_teardown(looks_in_a_row, tear_down),
		cmocka_unit_test_teardown(a_wait_that_is_used, tear_down),
		cmocka_unit_test_teardown(two_threads, tear_down),
		cmocka_unit_test_teardown(reads_by_their_ends, tear_down),
		cmocka_unit_test_teardown(what_is_no_wait, tear_down),
		cmocka_unit_test_teardown(what_the_kernel_said, tear_down),
		cmocka_unit_test_teardown(which_call_has_a_byte, tear_down),
	};

	return cmocka_run_group_tests_name("both_calls", tests, NULL, NULL);
}
