/* When and where the library comes into a program: before its constructor, beside a sanitizer, into
 * a static or a privileged program, switched off, or with rules that it cannot read. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/calls.h"
#include "tests/helper/compile.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"
#include "tests/helper/scenario.h"

/* The calls of a program of three turns, from its first socket on. */
static void trace(struct launch launch, struct calls *calls)
{
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	char *path = calls_path();
	struct outcome outcome;

	launch.program = "turns";
	launch.argument[0] = "alternate";
	launch.argument[1] = "3";
	launch.port = peer_port(peer);
	launch.trace = path;
	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_string_equal(outcome.out, "");
	assert_int_equal(outcome.status, 0);
	calls_read(path, calls);
	free(path);
	outcome_free(&outcome);
	peer_stop(peer);
}

static void assert_inert(struct launch launch)
{
	struct calls bare, with;

	trace((struct launch){.mode = MODE_BARE}, &bare);
	trace(launch, &with);
	assert_same_calls(&bare, calls_find(&bare, 0, "socket", NULL), bare.count, &with,
		calls_find(&with, 0, "socket", NULL), with.count, "");
	assert_int_equal(calls_count(&with, 0, with.count, "setsockopt", NULL), 0);
	calls_free(&bare);
	calls_free(&with);
}

/* Not inert is what the other tests show; this one shows that the comparison can see it. */
static void rules_are_seen_in_the_calls(void **state)
{
	struct calls with;

	(void)state;
	trace((struct launch){.mode = MODE_AUTO}, &with);
	if (library_loads())
		assert_true(calls_count(&with, 0, with.count, "setsockopt", "TCP_NODELAY") > 0);
	calls_free(&with);
}

static void switched_off(void **state)
{
	(void)state;
	assert_inert((struct launch){.mode = MODE_AUTO, .variable = {"SOCKFIX_OFF=1"}});
	assert_inert((struct launch){.mode = MODE_ALWAYS, .variable = {"SOCKFIX_OFF=1"}});
}

static void rules_missing(void **state)
{
	(void)state;
	assert_inert((struct launch){.mode = MODE_AUTO, .rules = ""});
}

static void rules_unreadable(void **state)
{
	static const char *const rules[] = {"default", "2:default", "1:", "1:nonsense",
		"1:+t@role=any@:tcp_nodelay=1", "1:+t@role=any@:tcp_nodelay=1+=2",
		"1:+t@role=any@:tcp_nodlay=1+=1", "1:+t@role=any@:tcp_nodelay=one+=1",
		"1:+t@role=any@:tcp_nodelay=~zz+=1", "1:default ", "@/nowhere/at/all", "@",
		"1:+t@peer=999.1.1.1@:tcp_nodelay=1+=1"};

	(void)state;
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		assert_inert((struct launch){.mode = MODE_AUTO, .rules = rules[i]});
}

/* A line of 100,000 bytes is the most that one variable should carry. */
static void rules_too_long(void **state)
{
	char *rules = must_realloc(NULL, 100000);

	(void)state;
	memset(rules, 'x', 99999);
	memcpy(rules, "1:+", 3);
	rules[99999] = 0;
	assert_inert((struct launch){.mode = MODE_AUTO, .rules = rules});
	free(rules);
}

static void rules_in_a_file(void **state)
{
	char *path = calls_path(), *rules = must_print("@%s", path);
	FILE *file = fopen(path, "w");
	struct calls with;

	(void)state;
	MUST(file && fputs("1:+t@role=client@:tcp_nodelay=1@:coalesce=0+=1", file) > 0);
	fclose(file);
	trace((struct launch){.mode = MODE_AUTO, .rules = rules}, &with);
	assert_int_equal(calls_count(&with, 0, with.count, "setsockopt", "TCP_NODELAY, [1]"),
		library_loads() ? 1 : 0);
	/* The file is read before main, and closed. */
	assert_int_equal(calls_count(&with, calls_find(&with, 0, "socket", NULL), with.count,
				 "openat", path),
		0);
	calls_free(&with);
	unlink(path);
	free(rules);
	free(path);
}

/* Nobody would know what the program waits for. Its end is compared, and its descriptors are those
 * that it has without us. */
