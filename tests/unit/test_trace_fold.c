/* Folding: what becomes a turn, how it is timed, what it is called, and where the wall time went.
 * The traces are texts (trace_text.h); 1 us passes before each call, and a call takes 1 us. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/fold/fold.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

static struct fold *fold_text(const char *text)
{
	struct run *run = trace_text(text);

	for (size_t i = 0; i < run->processes; i++)
		assert_int_equal(run->process[i].damaged, 0);
	return fold_run(run);
}

static void end(struct fold *fold)
{
	struct run *run = (struct run *)(uintptr_t)fold->run;
	const struct split *split = &fold->split;

	assert_int_equal(
		split->program + split->thinking + split->stalled + split->other, split->wall);
	fold_free(fold);
	run_free(run);
}

static const struct turn *turn(const struct fold *fold, size_t flow, size_t index)
{
	assert_in_range(flow, 0, fold->flows - 1);
	assert_in_range(index, 0, fold->flow[flow].turns - 1);
	return turn_at(&fold->flow[flow], index);
}

/* A step of the first flow. */
static struct step step(const struct fold *fold, size_t index)
{
	struct step one = {0};

	assert_int_equal(steps_list(&fold->flow[0], index, &one, 1), 1);
	return one;
}

/* "2w 1r": the turns of the first flow, in short; a '*' is of a turn without an answer. */
static const char *turns(const struct fold *fold, size_t flow)
{
	static char line[400];
	size_t used = 0;

	line[0] = '\0';
	for (size_t i = 0; i < fold->flow[flow].turns; i++) {
		const struct turn *one = turn(fold, flow, i);
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%uw%ur%s",
			i ? " " : "", one->writes, one->reads, one->answered ? "" : "*");
	}
	return line;
}

/* The dialect of the turns of that kind. */
static const char *text_of(const struct fold *fold, size_t flow, size_t index)
{
	return fold->signature[turn(fold, flow, index)->signature].text;
}

/* ---- turns ---- */

static void a_clients_turn_goes_from_its_first_write_to_its_last_read(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:143\n"
				      "1: r38~1ms +1ms w20 r30~2ms +3ms w27 w2 r6~40ms r0 close\n");

	(void)state;
	assert_int_equal(fold->flows, 1);
	assert_string_equal(turns(fold, 0), "0w1r 1w1r 2w1r");
	const struct turn *greeting = turn(fold, 0, 0), *one = turn(fold, 0, 1),
			  *two = turn(fold, 0, 2);
	assert_int_equal(greeting->wait, 0);
	assert_int_equal(greeting->bytes_in, 38);
	assert_false(greeting->early);
	assert_int_equal(one->first, 1);
	assert_int_equal(one->steps, 2);
	assert_int_equal(one->begin - greeting->end, MS + US);
	assert_int_equal(one->think, MS + US);
	assert_int_equal(one->wait, 2 * MS + US);
	assert_int_equal(one->blocked, 2 * MS);
	assert_true(one->early);
	assert_int_equal(two->steps, 4);
	assert_int_equal(two->bytes_out, 29);
	assert_int_equal(two->wait, 40 * MS + US);
	assert_int_equal(two->end - two->answered, 2 * US);
	assert_true(two->early);
	assert_int_equal(two->pause, 0);
	assert_int_equal(fold->flow[0].steps, 7);
	end(fold);
}

static void the_first_two_exchanges_are_early_and_no_more(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\n1: { w20 r30~1ms } x4\n");

	(void)state;
	assert_true(turn(fold, 0, 1)->early);
	assert_false(turn(fold, 0, 2)->early);
	assert_int_equal(fold->endpoint[0].turns, 4);
	end(fold);
}

