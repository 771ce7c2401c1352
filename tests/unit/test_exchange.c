/* Two runs of the same work, counted by the exchange: what is counted, when one is the better, and
 * when they cannot be compared. */
#include "tests/unit/find_text.h"

#include <stdlib.h>

#include "tools/find/exchange.h"
#include "tools/show/difference.h"

#define CLIENT "client 1 10.0.0.1:143 tcp.data_segs_out="

static struct exchange count(const struct found *found)
{
	struct exchange exchange;

	exchange_count(found->fold, found->findings, &exchange);
	return exchange;
}

static enum exchange_verdict compare(const char *before, const char *after, char why[160])
{
	struct found a = find_text(before), b = find_text(after);
	const struct exchange was = count(&a), is = count(&b);
	const enum exchange_verdict verdict = exchange_compare(a.fold, &was, b.fold, &is, why);

	find_end(a);
	find_end(b);
	return verdict;
}

static void all_is_counted_by_the_exchange(void **state)
{
	struct found found = find_text("run wall=4s\n" CLIENT "150 proven=50 tcp.min_rtt_us=50\n"
				       "1: { w100 w20(proven) r82~43ms probe } x50 close\n");
	const struct exchange exchange = count(&found);

	(void)state;
	assert_int_equal(exchange.count, 50);
	assert_near((uint64_t)exchange.wall, 80 * MS);
	assert_near((uint64_t)exchange.waiting, 43 * MS);
	assert_int_equal((int)(exchange.stalls * 50 + 0.5), 50);
	assert_int_equal((int)exchange.segments, 3);
	assert_int_equal((int)(exchange.calls * 50 + 0.5), 151);
	assert_int_equal((int)exchange.bytes, 202);
	assert_int_equal((int)exchange.in_segment, 40);
	find_end(found);
}

static void what_was_not_asked_is_unknown(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 unasked\n1: w9 r9~1ms\n");
	const struct exchange exchange = count(&found);

	(void)state;
	assert_true(exchange.segments < 0 && exchange.in_segment < 0);
	find_end(found);
}

static void less_waiting_is_better_also_over_more_exchanges(void **state)
{
	char why[160];

	(void)state;
	assert_int_equal(compare(CLIENT "9\n1: { w100 r82~40ms } x50 close\n",
				 CLIENT "9\n1: { w100 r82~1ms } x5000 close\n", why),
		EXCHANGE_BETTER);
	assert_int_equal(compare(CLIENT "9\n1: { w100 r82~1ms } x50 close\n",
				 CLIENT "9\n1: { w100 r82~2ms } x50 close\n", why),
		EXCHANGE_WORSE);
	assert_string_equal(why, "");
}

static void noise_and_trifles_are_equal(void **state)
{
	char why[160];

	(void)state;
	assert_int_equal(compare(CLIENT "9\n1: { w100 r82~10ms } x50 close\n",
				 CLIENT "9\n1: { w100 r82~10500us } x50 close\n", why),
		EXCHANGE_EQUAL);
	/* twice as long, but a thousandth of the run */
	assert_int_equal(compare("run wall=60s\n" CLIENT "9\n1: { w100 r82~1ms } x50 close\n",
				 "run wall=60s\n" CLIENT "9\n1: { w100 r82~2ms } x50 close\n", why),
		EXCHANGE_EQUAL);
}

/* Twice as long, but by microseconds that exchanges of one run differ by as well. */
static void microseconds_are_told_apart_beyond_the_spread_only(void **state)
{
	static const char twenty[] = CLIENT "9\n1: { w100 r82~15us w100 r82~25us } x50 close\n";
	static const char thirty[] = CLIENT "9\n1: { w100 r82~20us w100 r82~40us } x50 close\n";
	static const char fifty[] = CLIENT "9\n1: { w100 r82~45us w100 r82~55us } x50 close\n";
	static const char slow[] = CLIENT "9\n1: { w100 r82~20us w100 r82~140us } x50 close\n";
	char why[160];

	(void)state;
	assert_int_equal(compare(twenty, thirty, why), EXCHANGE_EQUAL);
	assert_string_equal(why, "That is below what two runs can tell apart: exchanges of one "
				 "run differ by more.");
	assert_int_equal(compare(thirty, twenty, why), EXCHANGE_EQUAL);
	assert_string_not_equal(why, "");
	assert_int_equal(compare(twenty, fifty, why), EXCHANGE_WORSE);
	assert_string_equal(why, "");
	assert_int_equal(compare(fifty, twenty, why), EXCHANGE_BETTER);
	assert_int_equal(compare(twenty, slow, why), EXCHANGE_WORSE);
	assert_int_equal(compare(slow, twenty, why), EXCHANGE_BETTER);
	assert_int_equal(compare(twenty, twenty, why), EXCHANGE_EQUAL);
	assert_string_equal(why, "");
}

