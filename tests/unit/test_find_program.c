/* The 'no': what is not the sockets, why each suspect is innocent, and how little rules could win.
 * And the table of codes, which has something to say about each. */
#include "tests/unit/find_text.h"

#include "tools/find/judge.h"

static void the_programs_own_time_is_a01(void **state)
{
	struct found found =
		find_text("client 1 127.0.0.1:25 tcp.min_rtt_us=20\n"
			  "1: connect~1ms r30~1ms { w50 r20~2ms +140ms } x100 close\n");
	const struct finding *a01 = assert_found(&found, "A01", SURE_LIKELY, FIX_NONE, 100, 100);

	(void)state;
	assert_string_equal(codes_of(&found), "A01 (A03)");
	assert_string_equal(a01->what, "between a reply and the next command the program works: "
				       "p50 140.0 ms, p95 140.0 ms, max 140.0 ms (100 times)");
	assert_string_equal(
		a01->how, "14.0 s of 14.2 s: no thread on sockets was waiting in a call on one");
	assert_int_equal(a01->lost_high, 0);
	assert_string_equal(a01->mend.set, "");
	find_end(found);
}

static void time_outside_of_turns_is_a01_too(void **state)
{
	struct found found = find_text("run wall=10s\nclient 1 127.0.0.1:25\n"
				       "1: { w50 r20~2ms } x100 close\n");
	struct found half = find_text("run wall=402ms\nclient 1 127.0.0.1:25\n"
				      "1: { w50 r20~2ms } x100 +2us\n");

	(void)state;
	assert_string_equal(finding_of(&found, "A01")->what,
		"outside its calls on sockets it works, or waits for something else: 9.8 s of 10.0 "
		"s");
	assert_non_null(finding_of(&half, "A01"));
	find_end(found);
	find_end(half);
}

static void a_peer_that_thinks_is_a02(void **state)
{
	struct found found = find_text("client 1 127.0.0.1:25 tcp.min_rtt_us=20\n"
				       "1: { w50 r20~0.1ms w900 r38~29ms } x100 close\n");
	struct found quick = find_text("run wall=10s\nclient 1 127.0.0.1:25 tcp.min_rtt_us=20\n"
				       "1: { w50 r20~0.1ms w900 r38~9ms } x100 close\n");
	const struct finding *a02 = assert_found(&found, "A02", SURE_LIKELY, FIX_NONE, 100, 200);

	(void)state;
	assert_string_equal(a02->what,
		"the peer answers \"w900 r38\" in p50 29.0 ms, p95 29.0 ms: ask it, not the "
		"network");
	assert_int_equal(a02->endpoint, 0);
	assert_int_equal(found.fold->split.stalled, 0);
	assert_not_found(&quick, "A02");
	find_end(found);
	find_end(quick);
}

static void a_peer_that_is_far_is_not_blamed(void **state)
{
	struct found far = find_text("client 1 10.0.0.9:25 tcp.min_rtt_us=20000\n"
				     "1: { w50 r20~21ms w900 r38~38ms } x100 close\n");
	struct found half = find_text("client 1 10.0.0.9:25 tcp.min_rtt_us=20000\n"
				      "1: { w50 r20~21ms w900 r38~41ms } x100 close\n");

	(void)state;
	assert_string_equal(finding_of(&far, "A02")->what,
		"the peer answers \"w900 r38\" in p50 38.0 ms, p95 38.0 ms, and 20.0 ms of it is "
		"the way");
	assert_string_equal(finding_of(&half, "A02")->what,
		"the peer answers \"w900 r38\" in p50 41.0 ms, p95 41.0 ms: ask it, not the "
		"network");
	find_end(far);
	find_end(half);
}

static void a_server_waits_for_its_clients(void **state)
{
	struct found found = find_text("server 1 8000\n1: { r50~10ms w900 } x100 r0 close\n");

	(void)state;
	assert_string_equal(finding_of(&found, "A02")->what,
		"clients speak again after p50 10.0 ms, p95 10.0 ms: the server waits for them");
	find_end(found);
}

static void one_write_a_turn_or_nodelay_is_a03(void **state)
{
	struct found found = find_text("client 1 127.0.0.1:25\n1: { w50 r20~2ms } x100 close\n");
	char text[200];
	struct found nodelay, neither;
	const struct finding *a03 = assert_found(&found, "A03", SURE_LIKELY, FIX_NONE, 100, 100);

	(void)state;
	assert_string_equal(a03->what, "one write a turn, 100 of 100: nothing waits for an ACK");
	assert_true(a03->minor);
	snprintf(text, sizeof(text),
		"client 1 127.0.0.1:25 opt.nodelay=1 theirs=%llu\n1: { w50 w2 r20~2ms } x100 "
		"close\n",
		(unsigned long long)OPTION_BIT(OPTION_TCP_NODELAY));
	nodelay = find_text(text);
	a03 = assert_found(&nodelay, "A03", SURE_LIKELY, FIX_NONE, 1, 1);
	assert_string_equal(a03->what, "TCP_NODELAY is on already: 1 of 1 connection");
	neither = find_text("client 1 127.0.0.1:25\n1: { w50 w2 r20~2ms } x100 close\n");
	assert_not_found(&neither, "A03");
	find_end(found);
	find_end(nodelay);
	find_end(neither);
}

