/* The first word of the screen, and the sentence behind it, for runs of which a part is missing:
 * what was found stays found, but there is no 'no'. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

#include "tools/find/exchange.h"

#define HEALTHY "client 1 10.0.0.1:143\n1: { w9 r9~1ms +1ms } x50 close\n"
#define JOINT	"client 1 10.0.0.1:143\n1: { w9 w2 r9~1ms +1ms } x50 close\n"
#define STALLED                                                                                    \
	"client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"                                      \
	"1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"

static void lose_nothing(struct run *run)
{
	(void)run;
}

static void lose_events(struct run *run)
{
	run->process[0].header.full = 1;
}

static void lose_a_process(struct run *run)
{
	run->refused = 1;
}

static void lose_a_trace(struct run *run)
{
	run->unread = 1;
}

static void lose_blocks(struct run *run)
{
	run->process[0].damaged = 1;
}

static void lose_the_rest(struct run *run)
{
	run->process[0].cut_off = true;
}

static void live_on(struct run *run)
{
	run->living = 2;
}

static void miss_a_program(struct run *run)
{
	run->unseen = 1;
}

static struct found judge(const char *text, void (*lose)(struct run *run))
{
	struct found found = {.run = trace_text(text)};

	lose(found.run);
	found.fold = fold_run(found.run);
	found.findings = find_all(found.fold);
	return found;
}

static void a_part_that_is_missing_forbids_a_no(void **state)
{
	void (*const lose[])(struct run *) = {lose_events, lose_a_process, lose_a_trace,
		lose_blocks, lose_the_rest, live_on, miss_a_program};

	(void)state;
	for (size_t i = 0; i < sizeof(lose) / sizeof(*lose); i++) {
		struct found found = judge(HEALTHY, lose[i]);
		const struct report report = report_of(&found);

		assert_int_equal(report.verdict.word, VERDICT_NOT_SURE);
		assert_int_equal(found.findings->innocents, 0);
		find_end(found);
		found = judge(STALLED, lose[i]);
		const struct report stalled = report_of(&found);

		assert_int_equal(stalled.verdict.word, VERDICT_STALLED);
		find_end(found);
	}
}

static void a_whole_run_has_its_no(void **state)
{
	struct found found = judge(HEALTHY, lose_nothing);
	const struct report report = report_of(&found);

	(void)state;
	assert_int_equal(report.verdict.word, VERDICT_NOT_SOCKETS);
	assert_true(found.findings->innocents > 0);
	find_end(found);
}

/* What a rule sets beside the point, a buffer or keepalives, mends no stall; nor is there one to
 * mend where each turn is one write, or where answers take as long as a stall with the rule. */
static void only_what_cures_stalls_is_called_mended(void **state)
{
	static const struct {
		const char *text;
		int option;
		enum verdict_word verdict;
	} row[] = {{JOINT, OPTION_TCP_NODELAY, VERDICT_MENDED},
		{JOINT, OPTION_TCP_QUICKACK, VERDICT_MENDED},
		{JOINT, OPTION_SO_RCVBUF, VERDICT_NOT_SOCKETS},
		{JOINT, OPTION_SO_KEEPALIVE, VERDICT_NOT_SOCKETS},
		{HEALTHY, OPTION_TCP_NODELAY, VERDICT_NOT_SOCKETS},
		{"client 1 10.0.0.5:2003 holds=90 tcp.data_segs_out=9\n1: { w50(held) } x90 "
		 "close\n",
			OPTION_SO_KEEPALIVE, VERDICT_MENDED},
		{"client 1 10.0.0.1:143\n1: { w9(held) w2 r9~40.5ms } x50 close\n",
			OPTION_TCP_NODELAY, VERDICT_NOT_SOCKETS}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct found found = judge(row[i].text, lose_nothing);

		found.run->process[0].connection[0].ours = OPTION_BIT(row[i].option);
		const struct report report = report_of(&found);

		assert_int_equal(report.verdict.word, row[i].verdict);
		find_end(found);
	}
}

/* ---- what is no stall has its own first word, and says who can do something ---- */

static void what_it_is_stands_first(void **state)
{
	static const struct {
		const char *text;
		enum verdict_word verdict;
		const char *said;
	} row[] = {
		{"run wall=1s\nclient 1 10.0.0.1:80\n"
		 "1: w20 { poll(covers=1,extra=0)~400us } x2000 r20 close\n",
			VERDICT_BUSY,
			"  BUSY. Up to 0.80 s of 1.0 s (80 %) go to calls that find nothing to "
			"do.\n"
			"  No rule mends it: the column FIX says who can.\n\n"},
		{"run wall=1s\nclient 1 10.0.0.3:873 tcp.busy_us=1000000 "
		 "tcp.rwnd_limited_us=500000\n1: { w65536~9ms } x100 r9~1ms close\n",
			VERDICT_PEER,
			"  PEER IS SLOW. 0.50 s of 1.0 s (50 %) this side could have sent more.\n"
			"  No rule mends it: the column FIX says who can.\n\n"},
		{"run wall=5s\nclient 1 10.0.0.1:80\n1: w20 r20~1ms\n"
		 "0: { getaddrinfo(asked=7)~2004ms } x2\n",
			VERDICT_NAMES,
			"  NAMES. Up to 4.0 s of 5.0 s (80 %) are spent looking up names.\n"
			"  No rule mends it: the column FIX says who can.\n\n"},
		{"run wall=5s before.listen_overflows=10 after.listen_overflows=14\n"
		 "listener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 accepted=40\n"
		 "server 2 9999\n1: listen accept(done=2)~1ms\n2: r20~1ms w20 close\n",
			VERDICT_CLIENTS,
			"  STALLED. Its clients are: it costs them about 4.0 s.\n"
			"  C02: accept queue of 1 full: 4 connections dropped, 1 s each for the "
			"client.\n"
			"  One rule mends it. This run itself loses nothing by it.\n\n"},
		{"run wall=5s\nserver 1 9999 opt.linger=0 unsent=900 unread=1\n"
		 "1: r20~1ms w2000 close\n",
			VERDICT_OTHERS,
			"  OTHERS PAY. Bytes that it wrote did not reach its peers.\n"
			"  L03: SO_LINGER 0 threw unsent bytes away in 1 close of 1.\n"
			"  No rule mends it. This run itself loses nothing by it.\n\n"},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct found found = judge(row[i].text, lose_nothing);
		const struct report report = report_of(&found);
		char *text = printed(&found, verdict_print);

		assert_int_equal(report.verdict.word, row[i].verdict);
		assert_string_equal(text, row[i].said);
		free(text);
		find_end(found);
	}
}

