/* Programs with AddressSanitizer, whose runtime library ends them where another one is loaded
 * before it, unless it is told that any order will do: run, record and prove tell it so, to COMMAND
 * and to what a shell below them starts. With its user's own word they run bare. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tests/helper/stage.h"

#define ANY_ORDER "verify_asan_link_order=0"

/* Turns of two writes; says what it has heard, whether we are in it, and its options. */
static const char client_text[] =
	"#include <arpa/inet.h>\n#include <stdio.h>\n#include <stdlib.h>\n#include <string.h>\n"
	"#include <unistd.h>\n" STAGE_LOADED
	"int main(int argc, char **argv) { char *answer = malloc(9); int heard = 0,\n"
	"fd = socket(2, SOCK_STREAM, 0); const char *options = getenv(\"ASAN_OPTIONS\");\n"
	"struct sockaddr_in at = {2, htons(atoi(argv[argc - 1])), {htonl(0x7f000001)}};\n"
	"if (connect(fd, (void *)&at, sizeof(at))) return 1;\n"
	"for (int i = 0; i < 12; i++) { if (write(fd, \"ab\", 2) != 2 || write(fd, \"c\\n\", 2) != "
	"2)"
	" return 2; heard += (int)read(fd, answer, 9); }\n"
	"if (argc > 2) return answer[atoi(argv[1])];\n"
	"printf(\"%d %s %s\\n\", heard > 0, loaded(), options ? options : \"-\"); free(answer); "
	"return 5; }\n";

static struct stage stage;

static int set_up(void **state)
{
	(void)state;
	stage_begin(&stage);
	stage_environment(&stage, "ASAN_OPTIONS");
	capture_write(stage.folder, "client.c", client_text, 0644);
	stage_shell(&stage, "gcc -g -fsanitize=address -o sane client.c 2>&1");
	stage_expect(&stage, 0, "", "");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	stage_end(&stage);
	return 0;
}

/* What the program prints below that command, which says nothing itself. */
static void expect_out(const char *how, const char *program, const char *out)
{
	stage_shell(&stage, "%s %s %s", how, program, stage.port);
	stage_expect(&stage, 5, out, "");
}

static void in_every_mode(const char *program)
{
	static const char *const how[] = {"$SOCKFIX run --strict", "$SOCKFIX run -P safe",
		"$SOCKFIX run -s coalesce=always",
		"$SOCKFIX run -s coalesce=buffer -s accept_loss=true", "$SOCKFIX record -q",
		"$SOCKFIX record -q -s tcp_nodelay=true"};
	char *bare = must_print("1 bare -\n"), *with = must_print("1 loaded " ANY_ORDER "\n");

	expect_out("", program, bare);
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++)
		expect_out(how[i], program, with);
	free(bare);
	free(with);
}

static void the_command_is_preloaded(void **state)
{
	(void)state;
	in_every_mode("./sane");
}

/* Its calls are seen, and compared. */
static void it_is_recorded_and_proven(void **state)
{
	(void)state;
	stage_run(&stage, "record -- ./sane %s", stage.port);
	assert_int_equal(stage.capture.status, 5);
	expect_in(stage.capture.err, "   1 thread on sockets   1 connection   1 peer\n"
				     "  seen 100 % of its TCP bytes");
	expect_in(stage.capture.err, "2 small writes, then a");
	stage_run(&stage, "prove -- ./sane %s", stage.port);
	assert_string_equal(stage.capture.out, "1 loaded " ANY_ORDER "\n");
	expect_in(stage.capture.err, "Blocks of turns: ");
}

/* A shell is not ASan's, what it starts is. */
static void what_a_shell_starts_is_preloaded(void **state)
{
	static const char *const how[] = {"run", "run -s coalesce=always", "record -q"};

	(void)state;
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		stage_shell(
			&stage, "$SOCKFIX %s -- sh -c './sane %s; exit $?'", how[i], stage.port);
		stage_expect(&stage, 5, "1 loaded " ANY_ORDER "\n", "");
	}
}

/* Its errors are found as before: a byte read behind the answer. */
static void it_finds_what_it_found(void **state)
{
	static const char *const how[] = {"", "$SOCKFIX run", "$SOCKFIX record -q"};

	(void)state;
	for (size_t i = 0; i < sizeof(how) / sizeof(*how); i++) {
		stage_shell(&stage, "%s ./sane 10 %s", how[i], stage.port);
		assert_int_equal(stage.capture.status, 1);
		expect_in(stage.capture.err, "ERROR: AddressSanitizer: heap-buffer-overflow on ");
	}
}

