/* Findings of the Nagle family: what the kernel proves, what timing makes likely, what neither
 * does. Each pattern is there once as it hurts and once as it nearly does. */
#include "tests/unit/find_text.h"

#define TO_IMAP "role = \"client\"; peer = \"10.0.0.1\"; port = 143;"
#define JOIN	"coalesce = \"auto\";"

/* imaplib: a command, its '+', a literal and its CRLF in two writes. */
#define IMAP                                                                                       \
	"client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"                                      \
	"1: connect~0.2ms r38~1ms w20 r30~1ms w20 r30~1ms\n"

static void two_small_writes_and_a_read_are_n01(void **state)
{
	struct found found = find_text(IMAP "1: { w27 r6~0.2ms +0.1ms w480..1390 w2(proven) "
					    "r82~43.8ms probe +0.3ms } x50 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 50, 50);

	(void)state;
	assert_string_equal(codes_of(&found), "N01");
	assert_string_equal(n01->what, "2 small writes, then a read: 50 of 50");
	assert_near(n01->lost_high, 50 * 43600 * US);
	assert_near(n01->p50, 43800 * US);
	assert_ptr_equal(n01->flow, &found.fold->flow[0]);
	assert_int_equal(n01->turn.writes, 2);
	assert_false(n01->minor);
	assert_mends(&n01->mend, "n01-10-0-0-1-143", TO_IMAP, JOIN, false);
	assert_mends(&n01->second, "n01-10-0-0-1-143", TO_IMAP,
		"tcp_nodelay = true; coalesce = \"off\";", false);
	assert_string_equal(n01->second_price, "cures the wait, too, and sends 50 more segments");
	assert_int_equal(n01->saved_segments, 50);
	assert_int_equal(found.fold->split.stalled, n01->lost_high);
	assert_string_equal(why_not(&found, "why not stalled"), "");
	assert_string_equal(
		why_not(&found, "why not its ACKs"), "0 answers came in two parts 40 ms apart");
	find_end(found);
}

static void where_messages_are_segments_no_rule_joins(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:502 proven=50 tcp.min_rtt_us=50\n"
				       "1: connect~0.2ms { w20 r30~1ms } x2\n"
				       "1: { w7 w5(proven) r82~43.8ms probe +0.3ms } x50 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 50, 50);

	(void)state;
	assert_mends(&n01->mend, "n01-10-0-0-1-502",
		"role = \"client\"; peer = \"10.0.0.1\"; port = 502;",
		"tcp_nodelay = true; coalesce = \"off\";", false);
	assert_string_equal(n01->second.set, "");
	assert_int_equal(n01->saved_segments, 0);
	find_end(found);
	found = find_text("client 1 10.0.0.1:20000 tcp.data_segs_out=2000 tcp.snd_mss=1448\n"
			  "1: connect~0.2ms { w50 } x2000 close\n");
	assert_string_equal(finding_of(&found, "N03")->mend.set, "");
	assert_string_equal(finding_of(&found, "N03")->second.set, "");
	assert_int_equal(finding_of(&found, "N03")->fix, FIX_APP);
	assert_string_equal(finding_of(&found, "N03")->no_rule,
		"no rule mends this: at this port one message must stay one segment");
	find_end(found);
}

static void turns_of_its_kind_tell_what_an_answer_takes(void **state)
{
	/* 10 of 60 were not held: the server itself takes 5 ms */
	struct found found =
		find_text(IMAP "1: { w100 w2 r82~5ms } x10\n"
			       "1: { w100 w2(proven) r82~49ms probe(done=4) } x50 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 50, 60);

	(void)state;
	assert_near(n01->lost_high, 50 * 44 * MS);
	find_end(found);
}

static void a_hold_is_not_the_peers_thinking(void **state)
{
	/* held, but the answer took 500 ms: what left 456 ms before it was held for 44 */
	struct found found =
		find_text(IMAP "1: { w100 w2(proven) r82~500ms probe(done=456) } x30 close\n");
	/* the kernel's clock was not asked: at most a delayed ACK of it was the hold's */
	struct found unasked = find_text(IMAP "1: { w100 w2(proven) r82~500ms } x30 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 30, 30);

	(void)state;
	assert_near(n01->lost_high, 30 * 44 * MS);
	assert_near(found.findings->bound, n01->lost_high);
	n01 = assert_found(&unasked, "N01", SURE_LIKELY, FIX_RULE, 30, 30);
	assert_int_equal(n01->lost_low, 0);
	assert_int_equal(n01->lost_high, 30 * 44 * MS);
	find_end(unasked);
	find_end(found);
}

/* A peer that acknowledges at once: what was held left within the round trip. */
static void a_hold_of_no_time_is_no_stall(void **state)
{
	struct found found =
		find_text(IMAP "1: { w100 w2(proven) r82~40.4ms probe(done=40) } x30 close\n");
	struct found tick =
		find_text(IMAP "1: { w100 w2(proven) r82~44ms probe(done=36) } x30 close\n");

	(void)state;
	assert_not_found(&found, "N01");
	assert_true(found.findings->bound < 10 * MS);
	assert_int_equal(found.findings->doubt, 0);
	assert_not_found(&tick, "N01"); /* 8 ms are two ticks of a clock that has 4 ms */
	find_end(tick);
	find_end(found);
}

/* A body behind two small writes fills the segment: that left whatever was held, and what comes
 * after is the peer, who reads slowly. */
static void what_fills_a_segment_ends_a_hold(void **state)
{
	struct found found = find_text(
		IMAP "1: { w20 w25(proven) w4000000~400ms r82~90ms probe(done=1) } x30 close\n");
	struct found small =
		find_text(IMAP "1: { w20 w25(proven) w400 r82~90ms probe(done=47) } x30 close\n");

	(void)state;
	if (finding_of(&found, "N01"))
		assert_int_not_equal(finding_of(&found, "N01")->sure, SURE_PROVEN);
	assert_near(assert_found(&small, "N01", SURE_PROVEN, FIX_RULE, 30, 30)->lost_high,
		30 * 43 * MS);
	find_end(found);
	find_end(small);
}

/* On a long way a hold costs a round trip, and more where the ACK is delayed as well. */
static void a_long_way_makes_holds_longer(void **state)
{
#define FAR "client 1 10.0.0.1:143 proven=30 tcp.min_rtt_us=40000\n1: { w20 r5~40ms } x3\n"
	struct found quick =
		find_text(FAR "1: { w100 w2(proven) r82~80ms probe(done=40) } x30 close\n");
	struct found delayed =
		find_text(FAR "1: { w100 w2(proven) r82~123ms probe(done=40) } x30 close\n");
	struct found nearly = find_text(
		"client 1 10.0.0.1:143 proven=30 tcp.min_rtt_us=5000\n1: { w20 r5~5ms } x3\n"
		"1: { w100 w2(proven) r82~10ms probe(done=4) } x30 close\n");

	(void)state;
	assert_near(assert_found(&quick, "N01", SURE_PROVEN, FIX_RULE, 30, 30)->lost_high,
		30 * 40 * MS);
	assert_near(assert_found(&delayed, "N01", SURE_PROVEN, FIX_RULE, 30, 30)->lost_high,
		30 * 83 * MS);
	/* below a tick the way itself says how long a hold lasts at least */
	assert_near(assert_found(&nearly, "N01", SURE_PROVEN, FIX_RULE, 30, 30)->lost_high,
		30 * 5 * MS);
	find_end(nearly);
	find_end(delayed);
	find_end(quick);
}

static void a_program_that_works_meanwhile_loses_what_it_was_blocked_for(void **state)
{
	struct found found =
		find_text(IMAP "1: { w100 w2(proven) +30ms r82~13ms probe } x30 close\n");
	struct found busy = find_text(IMAP "1: { w100 w2(proven) +43ms r82 probe } x30 close\n");

	(void)state;
	assert_near(assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 30, 30)->lost_high,
		30 * 13 * MS);
	assert_not_found(&busy, "N01");
	find_end(found);
	find_end(busy);
}

static void late_answers_that_the_kernel_did_not_hold_are_the_peers(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 w2 r82~43ms } x50 close\n");

	(void)state;
	assert_not_found(&found, "N01");
	assert_non_null(finding_of(&found, "A02"));
	assert_int_equal(found.fold->split.stalled, 0);
	find_end(found);
}

/* The peer acknowledges at once and thinks for 100 ms: what the kernel held for a moment in some
 * turns cost nothing, for the others took as long. */
static void a_thinking_peer_is_no_stall(void **state)
{
	struct found found =
		find_text(IMAP "1: { w100 w2 r82~100ms w100 w2 r82~100ms w100 w2 r82~100ms "
			       "w100 w2(proven) r82~100ms } x20 close\n");

	(void)state;
	assert_not_found(&found, "N01");
	assert_true(found.findings->bound < MS);
	assert_int_equal(found.findings->doubt, 0);
	find_end(found);
}

/* The kernel is asked after a turn's second to eighth write, and then ever more rarely. */
static void turns_that_could_not_be_asked_make_a_range(void **state)
{
	struct found found =
		find_text(IMAP "1: { w100 w2(proven) r82~44ms probe } x20\n"
			       "1: { { w10 } x9 r82~44ms } x20 { { w10 } x9 r82~1ms } x9 close\n");
	struct found asked =
		find_text(IMAP "1: { w100 w2(proven) r82~44ms probe } x20\n"
			       "1: { w100 w2 r82~44ms } x20 { w100 w2 r82~1ms } x9 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_LIKELY, FIX_RULE, 40, 49);

	(void)state;
	assert_near(n01->lost_low, 20 * 43 * MS);
	assert_near(n01->lost_high, 40 * 43 * MS);
	/* it was, and held nothing: these are the peer's */
	n01 = assert_found(&asked, "N01", SURE_PROVEN, FIX_RULE, 20, 49);
	assert_near(n01->lost_high, 20 * 43 * MS);
	find_end(asked);
	find_end(found);
}

/* What timing alone would spoil, the kernel's clock tells; a loss it does not. */
static void early_turns_and_mixed_ones_count_where_the_clock_tells(void **state)
{
#define EARLY "client 1 10.0.0.1:143 proven=2 tcp.min_rtt_us=50\n1: { w100 w2(proven) r82~44ms"
	struct found early = find_text(EARLY " } x2 close\n");
	struct found told = find_text(EARLY " probe } x2 close\n");
	struct found mixed = find_text(IMAP "1: w20\nthread 9\n1: +50us w2(proven)\n"
					    "thread 100\n1: r82~44ms\n1: { w20 r5~1ms } x30 "
					    "close\n");
	struct found both = find_text(IMAP "1: w20\nthread 9\n1: +50us w2(proven)\n"
					   "thread 100\n1: r82~44ms probe\n1: { w20 r5~1ms } x30 "
					   "close\n");
	struct found lost =
		find_text("client 1 10.0.0.1:143 proven=1 tcp.min_rtt_us=50 tcp.total_retrans=1 "
			  "syn.taken=1000000000001\n1: { w20 r5~1ms } x30\n1: w100 w2(proven) "
			  "r82~240ms probe(asked=1) w20 r5~1ms close\n");

	(void)state;
	assert_not_found(&early, "N01");
	assert_true(early.findings->bound > 80 * MS);
	assert_found(&told, "N01", SURE_PROVEN, FIX_RULE, 2, 2);
	assert_true(turn_at(&mixed.fold->flow[0], 3)->mixed);
	assert_not_found(&mixed, "N01");
	assert_found(&both, "N01", SURE_PROVEN, FIX_RULE, 1, 1);
	assert_not_found(&lost, "N01");
	assert_found(&lost, "S09", SURE_PROVEN, FIX_SYSTEM, 1, 32);
	find_end(early);
	find_end(told);
	find_end(mixed);
	find_end(both);
	find_end(lost);
}

static void stalls_of_several_connections_at_once_count_once(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143 proven=20 tcp.min_rtt_us=50\n"
			  "client 2 10.0.0.1:143 proven=20 tcp.min_rtt_us=50\n1: { w20 r5~1ms } "
			  "x3\n2: { w20 r5~1ms } x3\nthread 1\nthread 2\nthread 1\n1: { w90 "
			  "w2(proven) r5~44ms probe } x30\nthread 2\n2: { w90 w2(proven) "
			  "r5~44ms probe } x30\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 60, 60);

	(void)state;
	assert_near(n01->lost_high, 30 * 43 * MS);
	assert_non_null(strstr(n01->how, "2.6 s of the connections, but they overlap"));
	find_end(found);
}

static void a_turn_with_company_says_so(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143 proven=20 tcp.min_rtt_us=50\n"
			  "client 2 10.0.0.2:80\n1: { w20 r5~1ms } x3\n1: { w90 w2(proven) r5~44ms "
			  "probe } x20\n1: w90 w2(proven)\n2: poll(covers=1/2,done=1)~20ms "
			  "r9(nonblock)\n1: poll(covers=1/2,done=1)~24ms r5(nonblock) probe "
			  "close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 21, 21);

	(void)state;
	assert_non_null(strstr(n01->how, "in 1 of 21 another connection got on meanwhile"));
	find_end(found);
}

static void a_stall_or_two_of_a_long_run_are_minor(void **state)
{
	struct found found = find_text(
		"run wall=100s\n" IMAP "1: { w100 w2(proven) r82~44ms probe } x2 close\n");

	(void)state;
	assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 2, 2);
	assert_true(finding_of(&found, "N01")->minor);
	find_end(found);
}

static void late_answers_on_a_connection_not_seen_whole_are_possible(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50 fdopened=1 "
				       "tcp.bytes_acked=90000 tcp.bytes_sent=90000\n1: { w20 "
				       "r6~1ms w100 r82~43ms } x50 close\n");
	struct found whole = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 r82~43ms } x50 close\n");
	/* work is not as regular as the kernel's clock */
	struct found work = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50 fdopened=1 "
				      "tcp.bytes_acked=90000 tcp.bytes_sent=90000\n1: { w20 r6~1ms "
				      "w100 r82~35ms w100 r82~60ms } x50 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_POSSIBLE, FIX_PROVE, 49, 100);

	(void)state;
	assert_near(n01->lost_high, 49 * 42 * MS);
	assert_string_equal(n01->what, "answers 43 ms late: 49 of 100");
	assert_int_equal(found.fold->split.stalled, 0);
	assert_int_equal(found.findings->innocents, 0);
	assert_not_found(&whole, "N01");
	assert_not_found(&work, "N01");
	find_end(found);
	find_end(whole);
	find_end(work);
}

