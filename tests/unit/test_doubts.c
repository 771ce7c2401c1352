/* What `sockfix check` notes of rules that are right and may not be what was meant; and that it
 * says nothing of those that may well be. */
#include "tests/unit/unit.h"

#include "tests/unit/rules_text.h"

/* The notes but for those of what a program can notice, which are test_load.c's. */
static void notes_are(const char *text, const char *expected)
{
	struct book *book = book_of(text);
	char found[8000] = "";

	book_doubt(book);
	for (size_t i = 0; i < book->problems; i++)
		if (!strstr(book->problem[i].text, "the program can notice") &&
			!strstr(book->problem[i].text, "may break it"))
			show_problem(&book->problem[i], found, sizeof(found));
	assert_string_equal(found, expected);
	book_free(book);
}

#define SET(role, settings) "a: { match: { role = \"" role "\"; };\n set: { " settings " }; };\n"
#define MATCH(matcher)	    "a: { match: { " matcher " };\n set: { ip_tos = 8; }; };\n"

static void a_number_without_its_unit(void **state)
{
	(void)state;
	notes_are(SET("any", "tcp_user_timeout = 30;"),
		"2: a: tcp_user_timeout = 30 is 30 ms; did you mean \"30s\"? (note)\n");
	notes_are(SET("any", "so_rcvtimeo = 999;"),
		"2: a: so_rcvtimeo = 999 is 999 ms; did you mean \"999s\"? (note)\n");
	notes_are(SET("any", "so_max_pacing_rate = 200;"),
		"2: a: so_max_pacing_rate = 200 is 200 bytes a second; did you mean \"200Mbit\"? "
		"(note)\n");
	notes_are(SET("any", "tcp_user_timeout = 30000; so_sndtimeo = 0;"), "");
	notes_are(SET("any", "tcp_user_timeout = \"30ms\"; so_max_pacing_rate = 125000;"), "");
}

static void a_setting_that_does_nothing(void **state)
{
	(void)state;
	notes_are(SET("any", "tcp_keepcnt = 3; tcp_keepidle = 60;"),
		"2: a: tcp_keepidle means nothing without so_keepalive = true, here or by the "
		"program (note)\n");
	notes_are(SET("any", "tcp_keepidle = 60; so_keepalive = true;"), "");
	notes_are(SET("any", "coalesce = \"auto\"; coalesce_delay = \"5ms\";"),
		"2: a: coalesce_delay means nothing with coalesce = \"auto\": it bounds always and "
		"buffer (note)\n");
	notes_are(SET("any", "coalesce = \"always\"; coalesce_delay = \"5ms\";"), "");
	notes_are(SET("any", "coalesce_delay = \"5ms\";"), "");
	notes_are(SET("any", "tcp_nodelay = true; tcp_cork = true;"),
		"2: a: tcp_cork = true alone costs 200 ms a turn; coalesce = \"always\" does not "
		"(note)\n2: a: tcp_cork holds back what tcp_nodelay would send at once (note)\n");
	notes_are(SET("any", "so_mark = 5;"),
		"2: a: so_mark needs root (CAP_NET_ADMIN) in the program; sockfix check --here "
		"tries it (note)\n");
}

static void an_option_of_the_other_role(void **state)
{
	(void)state;
	notes_are(SET("client", "listen_backlog = 5;\n tcp_defer_accept = 3; tcp_nodelay = true;"),
		"2: a: listen_backlog is for listeners: a rule of role = \"client\" never sets it "
		"(note)\n"
		"3: a: tcp_defer_accept is for listeners: a rule of role = \"client\" never sets "
		"it (note)\n");
	notes_are(SET("server", "tcp_syncnt = 5;"),
		"2: a: tcp_syncnt is for clients: a rule of role = \"server\" never sets it "
		"(note)\n");
	notes_are(SET("any", "tcp_syncnt = 5; listen_backlog = 5;"), "");
	notes_are(SET("server", "listen_backlog = 5; so_reuseport = true; tcp_quickack = true; "
				"so_priority = 3;"),
		"");
	notes_are(SET("client", "so_bindtodevice = \"lo\"; tcp_quickack = true; so_priority = 3;"),
		"");
}

static void a_glob_that_is_none(void **state)
{
	(void)state;
	notes_are(MATCH("args = \"-jar x.jar\";"),
		"1: a: args = \"-jar x.jar\" matches where these are all the arguments; \"*-jar "
		"x.jar*\" where they are among them (note)\n");
	notes_are(MATCH("program = \"py.*\";"),
		"1: a: program = \"py.*\" looks like a regular expression; it is a glob: * is "
		"anything, ? one letter (note)\n");
	notes_are(MATCH("script = \"^import.py$\";"),
		"1: a: script = \"^import.py$\" looks like a regular expression; it is a glob: * is "
		"anything, ? one letter (note)\n");
	notes_are(MATCH("program = (\"a\", \"x[12\");"),
		"1: a: program = \"x[12\": a [ without ] stands for itself (note)\n");
	notes_are(MATCH("program = \"python3.11\"; script = \"*.py\"; args = \"*x.jar\";"), "");
	notes_are(MATCH("program = \"x[12]\"; args = \"?\";"), "");
}

/* ---- rules that can never win ---- */

#define RULE(name, matcher, settings) name ": { match: { " matcher " }; set: { " settings " }; };\n"

