/* `sockfix run` as root on programs that no library reaches: a program on a cgroup of their own
 * sets the options, the stalls end, and nothing is left behind. Stalls are counted by what stands
 * unsent when the victim begins to wait. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/helper/bpf.h"
#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/compile.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/peer.h"

enum { NOT_DELAYED = 2 }; /* a peer acknowledges at once until it knows better */

#define SOURCE "tests/victims/scoped"
#define JOINS                                                                                      \
	"sockfix: no segments are joined from outside of a program: coalesce becomes "             \
	"TCP_NODELAY\n"

/* With the default alone COMMAND is mended from beside (test_beside.c). */
#define RULED "-s coalesce=auto "

static struct capture capture;
static char *still; /* the victim */

/* A cgroup of a run here; the caller frees it. NULL: there is none. */
static char *run_cgroup(void)
{
	char *own = bpf_cgroup_own(), *found = NULL;
	DIR *folder = opendir(own);
	struct dirent *entry;

	MUST(folder);
	while (!found && (entry = readdir(folder)))
		if (strncmp(entry->d_name, "sockfix-run-", 12) == 0)
			found = must_print("%s/%s", own, entry->d_name);
	closedir(folder);
	free(own);
	return found;
}

static const struct timespec a_moment = {.tv_nsec = 10000000};
enum { MOMENTS = MUST_SECONDS * 100 };

static bool is_gone(const char *folder)
{
	for (int i = 0; i < MOMENTS; i++) {
		if (access(folder, F_OK) != 0)
			return true;
		nanosleep(&a_moment, NULL);
	}
	return false;
}

/* What ended in the test before is gone. */
static int set_up(void **state)
{
	char *before = run_cgroup();

	(void)state;
	MUST(!before || is_gone(before));
	free(before);
	capture = (struct capture){.env = capture_clean};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	return 0;
}

static void expect_kind(const char *program, const char *kind)
{
	char *words = must_print("sockfix: %s %s: its options are set by the kernel, in a cgroup "
				 "of its own (BPF)\n" JOINS,
		program, kind);

	assert_string_equal(capture.err, words);
	free(words);
}

