/* `sockfix scope` on the real kernel: what it sets in a cgroup, and on which sockets; that nothing
 * changes outside; who else is there; that nothing is left when it is taken away. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <linux/bpf.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/bpf.h"
#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

#define HOLD                                                                                       \
	"They hold for connections that begin from now on, in it and in the cgroups\n"             \
	"below, until sockfix scope --detach, its end, or the next boot; connections that\n"       \
	"are there stay as they are.\n"
#define JOINS                                                                                      \
	"sockfix: no segments are joined from outside of a program: coalesce becomes "             \
	"TCP_NODELAY\n"

struct scene {
	struct capture capture;
	char *cgroup, *victim, *sockfix, *files;
	const char *name; /* of the cgroup */
};

static int set_up(void **state)
{
	static struct scene scene;
	char *mount = bpf_mount();

	scene = (struct scene){.capture = {.env = capture_clean}};
	scene.cgroup = bpf_cgroup(NULL, "scope");
	scene.name = scene.cgroup + strlen(mount);
	scene.victim = build_path("victims/scoped");
	scene.sockfix = build_path("sockfix");
	scene.files = capture_folder_new();
	free(mount);
	*state = &scene;
	return 0;
}

static int tear_down(void **state)
{
	struct scene *scene = *state;

	bpf_cgroup_end(scene->cgroup);
	capture_folder_free(scene->files);
	capture_free(&scene->capture);
	free(scene->victim);
	free(scene->sockfix);
	return 0;
}

/* sockfix scope on the scene's cgroup, with these further words. */
static void scope(struct scene *scene, const char *words)
{
	char line[4096];

	snprintf(line, sizeof(line), "scope --cgroup %s%s%s", scene->cgroup, *words ? " " : "",
		words);
	capture_sockfix(&scene->capture, line);
}

static void scope_rules(struct scene *scene, const char *rules)
{
	char *words = must_print("-r %s/r.conf", scene->files);

	capture_write(scene->files, "r.conf", rules, 0644);
	scope(scene, words);
	free(words);
}

static void expect(const struct scene *scene, int status, const char *out, const char *err)
{
	assert_string_equal(scene->capture.err, err);
	assert_string_equal(scene->capture.out, out);
	assert_int_equal(scene->capture.status, status);
}