static void what_is_left_alone(void **state)
{
	(void)state;
	notes_are("leave_alone = ( { port = \"100-200\"; } );\n" RULE(
			  "in", "role = \"client\"; port = \"143, 150-160\";", "ip_tos = 8;")
			  RULE("half", "port = \"143, 250\";", "ip_tos = 8;")
				  RULE("over", "port = \"150-201\";", "ip_tos = 8;")
					  RULE("any", "role = \"client\";", "ip_tos = 8;"),
		"2: in: it never applies, for all that it matches is left alone: leave_alone[1] "
		"(test.conf:1) (note)\n");
}

static void what_a_last_rule_ends(void **state)
{
	static const char behind[] =
		"end: { match: { program = (\"a\", \"b\"); }; set: { ip_tos = 4; }; last = true; };\n" RULE(
			"behind", "program = \"b\"; user = 0;", "so_priority = 1;")
			RULE("beside", "program = (\"b\", \"c\");", "so_priority = 1;");

	(void)state;
	notes_are(behind, "2: behind: it never applies, for all that it matches ends before it: "
			  "end (test.conf:1) (note)\n");
	notes_are(
		"end: { match: { program = \"*\"; }; set: { ip_tos = 4; }; last = true; holdout = "
		"1; };\n" RULE("behind", "program = \"b\";", "so_priority = 1;"),
		"");
}

static void what_a_later_one_says_again(void **state)
{
#define WIDE RULE("wide", "peer = \"10.0.0.0/8\";", "ip_tos = 4; so_priority = \"keep\";")
#define AGAIN(rule)                                                                                \
	rule ": it never wins, for a later rule sets all of it again: wide (test.conf:2) (note)\n"
	(void)state;
	notes_are(RULE("a", "peer = \"10.1.0.0/16\"; role = \"client\";", "ip_tos = 8;") WIDE,
		"1: " AGAIN("a"));
	notes_are(RULE("a", "peer = \"10.1.2.3\";", "so_priority = 5; ip_tos = 8;") WIDE,
		"1: " AGAIN("a"));
	notes_are(RULE("a", "peer = \"10.1.2.3\";", "so_priority = 5; so_mark = 8;") WIDE,
		"1: a: so_mark needs root (CAP_NET_ADMIN) in the program; sockfix check --here "
		"tries it (note)\n");
	notes_are(RULE("a", "peer = \"10.1.2.3, 11.0.0.1\";", "ip_tos = 8;") WIDE, "");
	notes_are(RULE("a", "peer = \"8.0.0.0/5\";", "ip_tos = 8;") WIDE, "");
	notes_are(RULE("a", "role = \"client\";", "ip_tos = 8;") WIDE, "");
	notes_are(RULE("a", "peer = \"10.1.2.3\";", "ip_tos = 8;")
			  RULE("all", "peer = \"::/0\";", "ip_tos = 4;"),
		"");
	notes_are(
		"a: { match: { peer = \"10.1.2.3\"; }; set: { ip_tos = 8; }; last = true; };\n" WIDE,
		"");
	notes_are("a: { match: { peer = \"10.1.2.3\"; }; set: { ip_tos = 8; }; };\n"
		  "wide: { match: { role = \"any\"; }; set: { ip_tos = 4; }; holdout = 10; };\n",
		"");
	notes_are(RULE("a", "user = (0, 5);", "ip_tos = 8;")
			  RULE("wide", "user = (5, 6, 0);", "ip_tos = 4;"),
		"1: " AGAIN("a"));
}

static void what_is_left_out_whole(void **state)
{
	(void)state;
	notes_are("a: { match: { role = \"any\"; }; set: { ip_tos = 8; }; holdout = 100; };\n",
		"1: a: holdout = 100 leaves out every connection: it never applies (note)\n");
	notes_are("a: { match: { role = \"any\"; }; set: { ip_tos = 8; }; holdout = 99; };\n", "");
}

static void what_is_drawn_by_one_lot(void **state)
{
#define DRAWN(name, match, set)                                                                    \
	name ": { match: { " match " }; holdout = 10; set: { " set " }; };\n"
#define LOT                                                                                         \
	"2: b: one lot decides its holdout and another one's: what both match counts for neither: " \
	"a (test.conf:1) (note)\n"
	(void)state;
	notes_are(DRAWN("a", "port = 143;", "ip_tos = 8;")
			  DRAWN("b", "port = \"143,144\";", "so_priority = 1;"),
		LOT);
	notes_are(DRAWN("a", "role = \"any\";", "ip_tos = 8;")
			  DRAWN("b", "port = 143;", "so_priority = 1;"),
		LOT);
	notes_are(DRAWN("a", "port = 143;", "ip_tos = 8;")
			  DRAWN("b", "port = 144;", "so_priority = 1;"),
		"");
	notes_are(RULE("a", "port = 143;", "ip_tos = 8;")
			  DRAWN("b", "port = 143;", "so_priority = 1;"),
		"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_without_its_unit),
		cmocka_unit_test(a_setting_that_does_nothing),
		cmocka_unit_test(an_option_of_the_other_role),
		cmocka_unit_test(a_glob_that_is_none),
		cmocka_unit_test(what_is_left_alone),
		cmocka_unit_test(what_a_last_rule_ends),
		cmocka_unit_test(what_a_later_one_says_again),
		cmocka_unit_test(what_is_drawn_by_one_lot),
		cmocka_unit_test(what_is_left_out_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