static void a_no_has_a_bound_and_names_each_innocent(void **state)
{
	struct found found = find_text(
		"client 1 127.0.0.1:25 tcp.min_rtt_us=100\n0: getaddrinfo~20ms\n1: connect~2ms { "
		"w50 r20~2ms +100ms } x100 close\n");
	static const struct {
		const char *label, *why;
	} innocent[] = {
		{"why not stalled", "one write a turn, 100 of 100: nothing waits for an ACK"},
		{"why not its ACKs", "0 answers came in two parts 40 ms apart"},
		{"why not the net", "0 segments sent again, round trip 0.10 ms"},
		{"why not buffers",
			"the send buffer was the limit for 0.0 s, the peer's window for 0.0 s"},
		{"why not connects",
			"1, 0 of them failed; the longest took 2.0 ms, no SYN was sent again"},
		{"why not accept", "it listens on no port"},
		{"why not names", "1 lookup, 0.02 s in all, the longest 20.0 ms"},
	};

	(void)state;
	assert_int_equal(found.findings->innocents, sizeof(innocent) / sizeof(*innocent));
	for (size_t i = 0; i < found.findings->innocents; i++) {
		assert_string_equal(found.findings->innocent[i].label, innocent[i].label);
		assert_string_equal(found.findings->innocent[i].why, innocent[i].why);
	}
	/* connect, close, and the lookup, which came before the thread's first socket */
	assert_in_range(found.findings->bound, 2 * MS, 23 * MS);
	find_end(found);
}

static void waits_that_could_be_stalls_are_in_the_bound(void **state)
{
	/* two writes, an answer 43 ms late, the kernel not asked: no finding, yet no promise either
	 */
	struct found found = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 w8000 r82~44ms } x50 close\n");
	/* it was asked, and held nothing back */
	struct found asked = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 w2 r82~44ms } x50 close\n");
	struct found nodelay = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50 opt.nodelay=1\n"
					 "1: { w20 r6~1ms w100 w2 r82~44ms } x50 close\n");

	(void)state;
	assert_not_found(&found, "N01");
	assert_near(found.findings->bound, 50 * 43 * MS);
	assert_in_range(asked.findings->bound, 0, MS);
	find_end(asked);
	assert_in_range(nodelay.findings->bound, 0, MS);
	find_end(found);
	find_end(nodelay);
}

/* Four threads stall at the same time, for 2.15 s of a run of 20 s, and then it computes. */
static void what_waits_in_parallel_is_won_once(void **state)
{
	static const char *const turn[] = {
		"w20 r6~1ms w100 w8000 r82~44ms", /* the kernel was not asked */
		"w20 r6~1ms w100 w2(proven) r82~44ms probe",
		"w20 r199~0.5ms r6~43ms", /* N11: pauses */
	};

	(void)state;
	for (size_t i = 0; i < sizeof(turn) / sizeof(*turn); i++) {
		char text[2048] = "run wall=20s\n";

		for (int n = 1; n <= 4; n++)
			snprintf(text + strlen(text), sizeof(text) - strlen(text),
				"client %d 10.0.0.%d:143 tcp.min_rtt_us=50 proven=%d\nthread %d\n"
				"%d: @1s { %s } x50 close\n",
				n, n, i == 1 ? 50 : 0, n, n, turn[i]);
		struct found found = find_text(text);

		assert_in_range(found.findings->bound, 48 * 43 * MS, 50 * 46 * MS);
		assert_true(found.findings->bound <= found.fold->split.waited);
		assert_in_range(found.fold->split.waited, 50 * 43 * MS, 50 * 46 * MS);
		find_end(found);
	}
}

static void nothing_is_innocent_that_was_not_seen(void **state)
{
	struct found half = find_text("client 1 127.0.0.1:25 tcp.bytes_acked=11000 "
				      "tcp.bytes_sent=11000\n1: { w50 r20~2ms } x100 close\n");
	struct found unasked =
		find_text("client 1 127.0.0.1:25 unasked\n1: { w50 r20~2ms } x100 close\n");

	(void)state;
	assert_true(half.fold->coverage < 0.95);
	assert_int_equal(half.findings->innocents, 0);
	assert_true(unasked.fold->coverage < 0);
	assert_int_equal(unasked.findings->innocents, 0);
	find_end(half);
	find_end(unasked);
}

