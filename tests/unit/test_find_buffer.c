/* Findings about buffers, loss, and calls that do nothing: by the kernel's own clocks. */
#include "tests/unit/find_text.h"

#define TO_BACKUP "role = \"client\"; peer = \"10.0.0.3\"; port = 873;"

static void a_fixed_send_buffer_that_is_the_limit_is_s01(void **state)
{
#define SENDS(keys)                                                                                \
	"client 1 10.0.0.3:873 tcp.min_rtt_us=2000 tcp.bytes_acked=6553600 " keys                  \
	"\n1: { w65536~10ms } x100 r9~1ms close\n"
	struct found found =
		find_text(SENDS("tcp.busy_us=1000000 tcp.sndbuf_limited_us=600000 opt.buf_lock=1"));
	struct found tuned =
		find_text(SENDS("tcp.busy_us=1000000 tcp.sndbuf_limited_us=600000 opt.buf_lock=0"));
	struct found little =
		find_text(SENDS("tcp.busy_us=1000000 tcp.sndbuf_limited_us=190000 opt.buf_lock=1"));
	const struct finding *s01 = assert_found(&found, "S01", SURE_LIKELY, FIX_RULE, 1, 1);

	(void)state;
	/* by the clock of the limit, to all that was under way: 6.5 MB need nine round trips */
	assert_int_equal(s01->lost_low, 600 * MS);
	assert_int_equal(s01->lost_high, 1000 * MS - UINT64_C(9) * 2 * MS);
	assert_mends(&s01->mend, "s01-10-0-0-3-873", TO_BACKUP, "so_sndbuf = \"auto\";", true);
	assert_int_equal(found.fold->split.stalled, 600 * MS);
	assert_not_found(&tuned, "S01");
	assert_not_found(&little, "S01");
	assert_string_equal(why_not(&little, "why not buffers"),
		"the send buffer was the limit for 0.2 s, the peer's window for 0.0 s");
	find_end(found);
	find_end(tuned);
	find_end(little);
}

static void a_peer_that_reads_slowly_is_s02(void **state)
{
	struct found found = find_text(SENDS("tcp.busy_us=1000000 tcp.rwnd_limited_us=500000"));
	struct found little = find_text(SENDS("tcp.busy_us=1000000 tcp.rwnd_limited_us=100000"));
	const struct finding *s02 = assert_found(&found, "S02", SURE_PROVEN, FIX_PEER, 1, 1);

	(void)state;
	assert_int_equal(s02->lost_high, 500 * MS);
	assert_string_equal(s02->mend.set, "");
	assert_int_equal(found.fold->split.stalled, 0);
	assert_not_found(&little, "S02");
	find_end(found);
	find_end(little);
}

static void a_fixed_receive_buffer_that_is_the_limit_is_s03(void **state)
{
	/* 64 KB a round trip of 20 ms: 3.2 MB a second, and so much came */
#define RECEIVES(lock, took)                                                                       \
	"client 1 10.0.0.3:873 tcp.min_rtt_us=20000 opt.rcvbuf=131072 opt.buf_lock=" lock          \
	"\n1: w20 { r65536~" took " } x50 close\n"
	struct found found = find_text(RECEIVES("2", "20ms"));
	struct found tuned = find_text(RECEIVES("0", "20ms"));
	struct found slow = find_text(RECEIVES("2", "80ms"));
	const struct finding *s03 = assert_found(&found, "S03", SURE_POSSIBLE, FIX_RULE, 1, 1);

	(void)state;
	/* of 1 s, but for the 8 round trips that 3.2 MB take whatever the window */
	assert_near(s03->lost_high, (1000 - 8 * 20) * MS);
	assert_mends(&s03->mend, "s03-10-0-0-3-873", TO_BACKUP, "so_rcvbuf = \"auto\";", true);
	assert_not_found(&tuned, "S03");
	assert_not_found(&slow, "S03");
	find_end(found);
	find_end(tuned);
	find_end(slow);
}

static void asking_again_at_once_is_s06(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:80\n1: w20 { again~1us } x30000 r20 close\n");
	struct found waits = find_text("client 1 10.0.0.1:80\n1: w20 { again~1us "
				       "poll(covers=1,done=1)~100us } x30000 r20 close\n");
	struct found few = find_text("client 1 10.0.0.1:80\n1: { w20 { again } x99 r20 } x50\n");
	const struct finding *s06 = assert_found(&found, "S06", SURE_LIKELY, FIX_APP, 30000, 30002);

	(void)state;
	assert_int_equal(s06->lost_high, 30 * MS);
	assert_int_equal(s06->saved_calls, 30000);
	assert_string_equal(
		s06->no_rule, "no rule mends this: the program should wait with poll or epoll");
	assert_false(s06->minor);
	assert_not_found(&waits, "S06");
	assert_not_found(&few, "S06");
	find_end(found);
	find_end(waits);
	find_end(few);
}

/* Turns of 1 ms, then some whose segments were sent again. */
#define LOSSY "client 1 10.0.0.1:80 syn.taken=1000000000001 tcp.min_rtt_us=900 tcp.total_retrans="

