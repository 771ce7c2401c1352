/* What `sockfix metrics` says of a rule with a holdout is what the program itself has counted: its
 * connections with the rule and without it, their turns, and the time of these between what it took
 * at least and what the program's own clock says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"

static struct capture capture;
static char *folder, *sockfix;

/* A client, a server or the child of a fork; ours is what the command says of the process, by arm
 * and what. Whether the rule holds on a connection is in the kernel's list: a keepalive timer. */
static const char program[] =
	"import os, re, socket, subprocess, sys, time\n"
	"def ours(pid):\n"
	"    text = subprocess.run([sys.argv[1], 'metrics'], stdout=subprocess.PIPE, text=True,\n"
	"                          env={}, check=True).stdout\n"
	"    found = {}\n"
	"    for name, arm, value in re.findall(\n"
	"            r'^sockfix_(\\w+)\\{rule=\"counted-' + sys.argv[3] + r'\",arm=\"(\\w+)\",'\n"
	"            r'peer=\"loopback\",[^}]*program=\"python3[^}]*\\} ([0-9.e+-]+)$', text, re.M):\n"
	"        if 'bucket' not in name:\n"
	"            found[arm, name] = float(value)\n"
	"    return found\n"
	"def is_mended(c):\n"
	"    me = ':%04X' % c.getsockname()[1]\n"
	"    lines = [l.split() for l in open('/proc/net/tcp')]\n"
	"    return any(l[1].endswith(me) and l[5].startswith('02') for l in lines)\n"
	"class Arm:\n"
	"    connections = turns = 0\n"
	"    seconds = 0.0\n"
	"arms = {True: Arm(), False: Arm()}\n"
	"def turn(c, arm):\n"
	"    began = time.monotonic()\n"
	"    c.sendall(b'one')\n"
	"    c.sendall(b' two\\n')\n"
	"    got = b''\n"
	"    while not got.endswith(b'\\n'):\n"
	"        got += c.recv(100)\n"
	"    arm.turns += 1\n"
	"    arm.seconds += time.monotonic() - began\n"
	"def talk(at, turns):\n"
	"    c = socket.create_connection(at)\n"
	"    arm = arms[is_mended(c)]\n"
	"    arm.connections += 1\n"
	"    for _ in range(turns):\n"
	"        turn(c, arm)\n"
	"    return c\n"
	"def compare(found):\n"
	"    for mended, arm in arms.items():\n"
	"        name = 'mended' if mended else 'bare'\n"
	"        said = [found.get((name, n), 0) for n in ('holdout_connections_total',\n"
	"                'turn_seconds_count', 'turn_seconds_sum', 'turn_squared_seconds_total')]\n"
	"        if said[:2] != [arm.connections, arm.turns]:\n"
	"            print(name, 'connections, turns', said[:2], 'not', [arm.connections, arm.turns])\n"
	"        if not arm.turns * 0.004 <= said[2] <= arm.seconds:\n"
	"            print(name, said[2], 'seconds, not', arm.turns * 0.004, 'to', arm.seconds)\n"
	"        if arm.turns and said[3] < said[2] ** 2 / arm.turns * 0.999999:\n"
	"            print(name, 'squares', said[3], 'of', said[2], 'seconds')\n"
	"    print('compared')\n"
	"at = '127.0.0.1', int(sys.argv[2])\n"
	"def client():\n"
	"    for _ in range(30):\n"
	"        talk(at, 3).close()\n"
	"    compare(ours(os.getpid()))\n"
	"    c = socket.create_connection(at)\n" /* which another one of the process has, too */
	"    arms[is_mended(c)].connections += 1\n"
	"    compare(ours(os.getpid()))\n"
	/* What the parent has counted is not the child's; a connection that it has begun goes on.
	 */
	"    out, into = os.pipe()\n"
	"    if os.fork() == 0:\n"
	"        turn(c, arms[is_mended(c)])\n"
	"        c.close()\n"
	"        os.close(into)\n"
	"        time.sleep(600)\n"
	"    os.close(into)\n"
	"    os.read(out, 1)\n"
	"    found = ours(os.getpid())\n"
	"    total = sum(v for (arm, n), v in found.items() if n == 'turn_seconds_count')\n"
	"    ends = sum(v for (arm, n), v in found.items() if n == 'holdout_connections_total')\n"
	"    print('both have', int(total) - 90, 'turn more and', int(ends), 'connections',\n"
	"          flush=True)\n"
	"client()\n"
	"os.kill(0, 15)\n";

/* Answers each line 4 ms later; starts the client, as a group of its own, and prints what it says.
 */
static const char server[] =
	"import os, socket, subprocess, sys, threading, time\n"
	"s = socket.create_server(('127.0.0.1', 0), backlog=100)\n"
	"def answer(c):\n"
	"    while True:\n"
	"        got = c.recv(100)\n"
	"        if not got:\n"
	"            return\n"
	"        if got.endswith(b'\\n'):\n"
	"            time.sleep(0.004)\n"
	"            c.sendall(b'o')\n"
	"            c.sendall(b'k\\n')\n"
	"def accept():\n"
	"    while True:\n"
	"        threading.Thread(target=answer, args=(s.accept()[0],), daemon=True).start()\n"
	"threading.Thread(target=accept, daemon=True).start()\n"
	"port, mark = s.getsockname()[1], str(os.getpid())\n"
	"open('half.conf', 'w').write(\n"
	"    'counted-' + mark + ': { match: { role = \"client\"; }; holdout = 50;'\n"
	"    ' set: { so_keepalive = true; }; };\\n')\n"
	"done = subprocess.run([sys.argv[1], 'run', '-r', 'half.conf', '--', '/usr/bin/python3', '-S',\n"
	"                       'program.py', sys.argv[1], str(port), mark],\n"
	"                      stdout=subprocess.PIPE, text=True, start_new_session=True)\n"
	"print(done.stdout, end='')\n";

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	sockfix = build_path("sockfix");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	capture_write(folder, "program.py", program, 0644);
	capture_write(folder, "server.py", server, 0644);
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

static void arms_are_what_the_program_counts(void **state)
{
	(void)state;
	capture_run(&capture, (const char *[]){"/usr/bin/python3", "server.py", sockfix, NULL});
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out, "compared\ncompared\n"
					 "both have 1 turn more and 31 connections\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			arms_are_what_the_program_counts, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