/* Of what stdio writes no turn is seen; two segments an answer, and busy all the time. */
static void a_busy_connection_not_seen_is_a_possible_n01(void **state)
{
#define BUSY2                                                                                      \
	"client 2 10.0.0.1:143 tcp.min_rtt_us=50 fdopened=1 tcp.bytes_acked=600 "                  \
	"tcp.bytes_received=120 tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000\n"
#define BUSY(role, keys)                                                                           \
	role " tcp.min_rtt_us=50 fdopened=1 tcp.bytes_acked=600 tcp.bytes_received=120 " keys      \
	     "\n1: +2s close\n"
	struct found found = find_text(BUSY("client 1 10.0.0.1:143",
		"tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000"));
	/* no more than the run took, however many were busy at once */
	struct found two = find_text(BUSY("client 1 10.0.0.1:143",
		"tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000") BUSY2);
	struct found server = find_text(BUSY(
		"server 1 8080", "tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000"));
	/* the peer does not acknowledge what it thinks about */
	struct found thinks = find_text(BUSY("client 1 10.0.0.1:143",
		"tcp.data_segs_in=40 tcp.data_segs_out=40 tcp.busy_us=1700000"));
	struct found quick = find_text(BUSY("client 1 10.0.0.1:143",
		"tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=4000"));
	struct found lossy = find_text(BUSY("client 1 10.0.0.1:143",
		"tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000 "
		"tcp.total_retrans=1"));
	struct found set = find_text(BUSY("client 1 10.0.0.1:143",
		"opt.nodelay=1 tcp.data_segs_in=40 tcp.data_segs_out=80 tcp.busy_us=1700000"));
	/* one way, and a word now and then: nobody waits */
	struct found stream = find_text(BUSY("client 1 10.0.0.1:514",
		"tcp.data_segs_in=1 tcp.data_segs_out=80 tcp.busy_us=1700000"));
	struct found events = find_text(BUSY(
		"server 1 8080", "tcp.data_segs_in=40 tcp.data_segs_out=180 tcp.busy_us=1700000"));
	const struct finding *n01 = assert_found(&found, "N01", SURE_POSSIBLE, FIX_PROVE, 40, 80);

	(void)state;
	assert_near(n01->lost_high, 1700 * MS);
	assert_int_equal(n01->lost_low, 0);
	assert_int_equal(assert_found(&two, "N01", SURE_POSSIBLE, FIX_PROVE, 80, 160)->lost_high,
		two.fold->split.wall);
	find_end(two);
	assert_string_equal(n01->what, "unseen writes, 2.0 segments for each that comes");
	assert_found(&server, "N02", SURE_POSSIBLE, FIX_PROVE, 40, 80);
	assert_not_found(&stream, "N01");
	assert_not_found(&events, "N02");
	find_end(stream);
	find_end(events);
	assert_not_found(&thinks, "N01");
	assert_not_found(&quick, "N01");
	assert_not_found(&lossy, "N01");
	assert_not_found(&set, "N01");
	find_end(found);
	find_end(server);
	find_end(thinks);
	find_end(quick);
	find_end(lossy);
	find_end(set);
}