static void rules_in_what_is_no_file(void **state)
{
	char folder[] = "/tmp/sockfix-start.XXXXXX";
	char *clean = must_print("rm -r %s", mkdtemp(folder));
	char *fifo = must_print("@%s/fifo", folder), *link = must_print("@%s/link", folder);
	char *long_file = must_print("@%s/long", folder), *whole = must_print("@%s", folder);
	const char *const rules[] = {fifo, link, long_file, whole, "@/dev/zero", "@/dev/null",
		"@/proc/kmsg", "@/proc/self/mem", "@/dev/stdin"};
	FILE *file;

	(void)state;
	MUST(mkfifo(fifo + 1, 0644) == 0 && symlink("/proc/self/cmdline", link + 1) == 0);
	file = fopen(long_file + 1, "w");
	MUST(file && fprintf(file, "1:%0*d", 5 * 1024 * 1024, 0) > 0 && fclose(file) == 0);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++)
		assert_inert((struct launch){.mode = MODE_AUTO, .rules = rules[i]});
	MUST(system(clean) == 0);
	free(fifo);
	free(link);
	free(long_file);
	free(whole);
	free(clean);
}

/* Who asks hears once whether it is on, and if not, why. */
static void what_it_does_is_told(void **state)
{
	static const char *const row[][2] = {
		{"SOCKFIX_LOG=stderr",
			"warn: inert: no SOCKFIX_RULES is set; every call stays as it is: sockfix "
			"run sets it, and sockfix env prints it"},
		{"SOCKFIX_LOG=stderr:error", ""},
		{"SOCKFIX_LOG=stderr SOCKFIX_RULES=1:defau",
			"error: inert: SOCKFIX_RULES cannot be used: cut off, or of another version; "
			"every call stays as it is"},
		{"SOCKFIX_LOG=stderr SOCKFIX_RULES=2:default",
			"error: inert: SOCKFIX_RULES cannot be used: cut off, or of another version; "
			"every call stays as it is"},
		{"SOCKFIX_LOG=stderr SOCKFIX_RULES=@/none",
			"error: inert: SOCKFIX_RULES cannot be used: there is no such file; every "
			"call stays as it is"},
		{"SOCKFIX_LOG=stderr SOCKFIX_OFF=1 SOCKFIX_RULES=1:default",
			"warn: inert: SOCKFIX_OFF=1 is set; every call stays as it is"},
		{"SOCKFIX_LOG=stderr:warn SOCKFIX_OFF=yes SOCKFIX_RULES=1:default",
			"warn: SOCKFIX_OFF=yes switches nothing off: 1 does"},
		{"SOCKFIX_LOG=stderr:error SOCKFIX_OFF=0 SOCKFIX_RULES=1:default", ""},
		{"SOCKFIX_LOG=stderr:info SOCKFIX_RULES=1:default",
			"info: on: rules default; 1 rule"},
		{"SOCKFIX_LOG=stderr:warn SOCKFIX_RULES=1:default", ""},
		{"SOCKFIX_LOG=stderr "
		 "SOCKFIX_RULES=1:+default+a@role=client@:coalesce=1+b-c@role=server+=3",
			"info: on: rules default, a, b-c; 3 rules"},
		{"SOCKFIX_RULES=1:def", ""},
	};
	char *library = build_path("libsockfix.so");

	(void)state;
	for (size_t i = 0; library_loads() && i < sizeof(row) / sizeof(*row); i++) {
		/* a program that forks, too: once */
		char *line = must_print(
			"{ %s LD_PRELOAD=%s perl -e 'wait if fork' 2>&1; echo .; } | sed "
			"'s/^sockfix.[0-9]*. //' | tr -d '\\n'",
			row[i][0], library);
		char *said = output_of(line), *wanted = must_print("%s.", row[i][1]);

		assert_string_equal(said, wanted);
		free(wanted);
		free(said);
		free(line);
	}
	free(library);
}