static void run(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void run(const char *format, ...)
{
	char line[4096];
	va_list list;

	va_start(list, format);
	vsnprintf(line, sizeof(line), format, list);
	va_end(list);
	capture_sockfix(&capture, line);
}

/* A path in the victim's folder; the caller frees it. */
static char *beside(const char *name)
{
	return must_print("%.*s/%s", (int)(strrchr(still, '/') - still), still, name);
}

/* ---- stalls ---- */

struct turns {
	int nodelay, kept;
	uint32_t segments;
	char out[200];
};

/* mended: by sockfix run. */
static struct turns play(const char *program, const char *mended)
{
	const struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	const char *port = text_of(peer_port(peer));
	struct turns turns = {0};
	int of;

	if (mended)
		run("run %s-- %s turns 127.0.0.1 %s " TURNS_TEXT, mended, program, port);
	else
		capture_run(&capture, PROGRAM(program, "turns", "127.0.0.1", port, TURNS_TEXT));
	assert_int_equal(capture.status, 0);
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	turns.segments = peer_segments(peer, 0);
	snprintf(turns.out, sizeof(turns.out), "%s", capture.out);
	assert_int_equal(
		sscanf(capture.out, "nodelay %d, kept %d of %d", &turns.nodelay, &turns.kept, &of),
		3);
	assert_int_equal(of, TURNS);
	peer_stop(peer);
	return turns;
}

static void expect_cured(const char *program, const char *kind)
{
	struct turns turns = play(program, NULL);

	assert_int_equal(turns.nodelay, 0);
	assert_in_range(turns.kept, TURNS - NOT_DELAYED, TURNS);
	turns = play(program, RULED);
	expect_kind(program, kind);
	assert_int_equal(turns.nodelay, 1);
	assert_int_equal(turns.kept, 0);
	/* and nobody else */
	turns = play(program, NULL);
	assert_int_equal(turns.nodelay, 0);
}

static void c_is_cured(void **state)
{
	(void)state;
	expect_cured(still, "is statically linked");
}

static void musl_is_cured(void **state)
{
	char *program = beside("still-musl");

	(void)state;
	capture_run(&capture,
		PROGRAM("musl-gcc", "-D_GNU_SOURCE", "-static", "-O1", "-o", program, SOURCE ".c"));
	assert_int_equal(capture.status, 0);
	expect_cured(program, "is statically linked");
	free(program);
}

static void rust_is_cured(void **state)
{
	char *program = beside("still-rust");

	(void)state;
	capture_run(&capture, PROGRAM("sh", "-c", "command -v rustc"));
	if (capture.status != 0) {
		print_message("there is no rustc here\n");
		free(program);
		return;
	}
	capture_run(&capture,
		PROGRAM("rustc", "-C", "target-feature=+crt-static", "-o", program, SOURCE ".rs"));
	assert_int_equal(capture.status, 0);
	expect_cured(program, "is statically linked");
	free(program);
}

/* It sets TCP_NODELAY itself, and keepalives. */
static void go_is_unharmed(void **state)
{
	char *program = beside("still-go"), *folder = beside("go-cache"),
	     *cache = must_print("GOCACHE=%s", folder);
	struct turns bare, with;

	(void)state;
	capture_run(&capture, PROGRAM("env", "GOFLAGS=", "GO111MODULE=off", cache, "go", "build",
				      "-o", program, SOURCE ".go"));
	assert_int_equal(capture.status, 0);
	bare = play(program, NULL);
	with = play(program, RULED);
	expect_kind(program, "is a Go program");
	assert_int_equal(bare.nodelay, 1);
	assert_string_equal(bare.out, with.out);
	assert_int_equal(with.kept, 0);
	assert_in_range(with.segments, bare.segments - 2, bare.segments + 2);
	free(program);
	free(folder);
	free(cache);
}

/* Other options than that one it gets, where it does not set them itself later. */
static void go_gets_the_rest(void **state)
{
	char *program = beside("still-go");
	struct turns with;

	(void)state;
	with = play(program, "-s coalesce=off -s tcp_user_timeout=30s ");
	expect_kind(program, "is a Go program");
	assert_int_equal(with.nodelay, 1);
	assert_non_null(strstr(with.out, ", user_timeout 30000\n"));
	free(program);
}

/* ---- rules ---- */

static void rules_about_the_process(void **state)
{
	char *folder = capture_folder_new(), *file = must_print("%s/r.conf", folder);

	(void)state;
	capture_write(folder, "r.conf",
		"mine: { match: { program = \"still-*\"; args = \"own*\"; }; set: { tcp_keepcnt = 3; }; };\n"
		"other: { match: { program = \"other\"; }; set: { tcp_keepcnt = 4; }; };\n"
		"spared: { match: { program = \"still-*\"; }; set: { tcp_quickack = true; }; };\n"
		"leave_alone = ( { program = \"other\"; } );\n",
		0644);
	run("run -r %s -- env %s own 4", file, still);
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.out, "client: nodelay 0 keepalive 0 keepcnt 3 "));
	assert_non_null(strstr(capture.out, "accepted: nodelay 0 keepalive 0 keepcnt 3 "));
	free(file);
	file = must_print(
		"sockfix: %s/r.conf:3: spared: tcp_quickack cannot be set from outside of "
		"the program and is left out: the kernel forgets it, and takes it anew "
		"from the program alone\n"
		"sockfix: %s is statically linked: its options are set by the kernel, in "
		"a cgroup of its own (BPF)\n",
		folder, still);
	assert_string_equal(capture.err, file);
	free(file);
	capture_folder_free(folder);
}

static void expect_bare(const char *why)
{
	assert_non_null(strstr(capture.err, why));
	assert_non_null(strstr(capture.err, "is statically linked, no library can be preloaded"));
	assert_non_null(strstr(capture.err, " without "));
	assert_non_null(strstr(capture.out, "client: nodelay 0 "));
}

static void what_cannot_be_runs_bare(void **state)
{
	(void)state;
	run("run -s tcp_quickack=true -P hands-off -- %s own 4", still);
	expect_bare("sockfix: these rules set nothing that could be set from outside of a "
		    "program\n");
	assert_int_equal(capture.status, 0);
	run("run --no-children " RULED "-- %s own 4", still);
	expect_bare("sockfix: --no-children cannot be had in a cgroup: what ");
	run("run --strict -s tcp_quickack=true -P hands-off -- %s own 4", still);
	assert_int_equal(capture.status, 125);
	assert_string_equal(capture.out, "");
	capture_run(&capture, PROGRAM("env", "SOCKFIX_OFF=1", "build/sockfix", "run", "-s",
				      "coalesce=auto", still, "own", "4"));
	expect_bare("");
}

/* By the default alone only what stalls is to be touched, and that is seen from beside. */
static void the_default_alone_is_for_beside(void **state)
{
	static const char *const by_default[] = {
		"", "-P default ", "-s tcp_keepcnt=5 ", "-P default -s coalesce=auto "};

	(void)state;
	for (size_t i = 0; i < sizeof(by_default) / sizeof(*by_default); i++) {
		run("run %s-- %s look", by_default[i], still);
		assert_int_equal(strstr(capture.err, "mended from beside") != NULL, i < 3);
		assert_int_equal(strstr(capture.err, "(BPF)") != NULL, i == 3);
	}
}

