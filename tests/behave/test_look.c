/* `sockfix look` at real processes: it names the connection that stalls and no other, whoever the
 * program belongs to and wherever it is, and says in one sentence why it cannot. What is made of
 * which looks is decided in tests/unit. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/looking.h"
#include "tests/helper/compile.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/netns.h"

/* What JSON says of that process, in check.py's words. */
static void check(pid_t pid, const char *options)
{
	looking_shell("rm -f json; $LOOK -p %d %s --format json >json; echo $?; $CHECK <json",
		(int)pid, options);
}

static void expect_stalled(const struct stalled *stalled, const char *address, const char *way)
{
	looking_expect(0, "0\n%s False 1 0 STALLED N01 proven %s:%d\n", way, address,
		peer_port(stalled->peer));
}

#define STALLS "100000", "2", "100"

/* ---- who stalls ---- */

/* Of a thousand and sixteen connections of one program, by itself and among everyone's. */
static void the_stalled_one_of_many(void **state)
{
	const struct peer_plan plan[4] = {{.answer_every = 100}, {.pattern = true},
		{.pattern = true}, {.answer_lines = true, .think_us = 300000}};
	struct launch launch = {.program = "mingled"};
	struct outcome outcome;
	struct peer *peer[4];
	struct run *run;
	char port[4][16];

	(void)state;
	for (int i = 0; i < 4; i++) {
		peer[i] = peer_start(&plan[i]);
		snprintf(port[i], sizeof(port[i]), "%d", peer_port(peer[i]));
		launch.argument[i] = port[i];
	}
	run = run_start(&launch);
	assert_string_equal(run_mark(run), "stalls");
	check(run_pid(run), "-t 4");
	looking_expect(0, "0\nlisted False 1016 0 STALLED N01 proven 127.0.0.1:%s\n", port[0]);
	looking_shell("$LOOK -t 4 --format json >json; $CHECK %d <json", (int)run_pid(run));
	looking_expect(0, "listed False 1016 0 STALLED N01 proven 127.0.0.1:%s\n", port[0]);
	run_go(run);
	run_finish(run, &outcome);
	assert_int_equal(outcome.status, 0);
	outcome_free(&outcome);
	for (int i = 0; i < 4; i++)
		peer_stop(peer[i]);
}

static void a_full_queue(void **state)
{
	struct launch launch = {.program = "mingled", .argument = {"listen"}};
	struct run *run = run_start(&launch);
	struct outcome outcome;
	int port;

	(void)state;
	assert_int_equal(sscanf(run_mark(run), "port %d", &port), 1);
	looking_shell("$LOOK -p %d -t 3 --format json >json; echo $?; $CHECK <json "
		      "| grep -o 'C02 [a-z]* port [0-9]*\\|C01 [a-z]*\\|N[0-9][0-9]' | sort",
		(int)run_pid(run));
	looking_expect(0, "0\nC01 proven\nC02 proven port %d\n", port);
	run_go(run);
	run_finish(run, &outcome);
	outcome_free(&outcome);
}

/* ---- whose it is, and where ---- */

static void the_screen(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;
	char *part;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	looking_shell("$LOOK -p %d -t 1", (int)stalled.pid);
	assert_int_equal(looking.status, 0);
	assert_string_equal(looking.err, "");
	part = must_print("\n  STALLED. ");
	assert_non_null(strstr(looking.out, part));
	free(part);
	part = must_print("\n  %d ", (int)stalled.pid);
	assert_non_null(strstr(looking.out, part));
	free(part);
	part = must_print("\n    n01-127-0-0-1-%d:\n", peer_port(stalled.peer));
	assert_non_null(strstr(looking.out, part));
	free(part);
	assert_non_null(strstr(looking.out, "\n        sockfix explain N01\n"));
	stalled_end(&stalled);
}

