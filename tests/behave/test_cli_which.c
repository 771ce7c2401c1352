/* `sockfix which`: winners, losers and why, each with name and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"

static struct capture capture;
static char *folder;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	return 0;
}

static void expect(const char *line, int status, const char *out, const char *err)
{
	capture_sockfix(&capture, line);
	assert_string_equal(capture.err, err);
	assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
}

static void write_rules(const char *name, const char *text)
{
	capture_write(folder, name, text, 0644);
}

static void test_default(void **state)
{
	(void)state;
	expect("which --program x --peer 192.0.2.7:143", 0, "coalesce  auto  default  built-in\n",
		"");
	expect("which --program x --listen 143", 0, "coalesce  auto  default  built-in\n", "");
	expect("which --program x --peer 192.0.2.7:143 -s coalesce=off", 0,
		"coalesce  off   command-line  -s\n"
		"  loses   auto  default       built-in\n",
		"");
	expect("which --program x --peer 192.0.2.7:502", 0,
		"coalesce  keep  -                  as the program has it\n"
		"  loses   auto  default  built-in  port 502: only a rule that names this port "
		"joins writes\n",
		"");
}

static void test_winners_and_losers(void **state)
{
	(void)state;
	write_rules("site.conf",
		"base:\n"
		"  { match: { role = \"client\"; };\n"
		"    set: { tcp_keepidle = \"60s\"; tcp_user_timeout = \"30s\"; so_priority = 2; "
		"}; };\n"
		"db:\n"
		"  { match: { port = 3306; peer = \"10.0.0.0/8\"; };\n"
		"    set: { tcp_keepidle = \"90s\"; tcp_user_timeout = \"keep\"; }; force = true; "
		"};\n"
		"other:\n"
		"  { match: { port = 5432; }; set: { tcp_keepidle = \"1s\"; }; };\n");
	expect("which -r site.conf --program mysql --peer 10.1.2.3:3306", 0,
		"tcp_keepidle      90s   db    site.conf:4  force\n"
		"  loses           60s   base  site.conf:1\n"
		"tcp_user_timeout  keep  db    site.conf:4  as the program has it\n"
		"  loses           30s   base  site.conf:1\n"
		"so_priority       2     base  site.conf:1\n",
		"");
	expect("which -r site.conf --program mysql --peer 192.0.2.7:3306", 0,
		"tcp_keepidle      60s  base  site.conf:1\n"
		"tcp_user_timeout  30s  base  site.conf:1\n"
		"so_priority       2    base  site.conf:1\n",
		"");
	/* As a server on the port: the client's rule is out, the peer is unknown or as said. */
	expect("which -r site.conf --program mysqld --listen 3306", 0,
		"no rule matches: nothing is set on this connection\n", "");
	expect("which -r site.conf --program mysqld --listen 3306 --peer 10.1.2.3:40000", 0,
		"tcp_keepidle      90s   db  site.conf:4  force\n"
		"tcp_user_timeout  keep  db  site.conf:4  as the program has it\n",
		"");
}

static void test_veto(void **state)
{
	(void)state;
	write_rules("50-site.conf",
		"leave_alone = (\n"
		"  { program = \"sshd\"; },\n"
		"  { port = \"102,502\"; peer = \"10.0.0.0/8, 2001:db8::/32\"; } );\n"
		"bridge:\n"
		"  { match: { args = \"*-jar *bridge.jar*\"; };\n"
		"    set: { tcp_nodelay = true; coalesce = \"off\"; }; };\n");
	char *command = build_path("sockfix");
	capture_run(&capture,
		(const char *[]){command, "which", "-r", "50-site.conf", "--program", "java",
			"--args", "-jar bridge.jar", "--peer", "10.40.7.9:502", NULL});
	assert_string_equal(capture.out,
		"leave_alone[2]  50-site.conf:3  peer 10.40.7.9, port 502: nothing applies to this "
		"flow\n"
		"  would be  bridge  50-site.conf:4  tcp_nodelay=true coalesce=off\n");
	free(command);
	expect("which -r 50-site.conf -s tcp_nodelay=1 --program x --peer [2001:db8::7]:102", 0,
		"leave_alone[2]  50-site.conf:3  peer 2001:db8::7, port 102: nothing applies to "
		"this flow\n"
		"  would be  command-line  -s  tcp_nodelay=true\n",
		"");
	expect("which -r 50-site.conf --program /usr/sbin/sshd --listen 22", 0,
		"leave_alone[1]  50-site.conf:2  program sshd: nothing applies to this flow\n", "");
}

static void test_last_and_holdout(void **state)
{
	(void)state;
	write_rules("r.conf",
		"a: { match: { port = 1; }; set: { so_priority = 1; }; };\n"
		"b: { match: { port = 1; }; set: { so_priority = 2; }; last = true; };\n"
		"c: { match: { port = 1; }; set: { so_priority = 3; ip_tos = 8; }; };\n");
	expect("which -r r.conf --program x --peer 192.0.2.7:1", 0,
		"ip_tos       keep  -            as the program has it\n"
		"  loses      8     c  r.conf:3  comes after b, which has last = true\n"
		"so_priority  2     b  r.conf:2\n"
		"  loses      3     c  r.conf:3  comes after b, which has last = true\n"
		"  loses      1     a  r.conf:1\n",
		"");
	write_rules("r.conf",
		"a: { match: { port = 1; }; set: { so_priority = 1; }; holdout = 10; };\n");
	expect("which -r r.conf --program x --peer 192.0.2.7:1", 0,
		"so_priority  1  a  r.conf:1  not for 10 % of the flows\n", "");
}

