/* `sockfix env`: each form is taken by who reads it (sh, systemd's own checker, a reader of YAML),
 * or by that one's grammar (docker's --env-file, crontab(5)), and both variables come out of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

/* With what stands escaped in a line, of a rule's name as of a glob. */
#define RULES                                                                                      \
	"odd: { match: { args = \"*50% 'a' $b \\\\\\\"*\"; port = 80; }; "                         \
	"set: { tcp_nodelay = true; }; };\n"

static struct capture capture;
static char *folder, *library, *line;

/* A line of sh, $SOCKFIX is the command; what it prints. */
static void shell(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void shell(const char *format, ...)
{
	char *text, *whole, *sockfix = build_path("sockfix");
	va_list list;

	va_start(list, format);
	MUST(vasprintf(&text, format, list) > 0);
	va_end(list);
	whole = must_print("SOCKFIX=%s\n%s", sockfix, text);
	capture_run(&capture, (const char *[]){"sh", "-c", whole, NULL});
	if (capture.status)
		fail_msg("%s: %s%s", text, capture.out, capture.err);
	free(whole);
	free(text);
	free(sockfix);
}

static void expect(const char *out)
{
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out, out);
}

/* "LD_PRELOAD=...\nSOCKFIX_RULES=...\n", as `env` prints them; valid until the next call. */
static const char *both(const char *before)
{
	static char *text;

	free(text);
	text = must_print("LD_PRELOAD=%s%s\nSOCKFIX_RULES=%s\n", before, library, line);
	return text;
}

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	library = build_path("libsockfix.so");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	capture_write(folder, "odd.conf", RULES, 0644);
	shell("$SOCKFIX run -r odd.conf -n | sed -n 's/^SOCKFIX_RULES=//p' | tr -d '\\n'");
	line = must_print("%s", capture.out);
	MUST(strncmp(line, "1:", 2) == 0);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	free(library);
	free(line);
	return 0;
}

#define SHOWN "env | grep -e ^LD_PRELOAD= -e ^SOCKFIX_RULES= | sort"

static void test_sh(void **state)
{
	(void)state;
	shell("eval \"$($SOCKFIX env -r odd.conf)\"\n" SHOWN);
	expect(both(""));
	/* what is there stays before it; twice is once; unset variables are no error */
	shell("set -u; unset LD_PRELOAD; eval \"$($SOCKFIX env -r odd.conf)\"; LD_PRELOAD=\n"
	      "export LD_PRELOAD=/usr/lib/libnone.so 2>/dev/null\n"
	      "eval \"$($SOCKFIX env -r odd.conf --format sh 2>/dev/null)\"\n"
	      "eval \"$($SOCKFIX env -r odd.conf 2>/dev/null)\"\n"
	      "{ " SHOWN "; } 2>/dev/null");
	expect(both("/usr/lib/libnone.so:"));
	shell("eval \"$($SOCKFIX env)\"; SOCKFIX_LOG=stderr /bin/true 2>&1 | sed 's/.*: on/on/'");
	expect("on: rules default; 1 rule\n");
}

/* systemd's own checker takes it, and reads out of it what we mean. */
static void test_systemd(void **state)
{
	(void)state;
	shell("$SOCKFIX env -r odd.conf --format systemd >b.service\n"
	      "echo ExecStart=/bin/true >>b.service; systemd-analyze verify --man=no "
	      "./b.service 2>&1 | grep b.service || :\n"
	      "sed -n 's/^Environment=//p' b.service");
	expect(both(""));
}

/* VAR=VALUE, no quotes taken off, '#' begins a comment (docker run, --env-file). */
static void test_docker(void **state)
{
	(void)state;
	shell("$SOCKFIX env -r odd.conf --format docker >env\n"
	      "head -1 env | grep -q -e \"^# docker run --env-file THIS-FILE -v "
	      "%s:%s:ro IMAGE$\"\ngrep -v '^#' env",
		library, library);
	expect(both(""));
}

