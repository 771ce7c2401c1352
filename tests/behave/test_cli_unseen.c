/* Programs that COMMAND starts and the library does not get into, and plugins that go around it:
 * they are named, and there is no 'no'. What does come up with it, by whatever way it is started,
 * is not called unseen. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/stage.h"

#define WHY                                                                                        \
	"the library does not get into what is static, setuid, another user's or started "         \
	"without our environment."

/* A client with a connection of its own. */
static const char client_text[] =
	"#include <arpa/inet.h>\n#include <stdlib.h>\n#include <unistd.h>\n"
	"int main(int argc, char **argv) { char answer[9]; int fd = socket(2, SOCK_STREAM, 0);\n"
	"struct sockaddr_in at = {2, htons(atoi(argv[argc - 1])), {htonl(0x7f000001)}};\n"
	"return connect(fd, (void *)&at, sizeof(at)) != 0 || write(fd, \"x\\n\", 2) != 2 ||\n"
	"read(fd, answer, 9) < 1; }\n";

/* The same without libc, and there long enough to be looked at. */
static const char raw_text[] =
	"#include <arpa/inet.h>\n#include <stdlib.h>\n#include <sys/syscall.h>\n#include <time.h>\n"
	"static long call(long number, long a, long b, long c) { long got;\n"
	"\n#if defined(__x86_64__)\n"
	"__asm__ volatile(\"syscall\" : \"=a\"(got) : \"a\"(number), \"D\"(a), \"S\"(b), \"d\"(c)\n"
	": \"rcx\", \"r11\", \"memory\");\n"
	"#elif defined(__i386__)\n"
	"__asm__ volatile(\"int $0x80\" : \"=a\"(got) : \"a\"(number), \"b\"(a), \"c\"(b), \"d\"(c)\n"
	": \"memory\");\n"
	"#elif defined(__aarch64__)\n"
	"register long x8 __asm__(\"x8\") = number, x0 __asm__(\"x0\") = a;\n"
	"register long x1 __asm__(\"x1\") = b, x2 __asm__(\"x2\") = c;\n"
	"__asm__ volatile(\"svc 0\" : \"+r\"(x0) : \"r\"(x8), \"r\"(x1), \"r\"(x2) : \"memory\");\n"
	"got = x0;\n"
	"#endif\n"
	"return got; }\n"
	"int main(int argc, char **argv) { char answer[9]; long fd = call(SYS_socket, 2, 1, 0);\n"
	"struct sockaddr_in at = {2, htons(atoi(argv[1])), {htonl(0x7f000001)}};\n"
	"struct timespec second = {1};\n"
	"if (call(SYS_connect, fd, (long)&at, sizeof(at)) || call(SYS_write, fd, (long)\"x\\n\", "
	"2)\n"
	"!= 2 || call(SYS_read, fd, (long)answer, 9) < 1) return 1;\n"
	"return nanosleep(&second, 0) != 0 || argc != 2; }\n";

static struct stage stage;
static char *starter, *victim_port;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	starter = build_path("victims/starter");
	victim_port = must_print("VICTIM_PORT=%s", stage.port);
	capture_write(stage.folder, "client.c", client_text, 0644);
	capture_write(stage.folder, "raw.c", raw_text, 0644);
	stage_shell(
		&stage, "cc -static -o fixed client.c && cc -o loose client.c && cc -o raw raw.c");
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	free(starter);
	free(victim_port);
	return 0;
}

/* The screen breaks its lines where it likes. */
static void expect_said(const char *sentence)
{
	char *said = must_print("%s", stage.capture.err), *to = said;

	for (const char *from = said; *from; from++)
		if (!(strchr(" \n", *from) && to > said && to[-1] == ' '))
			*to++ = *from == '\n' ? ' ' : *from;
	*to = '\0';
	expect_in(said, sentence);
	free(said);
}

static void expect_unseen(const char *sentence)
{
	expect_in(stage.capture.err, "\n  NOT SURE.");
	expect_said(sentence);
}

static void expect_all_seen(void)
{
	expect_in(stage.capture.err, "\n  IT IS NOT THE SOCKETS. ");
}

static void expect_left_alone(void)
{
	expect_in(stage.capture.err,
		"\n  NOT SURE.\n  What it started was left alone (--no-children): record ");
}