static void calls_that_may_not_block_and_fail_end_and_begin_no_turn(void **state)
{
	struct fold *fold = fold_text(
		"client 1 10.0.0.1:80\n"
		"1: again w20 again poll(covers=1,done=1)~5ms again r10(nonblock) again\n"
		"1: +1ms send(error=11,asked=30) w30 again epoll_wait(covers=1,done=1)~7ms r9\n");

	(void)state;
	assert_string_equal(turns(fold, 0), "1w1r 1w1r");
	assert_int_equal(turn(fold, 0, 0)->steps, 7);
	assert_int_equal(turn(fold, 0, 0)->blocked, 5 * MS);
	assert_int_equal(turn(fold, 0, 0)->begin, step(fold, 1).begin);
	/* it ended with the data, not with the look that found nothing */
	assert_int_equal(turn(fold, 0, 0)->end, step(fold, 4).end);
	assert_int_equal(turn(fold, 0, 1)->think, MS + 5 * US);
	/* from the last write to the first read with data, whatever was called in between */
	assert_int_equal(turn(fold, 0, 1)->wait, 7 * MS + 5 * US);
	end(fold);
}

static void a_wait_for_another_flow_is_not_blocked_on_this_one(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\nclient 2 10.0.0.2:80\n"
				      "1: w20\n2: w5 poll(covers=2,done=1)~5ms r3(nonblock)\n"
				      "1: poll(covers=2/1,done=1)~2ms r10(nonblock)\n");

	(void)state;
	assert_true(turn(fold, 0, 0)->wait > 7 * MS);
	assert_int_equal(turn(fold, 0, 0)->blocked, 2 * MS);
	end(fold);
}

static void the_rest_of_a_partial_write_is_the_same_write(void **state)
{
	struct fold *fold = fold_text(
		"client 1 10.0.0.1:80\n"
		"1: w400(asked=1000) send(asked=600,error=11) w500(asked=600) w100 r5~1ms\n"
		"1: w400(asked=1000) w60 r5~1ms\n");

	(void)state;
	assert_string_equal(turns(fold, 0), "1w1r 2w1r");
	assert_int_equal(turn(fold, 0, 0)->bytes_out, 1000);
	assert_string_equal(text_of(fold, 0, 0), "w1000 r5");
	assert_string_equal(text_of(fold, 0, 1), "w400 w60 r5");
	end(fold);
}

static void a_reader_that_sat_there_before_the_writer_wrote_answers_it(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\nthread 7\n1: @0ms r82~50ms r82~40ms\n"
				      "thread 8\n1: @5ms w480 w2(proven) @60ms w480 w2 @100ms\n");
	const struct turn *one = turn(fold, 0, 0);

	(void)state;
	assert_string_equal(turns(fold, 0), "2w1r 2w1r");
	assert_true(one->proven);
	assert_false(one->mixed);
	assert_int_equal(one->held, one->written);
	assert_int_equal(one->wait, 50 * MS + US - (5 * MS + 4 * US));
	assert_int_equal(one->blocked, one->wait);
	assert_int_equal(fold->socket_threads, 2);
	end(fold);
}

static void two_writers_make_a_turn_mixed(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\nthread 7\n1: @1ms w480 r9~9ms\n"
				      "thread 8\n1: @2ms w2\n");

	(void)state;
	assert_string_equal(turns(fold, 0), "2w1r");
	assert_true(turn(fold, 0, 0)->mixed);
	end(fold);
}

static void an_answer_in_two_pieces_shows_the_pause_between_them(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:8000\n"
			  "1: w120 r150~1ms r900~40ms r100 +1ms w120 r150~1ms +40ms r900\n"
			  "1: w9 poll(covers=1,done=1)~1ms r8(nonblock) poll(covers=1,done=1)~41ms "
			  "r7(nonblock)\n");

	(void)state;
	assert_string_equal(turns(fold, 0), "1w3r 1w2r 1w2r");
	assert_int_equal(turn(fold, 0, 0)->wait, MS + US);
	assert_int_equal(turn(fold, 0, 0)->pause, 40 * MS);
	assert_int_equal(turn(fold, 0, 0)->paused_until, step(fold, 2).end);
	/* the program's own time between two reads is no pause */
	assert_int_equal(turn(fold, 0, 1)->pause, US);
	assert_int_equal(turn(fold, 0, 2)->pause, 41 * MS);
	end(fold);
}