static void test_matchers(void **state)
{
	(void)state;
	write_rules("r.conf", "s: { match: { program = \"python3*\"; script = \"import.py\"; };\n"
			      "     set: { so_priority = 1; }; };\n"
			      "u: { match: { user = \"root\"; }; set: { ip_tos = 8; }; };\n"
			      "l: { match: { local_port = 1000; }; set: { tcp_syncnt = 3; }; };\n");
	expect("which -r r.conf --program /usr/bin/python3.11 --script /opt/import.py --user 7 "
	       "--peer "
	       "192.0.2.7:1",
		0, "so_priority  1  s  r.conf:1\n", "");
	expect("which -r r.conf --program x --user root --peer 192.0.2.7:1", 0,
		"ip_tos  8  u  r.conf:3\n", "");
	expect("which -r r.conf --program x --user 0 --local-port 1000 --peer 192.0.2.7:1", 0,
		"ip_tos      8  u  r.conf:3\n"
		"tcp_syncnt  3  l  r.conf:4\n",
		"");
}

static void test_preset(void **state)
{
	(void)state;
	capture_sockfix(&capture, "which -P imap-upload --program python3 --peer 192.0.2.7:143");
	assert_int_equal(capture.status, 0);
	assert_memory_equal(capture.out, "coalesce  auto  imap-upload  preset:imap-upload:", 48);
}

static void test_misuse(void **state)
{
	static const char peer[] =
		"ADDR:PORT, such as 192.0.2.7:143 or [2001:db8::7]:143; an address, not a "
		"name; see sockfix which --help\n";
	static const char *const peers[] = {"mail.example.com:143", "192.0.2.7", "192.0.2.7:0",
		"192.0.2.7:65536", "192.0.2.7:143x", ":143", "2001:db8::7:143", "[]:1",
		"[192.0.2.7]:143"};
	char line[256], text[512];
	(void)state;
	expect("which --peer 192.0.2.7:143", 2, "",
		"sockfix: which: --program NAME is missing; see sockfix which "
		"--help\n");
	expect("which --program x", 2, "",
		"sockfix: which: --peer ADDR:PORT or --listen PORT is missing; see "
		"sockfix which "
		"--help\n");
	expect("which --program x --listen 70000", 2, "",
		"sockfix: which: '70000' is not a port from 1 to 65535; see sockfix which "
		"--help\n");
	expect("which --program x --user nosuchuser --listen 7", 2, "",
		"sockfix: which: 'nosuchuser' is not a user of /etc/passwd; see sockfix which "
		"--help\n");
	expect("which --program x --listen 7 --local-port 8", 2, "",
		"sockfix: which: --listen and --local-port are the same port of a server; see "
		"sockfix which "
		"--help\n");
	expect("which --program x --listen 7 more", 2, "",
		"sockfix: which: 'more' is one word too many; see sockfix which --help\n");
	for (size_t i = 0; i < sizeof(peers) / sizeof(*peers); i++) {
		snprintf(line, sizeof(line), "which --program x --peer %s", peers[i]);
		snprintf(text, sizeof(text), "sockfix: which: '%s' is not %s", peers[i], peer);
		expect(line, 2, "", text);
	}
}

static void test_bad_rules(void **state)
{
	(void)state;
	expect("which -r nosuch.conf --program x --listen 7", 2, "",
		"sockfix: nosuch.conf: cannot be read: No such file or directory\n");
}

/* ---- a set of rules held against cases ---- */

static const char site[] =
	"leave_alone = ( { port = 502; } );\n"
	"imap: { match: { script = \"import.py\"; port = 143; };\n"
	"  set: { coalesce = \"auto\"; tcp_keepidle = \"60s\"; }; };\n"
	"www: { match: { role = \"server\"; port = 8080; }; set: { tcp_nodelay = true; }; };\n"
	"user: { match: { role = \"server\"; user = \"www-data\"; }; set: { ip_tos = 8; }; };\n"
	"few: { match: { port = 81; }; holdout = 10; set: { ip_tos = 8; }; };\n";

static void cases_that_hold(void **state)
{
	(void)state;
	write_rules("site.conf", site);
	write_rules("cases.txt",
		"# command, peer, what must hold\n\n"
		"python3 import.py, 192.0.2.7:143, coalesce=auto tcp_nodelay=keep\n"
		"  python3 -u /opt/x/import.py --all,192.0.2.7:143 , tcp_keepidle=60000ms\r\n"
		"\"java -jar a,b.jar\", 10.40.7.9:502, nothing\n"
		"httpd, listen 8080, tcp_nodelay=true, ip_tos=keep\n"
		"httpd, listen 8080 from 10.0.0.5:40000, user www-data, ip_tos=0x08\n"
		"httpd, listen 8080 from [2001:db8::1]:40000, user 33, ip_tos=8\n"
		"x, [2001:db8::1]:81, ip_tos=8");
	expect("which -r site.conf --against cases.txt", 0, "cases.txt: 7 cases, fine\n", "");
	write_rules("one.txt", "x, 1.2.3.4:5, coalesce=auto");
	expect("which --against one.txt", 0, "one.txt: 1 case, fine\n", "");
}