static void expect_in_text(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

/* The victim's own three sockets, in the cgroup; NULL: outside. */
static const char *own(
	struct scene *scene, const char *cgroup, const char *version, const char *when)
{
	char *line = must_print("%s%s%s exec %s own %s %s", cgroup ? "echo 0 >" : "",
		cgroup ? cgroup : "", cgroup ? "/cgroup.procs;" : "", scene->victim, version, when);

	capture_run(&scene->capture, PROGRAM("sh", "-c", line));
	assert_int_equal(scene->capture.status, 0);
	free(line);
	return scene->capture.out;
}

/* Whether the line of that socket has this. */
static void expect_socket(const char *out, const char *which, const char *part)
{
	const char *at = strstr(out, which);
	char line[512] = "";

	assert_non_null(at);
	snprintf(line, sizeof(line), "%.*s ", (int)strcspn(at, "\n"), at);
	expect_in_text(line, part);
}

static void detach(struct scene *scene)
{
	char *words = must_print("%s has no rules any more; what they set on connections stays "
				 "there, and on listeners, for what these accept\n",
		scene->name);
	uint32_t program[BPF_PROGRAMS], map[BPF_PROGRAMS], left[BPF_PROGRAMS];
	const size_t before = bpf_programs(scene->cgroup, program);
	const size_t maps = bpf_maps(program[before - 1], map);

	scope(scene, "--detach");
	expect(scene, 0, words, "");
	assert_int_equal(bpf_programs(scene->cgroup, left), before - 1);
	assert_true(bpf_program_ends(program[before - 1]));
	assert_int_equal(maps, 1);
	assert_true(bpf_map_ends(map[0]));
	free(words);
}

/* ---- options ---- */

#define ALL                                                                                        \
	"a: { match: { role = \"any\"; }; set: { coalesce = \"auto\"; so_keepalive = true; "       \
	"tcp_keepcnt = 5; tcp_keepidle = 60; tcp_user_timeout = \"30s\"; "                         \
	"tcp_notsent_lowat = 16384; so_priority = 4; so_mark = 7; ip_tos = 8; so_rcvbuf = 65536; " \
	"tcp_congestion = \"reno\"; }; };\n"
#define SET                                                                                        \
	": nodelay 1 keepalive 1 keepcnt 5 keepidle 60 user_timeout 30000 lowat 16384 priority 4 " \
	"mark 7 tos 8 rcvbuf 131072 congestion reno "

static void all_is_set(struct scene *scene, const char *version)
{
	char *bare = must_print("%s", own(scene, NULL, version, ""));
	const char *out;

	scope_rules(scene, ALL);
	assert_string_equal(scene->capture.err, JOINS);
	assert_int_equal(scene->capture.status, 0);
	out = own(scene, scene->cgroup, version, "");
	expect_socket(out, "client", SET);
	expect_socket(out, "accepted", SET);
	/* the listener has what speaks of the handshake, and no more */
	expect_socket(out, "listener", "listener: nodelay 0 keepalive 0 keepcnt 9 keepidle 7200 ");
	expect_socket(out, "listener", " mark 7 tos 8 rcvbuf 131072 congestion reno ");
	/* who is elsewhere is as before, also by then */
	assert_string_equal(own(scene, NULL, version, ""), bare);
	detach(scene);
	assert_string_equal(own(scene, scene->cgroup, version, ""), bare);
	free(bare);
}

static void all_is_set_on_ipv4(void **state)
{
	all_is_set(*state, "4");
}

static void all_is_set_on_ipv6(void **state)
{
	all_is_set(*state, "6");
}

/* Before the connection is there a rule wins, with one exception; later the program does. */
static void who_wins(void **state)
{
	static const char rules[] = "a: { match: { role = \"any\"; }; set: { tcp_nodelay = false; "
				    "tcp_keepcnt = 5; }; };\n";
	static const char forced[] = "a: { match: { role = \"any\"; }; set: { tcp_nodelay = false; "
				     "}; force = true; };\n";
	struct scene *scene = *state;
	const char *out;

	scope_rules(scene, rules);
	out = own(scene, scene->cgroup, "4", "early");
	expect_socket(out, "client", "nodelay 1 keepalive 0 keepcnt 5 ");
	expect_socket(out, "accepted", "nodelay 1 keepalive 0 keepcnt 5 ");
	out = own(scene, scene->cgroup, "4", "late");
	expect_socket(out, "client", "nodelay 1 keepalive 0 keepcnt 7 ");
	expect_socket(out, "accepted", "nodelay 1 keepalive 0 keepcnt 7 ");
	scope_rules(scene, forced);
	out = own(scene, scene->cgroup, "4", "early");
	expect_socket(out, "client", "nodelay 0 ");
	expect_socket(out, "accepted", "nodelay 0 ");
	detach(scene);
}

static void rules_are_told_apart(void **state)
{
	static const char rules[] =
		"a: { match: { role = \"client\"; peer = \"127.0.0.0/8\"; }; set: { tcp_keepcnt = 3; }; };\n"
		"b: { match: { role = \"server\"; }; set: { tcp_keepcnt = 4; }; };\n"
		"c: { match: { peer = \"::/0\"; }; set: { tcp_keepidle = 61; }; };\n"
		"d: { match: { peer = \"10.0.0.0/8\"; }; set: { tcp_user_timeout = 1000; }; };\n";
	struct scene *scene = *state;
	const char *out;

	scope_rules(scene, rules);
	out = own(scene, scene->cgroup, "4", "");
	expect_socket(out, "client", "keepcnt 3 keepidle 7200 user_timeout 0 ");
	expect_socket(out, "accepted", "keepcnt 4 keepidle 7200 user_timeout 0 ");
	out = own(scene, scene->cgroup, "6", "");
	expect_socket(out, "client", "keepcnt 9 keepidle 61 user_timeout 0 ");
	expect_socket(out, "accepted", "keepcnt 4 keepidle 61 user_timeout 0 ");
	detach(scene);
}

/* A listener that was there before: what it accepts from then on. In a child, which is in the
 * cgroup.
 */
static void listen_before(const char *cgroup, int ready, int go)
{
	char byte = 0;
	struct sockaddr_in at = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t length = sizeof(at);
	int fd, listener, client, count = 0;

	bpf_cgroup_enter(cgroup);
	listener = socket(AF_INET, SOCK_STREAM, 0);
	MUST(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 4) == 0);
	MUST(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	MUST(write(ready, &byte, 1) == 1 && read(go, &byte, 1) == 1);
	client = socket(AF_INET, SOCK_STREAM, 0);
	MUST(connect(client, (struct sockaddr *)&at, length) == 0);
	fd = accept(listener, NULL, NULL);
	length = sizeof(count);
	MUST(getsockopt(fd, IPPROTO_TCP, TCP_KEEPCNT, &count, &length) == 0);
	_exit(count);
}

static void listeners_of_before_too(void **state)
{
	struct scene *scene = *state;
	int ready[2], go[2], status;
	pid_t child;
	char byte = 0;

	MUST(pipe(ready) == 0 && pipe(go) == 0);
	child = fork();
	if (child == 0)
		listen_before(scene->cgroup, ready[1], go[0]);
	MUST(read(ready[0], &byte, 1) == 1);
	scope(scene, "-s tcp_keepcnt=3");
	MUST(write(go[1], &byte, 1) == 1);
	MUST(waitpid(child, &status, 0) == child);
	assert_int_equal(WEXITSTATUS(status), 3);
	for (int i = 0; i < 2; i++) {
		close(ready[i]);
		close(go[i]);
	}
	detach(scene);
}

static void cgroups_below_have_it_too(void **state)
{
	struct scene *scene = *state;
	char *below = bpf_cgroup(scene->cgroup, "below");

	scope(scene, "-s tcp_keepcnt=3");
	expect_socket(own(scene, below, "4", ""), "client", "keepcnt 3 ");
	detach(scene);
	expect_socket(own(scene, below, "4", ""), "client", "keepcnt 9 ");
	bpf_cgroup_end(below);
}

/* Whatever we have ready, the verifier takes; and as many rules as anybody may write. */
static void the_verifier_takes_them(void **state)
{
	enum { RULES = 150, ROOM = RULES * 300 };
	struct scene *scene = *state;
	char *names, *rest, *rules = calloc(1, ROOM);

	capture_run(&scene->capture, PROGRAM("sh", "-c", "ls rules/presets | sed 's/.conf$//'"));
	names = must_print("%s", scene->capture.out);
	for (char *name = strtok_r(names, "\n", &rest); name; name = strtok_r(NULL, "\n", &rest)) {
		char *words = must_print("-P %s -s tcp_keepcnt=3", name);

		scope(scene, words);
		if (scene->capture.status != 0 &&
			!strstr(scene->capture.err, "asks for the program"))
			fail_msg("%s: %s", name, scene->capture.err);
		free(words);
	}
	for (int i = 0; i < RULES; i++)
		snprintf(rules + strlen(rules), ROOM - strlen(rules),
			"r%d: { match: { peer = \"10.%d.0.0/16, 2001:db8:%x::/48\"; port = "
			"\"%d,9000-9100\"; }; set: { tcp_keepcnt = %d; tcp_keepidle = 60; "
			"coalesce = \"auto\"; ip_tos = 8; }; %s};\n",
			i, i, i, 1000 + i, 1 + i % 100, i % 30 ? "" : "last = true; ");
	scope_rules(scene, rules);
	if (scene->capture.status != 0)
		fail_msg("%s", scene->capture.err);
	expect_socket(own(scene, scene->cgroup, "4", ""), "client", "keepcnt 9 ");
	detach(scene);
	free(names);
	free(rules);
}

/* ---- its life ---- */

static void new_rules_take_the_place(void **state)
{
	struct scene *scene = *state;
	uint32_t first[BPF_PROGRAMS], second[BPF_PROGRAMS];
	char *words = must_print("%s: safe, command-line"
				 " (in the place of other rules)\n" HOLD,
		scene->name);

	scope(scene, "-P safe");
	assert_int_equal(scene->capture.status, 0);
	assert_int_equal(bpf_programs(scene->cgroup, first), 1);
	scope(scene, "-P safe -s tcp_keepcnt=3");
	expect(scene, 0, words, "");
	assert_int_equal(bpf_programs(scene->cgroup, second), 1);
	assert_int_not_equal(first[0], second[0]);
	assert_true(bpf_program_ends(first[0]));
	expect_socket(own(scene, scene->cgroup, "4", ""), "client", "keepcnt 3 ");
	detach(scene);
	free(words);
}

static void it_ends_with_its_cgroup(void **state)
{
	struct scene *scene = *state;
	uint32_t program[BPF_PROGRAMS];

	scope(scene, "-s tcp_keepcnt=3");
	assert_int_equal(bpf_programs(scene->cgroup, program), 1);
	bpf_cgroup_end(scene->cgroup);
	assert_true(bpf_program_ends(program[0]));
	scene->cgroup = bpf_cgroup(NULL, "scope");
}

static void status_lists_it(void **state)
{
	struct scene *scene = *state;
	char *line = must_print("cgroup %s has rules since 2", scene->name),
	     *json = must_print(
		     "\"cgroup\": \"%s\",\n    \"rules\": [\n      \"safe\"\n    ]", scene->name);

	scope(scene, "-P safe");
	capture_sockfix(&scene->capture, "status");
	expect_in_text(scene->capture.out, line);
	expect_in_text(strstr(scene->capture.out, line), ": safe\n");
	capture_sockfix(&scene->capture, "status --format json");
	expect_in_text(scene->capture.out, json);
	detach(scene);
	capture_sockfix(&scene->capture, "status");
	assert_null(strstr(scene->capture.out, line));
	free(line);
	free(json);
}

/* ---- others ---- */

static void others_run_too(void **state)
{
	struct scene *scene = *state;
	struct bpf_other other;
	uint64_t runs;

	bpf_other_begin(&other, scene->cgroup, BPF_F_ALLOW_MULTI);
	scope(scene, "-s tcp_keepcnt=3");
	runs = bpf_other_runs(&other);
	expect_socket(own(scene, scene->cgroup, "4", ""), "client", "keepcnt 3 ");
	assert_true(bpf_other_runs(&other) > runs);
	detach(scene);
	runs = bpf_other_runs(&other);
	expect_socket(own(scene, scene->cgroup, "4", ""), "client", "keepcnt 9 ");
	assert_true(bpf_other_runs(&other) > runs);
	bpf_other_end(&other);
}

/* One that lets no other in, here or above, and one that our coming would end. */
static void some_let_no_other_in(void **state)
{
	static const struct {
		uint32_t flags;
		const char *before, *behind;
	} rows[] = {
		{0, "is alone on",
			"and lets no other in (it was attached without BPF_F_ALLOW_MULTI)"},
		{BPF_F_ALLOW_OVERRIDE, "on",
			"gives way to every other below it (BPF_F_ALLOW_OVERRIDE): ours would end "
			"it there"},
	};
	struct scene *scene = *state;
	char *below = bpf_cgroup(scene->cgroup, "below");

	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++) {
		const char *const places[] = {scene->cgroup, below};
		struct bpf_other other;
		uint32_t program[BPF_PROGRAMS];

		bpf_other_begin(&other, scene->cgroup, rows[i].flags);
		for (size_t k = 0; k < 2; k++) {
			char *words = must_print(
				"sockfix: no program can be put on %s: the program others (number "
				"%u) %s %s %s\n",
				places[k], bpf_other_id(&other), rows[i].before, scene->cgroup,
				rows[i].behind);
			char *line =
				must_print("scope --cgroup %s -s tcp_keepcnt=3 -P safe", places[k]);

			capture_sockfix(&scene->capture, line);
			expect(scene, 2, "", words);
			free(words);
			free(line);
		}
		assert_int_equal(bpf_programs(scene->cgroup, program), 1);
		assert_int_equal(program[0], bpf_other_id(&other));
		assert_int_equal(bpf_programs(below, program), 0);
		bpf_other_end(&other);
	}
	bpf_cgroup_end(below);
}