static void an_answer_in_two_writes_is_n02_on_the_servers_side(void **state)
{
	struct found found = find_text("server 1 8000 proven=50 tcp.min_rtt_us=50\n"
				       "1: { r73 w199 w6 } x2\n1: { r73~1ms probe w199 w6(proven) "
				       "+43.3ms } x50 r0 close\n");
	const struct finding *n02 = assert_found(&found, "N02", SURE_PROVEN, FIX_RULE, 49, 52);

	(void)state;
	assert_string_equal(n02->what, "answers in 2 small writes, the last held: 49 of 52");
	assert_in_range(n02->lost_high, 49 * 43 * MS, 49 * 45 * MS);
	assert_mends(&n02->mend, "n02-port-8000", "role = \"server\"; port = 8000;", JOIN, false);
	assert_not_found(&found, "N01");
	find_end(found);
}

static void a_clients_pause_is_never_a_servers_loss(void **state)
{
	/* the client's next word came a second later: how much of it was the hold is not known
	 * where the kernel's clock was not asked */
	struct found held = find_text("server 1 8000 proven=50\n1: { r73 w199 w6 } x2\n"
				      "1: { r73~1s w199 w6(proven) } x50 r0 close\n");
	/* the kernel tells: it left 957 ms before the client spoke again */
	struct found told = find_text("server 1 8000 proven=50\n1: { r73 w199 w6 } x2\n"
				      "1: { r73~1s probe(done=956) w199 w6(proven) } x50 r0 "
				      "close\n");
	struct found at_once = find_text("server 1 8000 proven=50\n1: { r73 w199 w6 } x2\n"
					 "1: { r73~40ms probe(done=40) w199 w6(proven) } x50 r0 "
					 "close\n");
	struct found idle = find_text("server 1 8000\n1: { r73~43ms w205 } x50 r0 close\n");
	const struct finding *n02 = assert_found(&held, "N02", SURE_LIKELY, FIX_RULE, 49, 52);

	(void)state;
	assert_int_equal(n02->lost_low, 0);
	assert_int_equal(n02->lost_high, 49 * 44 * MS);
	n02 = assert_found(&told, "N02", SURE_PROVEN, FIX_RULE, 49, 52);
	assert_near(n02->lost_high, 49 * 44 * MS);
	assert_not_found(&at_once, "N02");
	assert_not_found(&idle, "N02");
	find_end(told);
	find_end(at_once);
	find_end(held);
	find_end(idle);
}

