/* Which rule matches and what holds in the end: each sentence of the language's precedence. */
#include "tests/unit/unit.h"

#include "tests/unit/rules_text.h"

static void check(const char *text, struct subject subject, const char *expected)
{
	struct book *book = book_of(text);

	assert_string_equal(decide(&book->set, subject), expected);
	book_free(book);
}

#define RULE(name, match, set) name ": { match: {" match "}; set: {" set "}; };\n"

static void no_rule_decides_nothing(void **state)
{
	const struct ruleset none = {0};

	(void)state;
	assert_string_equal(decide(&none, client_to(143)), "");
}

static void the_default_rule_coalesces_everywhere(void **state)
{
	struct rule rule = rule_default;
	const struct ruleset set = {&rule, 1};

	(void)state;
	assert_string_equal(decide(&set, client_to(143)), "coalesce=auto(default)");
	assert_string_equal(decide(&set, server_on(8000)), "coalesce=auto(default)");
}

static void the_later_wins_option_by_option(void **state)
{
	static const char text[] =
		RULE("a", "role = \"any\";", "tcp_nodelay = true; tcp_keepcnt = 3;")
			RULE("b", "port = 143;", "tcp_keepcnt = 5; ip_tos = 8;");

	(void)state;
	check(text, client_to(143), "tcp_nodelay=true(a) tcp_keepcnt=5(b) ip_tos=8(b)");
	check(text, client_to(144), "tcp_nodelay=true(a) tcp_keepcnt=3(a)");
}

static void keep_gives_back(void **state)
{
	static const char text[] =
		RULE("a", "role = \"any\";", "tcp_nodelay = true; tcp_keepcnt = 3;")
			RULE("b", "port = 143;", "tcp_nodelay = \"keep\";");

	(void)state;
	check(text, client_to(143), "tcp_keepcnt=3(a)");
	check(text, client_to(25), "tcp_nodelay=true(a) tcp_keepcnt=3(a)");
}

static void keep_is_told_from_silence(void **state)
{
	struct book *book = book_of(RULE("a", "role = \"any\";", "tcp_nodelay = \"keep\";"));
	const struct subject subject = client_to(143);
	struct decision decision;

	(void)state;
	rules_decide(&book->set, &subject, &decision);
	assert_int_equal(decision.set, 0);
	assert_int_equal(decision.rule[OPTION_TCP_NODELAY], 0);
	assert_int_equal(decision.rule[OPTION_TCP_KEEPCNT], NO_RULE);
	book_free(book);
}

static void a_later_rule_sets_what_keep_gave_back(void **state)
{
	(void)state;
	check(RULE("a", "role = \"any\";", "tcp_nodelay = true;")
			RULE("b", "role = \"any\";", "tcp_nodelay = \"keep\";")
				RULE("c", "role = \"any\";", "tcp_nodelay = false;"),
		client_to(1), "tcp_nodelay=false(c)");
}

static void last_ends_the_search(void **state)
{
	static const char text[] = RULE("a", "role = \"any\";",
		"tcp_keepcnt = 3;") "b: { match: { port = 143; }; set: { tcp_keepcnt = 4; }; last "
				    "= true; };\n" RULE("c", "role = \"any\";",
					    "tcp_keepcnt = 5; tcp_nodelay = true;");

	(void)state;
	check(text, client_to(143), "tcp_keepcnt=4(b)");
	check(text, client_to(144), "tcp_nodelay=true(c) tcp_keepcnt=5(c)");
}

static void a_veto_wins_wherever_it_stands(void **state)
{
	static const char rules[] = RULE("a", "role = \"any\";", "tcp_nodelay = true;");
	static const char veto[] = "leave_alone = ( { program = \"x\"; }, { port = 502; } );\n";
	char before[400], after[400];

	(void)state;
	snprintf(before, sizeof(before), "%s%s", veto, rules);
	snprintf(after, sizeof(after), "%s%s", rules, veto);
	check(before, client_to(502), "veto(leave_alone[2])");
	check(after, client_to(502), "veto(leave_alone[2])");
	check(after, client_to(503), "tcp_nodelay=true(a)");
}