/* The reason is a line in the log. */
static void a_fifo_of_rules_is_told(void **state)
{
	char folder[] = "/tmp/sockfix-start.XXXXXX", *rules, *line, *library;

	(void)state;
	if (!library_loads())
		return;
	MUST(mkdtemp(folder));
	library = build_path("libsockfix.so");
	rules = must_print("%s/fifo", folder);
	MUST(mkfifo(rules, 0644) == 0);
	line = must_print("LD_PRELOAD=%s SOCKFIX_LOG=stderr SOCKFIX_RULES=@%s /bin/true 2>&1",
		library, rules);
	char *said = output_of(line);
	assert_non_null(
		strstr(said, "error: inert: SOCKFIX_RULES cannot be used: not a plain file; every "
			     "call stays as it is"));
	unlink(rules);
	rmdir(folder);
	free(said);
	free(line);
	free(rules);
	free(library);
}

/* What runs the command with the library, and one more behind it. */
static char *preloading(const char *more)
{
	char *library = library_loads() ? build_path("libsockfix.so") : must_print("%s", "");
	char *words = must_print("LD_PRELOAD='%s %s' SOCKFIX_RULES=1:default", library, more);

	free(library);
	return words;
}

static void who_decides_when_asked_is_asked(void **state)
{
	char *library = compile("libindirect.so", "tests/victims/odd/indirect.c", "-shared -fPIC");
	char *program = compile("indirect", "tests/victims/odd/indirect.c", "-DPROGRAM");
	char *words = preloading(library), *line = must_print("%s %s", words, program);
	char *said = output_of(line);

	(void)state;
	assert_string_equal(said, "chosen: a line");
	free(said);
	free(line);
	free(words);
	free(program);
	free(library);
}

/* strace itself may be preloaded, too: what it writes down is the other's. */
static void start_true(const char *words, struct calls *calls)
{
	char *path = calls_path();
	char *line = must_print("%s strace -f -o %s /bin/true", words, path);

	MUST(system(line) == 0);
	calls_read(path, calls);
	free(line);
	free(path);
}

/* Each costs every process microseconds. Four more are the loader's where pages may have 64 KB: it
 * cuts what it maps to their size. */
#ifdef __aarch64__
enum { CALLS_OF_A_START = 16 };
#else
enum { CALLS_OF_A_START = 12 };
#endif

static void a_start_makes_few_calls(void **state)
{
	char *words = preloading("");
	struct calls bare, with;

	(void)state;
	start_true("", &bare);
	start_true(words, &with);
	assert_int_equal(calls_count(&with, 0, with.count, "openat", "libpthread"), 0);
	assert_int_equal(calls_count(&with, 0, with.count, "openat", "libdl"), 0);
	assert_in_range(
		with.count, bare.count, bare.count + (library_loads() ? CALLS_OF_A_START : 0));
	calls_free(&bare);
	calls_free(&with);
	free(words);
}

static void a_static_program_runs(void **state)
{
	char *program = compile("static", "tests/victims/turns.c", "-static");
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct launch launch = {.program = program,
		.argument = {"steady", "3"},
		.mode = MODE_AUTO,
		.port = peer_port(peer)};
	struct outcome outcome;
	size_t length;

	(void)state;
	run_whole(&launch, &outcome);
	assert_int_equal(outcome.status, 0);
	assert_string_equal(outcome.err, "");
	assert_int_equal(peer_wait_end(peer, 0), PEER_EOF);
	assert_string_equal(peer_bytes(peer, 0, &length), "one line\none line\none line\n");
	outcome_free(&outcome);
	peer_stop(peer);
	free(program);
}

/* A folder that everybody may read, with the library and a program that is linked with it. */
static char *secure_program(const char *folder, mode_t mode)
{
	char *library = build_path(library_loads() ? "libsockfix.so" : "victims");
	char *flags = library_loads()
			      ? must_print("-Wl,--no-as-needed %s/libsockfix.so -Wl,-rpath,%s",
					folder, folder)
			      : must_print("%s", "");
	char *made, *path = must_print("%s/secure-%o", folder, (unsigned)mode);
	char *copy = must_print("cp %s %s/ 2>/dev/null", library, folder), *move;

	MUST(!library_loads() || system(copy) == 0);
	made = compile("secure", "tests/victims/odd/secure.c", flags);
	move = must_print("mv %s %s", made, path);
	MUST(system(move) == 0 && chmod(path, mode) == 0);
	free(library);
	free(flags);
	free(made);
	free(copy);
	free(move);
	return path;
}