static void a_run_of_nothing_has_nothing(void **state)
{
	struct found found = find_text("");

	(void)state;
	assert_string_equal(codes_of(&found), "");
	assert_int_equal(found.findings->bound, 0);
	find_end(found);
}

static void most_seconds_come_first(void **state)
{
	struct found found = find_text(
		"client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\nclient 2 10.0.0.7:3306 "
		"syn.total_retrans=1\n2: connect~1020ms w20 r9~1ms close\n1: { w20 r6~1ms } x2 { "
		"w20 r6~1ms w100 w2(proven) r82~44ms probe } x20 close\n");

	(void)state;
	assert_string_equal(codes_of(&found), "C01 N01");
	find_end(found);
}

/* Whole sentences: a finished one ends in a full stop, and a paragraph is one line for wrapping. */
static void assert_prose(const char *name, const char *text)
{
	const size_t length = strlen(text);

	if (length < 20 || text[length - 1] != '.' || strstr(text, "  ") || strchr(text, '\n'))
		fail_msg("%s: '%s'", name, text);
}

/* Every page has all its parts, and how sure a finding is stands before each rule for it; where the
 * time is, is not found by degrees. */
static void every_code_is_explained_in_full(void **state)
{
	static const char *const sure[] = {"proven: ", "likely: ", "possible: "};

	(void)state;
	for (const struct code *code = code_table; code < code_table + code_count; code++) {
		const char *const part[] = {
			code->mechanism, code->proof, code->remedy, code->not_when, code->author};
		size_t degrees = 0;

		for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
			assert_prose(code->name, part[i]);
		assert_true(*code->source && *code->title);
		for (size_t i = 0; i < sizeof(sure) / sizeof(*sure); i++)
			degrees += strncmp(code->proof, sure[i], strlen(sure[i])) == 0;
		if (degrees != (*code->name != 'A'))
			fail_msg("%s: '%s'", code->name, code->proof);
	}
}

static void counts_have_commas(void **state)
{
	static const struct {
		const char *before, *after;
	} table[] = {
		{"205060 of 1300000 turns", "205,060 of 1,300,000 turns"},
		{"999 of 1000: 1234.5 ms (5000)", "999 of 1,000: 1234.5 ms (5,000)"},
		{"10.0.0.1:8000 2001:db8::1 n01-1000 x4096 4096B",
			"10.0.0.1:8000 2001:db8::1 n01-1000 x4096 4096B"},
		{"", ""},
	};
	char text[64], full[8] = "1000000";

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(text, sizeof(text), "%s", table[i].before);
		sentence_group(text, sizeof(text));
		assert_string_equal(text, table[i].after);
	}
	sentence_group(full, sizeof(full));
	assert_string_equal(full, "1000000");
}

static void every_code_has_its_page(void **state)
{
	static const char *const codes =
		"N01 N02 N03 N05 N06 N07 N11 C01 C02 C03 C04 D01 D02 D03 S01 "
		"S02 S03 S06 S09 S11 R04 R05 E01 L01 L03 F01 X01 A01 A02 A03";

	(void)state;
	assert_int_equal(code_count, (strlen(codes) + 1) / 4);
	for (size_t i = 0; i < code_count; i++) {
		const struct code *code = &code_table[i];

		assert_non_null(strstr(codes, code->name));
		assert_ptr_equal(code_find(code->name), code);
		assert_true(*code->title && *code->mechanism && *code->proof && *code->remedy);
		assert_true(*code->not_when && *code->source && *code->author);
	}
	assert_null(code_find("N99"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_programs_own_time_is_a01),
		cmocka_unit_test(time_outside_of_turns_is_a01_too),
		cmocka_unit_test(a_peer_that_thinks_is_a02),
		cmocka_unit_test(a_peer_that_is_far_is_not_blamed),
		cmocka_unit_test(a_server_waits_for_its_clients),
		cmocka_unit_test(one_write_a_turn_or_nodelay_is_a03),
		cmocka_unit_test(a_no_has_a_bound_and_names_each_innocent),
		cmocka_unit_test(waits_that_could_be_stalls_are_in_the_bound),
		cmocka_unit_test(what_waits_in_parallel_is_won_once),
		cmocka_unit_test(nothing_is_innocent_that_was_not_seen),
		cmocka_unit_test(a_run_of_nothing_has_nothing),
		cmocka_unit_test(most_seconds_come_first),
		cmocka_unit_test(every_code_is_explained_in_full),
		cmocka_unit_test(counts_have_commas),
		cmocka_unit_test(every_code_has_its_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