static void it_says_that_a_part_is_missing(void **state)
{
	struct found found = judge(HEALTHY, lose_events);
	char *text = printed(&found, verdict_print);

	(void)state;
	assert_string_equal(text, "  NOT SURE. Nothing that was seen looks like a stall.\n"
				  "  Too much was not seen to say that it is not the sockets.\n\n");
	free(text);
	find_end(found);
}

/* The first two turns of a connection are judged by no finding where the kernel's clock was not
 * asked: there the peer acknowledges at once, mostly. Where they are all that there is, that is no
 * 'no'. */
static void what_was_held_once_is_no_no(void **state)
{
	struct found found = judge("run wall=60ms\n"
				   "client 1 10.0.0.1:143 proven=1 tcp.min_rtt_us=50\n"
				   "1: w9 w2(proven) r9~44ms close\n",
		lose_nothing);
	const struct report report = report_of(&found);
	char *text = printed(&found, verdict_print);

	(void)state;
	assert_int_equal(report.verdict.word, VERDICT_NOT_SURE);
	assert_string_equal(text,
		"  NOT SURE. Up to 0.044 s of 0.060 s may be a stall: the kernel held bytes back\n"
		"  in 1 of 1 turn; for how long was not seen.\n\n");
	free(text);
	find_end(found);
	found = judge("run wall=2s\nclient 1 10.0.0.1:143 proven=1 tcp.min_rtt_us=50\n"
		      "1: w9 w2(proven) r9~44ms close\n",
		lose_nothing);
	const struct report longer = report_of(&found);

	assert_int_equal(longer.verdict.word, VERDICT_NOT_SOCKETS);
	find_end(found);
}

/* Connections that nobody saw the end of (the process was killed): beside them a twentieth and more
 * of the bytes forbids a 'no', a hundredth does not; that they are there is said. */
static void what_was_not_seen_to_end_is_not_vouched_for(void **state)
{
	static const struct {
		const char *text, *line;
		enum verdict_word verdict;
	} row[] = {
		{HEALTHY "client 2 10.0.0.1:143 unasked\n2: { w9 r9~1ms } x5\n",
			"  VOUCHED FOR ONLY 91 % of its TCP bytes ", VERDICT_NOT_SURE},
		{HEALTHY "client 2 10.0.0.1:143 unasked\n2: w4 r5~1ms\n",
			"  seen 99 % of its TCP bytes ", VERDICT_NOT_SOCKETS},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		struct found found = judge(row[i].text, lose_nothing);
		const struct report report = report_of(&found);
		char *text = NULL;
		size_t length;
		FILE *out = open_memstream(&text, &length);

		assert_non_null(out);
		header_print(out, &report);
		fclose(out);
		assert_int_equal(report.verdict.word, row[i].verdict);
		assert_non_null(strstr(text, row[i].line));
		assert_non_null(strstr(text, i ? "\n  1 connection, 9 B, not seen to end (killed, "
						 "open): not vouched for.\n"
					       : "\n  1 connection, 90 B, not seen to end (killed, "
						 "open): not vouched for.\n"));
		assert_null(strstr(text, "went by unseen"));
		free(text);
		find_end(found);
	}
}

static void parts_are_not_compared(void **state)
{
	struct found was = judge(HEALTHY, lose_nothing), is = judge(HEALTHY, lose_events);
	struct exchange before, after;
	char why[160];

	(void)state;
	exchange_count(was.fold, was.findings, &before);
	exchange_count(is.fold, is.findings, &after);
	assert_int_equal(
		exchange_compare(was.fold, &before, is.fold, &after, why), EXCHANGE_UNKNOWN);
	assert_string_equal(why, "the second run was not recorded whole");
	assert_int_equal(
		exchange_compare(was.fold, &before, was.fold, &before, why), EXCHANGE_EQUAL);
	find_end(was);
	find_end(is);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_part_that_is_missing_forbids_a_no),
		cmocka_unit_test(a_whole_run_has_its_no),
		cmocka_unit_test(only_what_cures_stalls_is_called_mended),
		cmocka_unit_test(what_it_is_stands_first),
		cmocka_unit_test(it_says_that_a_part_is_missing),
		cmocka_unit_test(what_was_held_once_is_no_no),
		cmocka_unit_test(what_was_not_seen_to_end_is_not_vouched_for),
		cmocka_unit_test(parts_are_not_compared),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
