/* `sockfix look --all` at real processes: everyone with TCP sockets, in each network namespace, the
 * worst first; what may not be seen keeps no secret but its name. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/looking.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/netns.h"

#define STALLS "100000", "2", "100"

/* What JSON says of that process. */
static void check(pid_t pid, const char *options)
{
	looking_shell("rm -f json; $LOOK %s --format json >json; echo $?; $CHECK %d <json", options,
		(int)pid);
}

/* ---- who stalls ---- */

static void two_processes(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct launch quiet = {.program = "turns", .argument = {"100000", "1", "200"}};
	struct stalled stalled, other;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	stalled_start(&other, &quiet, 0);
	looking_shell("rm -f json; $LOOK -t 2 --format json >json; echo $?; $CHECK %d %d <json",
		(int)stalled.pid, (int)other.pid);
	looking_expect(0,
		"0\nlisted False 1 0 STALLED N01 proven 127.0.0.1:%d\n"
		"listed False 1 0 IT IS NOT THE SOCKETS\n",
		peer_port(stalled.peer));
	stalled_end(&other);
	stalled_end(&stalled);
}

/* It is proven, and its share is one of the time that it was there. */
static void one_that_begins_later(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	looking_shell(
		"rm -f json status; ($LOOK -t 8 --format json >json; echo $? >status) >/dev/null 2>&1 &");
	usleep(2500000);
	stalled_start(&stalled, &launch, 0);
	looking_shell("i=0; until [ -s status ] || [ $i = 300 ]; do sleep 0.1; i=$((i + 1)); done; "
		      "cat status; $CHECK %d <json",
		(int)stalled.pid);
	looking_expect(0, "0\nlisted False 1 0 STALLED N01 proven 127.0.0.1:%d\n",
		peer_port(stalled.peer));
	stalled_end(&stalled);
}

static void each_network_namespace(void **state)
{
	struct launch launch = {
		.program = "turns", .argument = {STALLS}, .address = NETNS_SERVER_ADDRESS};
	struct stalled stalled;
	struct netns pair;

	(void)state;
	netns_make(&pair);
	launch.netns = pair.client;
	stalled_start(&stalled, &launch, pair.server);
	check(stalled.pid, "--all -t 2");
	looking_expect(0, "0\nlisted False 1 0 STALLED N01 proven %s:%d\n", NETNS_SERVER_ADDRESS,
		peer_port(stalled.peer));
	stalled_end(&stalled);
	netns_free(&pair);
}

/* ---- who may not be seen ---- */

/* Root's, to somebody: what it is, and not whose. */
static void without_a_name(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	need("root");
	stalled_start(&stalled, &launch, 0);
	looking.uid = LOOKING_SOMEBODY;
	MUST(chmod(looking_folder, 0777) == 0);
	looking_shell("rm -f json; $LOOK -t 2 --format json >json; echo $?; $CHECK %d - <json | "
		      "grep -o 'N01 likely 127.0.0.1:%d'; $LOOK -t 1 | grep -o 'without a name$'",
		(int)stalled.pid, peer_port(stalled.peer));
	looking_expect(0, "0\nN01 likely 127.0.0.1:%d\nwithout a name\n", peer_port(stalled.peer));
	stalled_end(&stalled);
}

static void nothing_to_see(void **state)
{
	(void)state;
	need("mounts");
	looking_shell(OWN_MOUNTS
		"-n -p -f --mount-proc $LOOK -t 0.3 2>&1 | sed 's/in 0.*/in TIME/'; " OWN_MOUNTS
		"-n -p -f --mount-proc $LOOK -t 0.3 2>/dev/null; echo $?");
	looking_expect(0, "sockfix: no process that may be seen had a TCP socket in TIME\n2\n");
	looking_shell(OWN_MOUNTS "sh -c \"mount -t tmpfs t /proc; $LOOK -t 0.3\"");
	looking_expect(2, "sockfix: /proc is not mounted here, and without it nobody can say which "
			  "process has which socket\n");
	looking_shell("strace -o /dev/null -e trace=socket -e inject=socket:error=EPROTONOSUPPORT "
		      "$LOOK -t 0.3");
	looking_expect(2, "sockfix: the kernel does not list its sockets (inet_diag: Protocol not "
			  "supported); those of one process may be borrowed: sockfix look -p "
			  "PID\n");
}

/* ---- the screen ---- */

/* A server that is idle, one that answers, and a client that stalls; then a command. */
static const char world_text[] =
	"ip link set lo up\n"
	"serve() {\n"
	"	python3 -u -c \"import socket\n"
	"l = socket.create_server(('127.0.0.1', $1))\n"
	"print('ready')\n"
	"s, _ = l.accept()\n"
	"while s.recv(100, socket.MSG_WAITALL): s.send(b'ok')\" >ready.$1 &\n"
	"	until grep -q ready ready.$1; do sleep 0.1; done\n"
	"}\n"
	"serve 9; serve 143\n"
	"python3 -u -c \"import socket\n"
	"s = socket.create_connection(('127.0.0.1', 143))\n"
	"for turn in range(100000):\n"
	"	s.send(b'x' * 50); s.send(b'x' * 50); s.recv(2)\n"
	"	turn == 9 and print('ready')\" >ready &\n"
	"until grep -q ready ready; do sleep 0.1; done\n"
	"\"$@\"\n";

/* In a world of its own: others may stall on this host, too. */
static void the_screen(void **state)
{
	(void)state;
	need("mounts");
	capture_write(looking_folder, "world.sh", world_text, 0755);
	looking_shell(OWN_MOUNTS "-n -p -f --mount-proc sh world.sh $LOOK -t 2");
	assert_int_equal(looking.status, 0);
	assert_non_null(strstr(looking.out, "\n  STALLED. 1 of 3 processes with TCP sockets.\n\n"));
	assert_non_null(strstr(looking.out, "python3 -u -c $'import socket"));
	assert_non_null(strstr(looking.out, "\n    n01-127-0-0-1-143:\n"));
	assert_non_null(
		strstr(looking.out, "\n  2 others: no stall seen (1 of them moved bytes).\n"));
	assert_null(strstr(looking.out, "without a name"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, looking_set_up, looking_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(two_processes),
		TEST(one_that_begins_later),
		TEST(each_network_namespace),
		TEST(without_a_name),
		TEST(nothing_to_see),
		TEST(the_screen),
	};

	return cmocka_run_group_tests(tests, looking_begin, looking_end);
}