static void answers_in_two_parts_are_n11(void **state)
{
	struct found found = find_text(
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199~0.5ms r6~43ms } x50\n");
	const struct finding *n11 = assert_found(&found, "N11", SURE_LIKELY, FIX_RULE, 48, 50);

	(void)state;
	assert_near(n11->lost_high, 48 * 43 * MS);
	assert_near(n11->lost_low, 48 * 387 * MS / 10);
	assert_mends(&n11->mend, "n11-127-0-0-1-8000",
		"role = \"client\"; peer = \"127.0.0.1\"; port = 8000;", "tcp_quickack = true;",
		false);
	assert_int_equal(found.fold->split.stalled, n11->lost_high);
	find_end(found);
}

static void a_peer_that_works_between_two_parts_is_not_n11(void **state)
{
	struct found found = find_text("client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n"
				       "1: { w73 r199 r6~33ms w73 r199 r6~52ms w73 r199 r6~64ms "
				       "w73 r199 r6~90ms } x20\n");
	struct found few = find_text(
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199 r6~43ms } x19\n");
	struct found sleeps = find_text(
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199 r6~30.2ms } x60\n");

	(void)state;
	assert_not_found(&found, "N11");
	assert_not_found(&sleeps, "N11"); /* no kernel is that quick */
	find_end(sleeps);
	assert_not_found(&few, "N11");
	assert_string_equal(
		why_not(&few, "why not its ACKs"), "only 19 answers came in two parts 40 ms apart");
	find_end(found);
	find_end(few);
}