/* NAME = VALUE; quotes around it would be taken off, nothing is expanded (crontab(5)). */
static void test_cron(void **state)
{
	(void)state;
	shell("$SOCKFIX env -r odd.conf --format cron");
	expect(both(""));
	shell("$SOCKFIX env -r odd.conf --format cron | grep -c '[\"%% $#]' || :");
	expect("0\n");
}

static void test_k8s(void **state)
{
	(void)state;
	shell("$SOCKFIX env -r odd.conf --format k8s | /usr/bin/python3 -c '\n"
	      "import sys, yaml\n"
	      "spec = yaml.safe_load(sys.stdin)\n"
	      "init, = spec[\"initContainers\"]; one, = spec[\"containers\"]; "
	      "volume, = spec[\"volumes\"]\n"
	      "env = {e[\"name\"]: e[\"value\"] for e in one[\"env\"]}\n"
	      "mounts = [c[\"volumeMounts\"][0] for c in (init, one)]\n"
	      "assert {m[\"name\"] for m in mounts} == {volume[\"name\"]} and \"emptyDir\" in volume\n"
	      "assert env[\"LD_PRELOAD\"] == mounts[1][\"mountPath\"] + \"/libsockfix.so\"\n"
	      "assert init[\"command\"] == [\"/bin/copy.sh\", mounts[0][\"mountPath\"]]\n"
	      "assert all(isinstance(v, str) for v in env.values())\n"
	      "print(env[\"SOCKFIX_RULES\"])'");
	{
		char *text = must_print("%s\n", line);

		expect(text);
		free(text);
	}
}

static void test_mistakes(void **state)
{
	static const char *const row[][2] = {
		{"env --format yaml",
			"sockfix: env: --format takes sh, systemd, docker, k8s or cron, not 'yaml'; "
			"see sockfix env --help\n"},
		{"env x", "sockfix: env: 'x' is one word too many; see sockfix env --help\n"},
		{"env -P nosuch",
			"sockfix: 'nosuch' is not a preset; sockfix list presets prints them\n"}};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		capture_sockfix(&capture, row[i][0]);
		assert_string_equal(capture.err, row[i][1]);
		assert_string_equal(capture.out, "");
		assert_int_equal(capture.status, 2);
	}
}

/* Debian's cron cuts a variable after 999 bytes, and nobody sees it. */
static void test_long_rules(void **state)
{
	(void)state;
	shell("for i in 1 2 3 4 5 6 7 8 9 10; do echo \"r$i: { match: { args = \\\"$(head -c 80 "
	      "/dev/zero | tr '\\0' x)*\\\"; }; set: { ip_tos = $i; }; };\"; done >long.conf\n"
	      "$SOCKFIX env -r long.conf --format systemd | grep -c =1:\n"
	      "$SOCKFIX env -r long.conf --format cron 2>&1 || echo $?");
	expect("1\nsockfix: SOCKFIX_RULES= and the rules are 1042 bytes, more than the 998 that a "
	       "line may have there: sockfix run and sockfix unit keep them in a file\n2\n");
}

/* A library whose path some form cannot hold is said, not printed wrong. */
static void test_odd_path(void **state)
{
	char *sockfix = build_path("sockfix");

	(void)state;
	shell("mkdir \"it's\"; ln -s %s \"it's/\"; cp $SOCKFIX \"it's/sockfix\"", library);
	for (int cron = 0; cron < 2; cron++) {
		capture_run(&capture, (const char *[]){"it's/sockfix", "env", "--format",
					      cron ? "cron" : "docker", NULL});
		assert_int_equal(capture.status, cron ? 2 : 0);
		assert_non_null(strstr(cron ? capture.err : capture.out,
			cron ? "cannot stand in this format" : "/it's/libsockfix.so\n"));
	}
	shell("mkdir 50%%; ln -s %s 50%%/; cp $SOCKFIX 50%%/sockfix; 50%%/sockfix env --format systemd | "
	      "grep -c '/50%%%%/libsockfix.so$'; 50%%/sockfix env | grep -c '/50%%/libsockfix.so\"'",
		library);
	expect("1\n1\n");
	free(sockfix);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_sh, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_systemd, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_docker, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cron, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_k8s, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_mistakes, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_odd_path, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
