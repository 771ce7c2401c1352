/* `sockfix look` at programs of all kinds: it asks the kernel, so it is all one what they are made
 * of, and how many sockets they have. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/compile.h"
#include "tests/helper/looking.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

static void expect_stalled(struct stalled *stalled)
{
	looking_shell(
		"$LOOK -p %d -t 1.5 --format json >json; echo $?; $CHECK <json", (int)stalled->pid);
	looking_expect(0, "0\nlisted False 1 0 STALLED N01 proven 127.0.0.1:%d\n",
		peer_port(stalled->peer));
	stalled_end(stalled);
}

/* As Go's are: static, and without a libc between it and the kernel. */
static void bare_system_calls(void **state)
{
	char *path = compile("looked-static", "tests/victims/looked.c", "-static -I. -lpthread");
	struct launch launch = {.program = path, .argument = {"raw"}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	expect_stalled(&stalled);
	free(path);
}

static void java(void **state)
{
	const struct peer_plan plan = {.answer_lines = true};
	struct stalled stalled = {.peer = peer_start(&plan)};
	char *port = must_print("%d", peer_port(stalled.peer));
	struct launch launch = {.program = "PATH:java",
		.argument = {"tests/real/clients/Lines.java", port, "100000"}};

	(void)state;
	stalled.run = run_start(&launch);
	stalled.pid = run_pid(stalled.run);
	for (int turn = 0; turn < 5; turn++)
		assert_string_equal(run_mark(stalled.run), "ok");
	expect_stalled(&stalled);
	free(port);
}

/* Somebody's own, by somebody; and by root. */
static void a_user_namespace(void **state)
{
	char *turns = build_path("victims/turns");
	struct launch launch = {.program = "PATH:unshare",
		.argument = {"-U", turns, "100000", "2", "100"},
		.uid = LOOKING_SOMEBODY};
	struct stalled stalled;

	(void)state;
	need("root");
	MUST(chmod(looking_folder, 0777) == 0);
	for (int root = 0; root < 2; root++) {
		stalled_start(&stalled, &launch, 0);
		looking.uid = root ? 0 : LOOKING_SOMEBODY;
		looking_shell("rm -f json");
		expect_stalled(&stalled);
	}
	free(turns);
}

/* As many as may be opened, up to that; the pace is kept (looking.h). */
static void twenty_thousand_sockets(void **state)
{
	struct rlimit limit;
	struct launch launch = {.program = "mingled", .argument = {"many", NULL}};
	struct run *run;
	struct outcome outcome;
	char count[16];
	int sockets;

	(void)state;
	MUST(getrlimit(RLIMIT_NOFILE, &limit) == 0);
	sockets = (limit.rlim_max > 20100 ? 20000 : (int)limit.rlim_max - 100) & ~1;
	snprintf(count, sizeof(count), "%d", sockets);
	launch.argument[1] = count;
	run = run_start(&launch);
	assert_string_equal(run_mark(run), "there");
	for (int all = 0; all < 2; all++) {
		looking_shell("%s=%d; $LOOK ${one:+-p $one} -t 6 --format json >json; "
			      "$CHECK %d <json",
			all ? "all" : "one", (int)run_pid(run), (int)run_pid(run));
		looking_expect(0, "listed False %d 0 NOT SURE\n", sockets);
	}
	run_go(run);
	run_finish(run, &outcome);
	outcome_free(&outcome);
}

/* What was seen of one that ends meanwhile is said. */
static void one_of_all_that_ends(void **state)
{
	struct launch launch = {.program = "turns", .argument = {"100000", "2", "100"}};
	struct stalled stalled;

	(void)state;
	stalled_start(&stalled, &launch, 0);
	looking_shell("$LOOK -t 5 --format json >json & sleep 2; kill -9 %d; wait; $CHECK %d <json",
		(int)stalled.pid, (int)stalled.pid);
	looking_expect(
		0, "listed True 1 0 STALLED N01 proven 127.0.0.1:%d\n", peer_port(stalled.peer));
	stalled_end(&stalled);
}

/* Its number is another's in the middle of a look, which is so only where PIDs are given away by
 * hand: both are there, each with its own. */
static void a_number_that_is_used_again(void **state)
{
	static const char text[] =
		"ip link set lo up\n"
		"python3 -u -c \"import socket\n"
		"l = socket.create_server(('127.0.0.1', 9)); print('ready')\n"
		"held = [l.accept() for i in range(2)]; l.accept()\" >ready &\n"
		"until grep -q ready ready; do sleep 0.1; done\n"
		"hold='import socket, time; s = socket.create_connection((\"127.0.0.1\", 9)); "
		"time.sleep(100)'\n"
		"echo 200 >/proc/sys/kernel/ns_last_pid; python3 -c \"$hold\" & first=$!\n"
		"sleep 1; \"$@\" >json & look=$!\n"
		"sleep 2; kill -9 $first; wait $first\n"
		"echo 200 >/proc/sys/kernel/ns_last_pid; python3 -c \"$hold\" & second=$!\n"
		"wait $look; echo $first $second\n";

	(void)state;
	need("mounts");
	capture_write(looking_folder, "again.sh", text, 0755);
	looking_shell(OWN_MOUNTS "-n -p -f --mount-proc sh again.sh $LOOK -t 6 --format json "
				 "2>/dev/null; $CHECK 201 <json | cut -d' ' -f1-4");
	looking_expect(0, "201 201\nlisted True 1 0\nlisted False 1 0\n");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, looking_set_up, looking_tear_down)
	const struct CMUnitTest tests[] = {
		TEST(bare_system_calls),
		TEST(java),
		TEST(a_user_namespace),
		TEST(twenty_thousand_sockets),
		TEST(one_of_all_that_ends),
		TEST(a_number_that_is_used_again),
	};

	return cmocka_run_group_tests(tests, looking_begin, looking_end);
}