/* ---- refusals ---- */

static void what_is_no_cgroup(void **state)
{
	struct scene *scene = *state;
	char *mount = bpf_mount(), *words;

	words = must_print("sockfix: /tmp is not a cgroup; those are folders below %s\n", mount);
	capture_sockfix(&scene->capture, "scope --cgroup /tmp -s tcp_keepcnt=3");
	expect(scene, 2, "", words);
	free(words);
	words = must_print("sockfix: no unit nowhere has a cgroup below %s: it is not running, or "
			   "not on this host\n",
		mount);
	capture_sockfix(&scene->capture, "scope --unit nowhere -s tcp_keepcnt=3");
	expect(scene, 2, "", words);
	free(words);
	words = must_print("sockfix: %s has no rules of ours: sockfix status lists those that "
			   "have\n",
		scene->name);
	scope(scene, "--detach");
	expect(scene, 1, "", words);
	free(words);
	free(mount);
}

static void misuse(void **state)
{
	struct scene *scene = *state;

	capture_sockfix(&scene->capture, "scope");
	expect(scene, 2, "",
		"sockfix: scope: name one of --unit and --cgroup; see sockfix scope --help\n");
	capture_sockfix(&scene->capture, "scope --unit a --cgroup b");
	expect(scene, 2, "",
		"sockfix: scope: name one of --unit and --cgroup; see sockfix scope --help\n");
	capture_sockfix(&scene->capture, "scope --unit a b");
	expect(scene, 2, "",
		"sockfix: scope: 'b' is one word too many; see sockfix scope --help\n");
	capture_sockfix(&scene->capture, "scope --unit a --detach -P safe");
	expect(scene, 2, "",
		"sockfix: scope: --detach goes with no rules; see sockfix scope --help\n");
}