static void a_servers_turn_is_a_request_and_its_answer(void **state)
{
	struct fold *fold = fold_text(
		"server 1 8000\n"
		"1: r120~9ms +2ms w200 w1000(proven) r120~44ms w200 w1000 r0~3ms close\n");
	const struct turn *one = turn(fold, 0, 0), *two = turn(fold, 0, 1);

	(void)state;
	assert_true(fold->flow[0].serves);
	assert_string_equal(turns(fold, 0), "2w1r 2w1r*");
	assert_int_equal(one->begin, step(fold, 0).end);
	assert_int_equal(one->think, 2 * MS + US);
	assert_int_equal(one->wait, 44 * MS + US);
	assert_int_equal(one->blocked, 44 * MS);
	assert_int_equal(one->answered - one->held, 44 * MS + US);
	assert_int_equal(two->wait, 0);
	assert_int_equal(two->held, 0);
	assert_string_equal(fold->endpoint[0].text, "port 8000 (server)");
	assert_string_equal(text_of(fold, 0, 0), "r120 w200 w1000");
	end(fold);
}

static void a_server_that_greets_still_serves(void **state)
{
	struct fold *fold = fold_text("server 1 143\n1: w38 { r20~5ms w30 } x3\n");

	(void)state;
	assert_string_equal(turns(fold, 0), "1w0r 1w1r 1w1r 1w1r*");
	assert_int_equal(turn(fold, 0, 0)->wait, 5 * MS + US);
	end(fold);
}

static void an_inherited_connection_serves_where_the_peer_begins(void **state)
{
	struct fold *fold = fold_text("unknown 1 10.0.0.1:25\nunknown 2 10.0.0.1:25\n"
				      "1: r5~1ms w6 r7~1ms w8\n2: w6 r7~1ms\n");

	(void)state;
	assert_true(fold->flow[0].serves);
	assert_false(fold->flow[1].serves);
	end(fold);
}

static void file_reads_feed_the_write_behind_them(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\n1: { file8192 w8192 } x3 w5\n");

	(void)state;
	assert_int_equal(fold->flow[0].steps, 4);
	assert_true(step(fold, 2).fed);
	assert_false(step(fold, 3).fed);
	end(fold);
}

static void segments_sent_again_belong_to_the_turn_of_their_probe(void **state)
{
	struct fold *fold = fold_text(
		"client 1 10.0.0.1:80 syn.total_retrans=1\n"
		"1: connect~1s probe(asked=1) w9 r9~1ms w9 r9~210ms probe(asked=3) w9 r9~1ms\n"
		"1: w9 r9~300ms probe(asked=3)\n");

	(void)state;
	assert_int_equal(turn(fold, 0, 0)->retrans, 0);
	assert_int_equal(turn(fold, 0, 1)->retrans, 2);
	assert_int_equal(turn(fold, 0, 2)->retrans, 0);
	assert_int_equal(turn(fold, 0, 3)->retrans, 0);
	end(fold);
}

static void the_arm_of_prove_is_kept(void **state)
{
	struct fold *fold = fold_text(
		"client 1 10.0.0.1:80\n1: w9(bare) w2(bare) r9~1ms w9(mended) r9~1ms w9 r9\n");

	(void)state;
	assert_int_equal(turn(fold, 0, 0)->arm, EVENT_BARE);
	assert_int_equal(turn(fold, 0, 1)->arm, EVENT_MENDED);
	assert_int_equal(turn(fold, 0, 2)->arm, 0);
	end(fold);
}

static void connects_are_timed_also_in_the_background(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:80\n1: connect~1s\n"
			  "client 2 10.0.0.1:80\n2: connect(error=111)~3ms\n"
			  "client 3 10.0.0.1:80 opened=1000000000000 connecting=1000000000000 "
			  "connected=1000250000000\n3: w5\n");

	(void)state;
	assert_int_equal(fold->flow[0].connect_took, S);
	assert_int_equal(fold->flow[1].connect_took, 3 * MS);
	assert_int_equal(fold->flow[2].connect_took, 250 * MS);
	end(fold);
}

static void durations_that_do_not_fit_end_with_the_next_call(void **state)
{
	/* 2^40 - 1 ns is the longest that an event can say */
	struct fold *fold =
		fold_text("client 1 10.0.0.1:143\n1: w9 r9~1099511627775ns @3000s w9\n");

	(void)state;
	assert_int_equal(turn(fold, 0, 0)->wait, 3000 * S + US - (2 * US));
	end(fold);
}

