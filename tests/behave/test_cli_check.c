/* `sockfix check`: form of the answer and exit status. What is found in a file, and its sentences,
 * are tests/unit/test_load.c's. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/compile.h"
#include "tests/helper/must.h"

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

static const char good[] =
	"imap:\n  { match: { port = 143; };\n    set:   { coalesce = \"auto\"; }; };\n"
	"db:\n  { match: { port = 5432; };\n    set:   { tcp_nodelay = true; }; };\n";
#define SYNTAX                                                                                     \
	"bad.conf:3: syntax error\n"                                                               \
	"    3 |    set:   { coalesce = auto; }; };\n"                                             \
	"  words stand in quotes: coalesce = \"auto\"\n"

static void write_bad(void)
{
	capture_write(folder, "bad.conf",
		"imap:\n  { match: { port = 143; };\n   set:   { coalesce = auto; }; };\n", 0644);
}

static void test_fine(void **state)
{
	(void)state;
	capture_write(folder, "good.conf", good, 0644);
	expect("check good.conf", 0, "good.conf: 2 rules, fine\n", "");
	/* A folder counts its files; files of other names are none. */
	capture_write(folder, "notes.txt", "{{{", 0644);
	capture_write(folder, "one.conf",
		"a: { match: { port = 1; }; set: { so_priority = 1; }; };", 0644);
	expect("check .", 0, ".: 3 rules in 2 files, fine\n", "");
	expect("check one.conf good.conf", 0, "one.conf: 1 rule, fine\ngood.conf: 2 rules, fine\n",
		"");
}

static void test_errors(void **state)
{
	(void)state;
	write_bad();
	expect("check bad.conf", 1, SYNTAX "1 error, 0 notes\n", "");
	capture_write(folder, "good.conf", good, 0644);
	capture_write(folder, "two.conf",
		"two:\n  { match: { prot = 1; };\n    set: { coalesce_dealy = \"5ms\"; }; };\n",
		0644);
	expect("check bad.conf good.conf two.conf", 1,
		SYNTAX
		"good.conf: 2 rules, fine\n"
		"two.conf:2: two: 'prot' is not a matcher; did you mean port?\n"
		"    2 |   { match: { prot = 1; };\n"
		"two.conf:3: two: 'coalesce_dealy' is not an option; did you mean coalesce_delay?\n"
		"    3 |     set: { coalesce_dealy = \"5ms\"; }; };\n"
		"3 errors, 0 notes\n",
		"");
}

static void test_notes(void **state)
{
	(void)state;
	capture_write(folder, "note.conf",
		"db:\n  { match: { port = 5432; };\n    set:   { so_keepalive = true; }; };\n",
		0644);
	expect("check note.conf", 0,
		"note.conf:3: db: the program can notice so_keepalive (note)\n"
		"    3 |     set:   { so_keepalive = true; }; };\n"
		"note.conf: 1 rule, fine\n"
		"0 errors, 1 note\n",
		"");
}

