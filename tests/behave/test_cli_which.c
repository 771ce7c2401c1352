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
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