static void last_does_not_hide_a_veto(void **state)
{
	(void)state;
	check("a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; }; last = true; };\n"
	      "leave_alone = ( { port = 1; } );\n",
		client_to(1), "veto(leave_alone[1])");
}

static void force_goes_with_the_rule_that_won(void **state)
{
	(void)state;
	check("a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; tcp_keepcnt = 3; };"
	      " force = true; };\n" RULE("b", "port = 143;", "tcp_nodelay = false;"),
		client_to(143), "tcp_nodelay=false(b) tcp_keepcnt=!3(a)");
	check("a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; tcp_keepcnt = 3; };"
	      " force = [\"tcp_keepcnt\"]; };\n",
		client_to(143), "tcp_nodelay=true(a) tcp_keepcnt=!3(a)");
	check("a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; }; force = true; "
	      "};\n" RULE("b", "port = 143;", "tcp_nodelay = \"keep\";"),
		client_to(143), "");
}

static void holdout_leaves_out_its_percent(void **state)
{
	static const char text[] =
		"a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; }; holdout = 10; };\n";
	struct book *book = book_of(text);
	struct subject subject = client_to(1);
	int held = 0;

	(void)state;
	for (subject.draw = 0; subject.draw < 100; subject.draw++)
		held += *decide(&book->set, subject) == '\0';
	assert_int_equal(held, 10);
	subject.draw = 9;
	assert_string_equal(decide(&book->set, subject), "");
	subject.draw = 10;
	assert_string_equal(decide(&book->set, subject), "tcp_nodelay=true(a)");
	assert_true(rule_matches(&book->set.rule[0], &(struct subject){0}));
	book_free(book);
}

static void a_rule_held_out_does_not_end_the_search(void **state)
{
	struct subject subject = client_to(1);

	(void)state;
	subject.draw = 0;
	check("a: { match: { role = \"any\"; }; set: { tcp_nodelay = true; }; holdout = 1; last = "
	      "true; "
	      "};\n" RULE("b", "role = \"any\";", "tcp_keepcnt = 5;"),
		subject, "tcp_keepcnt=5(b)");
}

static void controllers_are_never_coalesced_by_the_way(void **state)
{
	static const uint16_t port[] = {102, 502, 2404, 20000, 44818};

	(void)state;
	for (size_t i = 0; i < sizeof(port) / sizeof(*port); i++) {
		char named[200];

		check(RULE("a", "role = \"any\";", "coalesce = \"auto\"; tcp_nodelay = true;"),
			client_to(port[i]), "tcp_nodelay=true(a)");
		check(RULE("a", "role = \"any\";", "coalesce = \"auto\";"), server_on(port[i]), "");
		check(RULE("a", "port = \"1-65535\";", "coalesce = \"always\";"),
			client_to(port[i]), "");
		check(RULE("a", "role = \"any\";", "coalesce = \"off\";"), client_to(port[i]),
			"coalesce=off(a)");
		snprintf(named, sizeof(named),
			RULE("a", "port = [80, %d];", "coalesce = \"always\";"), port[i]);
		check(named, client_to(port[i]), "coalesce=always(a)");
		snprintf(named, sizeof(named),
			RULE("a", "peer_port = %d;", "coalesce = \"always\";"), port[i]);
		check(named, client_to(port[i]), "coalesce=always(a)");
		check(RULE("a", "role = \"any\";", "coalesce = \"auto\";"),
			client_to((uint16_t)(port[i] + 1)), "coalesce=auto(a)");
	}
}

static void the_controllers_own_rule_stays_under_a_general_one(void **state)
{
	(void)state;
	check(RULE("plc", "port = 502;", "coalesce = \"always\";")
			RULE("all", "role = \"any\";", "coalesce = \"auto\";"),
		client_to(502), "coalesce=always(plc)");
}

static void all_matchers_named_must_hold(void **state)
{
	static const char text[] =
		RULE("a", "role = \"client\"; port = 143; user = 1000;", "tcp_nodelay = true;");
	struct subject subject = client_to(143);

	(void)state;
	check(text, subject, "tcp_nodelay=true(a)");
	check(text, client_to(144), "");
	check(text, server_on(143), "");
	subject.uid = 1001;
	check(text, subject, "");
}