static void a_static_child_of_a_shell(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -o run -- sh -c './fixed %s; exit 3'", stage.port);
	assert_int_equal(stage.capture.status, 3);
	expect_in(stage.capture.err, "\n  no TCP connection was seen ");
	expect_unseen("One process that it started could not be watched (fixed): " WHY);
	stage_run(&stage, "report --format json run");
	expect_in(stage.capture.out, "\"verdict\": \"NOT SURE\"");
	expect_in(stage.capture.out, "\"not_watched\": 1,");
	stage_shell(&stage, "$SOCKFIX record -- sh -c './loose %s; ./fixed %s; ./fixed %s'",
		stage.port, stage.port, stage.port);
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	expect_unseen("Nothing that was seen looks like a stall. 2 processes that it started could "
		      "not be watched (fixed): " WHY);
}

/* Each way first fails on what is not there, which is no start. */
static void by_every_way(void **state)
{
	static const char *const way[] = {"execve", "execv", "execvp", "execl", "execveat",
		"number", "thread", "bad", "spawn", "spawnp", "unnamed", "vfork"};

	(void)state;
	for (size_t i = 0; i < sizeof(way) / sizeof(*way); i++) {
		stage_run(&stage, "record -- %s %s ./fixed %s", starter, way[i], stage.port);
		assert_int_equal(stage.capture.status, 0);
		expect_unseen("One process that it started could not be watched (fixed): " WHY);
		stage_run(&stage, "record -- %s %s ./loose %s", starter, way[i], stage.port);
		assert_int_equal(stage.capture.status, 0);
		expect_in(stage.capture.err, "   1 connection   1 peer\n");
		expect_all_seen();
	}
	stage_run(&stage, "record -- %s fexecve ./fixed %s", starter, stage.port);
	expect_unseen("One process that it started could not be watched (of an unknown name): ");
	stage_run(&stage, "record -- %s fexecve ./loose %s", starter, stage.port);
	expect_all_seen();
}

static void without_our_environment(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -- sh -c 'env -u LD_PRELOAD ./loose %s'", stage.port);
	expect_unseen("One process that it started could not be watched (loose): " WHY);
	stage_shell(&stage, "$SOCKFIX record -- sh -c 'env -i ./loose %s; SOCKFIX_OFF=1 ls'",
		stage.port);
	expect_unseen("2 processes that it started could not be watched (loose, ls): " WHY);
}

#if defined(__i386__)
#define LIBRARIES "/usr/lib/i386-linux-gnu"
#elif defined(__aarch64__)
#define LIBRARIES "/usr/lib/aarch64-linux-gnu"
#else
#define LIBRARIES "/usr/lib/x86_64-linux-gnu"
#endif
#define JEMALLOC LIBRARIES "/libjemalloc.so.2"
#define HARMLESS "libm.so.6"
#define SETS                                                                                       \
	" sets LD_PRELOAD anew, and what it starts then runs without the library: append "         \
	"\":$LD_PRELOAD\" to the value there\n"

/* Wrappers that preload another library, and only that one: run, record and prove say where, and
 * the report names who went without us. */
static void wrappers_that_preload_something_else(void **state)
{
	(void)state;
	capture_write(stage.folder, "jemalloc.sh",
		"#!/bin/sh\nlibdir=" LIBRARIES "\n\nLD_PRELOAD=${libdir}/libjemalloc.so.2\n"
		"export LD_PRELOAD\nexec \"$@\"\n",
		0755);
	stage_shell(&stage, "$SOCKFIX run ./jemalloc.sh sh -c 'echo $LD_PRELOAD; exit 5'");
	stage_expect(&stage, 5, JEMALLOC "\n", "sockfix: ./jemalloc.sh:4" SETS);
	stage_shell(&stage, "$SOCKFIX record ./jemalloc.sh ./loose %s", stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "sockfix: ./jemalloc.sh:4" SETS);
	expect_unseen("One process that it started could not be watched (loose): " WHY);
	stage_shell(&stage, "$SOCKFIX prove sh ./jemalloc.sh ./loose %s", stage.port);
	expect_in(stage.capture.err, "sockfix: ./jemalloc.sh:4" SETS);
	/* As the sentence has it: all is well. */
	stage_shell(&stage,
		"sed -i 's/so.2$/so.2:$LD_PRELOAD/' jemalloc.sh; "
		"$SOCKFIX record ./jemalloc.sh ./loose %s",
		stage.port);
	expect_not_in(stage.capture.err, "anew");
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	expect_all_seen();
}

