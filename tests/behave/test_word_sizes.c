/* Programs of 64 and of 32 bits in one tree of processes, with a library for each where this
 * system's loader looks for them: run, record and prove reach both by one word in LD_PRELOAD, and
 * the loader of neither says anything. And of another libc, which does not know that word. The
 * programs, the peer and the 32-bit library are real. */
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

/* Turns of two writes; then says its word size and whether we are in it, and becomes what follows
 * the port. */
static const char client_text[] =
	"#include <arpa/inet.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
	"#include <unistd.h>\n" STAGE_LOADED
	"int main(int argc, char **argv) { char answer[9]; int fd = socket(2, SOCK_STREAM, 0);\n"
	"struct sockaddr_in at = {2, htons(atoi(argv[1])), {htonl(0x7f000001)}};\n"
	"if (connect(fd, (void *)&at, sizeof(at))) return 1;\n"
	"for (int i = 0; i < 12; i++) if (write(fd, \"ab\", 2) != 2 || write(fd, \"c\\n\", 2) != 2 "
	"|| read(fd, answer, 9) <= 0) return 2;\n"
	"printf(\"%d %s\\n\", (int)sizeof(void *) * 8, loaded()); fflush(stdout);\n"
	"if (argc > 2) execv(argv[2], argv + 2); return 5; }\n";

static struct stage stage;

/* The command beside the library that it takes, and the other one where the loader takes it. */
static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	capture_write(stage.folder, "client.c", client_text, 0644);
	stage_shell(&stage,
		"exec 2>&1; built=$(dirname $SOCKFIX); ours=lib/$(gcc -print-multiarch)/sockfix; other=$(dirname $(readlink -f /lib/ld-linux.so.2) | sed -e s,^/,, -e s,^usr/,,)/sockfix; "
		"mkdir -p $ours $other; cp -L $built/sockfix $built/libsockfix.so $ours; "
		"cp -L $built/i386/libsockfix.so $other; ln -s $ours/sockfix sockfix; ln -s $other other; "
		"gcc -o wide client.c; i686-linux-gnu-gcc -o narrow client.c; "
		"i686-linux-gnu-gcc -static -o static client.c; musl-gcc -o musl client.c");
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

static void expect_out(const char *command, const char *out)
{
	stage_shell(&stage, "%s", command);
	stage_expect(&stage, 5, out, "");
}

static const char *const how[] = {"run --strict", "run -P safe", "run -s coalesce=always",
	"record -q", "record -q -s tcp_nodelay=true"};
enum { HOW = sizeof(how) / sizeof(*how) };

static void in_every_mode(const char *words, const char *out)
{
	for (size_t i = 0; i < HOW; i++) {
		char *command = must_print("./sockfix %s -- %s", how[i], words);

		expect_out(command, out);
		free(command);
	}
}

static void of_each_size(void **state)
{
	char *wide = must_print("./wide %s", stage.port),
	     *narrow = must_print("./narrow %s", stage.port),
	     *way = must_print("env A=1 nice -n 1 ./narrow %s", stage.port);

	(void)state;
	expect_out(wide, "64 bare\n");
	expect_out(narrow, "32 bare\n");
	in_every_mode(wide, "64 loaded\n");
	in_every_mode(narrow, "32 loaded\n");
	in_every_mode(way, "32 loaded\n");
	free(way);
	free(narrow);
	free(wide);
}

static void a_mixed_tree(void **state)
{
	char *shell = must_print("sh -c './narrow %s; ./wide %s'", stage.port, stage.port),
	     *there_and_back = must_print(
		     "./narrow %s ./wide %s ./narrow %s", stage.port, stage.port, stage.port);

	(void)state;
	in_every_mode(shell, "32 loaded\n64 loaded\n");
	in_every_mode(there_and_back, "32 loaded\n64 loaded\n32 loaded\n");
	free(there_and_back);
	free(shell);
}

/* Both recorded, each with all of its bytes; and proven. */
static void a_recording_of_both(void **state)
{
	(void)state;
	stage_shell(&stage, "./sockfix record -- sh -c './narrow %s; ./wide %s'", stage.port,
		stage.port);
	assert_int_equal(stage.capture.status, 5);
	expect_in(stage.capture.err, "2 connections   1 peer\n  seen 100 % of its TCP bytes");
	expect_in(stage.capture.err, "2 small writes, then a");
	stage_shell(&stage, "./sockfix prove -- ./narrow %s", stage.port);
	assert_string_equal(stage.capture.out, "32 loaded\n");
	expect_in(stage.capture.err, "Blocks of turns: ");
}

static void the_word(void **state)
{
	(void)state;
	stage_shell(&stage, "./sockfix run -n -s tcp_nodelay=true -- ./narrow");
	expect_in(stage.capture.out, "/$LIB/sockfix/libsockfix.so\n");
	stage_shell(&stage, "./sockfix run -n -s tcp_nodelay=true -- ./musl");
	expect_not_in(stage.capture.out, "$LIB");
}

/* A path that is there already reaches one word size alone: the word takes its place. */
static void beside_an_outer_one(void **state)
{
	char *narrow =
		must_print("LD_PRELOAD=$PWD/$(echo lib/*/sockfix/libsockfix.so) ./sockfix run "
			   "--strict -- ./narrow %s",
			stage.port);

	(void)state;
	expect_out(narrow, "32 loaded\n");
	free(narrow);
}

/* Its loader does not know the word: it gets the path. */
static void a_program_of_musl(void **state)
{
	char *musl = must_print("./musl %s", stage.port),
	     *by_loader = must_print("/lib/ld-musl-x86_64.so.1 ./musl %s", stage.port);

	(void)state;
	in_every_mode(musl, "64 loaded\n");
	in_every_mode(by_loader, "64 loaded\n");
	free(by_loader);
	free(musl);
}

