/* Stalls of runs that no kernel was asked about: by pattern and time alone, never proven. */
#include "tests/unit/find_text.h"
#include "tools/base/memory.h"

/* As find_text(), of an strace log. */
static struct found find_log(const char *text)
{
	struct found found = {.run = trace_text(text)};

	found.run->imported.what = memory_print("strace log");
	found.fold = fold_run(found.run);
	found.findings = find_all(found.fold);
	return found;
}

/* The peer acknowledges the first two at once, whatever it delays later. */
#define CLIENT "client 1 10.0.0.1:143\n1: connect~0.2ms "

static void small_writes_that_wait_for_40_ms_are_likely(void **state)
{
	struct found found = find_log(
		CLIENT "{ w27 w2 r6~1ms } x2 { w27 w2 r6~41ms w27 w2 r6~45ms } x20 close\n");
	const struct finding *n01 = assert_found(&found, "N01", SURE_LIKELY, FIX_RULE, 40, 42);

	(void)state;
	assert_near(n01->lost_high, 20 * (40 + 44) * MS);
	assert_near(n01->lost_low, n01->lost_high * 9 / 10);
	assert_non_null(strstr(n01->how, "no kernel was asked"));
	assert_int_equal(found.fold->split.stalled, n01->lost_high);
	find_end(found);
}

static void a_peer_that_thinks_does_so_from_the_beginning(void **state)
{
	struct found found = find_log(CLIENT "{ w27 w2 r6~41ms } x42 close\n");

	(void)state;
	assert_not_found(&found, "N01");
	find_end(found);
	/* the stall comes on top of what it thinks */
	found = find_log(CLIENT "{ w27 w2 r6~100ms } x2 { w27 w2 r6~140ms } x40 close\n");
	assert_near(assert_found(&found, "N01", SURE_LIKELY, FIX_RULE, 40, 42)->lost_high,
		40 * 40 * MS);
	find_end(found);
}

static void work_is_not_as_regular_as_a_timer(void **state)
{
	struct found found = find_log(
		CLIENT "{ w27 w2 r6~1ms } x2 { w27 w2 r6~33ms w27 w2 r6~60ms } x20 close\n");

	(void)state;
	assert_found(&found, "N01", SURE_POSSIBLE, FIX_PROVE, 40, 42);
	assert_int_equal(found.fold->split.stalled, 0);
	find_end(found);
}

/* Only turns of one kind are late, and none of these ever was not: a peer that works for so long,
 * or a timer, which is more exact. */
static void a_kind_that_is_always_late_is_exactly_so(void **state)
{
#define QUICK "{ w20 r30~1ms } x6 "
	struct found found = find_log(CLIENT QUICK
		"{ w20 r30~1ms w80 w300 r6~40ms w20 r30~1ms w80 w300 r6~45ms } x15 close\n");

	(void)state;
	assert_found(&found, "N01", SURE_POSSIBLE, FIX_PROVE, 30, 30);
	find_end(found);
	found = find_log(CLIENT QUICK
		"{ w20 r30~1ms w80 w300 r6~42ms w20 r30~1ms w80 w300 r6~44ms } x15 close\n");
	assert_found(&found, "N01", SURE_LIKELY, FIX_RULE, 30, 30);
	find_end(found);
	/* they were quick at first */
	found = find_log(
		CLIENT "{ w80 w300 r6~1ms } x2 "
		       "{ w20 r30~1ms w80 w300 r6~40ms w20 r30~1ms w80 w300 r6~45ms } x15 close\n");
	assert_found(&found, "N01", SURE_LIKELY, FIX_RULE, 30, 32);
	find_end(found);
}

static void what_cannot_be_held_is_not(void **state)
{
	(void)state;
	/* one write; the option; segments that are full */
	struct found found = find_log(CLIENT "{ w27 r6~1ms } x2 { w29 r6~41ms } x40 close\n");
	assert_not_found(&found, "N01");
	find_end(found);
	found = find_log("client 1 10.0.0.1:143 opt.nodelay=1\n1: connect~0.2ms "
			 "{ w27 w2 r6~1ms } x2 { w27 w2 r6~41ms } x40 close\n");
	assert_not_found(&found, "N01");
	find_end(found);
	found = find_log(CLIENT "{ w27 w1448 r6~1ms } x2 { w27 w1448 r6~41ms } x40 close\n");
	assert_not_found(&found, "N01");
	find_end(found);
	/* far away: 40 ms are two round trips */
	found = find_log("client 1 10.0.0.1:143\n1: connect~20ms "
			 "{ w27 w2 r6~21ms } x2 { w27 w2 r6~61ms } x40 close\n");
	assert_not_found(&found, "N01");
	find_end(found);
}

static void a_server_knows_by_its_clients_next_word(void **state)
{
	struct found found = find_log("server 1 8000\n1: { r80 w90 w30 +1ms } x3 "
				      "{ r80 w90 w30 +41ms } x40 r80 w90 close\n");
	const struct finding *n02 = finding_of(&found, "N02");

	(void)state;
	assert_non_null(n02);
	assert_int_equal(n02->sure, SURE_LIKELY);
	assert_not_found(&found, "N01");
	find_end(found);
}

static void nothing_is_proven(void **state)
{
	/* what a recording proves by the kernel's word */
	struct found found = find_log("client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"
				      "1: connect~0.2ms { w20 r30~1ms } x2 "
				      "{ w27 w2(proven) r6~43.8ms probe +0.3ms } x50 close\n");

	(void)state;
	for (size_t i = 0; i < found.findings->count; i++)
		assert_int_not_equal(found.findings->finding[i].sure, SURE_PROVEN);
	assert_non_null(finding_of(&found, "N01"));
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(small_writes_that_wait_for_40_ms_are_likely),
		cmocka_unit_test(a_peer_that_thinks_does_so_from_the_beginning),
		cmocka_unit_test(work_is_not_as_regular_as_a_timer),
		cmocka_unit_test(a_kind_that_is_always_late_is_exactly_so),
		cmocka_unit_test(what_cannot_be_held_is_not),
		cmocka_unit_test(a_server_knows_by_its_clients_next_word),
		cmocka_unit_test(nothing_is_proven),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