static void env_that_preloads_something_else(void **state)
{
	char *said = must_print("sockfix: env sets LD_PRELOAD anew, without the library: write env "
				"LD_PRELOAD=" JEMALLOC " sockfix run -- ./loose %s\n",
		stage.port);
	char *out = must_print(HARMLESS ":%.*s/libsockfix.so\n",
		(int)(strrchr(stage.sockfix, '/') - stage.sockfix), stage.sockfix);

	(void)state;
	stage_shell(&stage, "$SOCKFIX run env LD_PRELOAD=" JEMALLOC " ./loose %s", stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, said);
	expect_in(stage.capture.err, "sockfix: running env without rules\n");
	stage_shell(&stage, "$SOCKFIX record env LD_PRELOAD=" JEMALLOC " ./loose %s", stage.port);
	expect_in(stage.capture.err, said);
	expect_in(stage.capture.err, "\n  NOT SURE.\n  env sets LD_PRELOAD anew, without");
	/* What it says works, and both libraries are there. A sanitized build bears no malloc()
	 * before its own. */
	stage_environment(&stage, "ASAN_OPTIONS=verify_asan_link_order=0");
	stage_shell(&stage, "env LD_PRELOAD=" HARMLESS " $SOCKFIX run -- sh -c 'echo $LD_PRELOAD'");
	stage_expect(&stage, 0, out, "");
	free(said);
	free(out);
}

/* What is known of a program that moves the work is said, too. */
static void one_that_moves_the_work(void **state)
{
	(void)state;
	stage_shell(&stage,
		"mkdir bin; cp fixed bin/sudo; PATH=$PWD/bin:$PATH; "
		"$SOCKFIX record -- sh -c 'sudo %s'",
		stage.port);
	expect_unseen("One process that it started could not be watched (sudo): " WHY
		      " sudo drops LD_PRELOAD: write sudo sockfix run -- COMMAND ");
}

/* A habit stays found; that it is a lower bound is said above it. */
static void a_finding_beside_it(void **state)
{
	(void)state;
	stage_shell(
		&stage, "$SOCKFIX record -- sh -c './fixed %s; %s 30 2'", stage.port, stage.client);
	expect_in(stage.capture.err, "\n\n  STALLED. ");
	expect_said("One process that it started could not be watched "
		    "(fixed): " WHY " STALLED. ");
}

static void another_users(void **state)
{
	(void)state;
	need("root");
	stage_shell(&stage,
		"chmod 755 .; cp loose setuid; chown 65534 setuid; chmod 4755 setuid; "
		"$SOCKFIX record -- sh -c './setuid %s; "
		"setpriv --reuid 65534 --regid 65534 --clear-groups ./loose %s'",
		stage.port, stage.port);
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	expect_unseen("Nothing that was seen looks like a stall. One process that it started could "
		      "not be watched (setuid): " WHY);
}

/* Opened with RTLD_DEEPBIND or dlmopen(), and not to be brought back, or not in time. */
static void plugins_around_us(void **state)
{
	char *host = build_path("victims/deepbind"), *plugins = build_path("plugins");

	(void)state;
	need("root");
	stage_environment(&stage, victim_port);
	stage_run(&stage, "record -o around -- %s unproc d %s/lazy.so", host, plugins);
	assert_int_equal(stage.capture.status, 0);
	expect_unseen("lazy.so, dep.so were opened with RTLD_DEEPBIND and could not be watched: "
		      "calls went straight to libc. ");
	stage_run(&stage, "report --format json around");
	expect_in(stage.capture.out, "\"verdict\": \"NOT SURE\"");
	expect_in(stage.capture.out, "\"object\": \"dep.so\",");
	expect_in(stage.capture.out, "\"how\": \"calls\"");
	stage_run(&stage, "record -- %s dial d %s/early.so", host, plugins);
	expect_unseen("early.so was opened with RTLD_DEEPBIND: what was called while it was "
		      "opened (constructors) was not seen. ");
	stage_run(&stage, "record -- %s apart %s/now.so", host, plugins);
	expect_unseen("now.so was opened by dlmopen in a namespace with a libc of its own, and "
		      "could not be watched. ");
	stage_run(&stage, "record -- %s call d %s/now.so", host, plugins);
	expect_all_seen();
	free(host);
	free(plugins);
}

