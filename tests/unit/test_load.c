/* Rule files: what a right one means, and for each wrong one its exact place, sentence and mend. */
#include "tests/unit/unit.h"

#include <netdb.h>
#include <stdlib.h>

#include "tests/unit/rules_text.h"

/* ---- the example of the rules language ---- */

static const char ten[] =
	"# /etc/sockfix/rules.d/50-site.conf      every group is one rule; its name is used in "
	"reports\n"
	"leave_alone = (                                  # a veto: no rule, preset or -s reaches "
	"these\n"
	"  { program = \"sshd\"; },\n"
	"  { port = \"102,502,2404,20000,44818\"; }\n"
	");\n"
	"base-db:                                         # general first, special later\n"
	"  { match: { role = \"client\"; port = \"3306,5432\"; };\n"
	"    set:   { so_keepalive = true; tcp_keepidle = \"60s\"; tcp_user_timeout = \"30s\"; }; "
	"};\n"
	"imap-upload:\n"
	"  { match: { script = \"imap_import.py\"; port = \"143,993\"; };\n"
	"    set:   { coalesce = \"auto\"; }; };\n"
	"bridge-java:\n"
	"  { match: { args = \"*-jar *bridge.jar*\"; peer = \"10.40.7.0/24\"; };\n"
	"    set:   { tcp_nodelay = true; coalesce = \"off\"; }; };\n"
	"metrics:\n"
	"  { match: { role = \"client\"; peer = \"10.20.0.5\"; port = \"2003\"; };\n"
	"    set:   { coalesce = \"always\"; coalesce_delay = \"5ms\"; }; };\n"
	"burst:\n"
	"  { match: { role = \"server\"; port = 9999; };\n"
	"    set:   { listen_backlog = 1024; tcp_nodelay = true; }; };\n"
	"http-py:\n"
	"  { match: { program = \"python3*\"; role = \"server\"; port = \"8000-8099\"; };\n"
	"    set:   { tcp_nodelay = true; }; };\n"
	"undo-rcvbuf:\n"
	"  { match: { program = \"galera*\"; port = \"4567\"; };\n"
	"    set:   { so_rcvbuf = \"auto\"; }; force = true; };\n"
	"wan-backup:\n"
	"  { match: { program = \"restic\"; peer = \"198.51.100.0/24, 2001:db8:7::/48\"; };\n"
	"    set:   { tcp_congestion = \"bbr\"; so_max_pacing_rate = \"5Gbit\"; ip_tos = 0x08; }; "
	"};\n"
	"ftp:\n"
	"  { match: { role = \"client\"; port = 21; };\n"
	"    set:   { tcp_quickack = true; }; };\n"
	"canary-all:\n"
	"  { match: { role = \"any\"; };  holdout = 10;\n"
	"    set:   { tcp_nodelay = true; }; };\n";

static void the_ten_rules_load_in_their_order(void **state)
{
	static const struct {
		const char *name;
		int line;
	} row[] = {{"leave_alone[1]", 3}, {"leave_alone[2]", 4}, {"base-db", 6}, {"imap-upload", 9},
		{"bridge-java", 12}, {"metrics", 15}, {"burst", 18}, {"http-py", 21},
		{"undo-rcvbuf", 24}, {"wan-backup", 27}, {"ftp", 30}, {"canary-all", 33}};
	struct book *book = book_of(ten);

	(void)state;
	assert_int_equal(book->errors, 0);
	assert_int_equal(book->set.count, sizeof(row) / sizeof(*row));
	for (size_t i = 0; i < book->set.count; i++) {
		assert_string_equal(book->set.rule[i].name, row[i].name);
		assert_string_equal(book->set.rule[i].file, "test.conf");
		assert_int_equal(book->set.rule[i].line, row[i].line);
		assert_int_equal(book->set.rule[i].veto, i < 2);
	}
	book_free(book);
}

static void the_ten_rules_decide_as_they_say(void **state)
{
	struct book *book = book_of(ten);
	struct subject subject = client_to(3306);

	(void)state;
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) so_keepalive=true(base-db) tcp_keepidle=60s(base-db) "
		"tcp_user_timeout=30s(base-db)");
	subject.draw = 9;
	assert_string_equal(decide(&book->set, subject),
		"so_keepalive=true(base-db) tcp_keepidle=60s(base-db) "
		"tcp_user_timeout=30s(base-db)");
	subject = client_to(143);
	subject.script = "imap_import.py";
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) coalesce=auto(imap-upload)");
	subject = client_to(8443);
	subject.args = "-jar bridge.jar";
	set_peer(&subject, "10.40.7.9");
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) coalesce=off(bridge-java)");
	subject.port = 502;
	assert_string_equal(decide(&book->set, subject), "veto(leave_alone[2])");
	subject = client_to(2003);
	set_peer(&subject, "10.20.0.5");
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) coalesce=always(metrics) "
		"coalesce_delay=5ms(metrics)");
	assert_string_equal(decide(&book->set, server_on(9999)),
		"tcp_nodelay=true(canary-all) listen_backlog=1024(burst)");
	subject = server_on(4567);
	subject.program = "galera-4";
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) so_rcvbuf=!auto(undo-rcvbuf)");
	subject = client_to(22);
	subject.program = "restic";
	set_peer(&subject, "2001:db8:7::22");
	assert_string_equal(decide(&book->set, subject),
		"tcp_nodelay=true(canary-all) tcp_congestion=bbr(wan-backup) ip_tos=8(wan-backup) "
		"so_max_pacing_rate=5Gbit(wan-backup)");
	subject.program = "sshd";
	assert_string_equal(decide(&book->set, subject), "veto(leave_alone[1])");
	assert_string_equal(decide(&book->set, client_to(21)),
		"tcp_nodelay=true(canary-all) tcp_quickack=true(ftp)");
	book_free(book);
}

/* ---- one text, its problems ---- */

/* The source of a problem is its line as it stands in the text. */
static void check_source(const struct problem *problem, const char *text)
{
	for (int line = 1; line < problem->line; line++) {
		text = strchr(text, '\n');
		assert_non_null(text);
		text++;
	}
	if (problem->line && problem->source)
		assert_memory_equal(problem->source, text, strlen(problem->source));
	if (problem->line && !problem->source)
		assert_true(*text == '\n' || *text == '\0' || strstr(problem->text, "UTF-8"));
}