static void roles(void **state)
{
	static const char text[] = RULE("c", "role = \"client\";", "tcp_keepcnt = 3;")
		RULE("s", "role = \"server\";", "tcp_keepcnt = 4;")
			RULE("x", "role = \"any\";", "tcp_nodelay = true;");

	(void)state;
	check(text, client_to(1), "tcp_nodelay=true(x) tcp_keepcnt=3(c)");
	check(text, server_on(1), "tcp_nodelay=true(x) tcp_keepcnt=4(s)");
}

static void the_port_is_the_services(void **state)
{
	static const char text[] = RULE("p", "port = 143;", "tcp_keepcnt = 3;")
		RULE("l", "local_port = 143;", "tcp_keepintvl = 4;")
			RULE("r", "peer_port = 143;", "tcp_keepidle = 5;");

	(void)state;
	check(text, client_to(143), "tcp_keepidle=5s(r) tcp_keepcnt=3(p)");
	check(text, server_on(143), "tcp_keepintvl=4s(l) tcp_keepcnt=3(p)");
	check(RULE("p", "peer_port = 50000;", "tcp_keepcnt = 3;"), server_on(143),
		"tcp_keepcnt=3(p)");
	check(RULE("p", "local_port = 40000;", "tcp_keepcnt = 3;"), client_to(143),
		"tcp_keepcnt=3(p)");
}

static void port_ranges_include_both_ends(void **state)
{
	static const char text[] = RULE("a", "port = \"80,8000-8100\";", "tcp_nodelay = true;");

	(void)state;
	check(text, client_to(80), "tcp_nodelay=true(a)");
	check(text, client_to(79), "");
	check(text, client_to(7999), "");
	check(text, client_to(8000), "tcp_nodelay=true(a)");
	check(text, client_to(8100), "tcp_nodelay=true(a)");
	check(text, client_to(8101), "");
}

static void an_unknown_port_is_in_no_range(void **state)
{
	struct subject subject = client_to(0);

	(void)state;
	subject.local_port = 0;
	check(RULE("a", "port = \"1-65535\";", "tcp_nodelay = true;"), subject, "");
	check(RULE("a", "local_port = \"1-65535\";", "tcp_nodelay = true;"), subject, "");
}

static void check_peer(const char *peer, const char *address, bool holds)
{
	char text[200];
	struct subject subject = client_to(1);

	set_peer(&subject, address);
	snprintf(text, sizeof(text), RULE("a", "peer = \"%s\";", "tcp_nodelay = true;"), peer);
	check(text, subject, holds ? "tcp_nodelay=true(a)" : "");
}

static void peers_by_prefix(void **state)
{
	(void)state;
	check_peer("10.40.7.0/24", "10.40.7.0", true);
	check_peer("10.40.7.0/24", "10.40.7.255", true);
	check_peer("10.40.7.0/24", "10.40.8.0", false);
	check_peer("10.40.7.9", "10.40.7.9", true);
	check_peer("10.40.7.9", "10.40.7.8", false);
	check_peer("10.40.0.0/13", "10.47.255.255", true);
	check_peer("10.40.0.0/13", "10.48.0.0", false);
	check_peer("10.40.0.0/13", "10.39.255.255", false);
	check_peer("192.0.2.128/25", "192.0.2.127", false);
	check_peer("2001:db8:7::/48", "2001:db8:7:ffff::1", true);
	check_peer("2001:db8:7::/48", "2001:db8:8::", false);
	check_peer("2001:db8::1", "2001:db8::1", true);
	check_peer("::1", "127.0.0.1", false);
	check_peer("198.51.100.0/24, 2001:db8:7::/48", "2001:db8:7::9", true);
	check_peer("198.51.100.0/24, 2001:db8:7::/48", "198.51.100.9", true);
}

static void each_family_has_its_own_everything(void **state)
{
	(void)state;
	check_peer("0.0.0.0/0", "203.0.113.9", true);
	check_peer("0.0.0.0/0", "2001:db8::1", false);
	check_peer("::/0", "2001:db8::1", true);
	check_peer("::/0", "203.0.113.9", false);
	check_peer("::ffff:10.0.0.0/104", "10.9.9.9", true);
	check_peer("10.0.0.0/8", "::ffff:10.1.1.1", true);
}

