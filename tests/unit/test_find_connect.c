/* Findings about connections in the making: SYNs sent again, queues, and too many of them. */
#include "tests/unit/find_text.h"

#define HOST "run before.listen_overflows=10 after.listen_overflows="

static void a_connect_whose_syn_was_sent_again_is_c01(void **state)
{
	struct found found = find_text("client 1 10.0.0.7:3306\nclient 2 10.0.0.7:3306\n"
				       "client 3 10.0.0.7:3306 syn.total_retrans=1\n1: "
				       "connect~0.2ms w20 r20~1ms close\n2: connect~0.2ms w20 "
				       "r20~1ms close\n3: connect~1020ms w20 r20~1ms close\n");
	const struct finding *c01 = assert_found(&found, "C01", SURE_PROVEN, FIX_PEER, 1, 3);

	(void)state;
	assert_int_equal(c01->lost_high, 1020 * MS - 200 * US);
	assert_string_equal(c01->what, "connects of 1 s and more: 1 of 3");
	assert_string_equal(c01->mend.set, "");
	assert_string_equal(c01->no_rule,
		"no rule of this side mends it: the peer's accept queue was full, or a SYN was "
		"lost; on the peer: listen_backlog");
	assert_false(c01->minor);
	assert_string_equal(why_not(&found, "why not connects"), "");
	find_end(found);
}

static void a_slow_connect_is_likely_where_it_took_full_seconds(void **state)
{
	struct found likely =
		find_text("client 1 10.0.0.7:3306\n1: connect~3010ms w20 r20~1ms close\n");
	struct found slow = find_text("client 1 10.0.0.7:3306\n1: connect~1500ms w20 r20~1ms\n");
	struct found quick = find_text("client 1 10.0.0.7:3306 syn.total_retrans=1\n"
				       "1: connect~900ms w20 r20~1ms close\n");

	(void)state;
	assert_found(&likely, "C01", SURE_LIKELY, FIX_PEER, 1, 1);
	assert_int_equal(finding_of(&likely, "C01")->lost_low, 0);
	/* the kernel was asked, and had sent nothing again: the program looked late */
	struct found looked = find_text("client 1 10.0.0.7:3306 syn.total_retrans=0\n"
					"1: connect~1010ms w20 r20~1ms close\n");

	assert_not_found(&looked, "C01");
	assert_not_found(&slow, "C01");
	assert_not_found(&quick, "C01");
	find_end(looked);
	find_end(likely);
	find_end(slow);
	find_end(quick);
}

/* The clock of the thread that saw it connected is a little behind: the call tells. */
static void a_connect_that_ends_before_it_began_took_what_the_call_took(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.7:3306\n1: connect~1020ms w20 r20~1ms\n"
			  "client 1 10.0.0.7:3306 opened=1000000001000 connecting=1000000002000 "
			  "connected=1000000001500\n");

	(void)state;
	assert_true(run_is_whole(found.run));
	assert_int_equal(found.fold->flow[0].connect_took, 1020 * MS);
	assert_found(&found, "C01", SURE_LIKELY, FIX_PEER, 1, 1);
	find_end(found);
}

/* The listener is on this host, and had no room: the client believes that it is connected, and its
 * first words are sent again until it is. */
static void a_connection_that_waits_in_no_queue_is_c01(void **state)
{
#define FIRST(peer, overflows)                                                                     \
	HOST overflows "\nclient 1 " peer ":3306 syn.total_retrans=0 tcp.total_retrans=2\n"        \
		       "1: connect~0.2ms w20 r20~630ms probe(asked=2) w20 r20~1ms close\n"
	struct found here = find_text(FIRST("127.0.0.1", "14"));
	struct found lost = find_text(FIRST("127.0.0.1", "10"));
	struct found far = find_text(FIRST("10.0.0.7", "14"));
	const struct finding *c01 = assert_found(&here, "C01", SURE_PROVEN, FIX_PEER, 1, 1);

	(void)state;
	assert_string_equal(
		c01->what, "waits for room in the peer's accept queue: 1 of 1 connections");
	assert_near(c01->lost_high, 630 * MS);
	assert_string_equal(c01->no_rule, "no rule of this side mends it: the peer's accept queue "
					  "was full; on the peer: listen_backlog");
	assert_not_found(&here, "S09");
	assert_not_found(&lost, "C01");
	assert_non_null(finding_of(&lost, "S09"));
	assert_not_found(&far, "C01"); /* a listener of this host is no other's */
	assert_non_null(finding_of(&far, "S09"));
	find_end(here);
	find_end(lost);
	find_end(far);
}