static void by_name(void **state)
{
	struct scene *scene = *state;
	char *unit = must_print("%s/x-test-%d.service", scene->cgroup, getpid()),
	     *deeper = must_print("%s/slice", scene->cgroup), *twice, *line, *words;

	MUST(mkdir(unit, 0755) == 0);
	line = must_print("scope --unit x-test-%d -P safe", getpid());
	capture_sockfix(&scene->capture, line);
	words = must_print("%s/x-test-%d.service: safe\n" HOLD, scene->name, getpid());
	expect(scene, 0, words, "");
	free(words);
	MUST(rmdir(unit) == 0);

	/* two at one height */
	MUST(mkdir(deeper, 0755) == 0);
	twice = must_print("%s2", deeper);
	MUST(mkdir(twice, 0755) == 0);
	words = must_print("%s/x-test-%d.service", deeper, getpid());
	MUST(mkdir(words, 0755) == 0);
	free(unit);
	unit = must_print("%s/x-test-%d.service", twice, getpid());
	MUST(mkdir(unit, 0755) == 0);
	capture_sockfix(&scene->capture, line);
	assert_int_equal(scene->capture.status, 2);
	expect_in_text(
		scene->capture.err, "sockfix: two cgroups have that name, say which by --cgroup: ");
	MUST(rmdir(words) == 0 && rmdir(unit) == 0 && rmdir(deeper) == 0 && rmdir(twice) == 0);
	free(words);
	free(unit);
	free(deeper);
	free(twice);
	free(line);
}