static void a_long_way_moves_n11(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:80 tcp.min_rtt_us=40000\n"
				       "1: { w73 r199~40ms r6~83ms } x30\n");
	struct found way = find_text("client 1 10.0.0.1:80 tcp.min_rtt_us=40000\n"
				     "1: { w73 r199~40ms r6~43ms } x30\n");

	(void)state;
	assert_near(assert_found(&found, "N11", SURE_LIKELY, FIX_RULE, 28, 30)->lost_high,
		28 * 43 * MS);
	assert_not_found(&way, "N11");
	find_end(found);
	find_end(way);
}

/* Both ends write twice: each has its own part of the turn, its own rule, and both are told. */
static void n01_and_n11_share_a_turn(void **state)
{
	struct found found = find_text(
		"client 1 10.0.0.1:104 proven=50 tcp.min_rtt_us=50\n1: { w20 r5~1ms } x2\n"
		"1: { w30 w30(proven) r40~43ms probe r40~43ms } x40 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 40, 40);
	const struct finding *n11 = assert_found(&found, "N11", SURE_LIKELY, FIX_RULE, 40, 42);

	(void)state;
	assert_near(n01->lost_high, 40 * 43 * MS);
	assert_near(n11->lost_high, 40 * 43 * MS);
	assert_int_equal(found.fold->split.stalled, n01->lost_high + n11->lost_high);
	find_end(found);
}

/* Both reads of a program on a busy host may come late; most of them do not. */
static void a_busy_host_leaves_the_middle_regular(void **state)
{
	struct found busy = find_text("client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n"
				      "1: { w73 r199 r6~33ms w73 r199 r6~40ms w73 r199 r6~42ms "
				      "w73 r199 r6~43ms w73 r199 r6~44ms w73 r199 r6~47ms "
				      "w73 r199 r6~47ms w73 r199 r6~58ms } x10\n");
	struct found work = find_text("client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n"
				      "1: { w73 r199 r6~33ms w73 r199 r6~36ms w73 r199 r6~39ms "
				      "w73 r199 r6~42ms w73 r199 r6~46ms w73 r199 r6~50ms "
				      "w73 r199 r6~54ms w73 r199 r6~58ms } x10\n");

	(void)state;
	assert_found(&busy, "N11", SURE_LIKELY, FIX_RULE, 78, 80);
	assert_not_found(&work, "N11");
	find_end(busy);
	find_end(work);
}

static void a_cork_that_was_not_seen_is_a_likely_n06(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:25 tcp.min_rtt_us=50 opt.cork=1\n"
			  "1: { w20 r5~1ms } x3 { w100 r5~204ms w20 r5~1ms } x30 close\n");
	struct found free =
		find_text("client 1 10.0.0.1:25 tcp.min_rtt_us=50 opt.cork=0\n"
			  "1: { w20 r5~1ms } x3 { w100 r5~204ms w20 r5~1ms } x30 close\n");
	const struct finding *n06 = assert_found(&found, "N06", SURE_LIKELY, FIX_RULE, 30, 63);

	(void)state;
	assert_near(n06->lost_high, 30 * 203 * MS);
	assert_mends(&n06->mend, "n06-10-0-0-1-25",
		"role = \"client\"; peer = \"10.0.0.1\"; port = 25;",
		"tcp_cork = false; tcp_nodelay = true;", true);
	assert_not_found(&free, "N06");
	find_end(found);
	find_end(free);
}