/* ---- endpoints ---- */

static void endpoints_are_named_as_people_do(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:143\nclient 2 [2001:db8::1]:993\n"
				      "client 3 10.0.0.1:143\nclient 4 10.0.0.1:9999\n"
				      "listener 5 80\nserver 6 80\nserver 7 9999\n");

	(void)state;
	assert_int_equal(fold->endpoints, 5);
	assert_string_equal(fold->endpoint[fold->flow[0].endpoint].text, "10.0.0.1:143 imap");
	assert_string_equal(fold->endpoint[fold->flow[1].endpoint].text, "[2001:db8::1]:993 imaps");
	assert_int_equal(fold->flow[2].endpoint, fold->flow[0].endpoint);
	assert_int_equal(fold->endpoint[fold->flow[2].endpoint].connections, 2);
	assert_string_equal(fold->endpoint[fold->flow[3].endpoint].text, "10.0.0.1:9999");
	assert_int_equal(fold->flow[4].endpoint, fold->flow[5].endpoint);
	assert_string_equal(fold->endpoint[fold->flow[5].endpoint].text, "port 80 http (server)");
	assert_int_equal(fold->endpoint[fold->flow[5].endpoint].connections, 1);
	assert_int_equal(fold->endpoint[fold->flow[5].endpoint].role, ROLE_OF_SERVER);
	assert_string_equal(fold->endpoint[fold->flow[6].endpoint].text, "port 9999 (server)");
	end(fold);
}

static void waits_of_answered_turns_that_are_not_early_make_the_quantiles(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:80 tcp.min_rtt_us=70 syn.min_rtt_us=50\n"
			  "1: { w9 r9~5s } x2 { w9 r9~1ms } x90 { w9 r9~40ms } x9 w9 r9~2s w9\n");
	const struct endpoint *endpoint = &fold->endpoint[0];

	(void)state;
	assert_int_equal(endpoint->wait_p5, MS + US);
	assert_int_equal(endpoint->wait_p50, MS + US);
	assert_int_equal(endpoint->wait_p95, 40 * MS + US);
	assert_int_equal(endpoint->wait_p99, 40 * MS + US);
	assert_int_equal(endpoint->wait_max, 2 * S + US);
	assert_int_equal(endpoint->min_rtt, 50 * US);
	assert_int_equal(endpoint->turns, 103);
	end(fold);
}

/* ---- signatures ---- */

static void imaplibs_append_reads_like_its_dialect(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:143\n1: r38~1ms w20 r50~1ms w17 r300~1ms\n"
			  "1: { w27 r6~1ms w480..1390 w2 r82~40ms } x200 w12 r40~1ms\n");
	const struct signature *append = &fold->signature[turn(fold, 0, 4)->signature];
	unsigned low, high;
	int used = 0;

	(void)state;
	assert_int_equal(sscanf(append->text, "w27 r6 . w%u..%u w2 r82%n", &low, &high, &used), 2);
	assert_int_equal(used, strlen(append->text));
	assert_in_range(low, 480, 600);
	assert_in_range(high, 1270, 1390);
	assert_int_equal(append->count, 200);
	assert_int_equal(append->wait, 200 * (40 * MS + US));
	assert_int_equal(append->part_of, UINT32_MAX);
	const struct signature *literal = &fold->signature[turn(fold, 0, 3)->signature];
	assert_string_equal(literal->text, "w27 r6");
	assert_ptr_equal(&fold->signature[literal->part_of], append);
	end(fold);
}

static void sizes_far_apart_are_other_kinds(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:25\n1: r40~1ms w20 r90~1ms\n"
			  "1: { w30 r14~1ms w26 r14~1ms w6 r37~1ms w10240 r30~9ms } x50\n");

	(void)state;
	assert_string_equal(text_of(fold, 0, 5), "(w26..30 r14) x2 . w6 r37 . w10240 r30");
	assert_string_equal(fold->signature[turn(fold, 0, 3)->signature].alone, "w26..30 r14");
	end(fold);
}