static void what_the_user_has_there_stays(void **state)
{
	(void)state;
	stage_environment(&stage, "ASAN_OPTIONS=detect_leaks=0:atexit=0");
	expect_out("$SOCKFIX run", "./sane", "1 loaded detect_leaks=0:atexit=0:" ANY_ORDER "\n");
	stage_run(&stage, "run -n");
	expect_in(stage.capture.out, "\nASAN_OPTIONS=detect_leaks=0:atexit=0:" ANY_ORDER "\n");
	/* Once: sockfix run below sockfix run. */
	expect_out("$SOCKFIX run $SOCKFIX run", "./sane",
		"1 loaded detect_leaks=0:atexit=0:" ANY_ORDER "\n");
	stage_environment(&stage, "ASAN_OPTIONS=verify_asan_link_order=false:atexit=0");
	expect_out("$SOCKFIX run", "./sane", "1 loaded verify_asan_link_order=false:atexit=0\n");
	stage_run(&stage, "run -n");
	expect_not_in(stage.capture.out, "ASAN_OPTIONS");
}

/* COMMAND itself needs it, before it could look; its children do not. */
static void children_that_are_left_alone_have_the_users_own(void **state)
{
	static const char own[] = "a.so:libsockfix_.so libsameas1.so";

	(void)state;
	expect_out("$SOCKFIX run --no-children", "./sane", "1 loaded -\n");
	stage_shell(&stage, "$SOCKFIX run --no-children -- sh -c './sane %s'", stage.port);
	stage_expect(&stage, 5, "1 bare -\n", "");
	stage_environment(&stage, "ASAN_OPTIONS=atexit=0");
	stage_shell(&stage, "$SOCKFIX record -q --no-children -- sh -c './sane %s'", stage.port);
	stage_expect(&stage, 5, "1 bare atexit=0\n", "");
	/* The same word, but the user's. */
	stage_environment(&stage, "ASAN_OPTIONS=atexit=0:" ANY_ORDER);
	stage_shell(&stage, "$SOCKFIX run --no-children -- sh -c './sane %s'", stage.port);
	stage_expect(&stage, 5, "1 bare atexit=0:" ANY_ORDER "\n", "");
	/* So it is with what the user preloads, whose names may be as long as ours. */
	stage_shell(&stage,
		"export LD_PRELOAD='%s'; $SOCKFIX run --no-children -- sh -c 'echo $LD_PRELOAD' "
		"2>/dev/null",
		own);
	assert_string_equal(stage.capture.out, "a.so:libsockfix_.so:libsameas1.so\n");
}

#define INSISTS                                                                                    \
	"./sane is built with AddressSanitizer, which ASAN_OPTIONS tells to end a program that "   \
	"has another library before it: without verify_asan_link_order there it works\n"

static void where_the_user_insists_it_runs_bare(void **state)
{
	(void)state;
	stage_environment(&stage, "ASAN_OPTIONS=verify_asan_link_order=1");
	stage_run(&stage, "run -- ./sane %s", stage.port);
	stage_expect(&stage, 5, "1 bare verify_asan_link_order=1\n",
		"sockfix: " INSISTS "sockfix: running ./sane without rules\n");
	stage_run(&stage, "run --strict -- ./sane %s", stage.port);
	stage_expect(
		&stage, 125, "", "sockfix: " INSISTS "sockfix: ./sane is not run (--strict)\n");
	stage_run(&stage, "record -- ./sane %s", stage.port);
	assert_int_equal(stage.capture.status, 5);
	assert_string_equal(stage.capture.out, "1 bare verify_asan_link_order=1\n");
	expect_in(stage.capture.err, "sockfix: " INSISTS);
	expect_in(stage.capture.err,
		"\n  NOT SURE.\n  ./sane is built with AddressSanitizer, which ASAN_OPTIONS tells "
		"to end a\n");
	expect_not_in(stage.capture.err, "No TCP connection was made");
	stage_run(&stage, "prove -- ./sane %s", stage.port);
	assert_string_equal(stage.capture.out, "1 bare verify_asan_link_order=1\n");
	expect_in(stage.capture.err, "\n  NOT SURE.\n  ./sane is built with AddressSanitizer");
}

/* Both of clang's runtime libraries; where there is no clang, gcc's has to do. */
static void of_clang_as_well(void **state)
{
	(void)state;
	stage_shell(&stage,
		"command -v clang >there || exit 0; d=$(clang -print-resource-dir)/lib/linux; "
		"clang -g -fsanitize=address -o static client.c && clang -g -fsanitize=address "
		"-shared-libasan -o shared client.c -Wl,-rpath,$d 2>&1; cat there");
	if (!*stage.capture.out)
		return;
	in_every_mode("./static");
	in_every_mode("./shared");
	stage_environment(&stage, "ASAN_OPTIONS=verify_asan_link_order=1");
	expect_out("$SOCKFIX run", "./static", "1 loaded verify_asan_link_order=1\n");
	stage_run(&stage, "run -- ./shared %s", stage.port);
	assert_string_equal(stage.capture.out, "1 bare verify_asan_link_order=1\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_command_is_preloaded),
		TEST(it_is_recorded_and_proven),
		TEST(what_a_shell_starts_is_preloaded),
		TEST(it_finds_what_it_found),
		TEST(what_the_user_has_there_stays),
		TEST(children_that_are_left_alone_have_the_users_own),
		TEST(where_the_user_insists_it_runs_bare),
		TEST(of_clang_as_well),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