static void an_unknown_peer_is_in_no_network(void **state)
{
	struct subject subject = server_on(80);

	(void)state;
	subject.peer_known = false;
	check(RULE("a", "peer = \"0.0.0.0/0, ::/0\";", "tcp_nodelay = true;"), subject, "");
}

static void programs_by_either_name(void **state)
{
	static const char text[] =
		RULE("a", "program = \"python3*, restic\";", "tcp_nodelay = true;");
	struct subject subject = client_to(1);

	(void)state;
	check(text, subject, "");
	subject.program = "python3.11";
	check(text, subject, "tcp_nodelay=true(a)");
	subject.program = "busybox";
	subject.argv0 = "restic";
	check(text, subject, "tcp_nodelay=true(a)");
	subject.argv0 = "restic2";
	check(text, subject, "");
}

static void scripts_and_arguments(void **state)
{
	struct subject subject = client_to(1);

	(void)state;
	subject.script = "imap_import.py";
	subject.args = "-Xmx1g -jar /opt/bridge.jar --port 1";
	check(RULE("a", "script = \"imap_*.py\";", "tcp_nodelay = true;"), subject,
		"tcp_nodelay=true(a)");
	check(RULE("a", "script = \"*.rb\";", "tcp_nodelay = true;"), subject, "");
	check(RULE("a", "args = \"*-jar *bridge.jar*\";", "tcp_nodelay = true;"), subject,
		"tcp_nodelay=true(a)");
	check(RULE("a", "args = [\"x\", \"*--port ?\"];", "tcp_nodelay = true;"), subject,
		"tcp_nodelay=true(a)");
	check(RULE("a", "args = \"*--port\";", "tcp_nodelay = true;"), subject, "");
}

static void users_by_number_and_name(void **state)
{
	struct subject subject = client_to(1);

	(void)state;
	subject.uid = 0;
	check(RULE("a", "user = \"root\";", "tcp_nodelay = true;"), subject, "tcp_nodelay=true(a)");
	check(RULE("a", "user = 0;", "tcp_nodelay = true;"), subject, "tcp_nodelay=true(a)");
	check(RULE("a", "user = \"7, 0\";", "tcp_nodelay = true;"), subject, "tcp_nodelay=true(a)");
	subject.uid = 4000000000;
	check(RULE("a", "user = \"root\";", "tcp_nodelay = true;"), subject, "");
	check(RULE("a", "user = 4000000000L;", "tcp_nodelay = true;"), subject,
		"tcp_nodelay=true(a)");
}

static void what_the_rules_ask_for(void **state)
{
	static const struct {
		const char *match;
		bool peer, local_port;
	} row[] = {
		{"role = \"any\"; port = 1; user = 0; program = \"x\"", false, false},
		{"peer = \"10.0.0.1\"", true, false},
		{"peer_port = 1", true, false},
		{"local_port = 1", false, true},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char text[200];
		struct book *book;

		snprintf(text, sizeof(text),
			RULE("z", "role = \"any\";", "ip_tos = 1;")
				RULE("a", "%s;", "tcp_nodelay = true;"),
			row[i].match);
		book = book_of(text);
		assert_int_equal(rules_ask_for_peer(&book->set), row[i].peer);
		assert_int_equal(rules_ask_for_local_port(&book->set), row[i].local_port);
		book_free(book);
	}
}

/* The rule whose arm the flow is of, and which. */
static void check_arm(const char *text, struct subject subject, uint8_t draw, const char *expected)
{
	struct book *book = book_of(text);
	char line[64] = "none";
	int arm;

	subject.draw = draw;
	arm = rules_arm(&book->set, &subject);
	if (arm != NO_RULE)
		snprintf(line, sizeof(line), "%s of %s",
			book->set.rule[arm].holdout > draw ? "bare" : "mended",
			book->set.rule[arm].name);
	assert_string_equal(line, expected);
	book_free(book);
}

