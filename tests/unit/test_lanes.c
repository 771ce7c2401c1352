/* The run's time by its threads and connections: each lane is as long as what it is of, stalls are
 * where their connection was, and where there are more than lanes the most stalled have one. */
#include "tests/unit/find_text.h"

#include "tools/find/lanes.h"

/* Two threads: one stalls on connection 1 and then asks 2, the other waits for 3 alone. */
static const char usual[] = "run wall=10s\n"
			    "client 1 10.0.0.1:143 tcp.min_rtt_us=50\nclient 2 10.0.0.2:80\n"
			    "client 3 10.0.0.3:25\n"
			    "1: @1s connect~1ms { w20 w2(proven) r82~44ms probe } x45 close\n"
			    "2: @5s connect~2ms w20 r82~2s close\n"
			    "thread 9\n3: @0s connect~1ms w9 r9~8s close\n";

static uint64_t there(const struct lane *lane)
{
	uint64_t sum = 0;

	for (int kind = 0; kind < SLICE_KINDS; kind++)
		sum += lane->time.all.ns[kind];
	return sum;
}

/* No slice has more than it is long, and all slices are the sum. */
static void assert_adds_up(const struct lane *lane)
{
	struct slice all = {0};

	for (size_t i = 0; i < lane->time.slices; i++) {
		uint64_t sum = 0;
		for (int kind = 0; kind < SLICE_KINDS; kind++) {
			sum += lane->time.slice[i].ns[kind];
			all.ns[kind] += lane->time.slice[i].ns[kind];
		}
		assert_true(sum <= timeline_at(&lane->time, i + 1) - timeline_at(&lane->time, i));
	}
	assert_memory_equal(all.ns, lane->time.all.ns, sizeof(all.ns));
}

static void each_by_itself(void **state)
{
	struct found found = find_text(usual);
	struct lanes lanes;

	(void)state;
	lanes_take(&lanes, found.fold, found.findings, 12, 10);
	assert_int_equal(lanes.threads, 2);
	assert_int_equal(lanes.lanes, 5);
	assert_int_equal(lanes.more_threads + lanes.more_connections, 0);
	for (size_t i = 0; i < lanes.lanes; i++)
		assert_adds_up(&lanes.lane[i]);
	const struct lane *thread = &lanes.lane[1], *mail = &lanes.lane[2], *web = &lanes.lane[3];
	const uint64_t stalled = thread->time.all.ns[SLICE_STALLED];
	assert_true(stalled > 1800 * MS);
	assert_null(thread->flow);
	assert_int_equal(lanes.lane[0].tid, 9);
	assert_int_equal(lanes.lane[0].time.all.ns[SLICE_STALLED], 0);
	assert_true(lanes.lane[0].time.all.ns[SLICE_PEER] >= 8 * S);
	assert_int_equal(mail->flow->connection->number, 1);
	assert_int_equal(mail->time.all.ns[SLICE_STALLED], stalled);
	assert_int_equal(mail->time.slice[0].ns[SLICE_PROGRAM], 0);
	assert_true(mail->time.slice[1].ns[SLICE_STALLED] > 900 * MS);
	assert_true(there(mail) < 3 * S);
	assert_int_equal(web->time.all.ns[SLICE_STALLED], 0);
	assert_int_equal(web->time.all.ns[SLICE_PEER], 2 * S);
	assert_true(web->time.all.ns[SLICE_OTHER] >= 2 * MS);
	assert_int_equal(web->time.slice[5].ns[SLICE_STALLED], 0);
	lanes_free(&lanes);
	find_end(found);
}

static void the_most_stalled_have_one(void **state)
{
	struct found found = find_text(usual);
	struct lanes lanes;

	(void)state;
	lanes_take(&lanes, found.fold, found.findings, 1, 10);
	assert_int_equal(lanes.lanes, 2);
	assert_int_equal(lanes.more_threads, 1);
	assert_int_equal(lanes.more_connections, 2);
	assert_int_equal(lanes.lane[1].flow->connection->number, 1);
	lanes_free(&lanes);
	find_end(found);
}

static void one_thread_has_none(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143\nlistener 2 80\n1: w2 r6~1s\n");
	struct lanes lanes;

	(void)state;
	lanes_take(&lanes, found.fold, found.findings, 12, 10);
	assert_int_equal(lanes.threads, 0);
	assert_int_equal(lanes.lanes, 1);
	assert_int_equal(lanes.lane[0].time.all.ns[SLICE_PEER], S);
	lanes_free(&lanes);
	find_end(found);
}

/* Behind the last event of a recording that was full. */
static void what_was_not_recorded(void **state)
{
	struct found found = find_text("run wall=10s\nprocess pid=7\n"
				       "client 1 10.0.0.1:143\n1: w2 r6~1s\n");
	struct lanes lanes;

	(void)state;
	found.run->process[0].header.full = 1;
	found.run->process[0].ended += 2 * S;
	lanes_take(&lanes, found.fold, found.findings, 12, 10);
	assert_int_equal(lanes.lane[0].time.all.ns[SLICE_PEER], S);
	assert_int_equal(lanes.lane[0].time.all.ns[SLICE_UNSEEN], 2 * S);
	assert_adds_up(&lanes.lane[0]);
	lanes_free(&lanes);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_by_itself),
		cmocka_unit_test(the_most_stalled_have_one),
		cmocka_unit_test(one_thread_has_none),
		cmocka_unit_test(what_was_not_recorded),
	};

	return cmocka_run_group_tests_name("lanes", tests, NULL, NULL);
}