static void repetitions_are_folded(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\n1: { w80 } x40 r2~1ms\n"
				      "client 2 10.0.0.2:80\n2: { w4 w100..120 } x20 r3~1ms\n"
				      "client 3 10.0.0.3:80\n3: w9 r100 r1448 r7 r1448\n"
				      "client 4 10.0.0.4:80\n4: { w8192 } x1000 w17\n"
				      "client 5 10.0.0.5:80\n5: w9 w900 w20 r5 r6\n"
				      "client 6 10.0.0.6:80\n6: { { w2 r3 } x10 w100 r5 } x5\n");

	(void)state;
	assert_string_equal(text_of(fold, 0, 0), "w80 x40 r2");
	assert_true(strncmp(text_of(fold, 1, 0), "(w4 w1", 6) == 0);
	assert_non_null(strstr(text_of(fold, 1, 0), ") x20 r3"));
	assert_string_equal(text_of(fold, 2, 0), "w9 r7..1448 x4");
	assert_string_equal(text_of(fold, 3, 0), "w8192 x1000 w17");
	assert_string_equal(text_of(fold, 4, 0), "w9 w900 w20 r5 r6");
	assert_string_equal(text_of(fold, 5, 10), "(w2 r3) x10 . w100 r5");
	end(fold);
}

static void a_turn_of_many_shapes_stays_short(void **state)
{
	struct fold *fold = fold_text(
		"client 1 10.0.0.1:80\n"
		"1: w1 w900 w20 w7000 w50 w3 w400 w9 w5000 w30 w800 w2 w600 w11 r1 r500\n");

	(void)state;
	assert_string_equal(
		text_of(fold, 0, 0), "w1 w900 w20 w7000 w50 w3 w400 w9 w2..5000 x6 r1 r500");
	end(fold);
}

static void the_most_frequent_signature_comes_first_within_an_endpoint(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80\n1: { w9 r9 } x3 { w900 w9 r9 } x5\n"
				      "client 2 10.0.0.2:80\n2: { w9 w9000 r9 } x9\n");

	(void)state;
	assert_int_equal(fold->signatures, 3);
	assert_int_equal(fold->signature[0].count, 5);
	assert_int_equal(fold->signature[1].count, 3);
	assert_int_equal(fold->signature[2].endpoint, 1);
	assert_string_equal(fold->signature[2].text, "w9 w9000 r9");
	end(fold);
}

/* ---- the split ---- */

static void wall_time_is_split_by_what_the_calls_waited_for(void **state)
{
	struct fold *fold =
		fold_text("run wall=10s\nclient 1 10.0.0.1:80\n"
			  "0: +1s getaddrinfo(asked=77)~100ms\n1: connect~200ms w9 r9~2s +1s\n"
			  "1: w9 poll(covers=1,done=1)~3s r9(nonblock) close~50ms\n"
			  "0: poll(done=1)~500ms nanosleep~500ms\n");

	(void)state;
	assert_int_equal(fold->split.wall, 10 * S);
	assert_int_equal(fold->split.thinking, 5 * S);
	assert_int_equal(fold->split.other, 350 * MS);
	assert_int_equal(fold->split.program, 4650 * MS);
	assert_int_equal(fold->split.stalled, 0);
	end(fold);
}

static void a_wait_for_a_connection_on_its_way_is_connects(void **state)
{
	struct fold *fold = fold_text(
		"run wall=3s\nclient 1 10.0.0.1:80 opened=1000000000000 connecting=1000000000000 "
		"connected=1001000000000\n"
		"1: @0s getsockopt epoll_wait(covers=1,done=1)~999ms @1s getsockopt w9\n"
		"1: epoll_wait~500ms epoll_wait(covers=1,done=1)~500ms r5(nonblock)\n");

	(void)state;
	assert_int_equal(fold->split.other, 999 * MS);
	/* epoll tells what was ready only: one that found nothing waited for the same flows */
	assert_int_equal(fold->split.thinking, S);
	end(fold);
}

