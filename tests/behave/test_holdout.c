/* A rule with a holdout and programs that are started for each connection, or fork for each: about
 * so many of them go without it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"

static struct capture capture;
static char *folder, *sockfix;

/* Prints whether the kernel's list has its connection with a keepalive timer. One connection a
 * process: `exec` starts them anew, `fork` is a parent with children. */
static const char client[] =
	"import os, socket, sys\n"
	"def one(at):\n"
	"    c = socket.create_connection(at)\n"
	"    me = ':%04X' % c.getsockname()[1]\n"
	"    lines = [l.split() for l in open('/proc/net/tcp')]\n"
	"    os.write(1, b'with\\n' if any(l[1].endswith(me) and l[5].startswith('02') for l in lines)\n"
	"             else b'bare\\n')\n"
	"at = '127.0.0.1', int(sys.argv[2])\n"
	"if sys.argv[1] == 'exec':\n"
	"    one(at)\n"
	"for _ in range(0 if sys.argv[1] == 'exec' else 40):\n"
	"    if os.fork() == 0:\n"
	"        one(at)\n"
	"        os._exit(0)\n"
	"    os.wait()\n";

static const char server[] =
	"import socket, subprocess, sys\n"
	"s = socket.create_server(('127.0.0.1', 0), backlog=1000)\n"
	"run = [sys.argv[1], 'run', '-r', 'half.conf', '--', '/usr/bin/python3', '-S', 'client.py',\n"
	"       sys.argv[2], str(s.getsockname()[1])]\n"
	"out = ''.join(subprocess.run(run, stdout=subprocess.PIPE, text=True).stdout\n"
	"              for _ in range(40 if sys.argv[2] == 'exec' else 1)).split()\n"
	"bare = out.count('bare')\n"
	"print(len(out), 'about half' if 5 <= bare <= 35 else bare)\n";

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	capture_write(folder, "client.py", client, 0644);
	capture_write(folder, "server.py", server, 0644);
	capture_write(folder, "half.conf",
		"half: { match: { role = \"client\"; }; holdout = 50; set: { so_keepalive = true; "
		"}; };\n",
		0644);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	capture_folder_free(folder);
	free(sockfix);
	return 0;
}

/* By chance fewer than six or more than 35 of forty come once in a million runs. */
static void expect_half(const char *how)
{
	capture_run(
		&capture, (const char *[]){"/usr/bin/python3", "server.py", sockfix, how, NULL});
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out, "40 about half\n");
}

static void of_programs_started_for_each(void **state)
{
	(void)state;
	expect_half("exec");
}

static void of_children_forked_for_each(void **state)
{
	(void)state;
	expect_half("fork");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(of_programs_started_for_each),
		TEST(of_children_forked_for_each),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