/* A sandbox may kill whoever calls bpf(2) or takes descriptors: COMMAND does not. */
static void in_a_sandbox_that_kills(void **state)
{
	char *barred = beside("barred"), *sockfix = build_path("sockfix");
	const int calls[] = {SYS_bpf, SYS_pidfd_getfd};

	(void)state;
	capture_run(&capture, PROGRAM("cc", "-o", barred, "tests/victims/barred.c"));
	assert_int_equal(capture.status, 0);
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		char *number = must_print("%d", calls[i]), *left;

		for (int rules = 0; rules < 2; rules++) {
			capture_run(&capture, PROGRAM(barred, number, sockfix, "run", "-s",
						      rules ? "coalesce=auto" : "tcp_keepcnt=5",
						      "--", still, "own", "4"));
			assert_int_equal(capture.status, 0);
			assert_non_null(strstr(capture.out, "client: nodelay "));
		}
		free(number);
		left = run_cgroup();
		assert_true(!left || is_gone(left));
		free(left);
	}
	free(barred);
	free(sockfix);
}

/* Who may not ask the kernel has the other way, and not a word of this one. */
static void without_the_capability(void **state)
{
	char *words =
		must_print("sockfix: %s is statically linked, no library can be preloaded into "
			   "it: a dynamically linked build of it works, and while it runs "
			   "sockfix mend -p PID\n"
			   "sockfix: running %s without the library\n",
			still, still);
	char *sockfix = build_path("sockfix");

	(void)state;
	capture_run(&capture, PROGRAM("setpriv", "--bounding-set", "-sys_admin,-bpf", sockfix,
				      "run", "--", still, "own", "4"));
	assert_memory_equal(capture.err, words, strlen(words));
	assert_null(strstr(capture.err, "cgroup"));
	free(words);
	free(sockfix);
}

static void strict_is_content(void **state)
{
	(void)state;
	run("run --strict " RULED "-- %s stay", still);
	expect_kind(still, "is statically linked");
	assert_int_equal(capture.status, 3);
	kill(atoi(capture.out), SIGKILL);
}

static void dry_says_the_way(void **state)
{
	char *words =
		must_print("sockfix: %s is statically linked: its options would be set by the "
			   "kernel, in a cgroup of its own (BPF)\n" JOINS,
			still);

	(void)state;
	run("run -n " RULED "-- %s stay", still);
	assert_string_equal(capture.err, words);
	assert_string_equal(capture.out, "");
	assert_int_equal(capture.status, 0);
	free(words);
}

/* ---- manners ---- */

static void it_cannot_tell(void **state)
{
	char *bare, *sockfix = build_path("sockfix"), *folder;

	(void)state;
	capture_run(&capture, PROGRAM(still, "look"));
	bare = must_print("%s", capture.out);
	run("run " RULED "-- %s look", still);
	assert_string_equal(capture.out, bare);
	assert_non_null(strstr(bare, ", no child, no LD_PRELOAD, no SOCKFIX_RULES\n"));
	/* nor one that is the init of its processes, and would get ours as a child */
	capture_run(&capture, PROGRAM("unshare", "-pf", sockfix, "run", "--", still, "look"));
	assert_string_equal(capture.out, bare);
	run("run -n " RULED "-- %s look", still);
	folder = run_cgroup();
	assert_true(!folder || is_gone(folder));
	free(folder);
	free(sockfix);
	free(bare);
}

/* ---- the end ---- */

static void expect_nothing_left(const char *folder, uint32_t program, uint32_t map)
{
	assert_true(is_gone(folder));
	assert_true(bpf_program_ends(program));
	assert_true(bpf_map_ends(map));
}