static void a_queue_that_overflowed_is_c02(void **state)
{
	struct found found = find_text(
		HOST "15\nlistener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 "
		     "accepted=4000\nserver 2 9999\n1: listen accept(done=2)~1ms\n2: r20~1ms w20 "
		     "close\n");
	const struct finding *c02 = assert_found(&found, "C02", SURE_PROVEN, FIX_RULE, 5, 4001);

	(void)state;
	assert_string_equal(c02->what,
		"accept queue of 1 full: 5 connections dropped, 1 s each for the client");
	assert_mends(&c02->mend, "c02-port-9999", "role = \"server\"; port = 9999;",
		"listen_backlog = 1024;", false);
	assert_false(c02->minor);
	assert_true(c02->others);
	assert_int_equal(c02->others_ns, 5 * S);
	assert_not_found(&found, "C03");
	find_end(found);
}

static void an_overflow_elsewhere_or_a_full_queue_alone_prove_nothing(void **state)
{
	struct found other = find_text(
		HOST "15\nlistener 1 9999 backlog=128 backlog_set=128 queue_peak=3 queue_limit=128 "
		     "accepted=9\nserver 2 9999\n1: listen accept(done=2)~1ms\n2: r20~1ms w20\n");
	struct found none = find_text(
		HOST "10\nlistener 1 9999 backlog=20 backlog_set=20 queue_peak=21 queue_limit=20 "
		     "accepted=9\nserver 2 9999\n1: listen accept(done=2)~1ms\n2: r20~1ms w20\n");
	struct found unknown = find_text(
		"listener 1 9999 backlog=20 backlog_set=20 queue_peak=21 queue_limit=20 "
		"accepted=9\nserver 2 9999\n1: listen accept(done=2)~1ms\n2: r20~1ms w20\n");

	(void)state;
	assert_not_found(&other, "C02");
	assert_string_equal(why_not(&other, "why not accept"),
		"1 listener; at most 3 connections waited to be accepted");
	assert_not_found(&none, "C02");
	assert_found(&unknown, "C02", SURE_POSSIBLE, FIX_RULE, 0, 10);
	find_end(other);
	find_end(none);
	find_end(unknown);
}

static void a_small_backlog_is_c03_where_many_come(void **state)
{
#define LISTENS(backlog, accepted)                                                                 \
	"listener 1 9999 backlog=" backlog " backlog_set=" backlog " queue_peak=1 queue_limit=8 "  \
	"accepted=" accepted "\nserver 2 9999\n1: listen accept(done=2)~900ms\n2: r20~1ms w20\n"
	struct found found = find_text(LISTENS("5", "400"));
	struct found few = find_text(LISTENS("5", "40"));
	struct found large = find_text(LISTENS("128", "400"));
	const struct finding *c03 = assert_found(&found, "C03", SURE_POSSIBLE, FIX_RULE, 0, 401);

	(void)state;
	assert_mends(&c03->mend, "c03-port-9999", "role = \"server\"; port = 9999;",
		"listen_backlog = 1024;", false);
	assert_not_found(&few, "C03");
	assert_not_found(&large, "C03");
	find_end(found);
	find_end(few);
	find_end(large);
}

/* So many connections of one exchange each, or of so many; end: the last word about each. */
static struct found connections_of(unsigned connections, unsigned exchanges, const char *end)
{
	char text[16000];
	size_t used = 0;

	for (unsigned i = 1; i <= connections; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"client %u 10.0.0.7:3306\n%u: connect~0.5ms { w20 r20~1ms } x%u %s\n", i, i,
			exchanges, end);
	return find_text(text);
}

static struct found churn(unsigned connections, unsigned exchanges)
{
	return connections_of(connections, exchanges, "close");
}

static void a_connection_a_transaction_is_c04(void **state)
{
	struct found found = churn(60, 1), few = churn(49, 1), used = churn(60, 3);
	struct found at_once = connections_of(60, 1, "");
	const struct finding *c04 = assert_found(&found, "C04", SURE_POSSIBLE, FIX_APP, 60, 60);

	(void)state;
	assert_string_equal(c04->what, "a connection for each transaction: 60 of 60");
	assert_int_equal(c04->lost_high, 60 * 500 * US);
	assert_string_equal(c04->no_rule,
		"no rule mends this: the program should keep its connections, or use a pool");
	assert_not_found(&few, "C04");
	assert_not_found(&used, "C04");
	assert_not_found(&at_once, "C04"); /* a pool, all of it open */
	assert_string_equal(why_not(&used, "why not connects"),
		"60, 0 of them failed; the longest took 0.5 ms, no SYN was sent again");
	find_end(found);
	find_end(few);
	find_end(used);
	find_end(at_once);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_connect_whose_syn_was_sent_again_is_c01),
		cmocka_unit_test(a_slow_connect_is_likely_where_it_took_full_seconds),
		cmocka_unit_test(a_connect_that_ends_before_it_began_took_what_the_call_took),
		cmocka_unit_test(a_connection_that_waits_in_no_queue_is_c01),
		cmocka_unit_test(a_queue_that_overflowed_is_c02),
		cmocka_unit_test(an_overflow_elsewhere_or_a_full_queue_alone_prove_nothing),
		cmocka_unit_test(a_small_backlog_is_c03_where_many_come),
		cmocka_unit_test(a_connection_a_transaction_is_c04),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