/* The kernel's clock says how long; also where other bytes were in flight, which is no N01. */
static void a_cork_that_waits_is_n06(void **state)
{
#define CORK(events)                                                                               \
	"client 1 10.0.0.1:25 tcp.min_rtt_us=50 theirs=0xffffffff opt.cork=1\n1: { w20 r5~1ms } "  \
	"x3 "                                                                                      \
	"{ " events " } x30 close\n"
	struct found found = find_text(CORK("w100(cork) r5(cork)~204ms probe(done=4)"));
	struct found server =
		find_text("server 1 8080\n1: { r67~1ms w67 } x2\n1: { r67(cork)~207ms "
			  "probe(done=4) w67(cork) } x30 "
			  "r0~1ms close\n");
	/* uncorked at once: the peer takes its time */
	struct found soon = find_text(CORK("w100(cork) r5(cork)~204ms probe(done=203)"));
	struct found off = find_text(CORK("w20(cork) w100 r5~204ms"));
	/* uncorked after it had computed, or with much still under way */
	struct found late = find_text(CORK("w100(cork) r5~204ms probe(done=104)"));
	struct found much =
		find_text(CORK("w9000(cork) w100(cork) r5(cork)~204ms probe(done=104)"));
	struct found tail = find_text(CORK("w9000(cork) w100(cork) r5(cork)~204ms probe(done=4)"));
	const struct finding *n06 = assert_found(&found, "N06", SURE_PROVEN, FIX_RULE, 30, 33);

	(void)state;
	assert_near(n06->lost_high, 30 * 200 * MS);
	assert_int_equal(n06->lost_low, n06->lost_high);
	assert_near(assert_found(&server, "N06", SURE_PROVEN, FIX_RULE, 29, 32)->lost_high,
		29 * 203 * MS);
	assert_not_found(&found, "N01");
	assert_not_found(&found, "N07");
	assert_not_found(&soon, "N06");
	assert_not_found(&off, "N06");
	assert_not_found(&late, "N06");
	assert_not_found(&much, "N06");
	assert_found(&tail, "N06", SURE_LIKELY, FIX_RULE, 30, 33);
	find_end(late);
	find_end(much);
	find_end(tail);
	find_end(found);
	find_end(server);
	find_end(soon);
	find_end(off);
}