static void test_unreadable(void **state)
{
	char path[4096];
	(void)state;
	expect("check nosuch.conf", 1,
		"nosuch.conf: cannot be read: No such file or directory\n1 error, 0 notes\n", "");
	snprintf(path, sizeof(path), "%s/empty", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	expect("check empty", 1,
		"empty: the directory has no rule file\n"
		"  rule files end in .conf\n"
		"1 error, 0 notes\n",
		"");
}

/* What would be waited for, or never ends. */
static void test_no_file(void **state)
{
	char path[4096];
	(void)state;
	snprintf(path, sizeof(path), "%s/fifo.conf", folder);
	assert_int_equal(mkfifo(path, 0644), 0);
	expect("check fifo.conf", 1,
		"fifo.conf: is a FIFO, not a file\n"
		"  save what it gives in a file\n"
		"1 error, 0 notes\n",
		"");
	expect("check /dev/zero", 1, "/dev/zero: is a device, not a file\n1 error, 0 notes\n", "");
	capture_write(folder, "main.conf", "\n@include \"fifo.conf\"\n", 0644);
	expect("check main.conf", 1,
		"main.conf:2: 'fifo.conf' is a FIFO, not a file\n"
		"    2 | @include \"fifo.conf\"\n"
		"  save what it gives in a file\n"
		"1 error, 0 notes\n",
		"");
	/* Of a folder, the others are read. */
	capture_write(folder, "good.conf", good, 0644);
	expect("check .", 1,
		"./fifo.conf: is a FIFO, not a file\n"
		"  save what it gives in a file\n"
		"./main.conf:2: './fifo.conf' is a FIFO, not a file\n"
		"    2 | @include \"fifo.conf\"\n"
		"  save what it gives in a file\n"
		"2 errors, 0 notes\n",
		"");
}

/* A name server that is away is not waited for, and not asked again. */
static void test_names_nobody_knows(void **state)
{
	char path[4096];
	(void)state;
	snprintf(path, sizeof(path), "PATH=%s:/usr/bin:/bin", folder);
	const char *const env[] = {path, "LD_PRELOAD", "HOME=/nonexistent",
		"ASAN_OPTIONS=verify_asan_link_order=0", NULL};
	capture.env = env;
	capture_write(folder, "getent", "#!/bin/sh\nsleep 100\n", 0755);
	capture_write(folder, "names.conf",
		"a:\n  { match: { peer = (\"one.example\", \"two.example\"); user = "
		"(\"root\", \"no-such-user\"); };\n    set: { so_priority = 1; }; };\n",
		0644);
	capture_sockfix(&capture, "check names.conf");
	assert_string_equal(capture.err, "");
	assert_non_null(
		strstr(capture.out, "names.conf:2: a: peer takes addresses, not names; "
				    "today the name 'one.example' does not resolve here\n"));
	assert_non_null(
		strstr(capture.out, "today the name 'two.example' does not resolve here\n"));
	assert_non_null(
		strstr(capture.out, "names.conf:2: a: this host has no user 'no-such-user'\n"));
	assert_non_null(strstr(capture.out, "\n3 errors, 0 notes\n"));
	assert_int_equal(capture.status, 1);
}

/* What stands in a file must not reach the terminal as a command. */
static void test_control_bytes(void **state)
{
	(void)state;
	capture_write(folder, "esc.conf",
		"a: { match: { prot\t= \"\033[2J\r\"; }; set: { so_priority = 1; }; };", 0644);
	capture_sockfix(&capture, "check esc.conf");
	assert_int_equal(capture.status, 1);
	assert_null(strchr(capture.out, '\033'));
	assert_null(strchr(capture.out, '\r'));
}

static void test_here(void **state)
{
	static const char start[] =
		"here.conf:1: a: this host refuses tcp_congestion = nosuch: No such file "
		"or directory; it has: ";
	(void)state;
	capture_write(folder, "here.conf",
		"a:\n  { match: { port = 1; }; set: { tcp_congestion = \"nosuch\"; }; };\n", 0644);
	expect("check here.conf", 0, "here.conf: 1 rule, fine\n", "");
	capture_sockfix(&capture, "check --here here.conf");
	assert_int_equal(capture.status, 1);
	assert_memory_equal(capture.out, start, sizeof(start) - 1);
	assert_non_null(strstr(capture.out, "\n1 error, 0 notes\n"));
	capture_write(folder, "here.conf", good, 0644);
	expect("check --here here.conf", 0, "here.conf: 2 rules, fine\n", "");
	/* The option may come last. */
	expect("check here.conf --here", 0, "here.conf: 2 rules, fine\n", "");
}

/* What this host does to a backlog is told where it is asked what this host does. */
static void test_backlog_here(void **state)
{
	char *most = output_of("cat /proc/sys/net/core/somaxconn");
	char *note = must_print("here.conf:1: a: listen_backlog 65535, but this host's "
				"net.core.somaxconn is %s (note)\n",
		most);

	(void)state;
	capture_write(folder, "here.conf",
		"a:\n  { match: { port = 1; }; set: { listen_backlog = 65535; }; };\n", 0644);
	expect("check here.conf", 0, "here.conf: 1 rule, fine\n", "");
	capture_sockfix(&capture, "check --here here.conf");
	assert_int_equal(capture.status, 0);
	assert_int_equal(strstr(capture.out, note) != NULL, atol(most) < 65535);
	free(note);
	free(most);
}

static void test_misuse(void **state)
{
	(void)state;
	expect("check", 2, "",
		"sockfix: check: a FILE or a folder is missing; see sockfix check --help\n");
	expect("check --hree x", 2, "",
		"sockfix: '--hree' is not an option of check; did you mean '--here'?\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_fine, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_errors, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_notes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unreadable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names_nobody_knows, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_control_bytes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_here, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_backlog_here, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_misuse, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