static void a_server_waited_for_its_first_connection_unrecorded(void **state)
{
	/* the file is made with the first connection, 5 s after the process began */
	struct fold *fold = fold_text("run wall=9s\nprocess pid=5 made=5001ms\n"
				      "listener 1 80\n1: @1s listen @5s\n"
				      "server 2 80\n1: accept(done=2)\n2: r9 w9 r0~1s\n");

	(void)state;
	assert_in_range(fold->split.thinking, 5 * S, 5 * S + 10 * US);
	end(fold);
}

static void long_writes_wait_for_the_peer_short_ones_are_the_programs(void **state)
{
	struct fold *fold = fold_text(
		"run wall=3s\nclient 1 10.0.0.1:80\n1: w9~900us w9~1s send(nonblock)~10us\n");

	(void)state;
	assert_int_equal(fold->split.thinking, S);
	end(fold);
}

static void an_instant_counts_as_the_best_that_happens_in_it(void **state)
{
	struct fold *fold = fold_text(
		"run wall=4s\nclient 1 10.0.0.1:80\nclient 2 10.0.0.2:80\n"
		"thread 1\n1: @0s w9 r9~2s @3s w9\n"	   /* waits until 2 s, then works until 3 */
		"thread 2\n2: @1s w9 @2500ms w9 r9~1s\n"); /* works from 1 s to 2.5, waits to 3.5 */

	(void)state;
	/* thread 1 alone until 1 s; thread 2 alone from 3 s on */
	assert_in_range(fold->split.thinking, 1500 * MS - 20 * US, 1500 * MS + 20 * US);
	end(fold);
}

static void a_thread_through_whose_gap_another_waited_may_be_parked(void **state)
{
	struct fold *fold = fold_text("run wall=4s\nclient 1 10.0.0.1:80\nclient 2 10.0.0.2:80\n"
				      "thread 1\n1: @0s w9 r9 @3s w9\n"
				      "thread 2\n2: @1s w9 r9~1s\n");

	(void)state;
	assert_int_equal(fold->split.thinking, S + US);
	end(fold);
}

static void threads_without_sockets_change_nothing(void **state)
{
	struct fold *fold = fold_text("run wall=4s\nclient 1 10.0.0.1:80\n1: w9 r9~2s\n"
				      "thread 2\n0: @0s nanosleep~4s poll(done=1)~1ms\n");

	(void)state;
	assert_int_equal(fold->split.thinking, 2 * S);
	assert_int_equal(fold->socket_threads, 1);
	assert_int_equal(fold->events, 4);
	end(fold);
}

static void processes_wait_together_too(void **state)
{
	struct fold *fold = fold_text("run wall=3s\nprocess pid=5\nclient 1 10.0.0.1:80\n"
				      "1: @0s w9 r9~1s\nprocess pid=6 parent=5\n"
				      "client 1 10.0.0.1:80\n1: @1100ms w9 r9~1s\n");

	(void)state;
	assert_int_equal(fold->run->processes, 2);
	assert_int_equal(fold->flows, 2);
	assert_int_equal(fold->endpoints, 1);
	assert_int_equal(fold->split.thinking, 2 * S);
	end(fold);
}

/* ---- coverage ---- */

static void coverage_is_our_bytes_of_the_kernels(void **state)
{
	struct fold *fold =
		fold_text("client 1 10.0.0.1:80 tcp.bytes_acked=201\n1: w200 r100 close\n"
			  "client 2 10.0.0.1:80 tcp.bytes_received=400\n2: w100 r200\n"
			  "client 3 10.0.0.1:80 unasked\n3: w5000\n");

	(void)state;
	assert_int_equal(fold->bytes_seen, 600);
	assert_int_equal(fold->bytes_kernel, 800);
	assert_int_equal(fold->unasked, 1);
	assert_int_equal(fold->bytes_unasked, 5000);
	assert_true(fold->coverage == 600 / 5800.0);
	end(fold);
}