/* The program told the kernel that more would come, and waited. */
static void a_wait_after_msg_more_is_n07(void **state)
{
#define MORE(events) "server 1 8080\n1: { r67~1ms w67 } x2\n1: { " events " } x30 r0~1ms close\n"
	struct found found = find_text(MORE("r67~207ms probe(done=4) w67(more)"));
	struct found client =
		find_text("client 1 10.0.0.1:80 tcp.min_rtt_us=50\n1: { w20 r5~1ms } x3\n"
			  "1: { w67(more) r67~207ms probe(done=4) } x30 close\n");
	/* it left soon after, and the client took its time */
	struct found soon = find_text(MORE("r67~207ms probe(done=196) w67(more)"));
	struct found pushed = find_text(MORE("r67~207ms w30(more) w37"));
	const struct finding *n07 = assert_found(&found, "N07", SURE_PROVEN, FIX_RULE, 29, 32);

	(void)state;
	assert_near(n07->lost_high, 29 * 203 * MS);
	assert_string_equal(n07->what, "waits after a write with MSG_MORE: 29 of 32");
	assert_mends(&n07->mend, "n07-port-8080", "role = \"server\"; port = 8080;", JOIN, true);
	assert_near(assert_found(&client, "N07", SURE_PROVEN, FIX_RULE, 30, 33)->lost_high,
		30 * 203 * MS);
	assert_not_found(&soon, "N07");
	assert_not_found(&pushed, "N07");
	find_end(found);
	find_end(client);
	find_end(soon);
	find_end(pushed);
}