static void segments_sent_again_are_s09_and_nothing_else(void **state)
{
	struct found found =
		find_text(LOSSY "2\n1: { w20 r5~1ms } x50 w20 r5~240ms probe(asked=1) w20 r5~1ms "
				"w90 w2(proven) r5~240ms probe(asked=2) w20 r5~1ms close\n");
	const struct finding *s09 = assert_found(&found, "S09", SURE_PROVEN, FIX_SYSTEM, 2, 54);

	(void)state;
	assert_string_equal(s09->what, "2 segments sent again; 2 turns waited for it");
	assert_int_equal(s09->lost_high, 2 * 239 * MS);
	assert_string_equal(
		s09->no_rule, "no rule mends this: packets are lost between here and the peer");
	assert_string_equal(codes_of(&found), "S09");
	assert_string_equal(why_not(&found, "why not the net"), "");
	find_end(found);
}

/* Two threads asked, and the notes of both stand the other way round. */
static void a_count_that_goes_back_is_no_new_loss(void **state)
{
	struct found found =
		find_text(LOSSY "1\n1: { w20 r5~1ms } x50 w20 r5~240ms probe(asked=1) "
				"probe(asked=0) w20 r5~1ms w20 r5~8ms probe(asked=1) close\n");
	const struct finding *s09 = assert_found(&found, "S09", SURE_PROVEN, FIX_SYSTEM, 1, 53);

	(void)state;
	assert_int_equal(s09->lost_high, 239 * MS);
	find_end(found);
}

static void a_lost_answer_is_likely_where_ours_are_lost_too(void **state)
{
	struct found found =
		find_text(LOSSY "1\n1: { w20 r5~1ms } x50 w20 r5~240ms probe(asked=1) w20 r5~1ms "
				"w20 r5~210ms probe(asked=1) w20 r5~1ms close\n");
	struct found thinking = find_text("client 1 10.0.0.1:80 tcp.min_rtt_us=900\n"
					  "1: { w20 r5~1ms } x50 w20 r5~210ms w20 r5~1ms close\n");
	const struct finding *s09 = assert_found(&found, "S09", SURE_LIKELY, FIX_SYSTEM, 2, 54);

	(void)state;
	assert_int_equal(s09->lost_low, 239 * MS);
	assert_int_equal(s09->lost_high, 239 * MS + 209 * MS);
	assert_not_found(&thinking, "S09");
	assert_string_equal(
		why_not(&thinking, "why not the net"), "0 segments sent again, round trip 0.90 ms");
	find_end(found);
	find_end(thinking);
}

static void losses_that_no_probe_saw_are_likely_by_their_times(void **state)
{
	/* a client that waits in select() is not asked after its reads, which take no time */
	struct found found = find_text(
		LOSSY "2\n1: { w20 r5~1ms } x50 w20 select(covers=1,done=1)~415ms r5 w20 r5~1ms "
		      "w20 select(covers=1,done=1)~320ms r5 w20 r5~1ms close\n");
	const struct finding *s09 = assert_found(&found, "S09", SURE_LIKELY, FIX_SYSTEM, 1, 54);

	(void)state;
	assert_int_equal(s09->lost_low, 0);
	assert_near(s09->lost_high, 414 * MS);
	find_end(found);
}

static void options_set_to_what_they_are_are_s11(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:80\n"
			  "1: { setsockopt(asked=0x60001,done=1)~100us w20 r5~1us } x200 close\n");
	struct found toggled =
		find_text("client 1 10.0.0.1:80\n"
			  "1: { setsockopt(asked=0x60003,done=1)~100us w20 "
			  "setsockopt(asked=0x60003,done=0)~100us r5 } x200 close\n");
	struct found pairs = find_text("client 1 10.0.0.1:80\n1: { "
				       "setsockopt(asked=0x10009,done=1)~100us "
				       "setsockopt(asked=0x60001,done=1)~100us w20 r5~1us } x200 "
				       "close\n");
	/* TCP_QUICKACK: the kernel forgets it */
	struct found forgotten = find_text("client 1 10.0.0.1:80\n1: { "
					   "setsockopt(asked=0x6000c,done=1)~100us w20 r5~1us } "
					   "x200 close\n");
	const struct finding *s11 = assert_found(&found, "S11", SURE_LIKELY, FIX_APP, 199, 200);

	(void)state;
	assert_string_equal(s11->what, "sets an option to what it is: 199 of 200 setsockopt");
	assert_int_equal(s11->lost_high, 199 * 100 * US);
	assert_int_equal(s11->saved_calls, 199);
	assert_string_equal(s11->no_rule, "no rule mends this: the program should set it once");
	assert_not_found(&toggled, "S11");
	assert_found(&pairs, "S11", SURE_LIKELY, FIX_APP, 398, 400);
	assert_not_found(&forgotten, "S11");
	find_end(pairs);
	find_end(forgotten);
	find_end(found);
	find_end(toggled);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_fixed_send_buffer_that_is_the_limit_is_s01),
		cmocka_unit_test(a_peer_that_reads_slowly_is_s02),
		cmocka_unit_test(a_fixed_receive_buffer_that_is_the_limit_is_s03),
		cmocka_unit_test(asking_again_at_once_is_s06),
		cmocka_unit_test(segments_sent_again_are_s09_and_nothing_else),
		cmocka_unit_test(a_count_that_goes_back_is_no_new_loss),
		cmocka_unit_test(a_lost_answer_is_likely_where_ours_are_lost_too),
		cmocka_unit_test(losses_that_no_probe_saw_are_likely_by_their_times),
		cmocka_unit_test(options_set_to_what_they_are_are_s11),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