static void rules_about_a_process(void **state)
{
	struct scene *scene = *state;
	uint32_t program[BPF_PROGRAMS];
	char *words;

	scope_rules(scene, "a: { match: { program = \"x\"; }; set: { tcp_keepcnt = 3; }; };\n"
			   "b: { match: { port = 1; }; set: { tcp_keepcnt = 4; }; };\n");
	words = must_print(
		"sockfix: %s/r.conf:1: a: it asks for the program, which the kernel does "
		"not tell of a cgroup's connections: it is left out\n",
		scene->files);
	assert_string_equal(scene->capture.err, words);
	assert_int_equal(scene->capture.status, 0);
	free(words);
	detach(scene);
	scope_rules(scene, "leave_alone = ( { program = \"x\"; } );\n"
			   "b: { match: { port = 1; }; set: { tcp_keepcnt = 4; }; };\n");
	words = must_print("sockfix: %s/r.conf:1: leave_alone[1]: it asks for the program, which "
			   "the kernel does not tell of a cgroup's connections: without this rule "
			   "more would be set than you want\n",
		scene->files);
	expect(scene, 2, "", words);
	free(words);
	assert_int_equal(bpf_programs(scene->cgroup, program), 0);
}

static void not_everybody_may(void **state)
{
	struct scene *scene = *state;

	scene->capture.uid = 65534;
	scope(scene, "-P safe");
	expect(scene, 2, "",
		"sockfix: the kernel lets nobody load BPF programs here who has not CAP_BPF and "
		"CAP_NET_ADMIN: run it as root of the host\n");
	scope(scene, "--detach");
	expect(scene, 2, "",
		"sockfix: only who has CAP_BPF and CAP_NET_ADMIN may ask what is on a cgroup: root "
		"of the host\n");
	scene->capture.uid = 0;
}

static void without_version_two(void **state)
{
	struct scene *scene = *state;
	char *mount = bpf_mount();
	char *line =
		must_print(OWN_MOUNTS "sh -c 'umount -l %s && exec %s scope --cgroup /x -P safe'",
			mount, scene->sockfix);

	need("mounts");
	capture_run(&scene->capture, PROGRAM("sh", "-c", line));
	assert_int_equal(scene->capture.status, 2);
	expect_in_text(scene->capture.err, " mounted here");
	expect_in_text(scene->capture.err, "mount -t cgroup2 none /DIR\n");
	free(mount);
	free(line);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(all_is_set_on_ipv4),
		TEST(all_is_set_on_ipv6),
		TEST(who_wins),
		TEST(rules_are_told_apart),
		TEST(listeners_of_before_too),
		TEST(cgroups_below_have_it_too),
		TEST(the_verifier_takes_them),
		TEST(new_rules_take_the_place),
		TEST(it_ends_with_its_cgroup),
		TEST(status_lists_it),
		TEST(others_run_too),
		TEST(some_let_no_other_in),
		TEST(what_is_no_cgroup),
		TEST(misuse),
		TEST(by_name),
		TEST(rules_about_a_process),
		TEST(not_everybody_may),
		TEST(without_version_two),
	};

	need_for_all("bpf");
	own_network();
	return cmocka_run_group_tests_name("scope", tests, NULL, NULL);
}
