/* What the library lost itself (X01), and rules for connections that it leaves alone: none is
 * promised that it would not follow. What it does follow is shown in tests/behave/test_cli_ours.c.
 */
#include "tests/unit/find_text.h"

#include "tools/find/ours.h"

#define TO_IMAP "role = \"client\"; peer = \"10.0.0.1\"; port = 143;"
#define JOIN	"coalesce = \"auto\";"
#define SEND	"tcp_nodelay = true; coalesce = \"off\";"
#define BOTH	"tcp_nodelay = true; coalesce = \"auto\";"

/* ---- X01 ---- */

/* 200 holds of 208 ms each. */
#define LATE                                                                                       \
	"client 1 10.0.0.1:143 late=200 late_ns=41600000000 opt.nodelay=1\n"                       \
	"1: { w27(held) +208ms w3 r9~0.3ms } x200 close\n"

static void what_was_held_too_long_is_our_loss(void **state)
{
	struct found found = find_text(LATE);
	const struct finding *x01 = assert_found(&found, "X01", SURE_PROVEN, FIX_RULE, 200, 200);

	(void)state;
	assert_int_equal(x01->lost_high, UINT64_C(41600) * MS);
	assert_false(x01->minor);
	assert_string_equal(x01->what, "sockfix held a write too long: 200 of 200");
	assert_mends(&x01->mend, "x01-10-0-0-1-143", TO_IMAP, SEND, false);
	assert_string_equal(x01->second.set, "");
	assert_ptr_equal(x01, &found.findings->finding[0]);
	find_end(found);
}

static void nothing_late_is_no_finding(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 slow_ns=5000000 opt.nodelay=1\n"
				       "1: { w27(held) w3 r9~0.3ms } x200 close\n");

	(void)state;
	assert_not_found(&found, "X01");
	find_end(found);
}

/* As with any other: a hundredth of the run, and 10 ms. */
static void little_of_it_is_minor(void **state)
{
	static const struct {
		const char *late, *wall;
		bool minor;
	} row[] = {{"208000000", "30s", true}, {"208000000", "20s", false}, {"9000000", "1s", true},
		{"11000000", "1s", false}};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(text, sizeof(text),
			"run wall=%s\nclient 1 10.0.0.1:143 late=1 late_ns=%s opt.nodelay=1\n"
			"1: { w27(held) w3 r9~0.3ms } x400 +400ms close\n",
			row[i].wall, row[i].late);
		struct found found = find_text(text);

		assert_int_equal(finding_of(&found, "X01")->minor, row[i].minor);
		find_end(found);
	}
}

static void each_endpoint_has_its_own(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 late=1 late_ns=208000000\n"
				       "client 2 10.0.0.1:143 late=1 late_ns=100000000\n"
				       "client 3 10.0.0.2:25 late=1 late_ns=50000000\n"
				       "server 4 8000\n"
				       "1: { w27(held) w3 r9~0.3ms } x9 +300ms close\n"
				       "2: { w27(held) w3 r9~0.3ms } x9 +300ms close\n"
				       "3: { w27(held) w3 r9~0.3ms } x9 +300ms close\n"
				       "4: { r9~0.3ms w27(held) w3 } x9 close\n");
	const struct finding *first = &found.findings->finding[0], *second = first + 1;

	(void)state;
	assert_string_equal(first->code->name, "X01");
	assert_int_equal(first->lost_high, 308 * MS);
	assert_int_equal(first->hits, 2);
	assert_int_equal(first->of, 18);
	assert_string_equal(second->code->name, "X01");
	assert_int_equal(second->lost_high, 50 * MS);
	assert_string_equal(
		second->mend.match, "role = \"client\"; peer = \"10.0.0.2\"; port = 25;");
	find_end(found);
}

/* Between what costs more and what costs less. */
static void it_sorts_by_its_seconds(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"
			  "client 2 10.0.0.2:25 late=2 late_ns=416000000 opt.nodelay=1\n"
			  "client 3 10.0.0.3:143 proven=50 tcp.min_rtt_us=50\n"
			  "1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"
			  "2: { w27(held) w3 r9~0.3ms } x9 +500ms close\n"
			  "3: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x6 close\n");

	(void)state;
	assert_memory_equal(codes_of(&found), "N01 X01 ", 8);
	assert_non_null(strstr(codes_of(&found) + 8, "N01"));
	find_end(found);
}

/* A file that was tampered with says no more than the connection lasted. */
static void no_more_than_the_connection_lasted(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 late=9 late_ns=200000000000000\n"
				       "1: connect { w27(held) w3 r9~0.3ms } x100 close\n");
	const struct finding *x01 = finding_of(&found, "X01");

	(void)state;
	assert_in_range(x01->lost_high, 30 * MS, 40 * MS);
	find_end(found);
}