/* Nor is one that sockfix itself starts below a shell, or below record. */
static void what_sockfix_starts_is_not_missed(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -- $SOCKFIX run -P safe -- ./loose %s", stage.port);
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	expect_not_in(stage.capture.err, "could not be watched");
	stage_shell(&stage, "$SOCKFIX record -- sh -c '$0 run -P safe -- ./loose %s' $SOCKFIX",
		stage.port);
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	expect_not_in(stage.capture.err, "could not be watched");
}

/* Failed tries along PATH, scripts and their interpreters, programs that become others, many at
 * once: all of them come up. */
static void what_comes_up_is_not_missed(void **state)
{
	(void)state;
	capture_write(stage.folder, "script", "#!/bin/sh\nexec \"$@\"\n", 0755);
	capture_write(stage.folder, "env-script", "#!/usr/bin/env perl\nexec @ARGV;\n", 0755);
	stage_shell(&stage,
		"PATH=/nowhere:/nor/there:$PATH; $SOCKFIX record -- sh -c 'nosuch; ./script "
		"./env-script ./script ./loose %s; perl -e \"system(q(true x)); system(q(true; "
		"false)); print qx(echo 1)\"; for i in 1 2 3 4 5 6 7 8 9; do for j in 1 2 3 4 5 6 "
		"7; do true | sh -c : & done; done; wait'",
		stage.port);
	expect_all_seen();
	expect_in(stage.capture.err, "   1 connection   1 peer\n");
	stage_run(&stage, "record --no-children -- sh -c ./fixed");
	expect_left_alone();
}

static void more_than_can_be_noted(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -- sh -c 'i=0; while [ $i -lt 60 ]; do ./fixed %s; "
		"i=$((i+1)); done; ./loose %s'",
		stage.port, stage.port);
	expect_unseen("48 processes or more that it started could not be watched (fixed): " WHY);
}

/* The kernel knows what it did. What the library saw is not said again, and of nobody else's
 * sockets anything. */
static void one_that_reaches_the_kernel_without_libc(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record -o run -- ./raw %s", stage.port);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.err, "\n  no TCP connection was seen ");
	expect_unseen("1 connection of raw (PID ");
	expect_said(") went by the library (made without libc, or by another run): 2 B sent and 3 "
		    "B received at least. "
		    "While it lasts, ss -ti shows what the kernel knows of it. ");
	stage_run(&stage, "report --format json run");
	expect_in(stage.capture.out, "\"verdict\": \"NOT SURE\"");
	expect_in(stage.capture.out, "\"programs\": \"raw (PID ");
	stage_shell(
		&stage, "$SOCKFIX record -- sh -c './loose %s; ./raw %s'", stage.port, stage.port);
	expect_said("1 connection of raw (PID ");
	stage_shell(&stage, "$SOCKFIX record --no-children -- sh -c './raw %s; :'", stage.port);
	expect_left_alone();
}

static void sockets_that_it_only_inherits(void **state)
{
	(void)state;
	stage_shell(&stage,
		"exec bash -c 'exec 7<>/dev/tcp/127.0.0.1/%s; echo x >&7; read -r line <&7; "
		"exec $0 record -- sleep 0.5' $SOCKFIX",
		stage.port);
	expect_all_seen();
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_static_child_of_a_shell),
		TEST(by_every_way),
		TEST(without_our_environment),
		TEST(wrappers_that_preload_something_else),
		TEST(env_that_preloads_something_else),
		TEST(one_that_moves_the_work),
		TEST(a_finding_beside_it),
		TEST(another_users),
		TEST(plugins_around_us),
		TEST(what_comes_up_is_not_missed),
		TEST(what_sockfix_starts_is_not_missed),
		TEST(more_than_can_be_noted),
		TEST(one_that_reaches_the_kernel_without_libc),
		TEST(sockets_that_it_only_inherits),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