/* As long as what COMMAND has left behind lives, its rules hold; then nothing is left. */
static void all_ends_with_the_last_process(void **state)
{
	uint32_t program[BPF_PROGRAMS], map[BPF_PROGRAMS];
	char *folder;
	pid_t child;

	(void)state;
	run("run " RULED "-- %s stay", still);
	assert_int_equal(capture.status, 3);
	child = atoi(capture.out);
	folder = run_cgroup();
	assert_non_null(folder);
	assert_int_equal(bpf_programs(folder, program), 1);
	assert_int_equal(bpf_maps(program[0], map), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	expect_nothing_left(folder, program[0], map[0]);
	free(folder);
}

static void killed_it_leaves_nothing(void **state)
{
	char *folder;

	(void)state;
	run("run " RULED "-- %s dies", still);
	assert_int_equal(capture.status, 128 + SIGKILL);
	run("run " RULED "-- %s-nowhere", still);
	assert_int_equal(capture.status, 127);
	folder = run_cgroup();
	if (folder)
		assert_true(is_gone(folder));
	free(folder);
}

/* The process that waits for the end: by its name; there is no other way to find it. */
static void kill_watcher(void)
{
	capture_run(&capture, PROGRAM("sh", "-c",
				      "for p in /proc/[0-9]*; do "
				      "[ \"$(cat $p/comm 2>/dev/null)\" = sockfix-scope ] && "
				      "grep -qz still-scoped $p/cmdline && kill -9 ${p#/proc/}; "
				      "done; true"));
	assert_int_equal(capture.status, 0);
}

static void its_watcher_may_be_killed(void **state)
{
	uint32_t program[BPF_PROGRAMS], map[BPF_PROGRAMS];
	char *folder;
	pid_t child;

	(void)state;
	run("run " RULED "-- %s stay", still);
	child = atoi(capture.out);
	folder = run_cgroup();
	assert_non_null(folder);
	assert_int_equal(bpf_programs(folder, program), 1);
	assert_int_equal(bpf_maps(program[0], map), 1);
	kill_watcher();
	/* while somebody lives there it stays as it is */
	run("run -- true");
	run("run -n " RULED "-- %s look", still);
	assert_int_equal(bpf_programs(folder, program), 1);
	assert_int_equal(kill(child, SIGKILL), 0);
	for (int i = 0; i < 100 && access(folder, F_OK) == 0; i++)
		run("run -n " RULED "-- %s look", still);
	expect_nothing_left(folder, program[0], map[0]);
	free(folder);
}

/* Killed on its way to COMMAND, wherever that is, it leaves nothing that the next one does not
 * find. */
static void the_run_itself_may_be_killed(void **state)
{
	enum { KILLS = 60, STEP_NS = 60000 };
	char *sockfix = build_path("sockfix"), *folder;

	(void)state;
	for (int i = 0; i < KILLS; i++) {
		const struct timespec step = {.tv_nsec = i * STEP_NS};
		const pid_t child = fork();

		MUST(child >= 0);
		if (child == 0) {
			close(2);
			execl(sockfix, "sockfix", "run", "--", still, "nothing", NULL);
			_exit(1);
		}
		nanosleep(&step, NULL);
		kill(child, SIGKILL);
		MUST(waitpid(child, NULL, 0) == child);
	}
	/* what it was about to do ends a moment later */
	for (int i = 0; i < MOMENTS && (folder = run_cgroup()); i++) {
		run("run -n " RULED "-- %s nothing", still);
		nanosleep(&a_moment, NULL);
		free(folder);
	}
	assert_null(run_cgroup());
	free(sockfix);
}

/* A run in a run has its own rules alone. */
static void a_run_in_a_run(void **state)
{
	char *sockfix = build_path("sockfix");

	(void)state;
	run("run -s coalesce=off -s tcp_keepcnt=5 -- %s exec %s run -s coalesce=off -s tcp_keepidle=60 -s tcp_nodelay=true -- %s "
	    "own 4",
		still, sockfix, still);
	assert_non_null(
		strstr(capture.out, "client: nodelay 1 keepalive 0 keepcnt 9 keepidle 60 "));
	run("run " RULED "-s tcp_keepcnt=5 -- %s exec %s own 4", still, still);
	assert_non_null(
		strstr(capture.out, "client: nodelay 1 keepalive 0 keepcnt 5 keepidle 7200 "));
	free(sockfix);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(c_is_cured),
		TEST(musl_is_cured),
		TEST(rust_is_cured),
		TEST(go_is_unharmed),
		TEST(go_gets_the_rest),
		TEST(rules_about_the_process),
		TEST(what_cannot_be_runs_bare),
		TEST(without_the_capability),
		TEST(the_default_alone_is_for_beside),
		TEST(in_a_sandbox_that_kills),
		TEST(strict_is_content),
		TEST(dry_says_the_way),
		TEST(it_cannot_tell),
		TEST(all_ends_with_the_last_process),
		TEST(killed_it_leaves_nothing),
		TEST(its_watcher_may_be_killed),
		TEST(the_run_itself_may_be_killed),
		TEST(a_run_in_a_run),
	};
	char *home, *here;
	int failed;

	need_for_all("bpf");
	own_network();
	/* with the runs of nobody else in it */
	home = bpf_cgroup_own();
	here = bpf_cgroup(NULL, "runs");
	bpf_cgroup_enter(here);
	still = compile("still-scoped", SOURCE ".c", "-static");
	failed = cmocka_run_group_tests_name("scope_run", tests, NULL, NULL);
	bpf_cgroup_enter(home);
	bpf_cgroup_end(here);
	free(home);
	free(still);
	return failed;
}