static void privileged(mode_t mode, const char *expected)
{
	char folder[] = "/tmp/sockfix-secure.XXXXXX";
	char *program, *log, *log_file, *clean;
	struct peer_plan plan = {.answer_lines = true};
	struct peer *peer = peer_start(&plan);
	struct launch launch = {.mode = MODE_BARE, .uid = 65534, .port = peer_port(peer)};
	struct outcome outcome;

	MUST(mkdtemp(folder) && chmod(folder, 0777) == 0);
	program = secure_program(folder, mode);
	log_file = must_print("%s/log", folder);
	log = must_print("SOCKFIX_LOG=%s", log_file);
	launch.program = program;
	launch.variable[0] =
		"SOCKFIX_RULES=1:+t@role=any@:tcp_nodelay=1@:tcp_congestion==nosuch+=1";
	launch.variable[1] = log;
	run_whole(&launch, &outcome);
	assert_string_equal(outcome.err, "");
	assert_string_equal(outcome.out, expected);
	assert_int_equal(access(log_file, F_OK) == 0, library_loads() && !(mode & S_ISUID));
	clean = must_print("rm -r %s", folder);
	MUST(system(clean) == 0);
	free(clean);
	free(log);
	free(log_file);
	free(program);
	outcome_free(&outcome);
	peer_stop(peer);
}

static void privilege_ignores_every_variable(void **state)
{
	(void)state;
	need("root");
	privileged(0755, library_loads() ? "secure 0 nodelay 1\n" : "secure 0 nodelay 0\n");
	privileged(04755, "secure 1 nodelay 0\n");
}

static int run_all(const struct CMUnitTest *tests, size_t count)
{
	char *early = compile("libearly.so", "tests/victims/odd/early.c", "-shared -fPIC");
	char *flags = must_print("%s", early);
	char *early_main = compile("early_main", "tests/victims/odd/early_main.c", flags);
	char *order = compile("order_asan", "tests/victims/order.c", "-fsanitize=address");
	char *readers = compile("readers_asan", "tests/victims/readers.c", "-fsanitize=address");
	char *ends = compile("ends_asan", "tests/victims/ends.c", "-fsanitize=address");
	char *asan = output_of("cc -print-file-name=libasan.so");
	struct scenario scenarios[] = {
		STORY("a constructor talks before the library's own has run", early_main, NULL,
			"early\nlate\n", UNTRAINED),
		STORY("with jemalloc preloaded before", "waits", "poll", "half done\n",
			HOLDS | SLEEPS, .preload = "libjemalloc.so.2"),
		STORY("with jemalloc, a fork and a child that writes", "ends", "fork-child-writes",
			"last words.child too\nand parent\n", HOLDS, .preload = "libjemalloc.so.2"),
		STORY("AddressSanitizer, a write and computing", order, "compute",
			"then it computes\n", HOLDS, .preload = asan),
		STORY("AddressSanitizer, a reader parked in read", readers, "reader-join",
			"one line\n", HOLDS | SLEEPS, .preload = asan),
		STORY("AddressSanitizer, fork and a child that writes", ends, "fork-child-writes",
			"last words.child too\nand parent\n", HOLDS, .preload = asan),
		STORY("AddressSanitizer, exec", ends, "exec", "last words.next program speaks\n",
			HOLDS, .preload = asan),
	};
	int failed = scenarios_and_more(
		"start", scenarios, sizeof(scenarios) / sizeof(*scenarios), tests, count);

	free(early);
	free(flags);
	free(early_main);
	free(order);
	free(readers);
	free(ends);
	free(asan);
	return failed;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rules_are_seen_in_the_calls),
		cmocka_unit_test(switched_off),
		cmocka_unit_test(rules_missing),
		cmocka_unit_test(what_it_does_is_told),
		cmocka_unit_test(rules_unreadable),
		cmocka_unit_test(rules_too_long),
		cmocka_unit_test(rules_in_a_file),
		cmocka_unit_test(rules_in_what_is_no_file),
		cmocka_unit_test(a_fifo_of_rules_is_told),
		cmocka_unit_test(who_decides_when_asked_is_asked),
		cmocka_unit_test(a_start_makes_few_calls),
		cmocka_unit_test(a_static_program_runs),
		cmocka_unit_test(privilege_ignores_every_variable),
	};

	return run_all(tests, sizeof(tests) / sizeof(*tests));
}