static void a_connection_in_two_hands_is_counted_once(void **state)
{
	/* the kernel counted 300 when the child closed it, and 60 when its port was used again */
	struct fold *fold = fold_text("process pid=5\nclient 1 10.0.0.1:80\n1: w200 +1ms close\n"
				      "process pid=6 parent=5\nclient 1 10.0.0.1:80 "
				      "tcp.bytes_acked=300\n1: w100 +5ms close\n"
				      "process pid=7 at=1s\nclient 1 10.0.0.1:80\n1: w60 close\n");

	(void)state;
	assert_int_equal(fold->bytes_kernel, 360);
	assert_int_equal(fold->bytes_seen, 360);
	end(fold);
}

static void what_waits_in_the_kernel_is_neither_seen_nor_missed(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80 unread=50 unsent=30\n1: w200 r100\n");

	(void)state;
	assert_true(fold->coverage == 1);
	end(fold);
}

static void a_kernel_that_was_never_asked_is_said_to(void **state)
{
	struct fold *fold = fold_text("client 1 10.0.0.1:80 unasked\n1: w200 r100\n");

	(void)state;
	assert_true(fold->coverage == -1);
	end(fold);
}

static void a_run_of_nothing_is_the_programs(void **state)
{
	struct fold *fold = fold_text("run wall=2s\n");

	(void)state;
	assert_int_equal(fold->flows, 0);
	assert_int_equal(fold->split.program, 2 * S);
	end(fold);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_clients_turn_goes_from_its_first_write_to_its_last_read),
		cmocka_unit_test(the_first_two_exchanges_are_early_and_no_more),
		cmocka_unit_test(calls_that_may_not_block_and_fail_end_and_begin_no_turn),
		cmocka_unit_test(a_wait_for_another_flow_is_not_blocked_on_this_one),
		cmocka_unit_test(the_rest_of_a_partial_write_is_the_same_write),
		cmocka_unit_test(a_reader_that_sat_there_before_the_writer_wrote_answers_it),
		cmocka_unit_test(two_writers_make_a_turn_mixed),
		cmocka_unit_test(an_answer_in_two_pieces_shows_the_pause_between_them),
		cmocka_unit_test(a_servers_turn_is_a_request_and_its_answer),
		cmocka_unit_test(a_server_that_greets_still_serves),
		cmocka_unit_test(an_inherited_connection_serves_where_the_peer_begins),
		cmocka_unit_test(file_reads_feed_the_write_behind_them),
		cmocka_unit_test(segments_sent_again_belong_to_the_turn_of_their_probe),
		cmocka_unit_test(the_arm_of_prove_is_kept),
		cmocka_unit_test(connects_are_timed_also_in_the_background),
		cmocka_unit_test(durations_that_do_not_fit_end_with_the_next_call),
		cmocka_unit_test(endpoints_are_named_as_people_do),
		cmocka_unit_test(waits_of_answered_turns_that_are_not_early_make_the_quantiles),
		cmocka_unit_test(imaplibs_append_reads_like_its_dialect),
		cmocka_unit_test(sizes_far_apart_are_other_kinds),
		cmocka_unit_test(repetitions_are_folded),
		cmocka_unit_test(a_turn_of_many_shapes_stays_short),
		cmocka_unit_test(the_most_frequent_signature_comes_first_within_an_endpoint),
		cmocka_unit_test(wall_time_is_split_by_what_the_calls_waited_for),
		cmocka_unit_test(a_wait_for_a_connection_on_its_way_is_connects),
		cmocka_unit_test(a_server_waited_for_its_first_connection_unrecorded),
		cmocka_unit_test(long_writes_wait_for_the_peer_short_ones_are_the_programs),
		cmocka_unit_test(an_instant_counts_as_the_best_that_happens_in_it),
		cmocka_unit_test(a_thread_through_whose_gap_another_waited_may_be_parked),
		cmocka_unit_test(threads_without_sockets_change_nothing),
		cmocka_unit_test(processes_wait_together_too),
		cmocka_unit_test(coverage_is_our_bytes_of_the_kernels),
		cmocka_unit_test(a_connection_in_two_hands_is_counted_once),
		cmocka_unit_test(what_waits_in_the_kernel_is_neither_seen_nor_missed),
		cmocka_unit_test(a_kernel_that_was_never_asked_is_said_to),
		cmocka_unit_test(a_run_of_nothing_is_the_programs),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