static void a_static_program(void **state)
{
	char *path = compile("turns-static", "tests/victims/turns.c", "-static -I.");
	struct launch launch = {.program = path, .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	check(stalled.pid, "-t 1");
	expect_stalled(&stalled, "127.0.0.1", "listed");
	stalled_end(&stalled);
	free(path);
}

static void ones_own_without_root(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}, .uid = LOOKING_SOMEBODY};
	struct stalled stalled;

	(void)state;
	need("root");
	stalled_start(&stalled, &launch, 0);
	looking.uid = LOOKING_SOMEBODY;
	MUST(chmod(looking_folder, 0777) == 0);
	check(stalled.pid, "-t 1");
	expect_stalled(&stalled, "127.0.0.1", "listed");
	stalled_end(&stalled);
}

static void somebody_elses(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	need("root");
	stalled_start(&stalled, &launch, 0);
	looking.uid = LOOKING_SOMEBODY;
	looking_shell("$LOOK -p %d -t 0.2", (int)stalled.pid);
	looking_expect(2,
		"sockfix: process %d (turns) belongs to root, and its sockets are shown to that "
		"user and to root alone; as one of them: sockfix look -p %d\n",
		(int)stalled.pid, (int)stalled.pid);
	stalled_end(&stalled);
}

/* As root from within; as its user by borrowing. */
static void another_network_namespace(void **state)
{
	struct launch launch = {.program = "turns",
		.argument = {STALLS},
		.uid = LOOKING_SOMEBODY,
		.address = NETNS_SERVER_ADDRESS};
	struct stalled stalled;
	struct netns pair;

	(void)state;
	netns_make(&pair);
	launch.netns = pair.client;
	stalled_start(&stalled, &launch, pair.server);
	check(stalled.pid, "-t 1");
	expect_stalled(&stalled, NETNS_SERVER_ADDRESS, "listed");
	looking.uid = LOOKING_SOMEBODY;
	MUST(chmod(looking_folder, 0777) == 0);
	check(stalled.pid, "-t 1");
	expect_stalled(&stalled, NETNS_SERVER_ADDRESS, "borrowed");
	stalled_end(&stalled);
	netns_free(&pair);
}

/* What the kernel does not list is borrowed. */
static void a_kernel_without_lists(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	looking_shell("strace -o /dev/null -e trace=socket -e inject=socket:error=EPROTONOSUPPORT "
		      "$LOOK -p %d -t 1 --format json | $CHECK",
		(int)stalled.pid);
	looking_expect(
		0, "borrowed False 1 0 STALLED N01 proven 127.0.0.1:%d\n", peer_port(stalled.peer));
	looking_shell(
		"strace -o /dev/null -e trace=socket,pidfd_getfd -e inject=socket:error=EAFNOSUPPORT "
		"-e inject=pidfd_getfd:error=EPERM $LOOK -p %d -t 2",
		(int)stalled.pid);
	looking_expect(2,
		"sockfix: the kernel does not list its sockets (inet_diag: Address family not "
		"supported by protocol), and those of process %d (turns) may not be borrowed; as "
		"root: sockfix look -p %d\n",
		(int)stalled.pid, (int)stalled.pid);
	stalled_end(&stalled);
}

/* ---- ends ---- */

