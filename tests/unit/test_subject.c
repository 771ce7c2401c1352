/* The process as rules see it. The test is executed anew with each command line and prints what it
 * found out about itself. */
#include "tests/unit/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/settle/subject.h"

#define MARK "SUBJECT_TEST_NAMED"

static int print_self(unsigned named)
{
	struct rule rule = {.match.named = named}, other = {.match.named = 0};
	struct rule both[] = {other, rule};

	subject_start(&(struct ruleset){both, 2});
	struct subject self = subject_self();
	printf("%s|%s|%s|%s|%u", self.program, self.argv0, self.script, self.args, self.uid);
	return 0;
}

/* What it prints with those words (argv[0] first) where rules name those matchers. */
static const char *seen(unsigned named, const char *const word[])
{
	static char text[20000];
	size_t used = 0;
	ssize_t got;
	int out[2], status;

	assert_int_equal(pipe(out), 0);
	pid_t pid = fork();
	if (pid == 0) {
		char mark[40], *env[] = {mark, NULL};

		snprintf(mark, sizeof(mark), MARK "=%u", named);
		dup2(out[1], 1);
		close(out[0]);
		execve("/proc/self/exe", (char *const *)(uintptr_t)word, env);
		_exit(127);
	}
	close(out[1]);
	while ((got = read(out[0], text + used, sizeof(text) - 1 - used)) > 0)
		used += (size_t)got;
	text[used] = '\0';
	close(out[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	return text;
}

#define WORDS(...)                                                                                 \
	(const char *const[])                                                                      \
	{                                                                                          \
		__VA_ARGS__, NULL                                                                  \
	}
#define NAMED(matcher) (1u << (matcher))

static void assert_script(const char *const word[], const char *script)
{
	const char *text = seen(NAMED(MATCH_SCRIPT), word);
	char expected[300];

	snprintf(expected, sizeof(expected), "|python3|%s|", script);
	if (strncmp(text, expected, strlen(expected)) != 0)
		fail_msg("'%s' is seen as '%s'", script, text);
}

static void only_what_is_named_is_looked_at(void **state)
{
	char uid[20];

	(void)state;
	snprintf(uid, sizeof(uid), "||||%u", (unsigned)geteuid());
	assert_string_equal(seen(NAMED(MATCH_PORT), WORDS("a", "b")), "||||0");
	assert_string_equal(seen(NAMED(MATCH_USER), WORDS("a", "b")), uid);
	assert_string_equal(
		seen(NAMED(MATCH_ARGS), WORDS("/x/a", "/y/b", "c d", "-e")), "|a|b|/y/b c d -e|0");
	assert_string_equal(
		seen(NAMED(MATCH_PROGRAM), WORDS("/x/a", "-z")), "test_subject|a||-z|0");
	assert_string_equal(seen(NAMED(MATCH_SCRIPT), WORDS("/x/a")), "|a|||0");
	assert_string_equal(seen(NAMED(MATCH_SCRIPT), WORDS("a", "")), "|a|||0");
}

static void a_script_is_the_first_word_that_is_no_option(void **state)
{
	(void)state;
	assert_script(WORDS("/usr/bin/python3", "/opt/x.py", "y.py"), "x.py");
	assert_script(WORDS("python3", "-u", "-v", "x.py"), "x.py");
	assert_script(WORDS("python3", "-m", "http.server", "80"), "http.server");
	assert_script(WORDS("python3", "-jar", "lib/x.jar"), "x.jar");
	assert_script(WORDS("python3", "-W", "ignore", "-X", "dev", "x.py"), "x.py");
	assert_script(WORDS("python3", "-cp", "a", "-classpath", "b", "--class-path", "c", "Main"),
		"Main");
	assert_script(WORDS("python3", "-I", "lib", "-r", "net", "--require", "x", "x.rb"), "x.rb");
}

static void what_stands_on_the_command_line_is_no_script(void **state)
{
	(void)state;
	assert_script(WORDS("python3", "-c", "print()", "x.py"), "");
	assert_script(WORDS("python3", "-u", "-e", "puts", "x.rb"), "");
	assert_script(WORDS("python3", "-W", "-c", "x.py"), "x.py");
	assert_script(WORDS("python3", "-u"), "");
	assert_script(WORDS("python3", "-W"), "");
}

static void what_is_too_long_is_cut(void **state)
{
	static char longer[9000], expected[9000];

	(void)state;
	memset(longer, 'x', sizeof(longer) - 1);
	const char *text = seen(NAMED(MATCH_ARGS), WORDS("python3", longer));
	/* a name of 255 bytes; of the line 8191, with argv[0] and its end */
	memcpy(expected, "|python3|", 9);
	memset(expected + 9, 'x', 255);
	expected[9 + 255] = '|';
	memset(expected + 9 + 256, 'x', 8191 - 8);
	strcpy(expected + 9 + 256 + 8191 - 8, "|0");
	assert_string_equal(text, expected);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_is_named_is_looked_at),
		cmocka_unit_test(a_script_is_the_first_word_that_is_no_option),
		cmocka_unit_test(what_stands_on_the_command_line_is_no_script),
		cmocka_unit_test(what_is_too_long_is_cut),
	};
	const char *named = getenv(MARK);

	if (named)
		return print_self((unsigned)atoi(named));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