static void cases_that_differ(void **state)
{
	(void)state;
	write_rules("site.conf", site);
	write_rules("cases.txt", "python3 import.py, 192.0.2.7:143, coalesce=off so_sndbuf=64K\n"
				 "x, 1.2.3.4:8080, nothing\n"
				 "x, listen 8080, nothing\n"
				 "x, 10.40.7.9:502, coalesce=auto\n");
	expect("which -r site.conf --against cases.txt", 1,
		"cases.txt:1: coalesce must be off and is auto: imap, site.conf:2\n"
		"cases.txt:1: so_sndbuf must be 64K and is keep: no rule says otherwise\n"
		"cases.txt:3: tcp_nodelay must be keep and is true: www, site.conf:4\n"
		"cases.txt:4: coalesce must be auto and is keep: leave_alone[1], site.conf:1\n"
		"3 of 4 cases differ\n",
		"");
	write_rules("one.txt", "x, 1.2.3.4:5, coalesce=off");
	expect("which --against one.txt", 1,
		"one.txt:1: coalesce must be off and is auto: default, built-in\n"
		"1 of 1 case differs\n",
		"");
}

/* All of them are said, and no rules are judged by half a file. */
static void lines_that_are_no_cases(void **state)
{
	(void)state;
	write_rules("cases.txt", "x, 1.2.3.4:5, coalesce=auto\n"
				 "python3 import.py\n"
				 "python3 import.py, host:143, coalesce=off\n"
				 ", 1.2.3.4:5, nothing\n"
				 "x, 1.2.3.4:5\n"
				 "x, 1.2.3.4:5, tcp_nodlay=1\n"
				 "x, 1.2.3.4:5, tcp_nodelay=maybe\n"
				 "x, 1.2.3.4:5, bla\n"
				 "x, 1.2.3.4:5, user nobodyatall, nothing\n"
				 "x, listen 0, nothing\n"
				 "x, listen 80 for 1.2.3.4:5, nothing\n"
				 "./imp.py, 1.2.3.4:5, nothing\n"
				 "x, 1.2.3.4:5, user root, user root, nothing\n");
	expect("which --against cases.txt", 2, "",
		"sockfix: cases.txt:2: the peer is missing: command, peer, what must hold\n"
		"sockfix: cases.txt:3: 'host:143' is not ADDR:PORT, listen PORT or listen PORT "
		"from ADDR:PORT\n"
		"sockfix: cases.txt:4: the command is missing\n"
		"sockfix: cases.txt:5: nothing is said of what must hold: NAME=VALUE, or the word "
		"nothing\n"
		"sockfix: cases.txt:6: 'tcp_nodlay' is not an option; did you mean "
		"'tcp_nodelay'?\n"
		"sockfix: cases.txt:7: tcp_nodelay takes true or false, not \"maybe\"\n"
		"sockfix: cases.txt:8: 'bla' is not NAME=VALUE or nothing\n"
		"sockfix: cases.txt:9: 'nobodyatall' is not a user of /etc/passwd\n"
		"sockfix: cases.txt:10: 'listen 0' is not ADDR:PORT, listen PORT or listen PORT "
		"from ADDR:PORT\n"
		"sockfix: cases.txt:11: 'listen 80 for 1.2.3.4:5' is not ADDR:PORT, listen PORT or "
		"listen PORT from ADDR:PORT\n"
		"sockfix: cases.txt:12: './imp.py' is a script: name what runs it, too, as in "
		"python3 import.py; its program is the interpreter\n"
		"sockfix: cases.txt:13: 'user' is not NAME=VALUE or nothing\n");
}

static void files_that_hold_no_cases(void **state)
{
	(void)state;
	write_rules("cases.txt", "# x, 1.2.3.4:5, nothing\n\n");
	expect("which --against cases.txt", 2, "",
		"sockfix: cases.txt: there is no case in this file; a line is one: command, peer, "
		"what must hold\n");
	expect("which --against nowhere", 2, "", "sockfix: nowhere: No such file or directory\n");
	expect("which --against /dev/null", 2, "",
		"sockfix: /dev/null: it is a device, not a file\n");
	expect("which --against cases.txt --program x", 2, "",
		"sockfix: which: --against FILE goes without a connection in words: each line of "
		"it is one; see sockfix which --help\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_default, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_winners_and_losers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_veto, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_last_and_holdout, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_matchers, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_preset, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_misuse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_bad_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cases_that_hold, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cases_that_differ, set_up, tear_down),
		cmocka_unit_test_setup_teardown(lines_that_are_no_cases, set_up, tear_down),
		cmocka_unit_test_setup_teardown(files_that_hold_no_cases, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