static void its_excerpt_is_the_turn_that_was_held_longest(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 late=1 late_ns=208000000\n"
				       "1: { w27(held) w3 r9~0.3ms } x5 { w28 +900ms w3 r9 } x2\n"
				       "1: w29(held) +208ms w3 r9 { w27(held) w3 r9~0.3ms } x5\n"
				       "1: close\n");
	const struct finding *x01 = finding_of(&found, "X01");

	(void)state;
	assert_ptr_equal(x01->flow, &found.fold->flow[0]);
	struct step step;
	assert_int_equal(steps_list(x01->flow, x01->turn.first, &step, 1), 1);
	assert_int_equal(step.done, 29);
	find_end(found);
}

/* ---- rules ---- */

/* Two small writes and a read; KEYS of the connection. */
static struct found stalls(const char *keys, const char *first)
{
	char text[400];

	snprintf(text, sizeof(text),
		"client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50 %s\n"
		"1: %s { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n",
		keys, first);
	return find_text(text);
}

static const struct {
	enum trace_given_up why;
	const char *set; /* "": none */
	bool force;
} cure[] = {
	{GIVEN_UP_NOT, JOIN, false},
	{GIVEN_UP_NODELAY, SEND, true},
	{GIVEN_UP_CORK, BOTH, true},
	{GIVEN_UP_MORE, BOTH, true},
	{GIVEN_UP_LINGER, SEND, false},
	{GIVEN_UP_ULP, SEND, false},
	{GIVEN_UP_REPAIR, SEND, false},
	{GIVEN_UP_STDIO, SEND, false},
	{GIVEN_UP_REFUSED, "", false},
	{GIVEN_UP_SHARED, JOIN, false},
	{GIVEN_UP_CALLS, JOIN, false},
	{GIVEN_UP_SIGNAL, JOIN, false},
	{GIVEN_UP_THREAD, JOIN, false},
};
_Static_assert(sizeof(cure) / sizeof(*cure) == GIVEN_UP_COUNT, "each reason has its rule");

static void a_rule_is_one_that_works(void **state)
{
	char keys[32];

	(void)state;
	for (size_t i = 0; i < GIVEN_UP_COUNT; i++) {
		snprintf(keys, sizeof(keys), "given_up=%u", cure[i].why);
		struct found found = stalls(keys, "");
		const struct finding *n01 = assert_found(
			&found, "N01", SURE_PROVEN, *cure[i].set ? FIX_RULE : FIX_APP, 50, 50);

		if (*cure[i].set)
			assert_mends(&n01->mend, "n01-10-0-0-1-143", TO_IMAP, cure[i].set,
				cure[i].force);
		else
			assert_string_equal(
				n01->no_rule, "no rule mends this: the kernel refused TCP_NODELAY");
		assert_int_equal(n01->saved_segments, strcmp(cure[i].set, JOIN) == 0 ? 50 : 0);
		assert_int_equal(*n01->second.set != '\0', strcmp(cure[i].set, JOIN) == 0);
		find_end(found);
	}
}

/* A run without rules gives nothing up for MSG_MORE: the calls tell. */
static void its_own_msg_more_wants_force(void **state)
{
	struct found found = stalls("", "w9(more) w3 r9~1ms");

	(void)state;
	assert_mends(&finding_of(&found, "N01")->mend, "n01-10-0-0-1-143", TO_IMAP, JOIN, true);
	find_end(found);
}

/* IPPROTO_TCP << 16 | TCP_NODELAY, off: what the program sets wins over a rule without force. */
static void what_the_program_switches_off_is_switched_on_by_force(void **state)
{
	struct found off = stalls("", "setsockopt(asked=393217)");
	struct found on = stalls("", "setsockopt(asked=393217,done=1)");
	struct found failed = stalls("", "setsockopt(asked=393217,error=22)");
	struct found other = stalls("", "setsockopt(asked=393219)");
	struct found late = find_text("client 1 10.0.0.1:143 late=1 late_ns=208000000\n"
				      "1: setsockopt(asked=393217) { w27(held) w3 r9 } x9 +1s\n");

	(void)state;
	assert_mends(&finding_of(&off, "N01")->mend, "n01-10-0-0-1-143", TO_IMAP, JOIN, false);
	assert_mends(&finding_of(&off, "N01")->second, "n01-10-0-0-1-143", TO_IMAP, SEND, true);
	assert_false(finding_of(&on, "N01")->second.force);
	assert_false(finding_of(&failed, "N01")->second.force);
	assert_false(finding_of(&other, "N01")->second.force);
	assert_mends(&finding_of(&late, "X01")->mend, "x01-10-0-0-1-143", TO_IMAP, SEND, true);
	find_end(off);
	find_end(on);
	find_end(failed);
	find_end(other);
	find_end(late);
}