static void one_that_ends(void **state)
{
	struct launch launch = {.program = "turns", .argument = {"30", "2", "100"}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	check(stalled.pid, "-t 100");
	looking_expect(
		0, "0\nlisted True 1 0 STALLED N01 proven 127.0.0.1:%d\n", peer_port(stalled.peer));
	stalled_end(&stalled);
}

static void a_signal_prints(void **state)
{
	struct launch launch = {.program = "turns", .argument = {STALLS}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	looking_shell(
		"timeout --preserve-status -s INT 1 $LOOK -p %d -t 100 --format json >json; echo $?; "
		"grep stopped json",
		(int)stalled.pid);
	looking_expect(0, "0\n  \"stopped\": true,\n");
	stalled_end(&stalled);
}

static void nobody_there(void **state)
{
	const pid_t pid = fork();

	(void)state;
	if (pid == 0)
		_exit(0);
	MUST(waitid(P_PID, (id_t)pid, &(siginfo_t){0}, WEXITED | WNOWAIT) == 0);
	looking_shell("$LOOK -p %d -t 0.2", (int)pid);
	looking_expect(2, "sockfix: process %d ended before it could be looked at\n", (int)pid);
	MUST(waitpid(pid, NULL, 0) == pid);
	looking_shell("$LOOK -p %d -t 0.2", (int)pid);
	looking_expect(2, "sockfix: there is no process %d\n", (int)pid);
}

static void no_socket(void **state)
{
	struct launch launch = {.program = "mingled", .argument = {"none"}};
	struct run *run = run_start(&launch);
	struct outcome outcome;

	(void)state;
	assert_non_null(run_mark(run));
	looking_shell(
		"$LOOK -p %d -t 0.5 2>&1 | sed 's/in 0.*/in TIME/'; $LOOK -p %d -t 0.2 2>/dev/null; "
		"echo $?",
		(int)run_pid(run), (int)run_pid(run));
	looking_expect(0, "sockfix: process %d (mingled) had no TCP socket in TIME\n2\n",
		(int)run_pid(run));
	run_go(run);
	run_finish(run, &outcome);
	outcome_free(&outcome);
}

static void proc_that_hides(void **state)
{
	const int here = (int)getpid();

	(void)state;
	need("mounts");
	looking_shell(OWN_MOUNTS "sh -c \"mount -t tmpfs t /proc; $LOOK -p %d -t 0.2\"", here);
	looking_expect(2,
		"sockfix: /proc is not mounted here, and without it nobody can say which sockets "
		"process %d has\n",
		here);
	looking_shell(OWN_MOUNTS
		"sh -c \"mount -t proc -o hidepid=2 p /proc; setpriv --reuid %d --regid %d "
		"--clear-groups $LOOK -p %d -t 0.2\"",
		LOOKING_SOMEBODY, LOOKING_SOMEBODY, here);
	looking_expect(2,
		"sockfix: there is a process %d, but /proc hides it (hidepid); as root: sockfix "
		"look -p %d\n",
		here, here);
}

/* ---- what is asked ---- */

static void misuse(void **state)
{
	(void)state;
	capture_sockfix(&looking, "look -p 1 --all");
	assert_int_equal(looking.status, 2);
	assert_non_null(strstr(looking.err, "-p and --all exclude each other"));
	capture_sockfix(&looking, "look -p x");
	assert_int_equal(looking.status, 2);
	assert_non_null(strstr(looking.err, "-p takes the number of a process, not 'x'"));
	capture_sockfix(&looking, "look -p 1 -t 0");
	assert_int_equal(looking.status, 2);
	assert_non_null(strstr(looking.err, "-t takes seconds"));
	capture_sockfix(&looking, "look -p 1 --rate 1001");
	assert_int_equal(looking.status, 2);
	capture_sockfix(&looking, "look -p 1 --format xml");
	assert_int_equal(looking.status, 2);
	capture_sockfix(&looking, "look -p 1 30");
	assert_int_equal(looking.status, 2);
	assert_non_null(strstr(looking.err, "'30' is one word too many"));
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, looking_set_up, looking_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(the_stalled_one_of_many),
		TEST(a_full_queue),
		TEST(the_screen),
		TEST(a_static_program),
		TEST(ones_own_without_root),
		TEST(somebody_elses),
		TEST(another_network_namespace),
		TEST(a_kernel_without_lists),
		TEST(one_that_ends),
		TEST(a_signal_prints),
		TEST(nobody_there),
		TEST(no_socket),
		TEST(proc_that_hides),
		TEST(misuse),
	};

	return cmocka_run_group_tests(tests, looking_begin, looking_end);
}