static void problems_are(const char *text, bool good, const char *expected)
{
	struct book *book = book_new();
	char found[8000] = "";
	size_t errors = 0;
	int error;

	assert_non_null(book);
	error = book_add_text(book, "x.conf", text, strlen(text));
	for (size_t i = 0; i < book->problems; i++) {
		show_problem(&book->problem[i], found, sizeof(found));
		check_source(&book->problem[i], text);
		assert_string_equal(book->problem[i].file, "x.conf");
		errors += book->problem[i].kind == PROBLEM_ERROR;
	}
	assert_string_equal(found, expected);
	assert_int_equal(book->errors, errors);
	assert_int_equal(error == 0, good);
	assert_int_equal(errors == 0, good);
	if (!good)
		assert_int_equal(book->set.count, 0);
	book_free(book);
}

struct row {
	const char *text, *expected;
};

#define ALL_BAD(rows)                                                                              \
	do {                                                                                       \
		for (size_t i = 0; i < sizeof(rows) / sizeof(*(rows)); i++)                        \
			problems_are((rows)[i].text, false, (rows)[i].expected);                   \
	} while (0)

#define HEAD  "a:\n{\n  match: { role = \"any\"; };\n  set:   { "
#define TAIL  " };\n};\n"
#define MATCH "a: { set: { tcp_nodelay = true; };\n  match: { "