static void the_verdict_says_that_they_cannot_be_told_apart(void **state)
{
	struct found a = find_text(CLIENT "9\n1: { w100 r82~15us w100 r82~25us } x50 close\n");
	struct found b = find_text(CLIENT "9\n1: { w100 r82~20us w100 r82~40us } x50 close\n");
	const struct report was = {.run = a.run, .fold = a.fold, .findings = a.findings};
	const struct report is = {.run = b.run, .fold = b.fold, .findings = b.findings};
	char *text;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	(void)state;
	assert_int_equal(difference_print(out, &was, &is), EXCHANGE_EQUAL);
	fclose(out);
	assert_non_null(strstr(text,
		"\n  EQUAL: an exchange takes 32.0 us on its sockets; before, it took 22.0 us.\n"
		"  That is below what two runs can tell apart: exchanges of one run differ by\n"
		"  more.\n"));
	free(text);
	find_end(a);
	find_end(b);
}

/* Through stdio no write is seen: the kernel's counts are all there is. */
static void unseen_runs_are_compared_by_the_kernels_counts(void **state)
{
#define UNSEEN(keys)                                                                               \
	CLIENT "9 fdopened=1 tcp.bytes_acked=600 tcp.bytes_received=120 tcp.data_segs_in=40 " keys \
	       "\n1: +2s close\n"
	static const char slow[] = UNSEEN("tcp.data_segs_out=80 tcp.busy_us=1700000");
	static const char quick[] = UNSEEN("tcp.data_segs_out=80 tcp.busy_us=4000");
	static const char more[] = CLIENT "9\n1: { w100 r82~1ms } x50 close\n";
	char why[160];

	(void)state;
	assert_int_equal(compare(slow, quick, why), EXCHANGE_BETTER);
	assert_int_equal(compare(quick, slow, why), EXCHANGE_WORSE);
	assert_int_equal(compare(slow, slow, why), EXCHANGE_EQUAL);
	assert_int_equal(compare(slow, more, why), EXCHANGE_UNKNOWN);
	assert_string_equal(why, "the writes of the first run were not seen");
}

static void other_work_is_not_comparable(void **state)
{
	static const char one[] = CLIENT "9\n1: { w100 r82~1ms } x50 close\n";
	char why[160];

	(void)state;
	assert_int_equal(
		compare(one, CLIENT "9\n1: { w100 r900~1ms } x50 close\n", why), EXCHANGE_UNKNOWN);
	assert_string_equal(why, "an exchange carries 182 bytes in the first run and 1000 in the "
				 "second: that is not the same work");
	assert_int_equal(compare(one, CLIENT "9\n1: w100 close\n", why), EXCHANGE_UNKNOWN);
	assert_string_equal(why, "the second run has no exchange: nothing of it was answered");
	/* what came first answers nothing */
	assert_int_equal(compare(one, CLIENT "9 tcp.data_segs_in=3\n1: r20 w100 close\n", why),
		EXCHANGE_UNKNOWN);
	assert_string_equal(why, "the second run has no exchange: nothing of it was answered");
	assert_int_equal(compare(CLIENT "9\n1: w100 close\n", one, why), EXCHANGE_UNKNOWN);
	assert_string_equal(why, "the first run has no exchange: nothing of it was answered");
	assert_int_equal(
		compare(one, CLIENT "9 tcp.bytes_acked=9000\n1: { w100 r82~1ms } x50 close\n", why),
		EXCHANGE_UNKNOWN);
	assert_string_equal(why, "too little was seen of the second run's bytes");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_is_counted_by_the_exchange),
		cmocka_unit_test(what_was_not_asked_is_unknown),
		cmocka_unit_test(less_waiting_is_better_also_over_more_exchanges),
		cmocka_unit_test(noise_and_trifles_are_equal),
		cmocka_unit_test(microseconds_are_told_apart_beyond_the_spread_only),
		cmocka_unit_test(the_verdict_says_that_they_cannot_be_told_apart),
		cmocka_unit_test(unseen_runs_are_compared_by_the_kernels_counts),
		cmocka_unit_test(other_work_is_not_comparable),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