#define DRAWN(name, match, percent)                                                                \
	name ": { match: {" match "}; holdout = " percent "; set: { so_keepalive = true; }; };\n"

static void a_flow_is_of_one_arm(void **state)
{
	static const char text[] = RULE("a", "role = \"any\";", "tcp_nodelay = true;")
		DRAWN("b", "port = 143;", "50") DRAWN("c", "port = \"143,144\";", "10")
			RULE("d", "port = 143;", "tcp_keepcnt = 3;");

	(void)state;
	check_arm(text, client_to(25), 0, "none");
	check_arm(text, client_to(144), 9, "bare of c");
	check_arm(text, client_to(144), 10, "mended of c");
}

/* One lot decides both: neither can be told from the other. */
static void what_two_are_drawn_for_is_of_neither(void **state)
{
	static const char text[] = DRAWN("b", "port = 143;", "50") DRAWN("c", "port = 143;", "10");
	static const char last[] =
		"a: { match: { port = 143; }; last = true; holdout = 20; set: { tcp_keepcnt = 3; }; };\n" DRAWN(
			"b", "role = \"any\";", "50");
	static const char behind[] = DRAWN("a", "port = 143;",
		"50") "b: { match: { port = 143; }; last = true; set: { tcp_keepcnt = 3; }; };\n" DRAWN("c",
		"port = 143;", "50");

	(void)state;
	for (uint8_t draw = 0; draw < 100; draw++) {
		check_arm(text, client_to(143), draw, "none");
		check_arm(last, client_to(143), draw, "none");
		check_arm(behind, client_to(143), draw, draw < 50 ? "bare of a" : "mended of a");
	}
}

static void what_no_rule_reaches_is_of_no_arm(void **state)
{
	static const char vetoed[] =
		"leave_alone = ({ port = 143; });\n" DRAWN("b", "role = \"any\";", "50");
	static const char last[] =
		"a: { match: { port = 143; }; last = true; set: { tcp_keepcnt = 3; }; };\n" DRAWN(
			"b", "role = \"any\";", "50");

	(void)state;
	check_arm(vetoed, client_to(143), 0, "none");
	check_arm(vetoed, client_to(144), 0, "bare of b");
	check_arm(last, client_to(143), 30, "none");
	check_arm(last, client_to(144), 30, "bare of b");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_rule_decides_nothing),
		cmocka_unit_test(the_default_rule_coalesces_everywhere),
		cmocka_unit_test(the_later_wins_option_by_option),
		cmocka_unit_test(keep_gives_back),
		cmocka_unit_test(keep_is_told_from_silence),
		cmocka_unit_test(a_later_rule_sets_what_keep_gave_back),
		cmocka_unit_test(last_ends_the_search),
		cmocka_unit_test(a_veto_wins_wherever_it_stands),
		cmocka_unit_test(last_does_not_hide_a_veto),
		cmocka_unit_test(force_goes_with_the_rule_that_won),
		cmocka_unit_test(holdout_leaves_out_its_percent),
		cmocka_unit_test(a_rule_held_out_does_not_end_the_search),
		cmocka_unit_test(controllers_are_never_coalesced_by_the_way),
		cmocka_unit_test(the_controllers_own_rule_stays_under_a_general_one),
		cmocka_unit_test(all_matchers_named_must_hold),
		cmocka_unit_test(roles),
		cmocka_unit_test(the_port_is_the_services),
		cmocka_unit_test(port_ranges_include_both_ends),
		cmocka_unit_test(an_unknown_port_is_in_no_range),
		cmocka_unit_test(peers_by_prefix),
		cmocka_unit_test(each_family_has_its_own_everything),
		cmocka_unit_test(an_unknown_peer_is_in_no_network),
		cmocka_unit_test(programs_by_either_name),
		cmocka_unit_test(scripts_and_arguments),
		cmocka_unit_test(users_by_number_and_name),
		cmocka_unit_test(what_the_rules_ask_for),
		cmocka_unit_test(a_flow_is_of_one_arm),
		cmocka_unit_test(what_two_are_drawn_for_is_of_neither),
		cmocka_unit_test(what_no_rule_reaches_is_of_no_arm),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