static void small_writes_one_way_are_n03(void **state)
{
	struct found found = find_text(
		"client 1 10.0.0.5:2003 tcp.data_segs_out=9000\n1: { w50 } x20000 close\n");
	/* 20,000 bytes a time need a segment each: nothing to save */
	struct found large = find_text(
		"client 1 10.0.0.5:2003 tcp.data_segs_out=2000\n1: { w1000 } x2000 close\n");
	struct found joined = find_text(
		"client 1 10.0.0.5:2003 tcp.data_segs_out=700\n1: { w50 } x20000 close\n");
	const struct finding *n03 =
		assert_found(&found, "N03", SURE_POSSIBLE, FIX_RULE, 20000, 20000);

	(void)state;
	/* 1,000,000 bytes are 690 segments and one */
	assert_int_equal(n03->saved_segments, 9000 - 690 - 1);
	assert_string_equal(n03->what,
		"20,000 small writes in a row, about 50 bytes each: 8,309 segments too many");
	assert_mends(&n03->mend, "n03-10-0-0-5-2003",
		"role = \"client\"; peer = \"10.0.0.5\"; port = 2003;",
		"coalesce = \"always\"; coalesce_delay = \"2ms\";", false);
	assert_not_found(&large, "N03");
	assert_not_found(&joined, "N03");
	find_end(found);
	find_end(large);
	find_end(joined);
}

/* Two threads write into one stream, and each begins before the other's call is over. */
static void small_writes_that_overlap_are_a_row(void **state)
{
	struct found found = find_text(
		"client 1 10.0.0.5:2003 tcp.data_segs_out=400\nthread 1\n1: @0s { w50~10us +10us } "
		"x200\nthread 2\n1: @9500ns { w50~11us +9us } x200\n");

	(void)state;
	assert_found(&found, "N03", SURE_POSSIBLE, FIX_RULE, 400, 400);
	find_end(found);
}

static void byte_by_byte_is_n05(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.5:2003 tcp.data_segs_out=3000\n1: { w1 } x5000 close\n");
	struct found some = find_text("client 1 10.0.0.5:2003 tcp.data_segs_out=200\n"
				      "1: { w1 } x99 r1~1ms { w700 +1ms } x50 close\n");

	(void)state;
	assert_found(&found, "N05", SURE_POSSIBLE, FIX_RULE, 5000, 5000);
	assert_string_equal(
		finding_of(&found, "N05")->what, "writes of 4 bytes and less: 5,000 of 5,000");
	assert_not_found(&found, "N03");
	assert_not_found(&some, "N05");
	find_end(found);
	find_end(some);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(two_small_writes_and_a_read_are_n01),
		cmocka_unit_test(where_messages_are_segments_no_rule_joins),
		cmocka_unit_test(turns_of_its_kind_tell_what_an_answer_takes),
		cmocka_unit_test(a_hold_is_not_the_peers_thinking),
		cmocka_unit_test(a_hold_of_no_time_is_no_stall),
		cmocka_unit_test(what_fills_a_segment_ends_a_hold),
		cmocka_unit_test(a_long_way_makes_holds_longer),
		cmocka_unit_test(a_program_that_works_meanwhile_loses_what_it_was_blocked_for),
		cmocka_unit_test(late_answers_that_the_kernel_did_not_hold_are_the_peers),
		cmocka_unit_test(a_thinking_peer_is_no_stall),
		cmocka_unit_test(turns_that_could_not_be_asked_make_a_range),
		cmocka_unit_test(early_turns_and_mixed_ones_count_where_the_clock_tells),
		cmocka_unit_test(stalls_of_several_connections_at_once_count_once),
		cmocka_unit_test(a_turn_with_company_says_so),
		cmocka_unit_test(a_stall_or_two_of_a_long_run_are_minor),
		cmocka_unit_test(late_answers_on_a_connection_not_seen_whole_are_possible),
		cmocka_unit_test(a_busy_connection_not_seen_is_a_possible_n01),
		cmocka_unit_test(an_answer_in_two_writes_is_n02_on_the_servers_side),
		cmocka_unit_test(a_clients_pause_is_never_a_servers_loss),
		cmocka_unit_test(answers_in_two_parts_are_n11),
		cmocka_unit_test(a_peer_that_works_between_two_parts_is_not_n11),
		cmocka_unit_test(a_long_way_moves_n11),
		cmocka_unit_test(n01_and_n11_share_a_turn),
		cmocka_unit_test(a_busy_host_leaves_the_middle_regular),
		cmocka_unit_test(a_cork_that_was_not_seen_is_a_likely_n06),
		cmocka_unit_test(a_cork_that_waits_is_n06),
		cmocka_unit_test(a_wait_after_msg_more_is_n07),
		cmocka_unit_test(small_writes_one_way_are_n03),
		cmocka_unit_test(small_writes_that_overlap_are_a_row),
		cmocka_unit_test(byte_by_byte_is_n05),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