/* What was late by holding is not to be held by the next rule. */
static void where_holds_were_late_nothing_is_joined(void **state)
{
	struct found found = stalls("late=1 late_ns=208000000", "");

	(void)state;
	assert_mends(&finding_of(&found, "N01")->mend, "n01-10-0-0-1-143", TO_IMAP, SEND, false);
	find_end(found);
}

/* One rule for connections of several kinds does what each of them needs. */
static void one_rule_for_all_connections_of_an_endpoint(void **state)
{
	static const struct {
		enum trace_given_up first, second;
		const char *set;
		bool force;
	} row[] = {
		{GIVEN_UP_NOT, GIVEN_UP_NODELAY, SEND, true},
		{GIVEN_UP_LINGER, GIVEN_UP_NODELAY, SEND, true},
		{GIVEN_UP_CORK, GIVEN_UP_LINGER, BOTH, true},
		{GIVEN_UP_REFUSED, GIVEN_UP_NOT, JOIN, false},
		{GIVEN_UP_NOT, GIVEN_UP_REFUSED, JOIN, false},
	};
	char text[400];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(text, sizeof(text),
			"client 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50 given_up=%u\n"
			"client 2 10.0.0.1:143 proven=50 tcp.min_rtt_us=50 given_up=%u\n"
			"1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"
			"2: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n",
			row[i].first, row[i].second);
		struct found found = find_text(text);

		assert_mends(&finding_of(&found, "N01")->mend, "n01-10-0-0-1-143", TO_IMAP,
			row[i].set, row[i].force);
		find_end(found);
	}
}

static void where_messages_are_segments_nothing_is_joined_by_force_either(void **state)
{
	struct found found =
		find_text("client 1 10.0.0.1:502 proven=50 tcp.min_rtt_us=50 given_up=2\n"
			  "1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n");

	(void)state;
	assert_mends(&finding_of(&found, "N01")->mend, "n01-10-0-0-1-502",
		"role = \"client\"; peer = \"10.0.0.1\"; port = 502;", SEND, true);
	find_end(found);
}

static void a_server_that_switches_it_gets_its_rule(void **state)
{
	struct found found = find_text("server 1 8000 proven=50 given_up=1\n"
				       "1: { r9~1ms w100 w50(proven) } x3\n"
				       "1: { r9~44ms probe w100 w50(proven) } x50 r0 close\n");

	(void)state;
	assert_mends(&finding_of(&found, "N02")->mend, "n02-port-8000",
		"role = \"server\"; port = 8000;", SEND, true);
	find_end(found);
}

/* TCP_NODELAY joins nothing, so many small writes stay many. */
static void small_writes_that_are_left_alone_have_no_rule(void **state)
{
	static const struct {
		const char *keys, *set;
		bool force;
	} row[] = {{"", "coalesce = \"always\"; coalesce_delay = \"2ms\";", false},
		{"given_up=1", "", false}, {"given_up=4", "", false}, {"given_up=8", "", false},
		{"given_up=2", "coalesce = \"always\"; coalesce_delay = \"2ms\";", true},
		{"late=1", "coalesce = \"always\"; coalesce_delay = \"2ms\";", false}};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(text, sizeof(text),
			"client 1 10.0.0.9:8125 tcp.data_segs_out=20000 %s\n"
			"1: { w50 } x20000 close\n",
			row[i].keys);
		struct found found = find_text(text);
		const struct finding *n03 = finding_of(&found, "N03");

		assert_non_null(n03);
		assert_string_equal(n03->mend.set, row[i].set);
		assert_int_equal(n03->mend.force, row[i].force);
		assert_int_equal(n03->fix, *row[i].set ? FIX_RULE : FIX_APP);
		assert_int_equal(*n03->no_rule == '\0', *row[i].set != '\0');
		find_end(found);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_held_too_long_is_our_loss),
		cmocka_unit_test(nothing_late_is_no_finding),
		cmocka_unit_test(little_of_it_is_minor),
		cmocka_unit_test(each_endpoint_has_its_own),
		cmocka_unit_test(it_sorts_by_its_seconds),
		cmocka_unit_test(no_more_than_the_connection_lasted),
		cmocka_unit_test(its_excerpt_is_the_turn_that_was_held_longest),
		cmocka_unit_test(a_rule_is_one_that_works),
		cmocka_unit_test(its_own_msg_more_wants_force),
		cmocka_unit_test(what_the_program_switches_off_is_switched_on_by_force),
		cmocka_unit_test(where_holds_were_late_nothing_is_joined),
		cmocka_unit_test(one_rule_for_all_connections_of_an_endpoint),
		cmocka_unit_test(where_messages_are_segments_nothing_is_joined_by_force_either),
		cmocka_unit_test(a_server_that_switches_it_gets_its_rule),
		cmocka_unit_test(small_writes_that_are_left_alone_have_no_rule),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