static void syntax_errors_come_with_their_mend(void **state)
{
	static const struct row rows[] = {
		/* an unquoted word */
		{HEAD "coalesce = auto;" TAIL,
			"4: syntax error\n   words stand in quotes: coalesce = \"auto\"\n"},
		{MATCH "role: client; }; };",
			"2: syntax error\n   words stand in quotes: role = \"client\"\n"},
		{MATCH "program = [python3, restic]; }; };",
			"2: syntax error\n   words stand in quotes: \"python3\"\n"},
		{MATCH "peer = mail.example.com; }; };",
			"2: syntax error\n   what is not a plain number stands in quotes: peer = "
			"\"mail.example.com\"\n"},
		{MATCH "program = /usr/bin/x; }; };", "2: syntax error\n   what is not a plain "
						      "number stands in quotes: program = "
						      "\"/usr/bin/x\"\n"},
		{MATCH "program = 'x'; }; };", "2: syntax error\n   texts stand in straight double "
					       "quotes: program = \"...\"\n"},
		{MATCH "program = \xe2\x80\x9cx\xe2\x80\x9d; }; };",
			"2: syntax error\n   texts stand in straight double quotes: program = "
			"\"...\"\n"},
		/* yes and no, on and off */
		{HEAD "tcp_nodelay = yes;" TAIL,
			"4: syntax error\n   a switch is true or false: tcp_nodelay = true\n"},
		{HEAD "tcp_nodelay = On;" TAIL,
			"4: syntax error\n   a switch is true or false: tcp_nodelay = true\n"},
		{HEAD "tcp_nodelay = no;" TAIL,
			"4: syntax error\n   a switch is true or false: tcp_nodelay = false\n"},
		{HEAD "tcp_nodelay = off;" TAIL,
			"4: syntax error\n   a switch is true or false: tcp_nodelay = false\n"},
		/* units, ranges, addresses */
		{HEAD "so_sndbuf = 64K;" TAIL, "4: syntax error\n   a number with a unit stands in "
					       "quotes: so_sndbuf = \"64K\"\n"},
		{HEAD "tcp_keepidle = 60s;" TAIL, "4: syntax error\n   a number with a unit stands "
						  "in quotes: tcp_keepidle = \"60s\"\n"},
		{MATCH "port = 8000-8100; }; };",
			"2: syntax error\n   what is not a plain number stands in quotes: port = "
			"\"8000-8100\"\n"},
		{MATCH "peer = 10.40.7.0/24; }; };",
			"2: syntax error\n   what is not a plain number stands in quotes: peer = "
			"\"10.40.7.0/24\"\n"},
		{MATCH "peer = 2001:db8::7; }; };",
			"2: syntax error\n   what is not a plain number stands in quotes: peer = "
			"\"2001:db8::7\"\n"},
		/* commas */
		{"leave_alone = (\n  { port = 1; }\n  { port = 2; }\n);\n",
			"3: syntax error\n   a comma is missing before {\n"},
		{"leave_alone = (\n  { port = 1; },\n  { port = 2; },\n);\n",
			"4: syntax error\n   there is a comma too many before )\n"},
		{MATCH "port = [143 993]; }; };",
			"2: syntax error\n   a comma is missing before 993\n"},
		{MATCH "port = [143, 993,]; }; };",
			"2: syntax error\n   there is a comma too many before ]\n"},
		{MATCH "port = [143,, 993]; }; };",
			"2: syntax error\n   an item is missing before ,\n"},
		{MATCH "port = [143; 993]; }; };",
			"2: syntax error\n   a comma is missing before ;\n"},
		{MATCH "port = [143, \"993\"]; }; };", "2: syntax error\n   a list of numbers and "
						       "texts stands in round brackets: (143, "
						       "\"8000-8100\")\n"},
		{"leave_alone = [ { port = 1; } ];", "1: syntax error\n   a list of groups stands "
						     "in round brackets: ( {...}, {...} )\n"},
		{MATCH "port = 1;; }; };", "2: syntax error\n   there is one ; too many\n"},
		/* names, = and : */
		{"a { match: { port = 1; }; };", "1: syntax error\n   a : is missing: a: {\n"},
		{HEAD "coalesce \"auto\";" TAIL,
			"4: syntax error\n   an = is missing after coalesce\n"},
		{HEAD "tcp_keepcnt 5;" TAIL,
			"4: syntax error\n   an = is missing after tcp_keepcnt\n"},
		{HEAD "coalesce;" TAIL,
			"4: syntax error\n   coalesce has no value: NAME = VALUE\n"},
		{HEAD "coalesce = ;" TAIL,
			"4: syntax error\n   a value is missing: coalesce = VALUE\n"},
		{"{ match: { port = 1; }; };", "1: syntax error\n   a name is missing before {\n"},
		{"true: { };", "1: syntax error\n   true is a value and no name\n"},
		{"my.rule: { };", "1: syntax error\n   a name has letters, digits, - and _ only\n"},
		{"\"a\": { };", "1: syntax error\n   a name should stand here: NAME = VALUE\n"},
		{"my rule: { };", "1: syntax error\n   a name is one word: my-rule:\n"},
		{"3com: { };", "1: syntax error\n   a name begins with a letter\n"},
		{HEAD "tcp_nodelay = true \"x\";" TAIL,
			"4: syntax error\n   a ; is missing before \"x\"\n"},
		/* brackets */
		{"a:\n{ match: ( port = 1; };\n};\n",
			"2: syntax error\n   words stand in quotes: \"port\"\n"},
		{"leave_alone = (\n{ port = 1; };\n",
			"2: syntax error\n   a comma is missing before ;\n"},
		{"leave_alone = (\n{ port = 1; }\n}\n",
			"3: syntax error\n   this } cannot close the ( of line 1\n"},
		{"a: { match: { port = 1; }; set: { ip_tos = 1; }; };\n};\n",
			"2: syntax error\n   this } closes nothing\n"},
		{"a: {{{{{{{{{{{{{{{{{{{{{{{{", "1: syntax error\n   a name is missing before {\n"},
		{"a: ((((((((((((((((((((((((",
			"1: syntax error\n   brackets stand inside each other too deep\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

/* syntax.c takes what libconfig takes: where libconfig alone found a mistake there is no hint. */
static void no_syntax_error_is_without_a_mend(void **state)
{
	static const char *const piece[] = {"a", "b", "match", "set", "=", ":", ";", ",", "{", "}",
		"(", ")", "[", "]", "\"x\"", "1", "2L", "0x1F", "true", "FALSE", "1.5", "-3", "\n",
		"# c\n", "a = 1;", "( 1, 2 )", "[ 1, 2 ]", "*x", "a-b", "yes", "64K", "+4", ".5",
		"1e3", "5.", "/* */"};
	unsigned seed = 1, unlike = 0;

	(void)state;
	for (int round = 0; round < 20000; round++) {
		struct book *book = book_new();
		char text[300] = "";

		for (int i = 0; i < 9; i++) {
			seed = seed * 1103515245 + 12345;
			strcat(text, piece[(seed >> 16) % (sizeof(piece) / sizeof(*piece))]);
			strcat(text, " ");
		}
		book_add_text(book, "x", text, strlen(text));
		for (size_t i = 0; i < book->problems; i++)
			if (!strcmp(book->problem[i].text, "syntax error")) {
				assert_non_null(book->problem[i].hint);
				unlike++;
			}
		book_free(book);
	}
	assert_true(unlike > 10000);
}

static void a_file_that_was_cut_off_says_so(void **state)
{
	static const struct row rows[] = {
		{"a:\n{ match: { port = 1; };\n  set: { coalesce = \"auto\";",
			"3: syntax error\n   this { is never closed; is the file cut off?\n"},
		{"a:\n{ match: { port = 1; };\n  set: { coalesce = \"au",
			"3: a quote is opened and not closed\n   close the text on the line where "
			"it begins\n"},
		{"a:\n{ match: { port = 1; };\n  set: { coalesce =",
			"3: syntax error\n   this { is never closed; is the file cut off?\n"},
		{"a", "1: syntax error\n   the file ends after a; is it cut off?\n"},
		{"a: { match: { port = 1; }; set: { ip_tos = 1; }; };\nb =",
			"2: syntax error\n   the file ends after b; is it cut off?\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void every_cut_is_an_error_or_says_less(void **state)
{
	const size_t whole = 12;

	(void)state;
	for (size_t length = 0; length < strlen(ten); length++) {
		char *cut = strndup(ten, length);
		struct book *book = book_new();
		const int error = book_add_text(book, "x", cut, length);

		if (error)
			assert_true(book->errors > 0 && book->set.count == 0);
		else
			assert_true(book->set.count <= whole);
		book_free(book);
		free(cut);
	}
}

static void an_open_quote_is_found_where_it_is(void **state)
{
	static const struct row rows[] = {
		{"a:\n{ match: { port = \"143; };\n  set: { coalesce = \"auto\"; }; };\nb: { };\n",
			"2: a quote is opened and not closed\n   close the text on the line where "
			"it begins\n"},
		{MATCH "program = \"a\\\"; }; };\n",
			"2: a quote is opened and not closed\n   close the text on the line where "
			"it begins\n"},
		{"/* what\n\n   is this\n",
			"1: a comment is opened and never closed\n   close it with */\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void two_texts_without_a_comma_are_not_one(void **state)
{
	static const struct row rows[] = {
		{MATCH "program = (\"curl\"\n    \"wget\"); }; };",
			"3: syntax error\n   a comma is missing before \"wget\"\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void numbers_above_32_bits_are_not_cut(void **state)
{
	static const struct row rows[] = {
		{HEAD "so_max_pacing_rate = 5000000000;" TAIL,
			"4: the number 5000000000 is larger than 32 bits\n   write 5000000000L, or "
			"a text with "
			"a unit such as \"5Gbit\"\n"},
		{HEAD "so_mark = 0x80000000;" TAIL, "4: the number 0x80000000 is larger than 32 "
						    "bits\n   write 0x80000000L, or a text with "
						    "a unit such as \"5Gbit\"\n"},
		{HEAD "so_max_pacing_rate = 99999999999999999999L;" TAIL,
			"4: the number 99999999999999999999L is larger than 64 bits\n"},
		/* not refused twice, and the rest of the file is still looked at */
		{MATCH "port = 5000000000; prt = 1; }; };\nb: {};\n",
			"2: the number 5000000000 is larger than 32 bits\n   write 5000000000L, or "
			"a text with "
			"a unit such as \"5Gbit\"\n"
			"2: a: 'prt' is not a matcher; did you mean port?\n"
			"3: b: a rule without match holds for everything\n   match: { role = "
			"\"any\"; } says it "
			"on purpose\n"
			"3: b: a rule without set does nothing\n   set: { coalesce = \"auto\"; "
			"}\n"},
	};
	struct book *book;

	(void)state;
	ALL_BAD(rows);
	book = book_of(HEAD "so_max_pacing_rate = 5000000000L; so_mark = 4294967295L;"
			    " so_rcvtimeo = 2147483647;" TAIL);
	assert_string_equal(decide(&book->set, client_to(1)),
		"so_mark=4294967295(a) so_max_pacing_rate=40Gbit(a) so_rcvtimeo=2147483647ms(a)");
	book_free(book);
}

static void names_stand_once_in_a_file(void **state)
{
	static const struct row rows[] = {
		{"a: { match: { port = 1; }; set: { ip_tos = 1; }; };\n\na: { };\n",
			"3: 'a' stands here a second time; the first is on line 1\n"},
		{HEAD "tcp_nodelay = true;\n  tcp_keepcnt = 5; tcp_nodelay = false;" TAIL,
			"5: 'tcp_nodelay' stands here a second time; the first is on line 4\n"},
		{"leave_alone = ( { port = 1; } );\nleave_alone = ( { port = 2; } );\n",
			"2: 'leave_alone' stands here a second time; the first is on line 1\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void unknown_keys_have_a_suggestion(void **state)
{
	static const struct row rows[] = {
		{HEAD "tcp_nodlay = true;" TAIL,
			"4: a: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n"},
		{HEAD "turbo = true;" TAIL,
			"4: a: 'turbo' is not an option\n   sockfix list options shows them all\n"},
		{HEAD "port = 1;" TAIL, "4: a: 'port' is a matcher and belongs into match: { }\n"},
		{MATCH "prot = 1; }; };", "2: a: 'prot' is not a matcher; did you mean port?\n"},
		{MATCH "colour = 1; }; };", "2: a: 'colour' is not a matcher\n   a match has "
					    "program, script, args, role, peer, "
					    "port, local_port, peer_port and user\n"},
		{MATCH "tcp_nodelay = true; }; };",
			"2: a: 'tcp_nodelay' is an option and belongs into set: { }\n"},
		{MATCH "port = 1; };\n  forse = true; };",
			"3: a: 'forse' is unknown in a rule; did you mean force?\n"},
		{MATCH "port = 1; };\n  priority = 5; };",
			"3: a: 'priority' is unknown in a rule\n   a rule has match, set, force, "
			"last and "
			"holdout\n"},
		{MATCH "port = 1; };\n  port = 5; };", "3: a: 'port' belongs into match: { }\n"},
		{MATCH "port = 1; };\n  coalesce = \"off\"; };",
			"3: a: 'coalesce' belongs into set: { }\n"},
		{"leav_alone = ( { port = 1; } );\n",
			"1: leav_alone: this is no rule; did you mean leave_alone?\n"},
		{"version = 1;\n", "1: version: a rule is a group, not a number\n   NAME: { match: "
				   "{ ... }; set: { ... }; "
				   "};\n"},
		{"rules = ( { match: { port = 1; }; } );\n",
			"1: rules: a rule is a group, not a list\n   NAME: { match: { ... }; set: "
			"{ ... }; };\n"},
		{"leave_alone = (\n { port = 1; },\n { prt = 1; }\n);",
			"3: leave_alone[2]: 'prt' is not a matcher; did you mean port?\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void wrong_types_are_named(void **state)
{
	static const struct row rows[] = {
		{HEAD "tcp_nodelay = 1.5;" TAIL,
			"4: a: tcp_nodelay takes true or false, not a fraction\n"},
		{HEAD "tcp_nodelay = { };" TAIL,
			"4: a: tcp_nodelay takes true or false, not a group\n"},
		{HEAD "tcp_keepidle = true;" TAIL,
			"4: a: tcp_keepidle takes a time such as \"60s\", not true\n"},
		{HEAD "tcp_keepidle = [60];" TAIL,
			"4: a: tcp_keepidle takes a time such as \"60s\", not a list\n"},
		{HEAD "coalesce = 1;" TAIL,
			"4: a: coalesce takes \"off\", \"auto\" or \"always\", not a number\n"},
		{HEAD "coalesce = false;" TAIL,
			"4: a: coalesce takes \"off\", \"auto\" or \"always\", not false\n"},
		{HEAD "tcp_congestion = 1;" TAIL,
			"4: a: tcp_congestion takes a name in quotes, not a number\n"},
		{MATCH "program = 5; }; };", "2: a: program takes texts in quotes, not a number\n"},
		{MATCH "program = true; }; };", "2: a: program takes texts in quotes, not true\n"},
		{MATCH "peer = [10, 20]; }; };",
			"2: a: peer takes texts in quotes, not a number\n"
			"2: a: peer takes texts in quotes, not a number\n"},
		{MATCH "port = 1.5; }; };", "2: a: port takes numbers and texts, not a fraction\n"},
		{MATCH "port = (1, (2)); }; };",
			"2: a: port takes numbers and texts, not a list\n"},
		{MATCH "role = [\"client\"]; }; };", "2: a: role takes one text, not a list\n   "
						     "leave role out, or write \"any\"\n"},
		{"a: { match = \"any\"; set: { ip_tos = 1; }; };",
			"1: a: match takes a group { ... }, not a text\n"},
		{"a: { match: { port = 1; }; set = true; };",
			"1: a: set takes a group { ... }, not true\n"},
		{MATCH "port = 1; }; last = 1; };",
			"2: a: last takes true or false, not a number\n"},
		{MATCH "port = 1; }; holdout = \"10\"; };",
			"2: a: holdout takes a number from 0 to 100, the percent to leave out\n"},
		{MATCH "port = 1; }; holdout = 101; };",
			"2: a: holdout takes a number from 0 to 100, the percent to leave out\n"},
		{MATCH "port = 1; }; force = 1; };",
			"2: a: force takes true, or names of options, not a number\n"},
		{"leave_alone: { program = \"sshd\"; };",
			"1: leave_alone: leave_alone takes a list of groups in round brackets\n   "
			"leave_alone = "
			"( { program = \"sshd\"; }, { port = 502; } );\n"},
		{"leave_alone = ();", "1: leave_alone: leave_alone takes a list of groups in round "
				      "brackets\n   leave_alone = "
				      "( { program = \"sshd\"; }, { port = 502; } );\n"},
		{"leave_alone = (\n\"sshd\");",
			"2: leave_alone[1]: match takes a group { ... }, not a text\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void values_out_of_range_name_it(void **state)
{
	static const struct row rows[] = {
		{HEAD "tcp_keepcnt = 200;" TAIL,
			"4: a: tcp_keepcnt 200 is out of range: 1 to 127\n"},
		{HEAD "tcp_keepidle = \"10h\";" TAIL,
			"4: a: tcp_keepidle 10h is out of range: 1 to 32767 s\n"},
		{HEAD "coalesce_delay = 5;" TAIL,
			"4: a: coalesce_delay wants a unit: a time such as \"5ms\" or \"500us\"\n"},
		{HEAD "tcp_nodelay = 2;" TAIL,
			"4: a: tcp_nodelay takes true or false, not \"2\"\n"},
		{MATCH "port = 70000; }; };", "2: a: port takes ports from 1 to 65535 and ranges "
					      "such as 8000-8100, not '70000'\n"},
		{MATCH "port = 0; }; };", "2: a: port takes ports from 1 to 65535 and ranges such "
					  "as 8000-8100, not '0'\n"},
		{MATCH "port = -1; }; };", "2: a: port takes ports from 1 to 65535 and ranges such "
					   "as 8000-8100, not '-1'\n"},
		{MATCH "peer_port = \"1-\"; }; };", "2: a: peer_port takes ports from 1 to 65535 "
						    "and ranges such as 8000-8100, not '1-'\n"},
		{MATCH "local_port = \"8100-8000\"; }; };",
			"2: a: local_port range '8100-8000' runs backwards\n"},
		{MATCH "port = \"143,,993\"; }; };",
			"2: a: port has an empty item in '143,,993'\n"},
		{MATCH "port = \"imap\"; }; };", "2: a: port takes numbers, not names such as "
						 "'imap'\n   imap is port 143\n"},
		{MATCH "port = \"nonesuch\"; }; };",
			"2: a: port takes numbers, not names such as 'nonesuch'\n"},
		{MATCH "role = \"clinet\"; }; };",
			"2: a: role 'clinet' is unknown; did you mean client?\n"},
		{MATCH "role = \"listener\"; }; };", "2: a: role takes client, server or any; a "
						     "listener is role = \"server\"\n"},
		{MATCH "role = \"both\"; }; };",
			"2: a: role takes client, server or any, not 'both'\n"},
		{MATCH "role = \"\"; }; };", "2: a: role is empty\n"},
		{MATCH "user = \"nobody-here\"; }; };",
			"2: a: this host has no user 'nobody-here'\n"},
		{MATCH "user = -1; }; };", "2: a: this host has no user '-1'\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void peers_that_are_none(void **state)
{
	static const struct row rows[] = {
		{MATCH "peer = \"10.40.7.9/24\"; }; };",
			"2: a: peer '10.40.7.9/24' has bits set behind its prefix\n   write "
			"10.40.7.0/24 for the "
			"network, or 10.40.7.9 for the one host\n"},
		{MATCH "peer = \"2001:db8::1/64\"; }; };",
			"2: a: peer '2001:db8::1/64' has bits set behind its prefix\n   write "
			"2001:db8::/64 for "
			"the network, or 2001:db8::1 for the one host\n"},
		{MATCH "peer = \"10.0.0.0/33\"; }; };",
			"2: a: peer '10.0.0.0/33': an IPv4 prefix has 0 to 32 bits\n"},
		{MATCH "peer = \"10.0.0.0/255.0.0.0\"; }; };",
			"2: a: peer '10.0.0.0/255.0.0.0': an IPv4 prefix has 0 to 32 bits\n   "
			"write 10.0.0.0/8\n"},
		{MATCH "peer = \"10.0.0.0/255.0.255.0\"; }; };",
			"2: a: peer '10.0.0.0/255.0.255.0': an IPv4 prefix has 0 to 32 bits\n"},
		{MATCH "peer = \"10.0.0.0/\"; }; };",
			"2: a: peer '10.0.0.0/': an IPv4 prefix has 0 to 32 bits\n"},
		{MATCH "peer = \"2001:db8::/129\"; }; };",
			"2: a: peer '2001:db8::/129': an IPv6 prefix has 0 to 128 bits\n"},
		{MATCH "peer = \"10.0.0.256\"; }; };",
			"2: a: peer '10.0.0.256' is not an address or ADDRESS/BITS\n"},
		{MATCH "peer = \"10.0.0.256/8\"; }; };",
			"2: a: peer '10.0.0.256/8' is not an address or ADDRESS/BITS\n"},
		{MATCH "peer = \"10.0.0.1:143\"; }; };",
			"2: a: peer '10.0.0.1:143' is not an address or ADDRESS/BITS\n   the port "
			"stands by "
			"itself: peer = \"10.0.0.1\"; port = 143\n"},
		{MATCH "peer = \"[::1]\"; }; };", "2: a: peer '[::1]' is not an address or "
						  "ADDRESS/BITS\n   write an IPv6 address without "
						  "brackets\n"},
		{MATCH "peer = \"\"; }; };", "2: a: peer has an empty item in ''\n"},
		{MATCH "peer = (); }; };", "2: a: peer is empty\n"},
		{MATCH "peer = \"no-such-host.invalid\"; }; };",
			"2: a: peer takes addresses, not names; today the name "
			"'no-such-host.invalid' does not "
			"resolve here\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void a_host_name_is_answered_with_its_addresses(void **state)
{
	const struct addrinfo hints = {.ai_socktype = SOCK_STREAM};
	struct addrinfo *found;
	char expected[400] = "2: a: peer takes addresses, not names; today this name is ";

	(void)state;
	assert_int_equal(getaddrinfo("localhost", NULL, &hints, &found), 0);
	for (const struct addrinfo *at = found; at; at = at->ai_next) {
		char address[INET6_ADDRSTRLEN];

		getnameinfo(at->ai_addr, at->ai_addrlen, address, sizeof(address), NULL, 0,
			NI_NUMERICHOST);
		strcat(expected, at == found ? "" : ", ");
		strcat(expected, address);
	}
	freeaddrinfo(found);
	strcat(expected, "\n");
	problems_are(MATCH "peer = \"localhost\"; }; };", false, expected);
}

static void a_text_includes_no_file(void **state)
{
	(void)state;
	problems_are("@include \"x.conf\"\n", false, "1: only a file can include another one\n");
}

static void globs_that_can_never_match(void **state)
{
	static const struct row rows[] = {
		{MATCH "program = \"curl|wget\"; }; };",
			"2: a: program 'curl|wget': | means nothing in a glob\n   take a list: "
			"program = "
			"[\"curl\", \"wget\"]\n"},
		{MATCH "args = \"*a*|*b*\"; }; };", "2: a: args '*a*|*b*': | means nothing in a "
						    "glob\n   take a list: args = [\"*a*\", "
						    "\"*b*\"]\n"},
		{MATCH "program = \"/usr/bin/curl\"; }; };",
			"2: a: program is held against the file name alone, so '/usr/bin/curl' "
			"never matches\n   "
			"write \"curl\"\n"},
		{MATCH "script = \"*/import.py\"; }; };",
			"2: a: script is held against the file name alone, so '*/import.py' never "
			"matches\n   "
			"write \"import.py\"\n"},
		{MATCH "program = \"a, ,b\"; }; };",
			"2: a: program has an empty item in 'a, ,b'\n"},
		{MATCH "args = \"\"; }; };", "2: a: args is empty\n"},
	};
	struct book *book;

	(void)state;
	ALL_BAD(rows);
	book = book_of(MATCH "args = \"*a[|]b, c*\"; }; };");
	assert_string_equal(book->set.rule[0].match.args.glob[0], "*a[|]b, c*");
	assert_int_equal(book->set.rule[0].match.args.count, 1);
	book_free(book);
}

static void rules_that_hold_for_everything_or_nothing(void **state)
{
	static const struct row rows[] = {
		{"a: { match: { }; set: { ip_tos = 1; }; };",
			"1: a: an empty match holds for everything\n   role = \"any\" says it on "
			"purpose\n"},
		{"a: { set: { ip_tos = 1; }; };",
			"1: a: a rule without match holds for everything\n   match: { role = "
			"\"any\"; } says it "
			"on purpose\n"},
		{"leave_alone = ( { } );", "1: leave_alone[1]: an empty match holds for "
					   "everything\n   role = \"any\" says it on "
					   "purpose\n"},
		{"a: { match: { port = 1; }; };", "1: a: a rule without set does nothing\n   set: "
						  "{ coalesce = \"auto\"; }\n"},
		{"a: { match: { port = 1; }; set: { }; };",
			"1: a: set is empty: this rule does nothing\n"},
		{"", "0: there is no rule in this file\n   NAME: { match: { ... }; set: { ... }; "
		     "};\n"},
		{"# nothing", "0: there is no rule in this file\n   NAME: { match: { ... }; set: { "
			      "... }; };\n"},
		{"\n\n/* nothing */\n", "0: there is no rule in this file\n   NAME: { match: { ... "
					"}; set: { ... }; };\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void what_cannot_stand_together_is_refused(void **state)
{
	static const struct row rows[] = {
		{HEAD "coalesce = \"buffer\";" TAIL,
			"4: a: coalesce = \"buffer\" loses what it has collected when a signal "
			"kills the program\n   add accept_loss = true, or use coalesce = "
			"\"always\"\n"},
		{HEAD "coalesce = \"buffer\"; accept_loss = false;" TAIL,
			"4: a: coalesce = \"buffer\" loses what it has collected when a signal "
			"kills the program\n   add accept_loss = true, or use coalesce = "
			"\"always\"\n4: a: accept_loss may break it (note)\n"},
		{HEAD "accept_loss = true; coalesce = \"always\";" TAIL,
			"4: a: accept_loss means nothing without coalesce = \"buffer\"\n4: a: "
			"accept_loss may break it (note)\n"},
		{HEAD "coalesce_limit = \"4K\";" TAIL,
			"4: a: coalesce_limit means nothing without coalesce = \"buffer\"\n"},
		{HEAD "so_linger = 0; coalesce = \"auto\";" TAIL,
			"4: a: so_linger = 0 and coalesce cannot stand together\n   with linger 0 "
			"a close throws "
			"away what is held; use coalesce = \"off\"\n"
			"4: a: so_linger may break it (note)\n"},
		{HEAD "so_linger = 0; coalesce = \"buffer\"; accept_loss = true;" TAIL,
			"4: a: so_linger = 0 and coalesce cannot stand together\n   with linger 0 "
			"a close throws "
			"away what is held; use coalesce = \"off\"\n"
			"4: a: so_linger, accept_loss may break it (note)\n"},
	};

	(void)state;
	ALL_BAD(rows);
}

static void force_names_what_the_rule_sets(void **state)
{
	static const struct row rows[] = {
		{MATCH "port = 1; };\n  force = [\"so_sndbuf\"]; };",
			"3: a: force names 'so_sndbuf', which this rule does not set\n"},
		{MATCH "port = 1; };\n  force = (\"tcp_nodelay\", true); };",
			"3: a: force takes true, or names of options, not true\n"},
		{HEAD "coalesce_delay = \"5ms\"; };\n  force = \"coalesce_delay\"; };\n",
			"5: a: force: no program sets coalesce_delay itself\n"},
	};
	struct book *book;

	(void)state;
	ALL_BAD(rows);
	/* force may stand before set, and true leaves out what no program can set */
	book = book_of("a: { force = true; match: { port = 1; };"
		       " set: { tcp_nodelay = true; coalesce = \"auto\"; coalesce_delay = "
		       "\"5ms\"; }; };\n"
		       "b: { force = \"tcp_keepcnt\"; match: { port = 2; }; set: { tcp_keepcnt = "
		       "3; ip_tos = "
		       "8; }; };\n"
		       "c: { force = false; match: { port = 3; }; set: { tcp_keepcnt = 3; }; };\n");
	assert_string_equal(decide(&book->set, client_to(1)),
		"tcp_nodelay=!true(a) coalesce=!auto(a) coalesce_delay=5ms(a)");
	assert_string_equal(decide(&book->set, client_to(2)), "tcp_keepcnt=!3(b) ip_tos=8(b)");
	assert_string_equal(decide(&book->set, client_to(3)), "tcp_keepcnt=3(c)");
	book_free(book);
}

static void every_error_of_a_file_is_found(void **state)
{
	(void)state;
	problems_are("leave_alone = ( { prt = 1; } );\n"
		     "a:\n"
		     "{\n"
		     "  match: { port = 0; peer = \"10.0.0.1/8\"; };\n"
		     "  set:\n"
		     "  {\n"
		     "    tcp_nodlay = true;\n"
		     "    tcp_keepcnt = 200;\n"
		     "  };\n"
		     "  holdout = 200;\n"
		     "};\n"
		     "b: { };\n",
		false,
		"1: leave_alone[1]: 'prt' is not a matcher; did you mean port?\n"
		"4: a: port takes ports from 1 to 65535 and ranges such as 8000-8100, not '0'\n"
		"4: a: peer '10.0.0.1/8' has bits set behind its prefix\n   write 10.0.0.0/8 for "
		"the "
		"network, or 10.0.0.1 for the one host\n"
		"7: a: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n"
		"8: a: tcp_keepcnt 200 is out of range: 1 to 127\n"
		"10: a: holdout takes a number from 0 to 100, the percent to leave out\n"
		"12: b: a rule without match holds for everything\n   match: { role = \"any\"; } "
		"says it on "
		"purpose\n"
		"12: b: a rule without set does nothing\n   set: { coalesce = \"auto\"; }\n");
}

static void notes_for_what_may_surprise(void **state)
{
	(void)state;
	problems_are(HEAD "tcp_cork = true;" TAIL, true,
		"4: a: tcp_cork = true alone costs 200 ms a turn; coalesce = \"always\" does not "
		"(note)\n"
		"4: a: the program can notice tcp_cork (note)\n");
	problems_are(HEAD "tcp_nodelay = true;\n  so_linger = 0; so_keepalive = true;" TAIL, true,
		"5: a: so_linger = 0: nothing is coalesced, and close() throws away what is unsent "
		"(note)\n"
		"5: a: the program can notice so_keepalive; so_linger may break it (note)\n");
	problems_are(HEAD "so_linger = 0; coalesce = \"off\";" TAIL, true,
		"4: a: so_linger = 0: nothing is coalesced, and close() throws away what is unsent "
		"(note)\n"
		"4: a: so_linger may break it (note)\n");
	problems_are("a: { match: { role = \"server\"; };\n"
		     "  set: { coalesce = \"buffer\"; accept_loss = true; }; };\n",
		true,
		"2: a: coalesce = \"buffer\" counts for accepted connections, not for the listener "
		"(note)\n2: a: accept_loss may break it (note)\n");
	problems_are(HEAD "so_linger = \"off\"; so_rcvtimeo = \"5s\";" TAIL, true,
		"4: a: so_linger, so_rcvtimeo may break it (note)\n");
	problems_are(HEAD
		"so_keepalive = \"keep\"; tcp_cork = \"keep\"; so_linger = \"keep\";" TAIL,
		true, "");
	problems_are(HEAD "tcp_nodelay = true; coalesce = \"auto\"; tcp_cork = false;" TAIL, true,
		"4: a: the program can notice tcp_cork (note)\n");
	problems_are(HEAD "listen_backlog = 1;" TAIL, true, "");
}

/* ---- how the same thing may be written ---- */

static void ports_and_peers_in_every_form(void **state)
{
	static const char *const ports[] = {"143", "\"143\"", "\"143,993\"", "\" 143 , 993 \"",
		"[143, 993]", "[\"143\", \"993\"]", "(143, \"990-999\")", "(143L)", "0x8f"};
	static const char *const peers[] = {"\"192.0.2.1\"", "\"10.0.0.1,192.0.2.0/24\"",
		"\"10.0.0.1 192.0.2.0/24\"", "\"10.0.0.1 , 192.0.2.0/24\"",
		"\"10.0.0.1,\\t192.0.2.0/24\"", "[\"10.0.0.1\", \"192.0.2.0/24\"]",
		"(\"10.0.0.1 ::1\", \"192.0.2.1\")"};

	(void)state;
	for (size_t i = 0; i < sizeof(ports) / sizeof(*ports); i++) {
		char text[200];
		struct book *book;

		snprintf(text, sizeof(text), MATCH "port = %s; }; };", ports[i]);
		book = book_of(text);
		assert_string_equal(decide(&book->set, client_to(143)), "tcp_nodelay=true(a)");
		assert_string_equal(decide(&book->set, client_to(144)), "");
		book_free(book);
	}
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		char text[200];
		struct book *book;
		struct subject other = client_to(1);

		snprintf(text, sizeof(text), MATCH "peer = %s; }; };", peers[i]);
		book = book_of(text);
		set_peer(&other, "192.0.3.1");
		assert_string_equal(decide(&book->set, client_to(1)), "tcp_nodelay=true(a)");
		assert_string_equal(decide(&book->set, other), "");
		book_free(book);
	}
}

static void programs_in_every_form(void **state)
{
	static const char *const programs[] = {
		"\"prog\"", "\"x,prog\"", "\"x, pro?\"", "[\"x\", \"p*\"]", "(\"x,y\", \"prog\")"};

	(void)state;
	for (size_t i = 0; i < sizeof(programs) / sizeof(*programs); i++) {
		char text[200];
		struct book *book;

		snprintf(text, sizeof(text), MATCH "program = %s; }; };", programs[i]);
		book = book_of(text);
		assert_string_equal(decide(&book->set, client_to(1)), "tcp_nodelay=true(a)");
		book_free(book);
	}
}

static void a_byte_order_mark_and_line_ends_are_skipped(void **state)
{
	struct book *book =
		book_of("\xef\xbb\xbf"
			"a:\r\n{ match: { role = \"any\"; };\r\n  set: { ip_tos = 1; }; };\r\n");

	(void)state;
	assert_string_equal(decide(&book->set, client_to(1)), "ip_tos=1(a)");
	assert_int_equal(book->set.rule[0].line, 1);
	book_free(book);
	problems_are("a: { match: { role = \"any\"; };\r\n  set: { ip_toss = 1; }; };\r\n", false,
		"2: a: 'ip_toss' is not an option; did you mean ip_tos?\n");
}

static void comments_and_texts_hide_what_is_in_them(void **state)
{
	struct book *book =
		book_of("# @include \"x\" 5000000000 \" {\n"
			"// @include \"x\"\n"
			"/* @include \"x\"\n 64K \" */\n"
			"a: { match: { args = \"@include 5000000000 # // /* \\\" {\"; };\n"
			"  set: { ip_tos = 1; }; }; // the end");

	(void)state;
	assert_string_equal(
		book->set.rule[0].match.args.glob[0], "@include 5000000000 # // /* \" {");
	book_free(book);
}

static void only_text_is_read(void **state)
{
	struct book *book;

	(void)state;
	problems_are("# fine \xc3\xa9 \xe2\x82\xac \xf0\x9f\x90\x8c\n#\n# caf\xe9\n", false,
		"3: byte 0xE9 is not UTF-8 text\n   save the file as UTF-8\n");
	problems_are(
		"# \xc0\xaf", false, "1: byte 0xC0 is not UTF-8 text\n   save the file as UTF-8\n");
	problems_are("# \xed\xa0\x80", false,
		"1: byte 0xED is not UTF-8 text\n   save the file as UTF-8\n");
	problems_are("# \xf4\x90\x80\x80", false,
		"1: byte 0xF4 is not UTF-8 text\n   save the file as UTF-8\n");
	problems_are(
		"# \xe2\x82", false, "1: byte 0xE2 is not UTF-8 text\n   save the file as UTF-8\n");
	problems_are("\xff\xfe"
		     "a",
		false, "1: byte 0xFF is not UTF-8 text\n   save the file as UTF-8\n");
	book = book_new();
	assert_int_equal(book_add_text(book, "x", "#\n\0\n", 4), -22);
	assert_string_equal(book->problem[0].text, "byte 0x00 is not UTF-8 text");
	assert_string_equal(book->problem[0].hint, "is this a text file?");
	assert_int_equal(book->problem[0].line, 2);
	book_free(book);
}

static void a_long_line_is_shown_cut_between_letters(void **state)
{
	char text[1000] = "a: { match: { port = 0; }; set: { ip_tos = 1; }; }; #";
	struct book *book = book_new();

	(void)state;
	while (strlen(text) < 900)
		strcat(text, "\xe2\x82\xac");
	assert_int_equal(book_add_text(book, "x", text, strlen(text)), -22);
	/* 53 bytes and 49 signs of three are exactly 200 */
	assert_int_equal(strlen(book->problem[0].source), 200);
	book_free(book);
	book = book_new();
	text[0] = ' ';
	memmove(text + 1, "a: { match: { port = 0; }; set: { ip_tos = 1; }; }; #", 53);
	memmove(text + 54, text + 53, strlen(text + 53) + 1);
	for (size_t i = 54; i + 3 < 950; i += 3)
		memcpy(text + i, "\xe2\x82\xac", 4);
	assert_int_equal(book_add_text(book, "x", text, strlen(text)), -22);
	assert_int_equal(strlen(book->problem[0].source), 198);
	book_free(book);
}

/* ---- the command line ---- */

static void setting_is(const char *assignment, const char *expected)
{
	struct book *book = book_new();
	char found[1000] = "";
	int error = book_add_setting(book, assignment);

	if (!error)
		error = book_check_settings(book);

	for (size_t i = 0; i < book->problems; i++) {
		assert_string_equal(book->problem[i].file, "-s");
		assert_null(book->problem[i].source);
		show_problem(&book->problem[i], found, sizeof(found));
	}
	assert_string_equal(found, expected);
	assert_int_equal(error, book->errors ? -22 : 0);
	book_free(book);
}

static void settings_of_the_command_line(void **state)
{
	struct book *book = book_new();

	(void)state;
	book_add_default(book);
	assert_int_equal(book_add_setting(book, "tcp_nodelay=yes"), 0);
	assert_int_equal(book_add_setting(book, "so_max_pacing_rate=40Mbit"), 0);
	assert_int_equal(book_add_setting(book, "tcp_nodelay=false"), 0);
	assert_int_equal(book_add_setting(book, "tcp_congestion=bbr"), 0);
	assert_int_equal(book->set.count, 2);
	assert_int_equal(book->set.rule[1].settings, 3);
	assert_string_equal(book->set.rule[0].file, "built-in");
	assert_string_equal(book->set.rule[1].file, "-s");
	assert_int_equal(book->set.rule[1].line, 0);
	assert_string_equal(decide(&book->set, server_on(143)),
		"tcp_nodelay=false(command-line) tcp_congestion=bbr(command-line) "
		"so_max_pacing_rate=40Mbit(command-line) coalesce=auto(default)");
	book_free(book);
}

static void the_command_line_gets_the_same_sentences(void **state)
{
	(void)state;
	setting_is("tcp_nodlay=1", "0: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n");
	setting_is("turbo=1", "0: 'turbo' is not an option\n");
	setting_is("tcp_nodelay", "0: -s takes NAME=VALUE, not 'tcp_nodelay'\n");
	setting_is("=1", "0: -s takes NAME=VALUE, not '=1'\n");
	setting_is("", "0: -s takes NAME=VALUE, not ''\n");
	setting_is("tcp_keepcnt=200", "0: tcp_keepcnt 200 is out of range: 1 to 127\n");
	setting_is("tcp_keepcnt=", "0: tcp_keepcnt takes a number, not \"\"\n");
	setting_is("coalesce_delay=5",
		"0: coalesce_delay wants a unit: a time such as \"5ms\" or \"500us\"\n");
	setting_is("coalesce=buffer",
		"0: coalesce = \"buffer\" loses what it has collected when a signal kills the "
		"program\n   add accept_loss = true, or use coalesce = \"always\"\n");
	setting_is("accept_loss=true", "0: accept_loss means nothing without coalesce = "
				       "\"buffer\"\n0: accept_loss may break it (note)\n");
	setting_is("so_keepalive=true", "0: the program can notice so_keepalive (note)\n");
	setting_is("tcp_nodelay=keep", "");
}

/* ---- what would take long ---- */

/* `piece` so many times, each '#' in it the count. */
static struct book *book_of_many(const char *before, const char *piece, int times, const char *end)
{
	struct book *book = book_new();
	char *text = NULL;
	size_t length;
	FILE *out = open_memstream(&text, &length);

	assert_non_null(out);
	fputs(before, out);
	for (int i = 0; i < times; i++)
		for (const char *c = piece; *c; c++)
			if (*c == '#')
				fprintf(out, "%d", i);
			else
				fputc(*c, out);
	fputs(end, out);
	fclose(out);
	book_add_text(book, "many.conf", text, length);
	free(text);
	return book;
}

static void last_problem_is(struct book *book, size_t problems, const char *sentence)
{
	char text[1000] = "";

	assert_int_equal(book->problems, problems);
	show_problem(&book->problem[problems - 1], text, sizeof(text));
	assert_string_equal(text, sentence);
	book_free(book);
}

/* libconfig holds a name against all that stand before it in its group. */
static void a_group_has_so_many_names(void **state)
{
	struct book *book =
		book_of_many("", "r#: { match: { port = 1; }; set: { ip_tos = 1; }; };", 8192, "");

	(void)state;
	assert_int_equal(book->problems, 0);
	assert_int_equal(book->set.count, 8192);
	book_free(book);
	last_problem_is(book_of_many("", "r#: { set: { }; };\n", 8193, ""), 1,
		"8193: syntax error\n   a group, and a file, has at most 8192 names\n");
	last_problem_is(book_of_many("a: { set: {", "x# = 1;\n", 8193, "}; };"), 1,
		"8193: syntax error\n   a group, and a file, has at most 8192 names\n");
}

static void a_thousand_problems_are_enough(void **state)
{
	struct book *book = book_of_many("a = (", "9999999999,\n", 60000, "1);");

	(void)state;
	assert_true(book->errors > 50000);
	last_problem_is(book, 1001, "1001: from here on nothing more is said: 1000 are enough\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_ten_rules_load_in_their_order),
		cmocka_unit_test(the_ten_rules_decide_as_they_say),
		cmocka_unit_test(syntax_errors_come_with_their_mend),
		cmocka_unit_test(no_syntax_error_is_without_a_mend),
		cmocka_unit_test(a_file_that_was_cut_off_says_so),
		cmocka_unit_test(every_cut_is_an_error_or_says_less),
		cmocka_unit_test(an_open_quote_is_found_where_it_is),
		cmocka_unit_test(two_texts_without_a_comma_are_not_one),
		cmocka_unit_test(numbers_above_32_bits_are_not_cut),
		cmocka_unit_test(names_stand_once_in_a_file),
		cmocka_unit_test(unknown_keys_have_a_suggestion),
		cmocka_unit_test(wrong_types_are_named),
		cmocka_unit_test(values_out_of_range_name_it),
		cmocka_unit_test(peers_that_are_none),
		cmocka_unit_test(a_host_name_is_answered_with_its_addresses),
		cmocka_unit_test(a_text_includes_no_file),
		cmocka_unit_test(globs_that_can_never_match),
		cmocka_unit_test(rules_that_hold_for_everything_or_nothing),
		cmocka_unit_test(what_cannot_stand_together_is_refused),
		cmocka_unit_test(force_names_what_the_rule_sets),
		cmocka_unit_test(every_error_of_a_file_is_found),
		cmocka_unit_test(notes_for_what_may_surprise),
		cmocka_unit_test(ports_and_peers_in_every_form),
		cmocka_unit_test(programs_in_every_form),
		cmocka_unit_test(a_byte_order_mark_and_line_ends_are_skipped),
		cmocka_unit_test(comments_and_texts_hide_what_is_in_them),
		cmocka_unit_test(only_text_is_read),
		cmocka_unit_test(a_long_line_is_shown_cut_between_letters),
		cmocka_unit_test(settings_of_the_command_line),
		cmocka_unit_test(the_command_line_gets_the_same_sentences),
		cmocka_unit_test(a_group_has_so_many_names),
		cmocka_unit_test(a_thousand_problems_are_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