/* A system as Alpine's, with nothing of glibc: the command is static, and the library takes the
 * libc that is there. In a namespace of mounts of its own, for its /proc. */
static void in_a_root_of_musl(const char *words, const char *out)
{
	stage_shell(&stage,
		"unshare -m sh -c 'mount -t proc proc alpine/proc; exec chroot alpine %s'", words);
	stage_expect(&stage, 5, out, "");
}

static void a_system_of_musl(void **state)
{
	char *bare = must_print("/client %s", stage.port);

	(void)state;
	need("root");
	stage_shell(&stage,
		"exec 2>&1; mkdir -p alpine/lib alpine/proc alpine/tmp alpine/run alpine/sockfix; "
		"cp -L /lib/ld-musl-*.so.1 alpine/lib; cp musl alpine/client; "
		"cp -L sockfix lib/*/sockfix/libsockfix.so alpine/sockfix");
	stage_expect(&stage, 0, "", "");
	in_a_root_of_musl(bare, "64 bare\n");
	for (size_t i = 0; i < HOW; i++) {
		char *kept = must_print(
			     strncmp(how[i], "record", 6) == 0 ? " -o /tmp/r%zu" : "", i),
		     *words = must_print("/sockfix/sockfix %s%s -- %s", how[i], kept, bare);

		in_a_root_of_musl(words, "64 loaded\n");
		free(words);
		free(kept);
	}
	stage_shell(&stage, "chroot alpine /sockfix/sockfix report /tmp/r3");
	expect_in(stage.capture.out, "  seen 100 % of its TCP bytes");
	free(bare);
}

static void what_no_library_reaches(void **state)
{
	(void)state;
	stage_shell(&stage, "./sockfix run --strict -- ./static %s", stage.port);
	assert_int_equal(stage.capture.status, 125);
	expect_in(stage.capture.err, "./static is statically linked, no library");
	stage_shell(&stage,
		"mv $(readlink other) away; ./sockfix run --strict -- ./narrow %s; s=$?; "
		"mv away $(readlink other); exit $s",
		stage.port);
	assert_int_equal(stage.capture.status, 125);
	expect_in(stage.capture.err,
		"./narrow is a 32-bit program, libsockfix.so is built for 64 bits");
}

/* A system whose loaders look into /usr/lib and /usr/lib32 for libraries of ours, and have a
 * service. */
static void make_system(void)
{
	stage_shell(&stage,
		"exec 2>&1; set -e; built=$(dirname $SOCKFIX); mkdir -p t/usr/lib/sockfix t/usr/lib32/sockfix t/etc/systemd/system; "
		"ln -s usr/lib usr/lib32 t; ln -s usr/lib t/lib64; : >t/usr/lib/ld-linux-x86-64.so.2; "
		": >t/usr/lib32/ld-linux.so.2; ln -s ../lib32/ld-linux.so.2 t/usr/lib; "
		"cp -L $built/libsockfix.so t/usr/lib/sockfix; cp other/libsockfix.so "
		"t/usr/lib32/sockfix; cp wide narrow musl t");
	stage_expect(&stage, 0, "", "");
}

static void expect_unit(const char *starts, const char *preload)
{
	stage_shell(&stage,
		"printf '[Service]\n%s' >t/etc/systemd/system/a.service; ./sockfix unit --root t a "
		"--print",
		starts);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, preload);
}

static void a_unit(void **state)
{
	static const char path[] = "LD_PRELOAD=/usr/lib/sockfix/libsockfix.so",
			  both[] = "LD_PRELOAD=/usr/$LIB/sockfix/libsockfix.so";

	(void)state;
	make_system();
	expect_unit("ExecStart=/wide\n", both);
	expect_unit("ExecStart=/narrow\n", both);
	expect_unit("ExecStart=/wide\nExecStart=/musl\nType=oneshot\n", path);
	expect_unit("ExecStart=/wide\nInaccessiblePaths=/usr/lib32\n", path);
	expect_unit("Environment=LD_PRELOAD=/a.so\nExecStart=/wide\n",
		"LD_PRELOAD=/a.so:/usr/$LIB/sockfix/libsockfix.so");
	stage_shell(&stage, "./sockfix unit --root t a && ./sockfix unit --root t --list");
	expect_in(stage.capture.out, "/usr/$LIB/sockfix/libsockfix.so");
	stage_shell(&stage, "./sockfix unit --root t --remove a && ls t/etc/systemd/system");
	assert_string_equal(strrchr(stage.capture.out, '\n') - strlen("a.service"), "a.service\n");
	/* One library alone reaches programs of its own word size. */
	stage_shell(&stage, "rm -r t/usr/lib32/sockfix");
	expect_unit("ExecStart=/wide\n", path);
	stage_shell(&stage, "echo '[Service]\nExecStart=/narrow' >t/etc/systemd/system/a.service; "
			    "./sockfix unit --root t a --print");
	assert_int_equal(stage.capture.status, 1);
	expect_in(stage.capture.err, "is a program of another word size than the library");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_each_size),
		cmocka_unit_test(a_mixed_tree),
		cmocka_unit_test(a_recording_of_both),
		cmocka_unit_test(the_word),
		cmocka_unit_test(beside_an_outer_one),
		cmocka_unit_test(a_program_of_musl),
		cmocka_unit_test(a_system_of_musl),
		cmocka_unit_test(what_no_library_reaches),
		cmocka_unit_test(a_unit),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
