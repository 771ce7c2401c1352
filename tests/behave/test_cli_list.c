/* The command as a whole: verbs, help, version, and the verbs of reference; screens and pipes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"

static struct capture capture;

static int set_up(void **state)
{
	(void)state;
	capture = (struct capture){.env = capture_clean};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_free(&capture);
	return 0;
}

static void expect(const char *line, int status, const char *out, const char *err)
{
	capture_sockfix(&capture, line);
	assert_string_equal(capture.err, err);
	if (out)
		assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
}

static const char *const verbs[] = {"look", "record", "report", "import", "suggest", "run", "mend",
	"check", "which", "prove", "diff", "compare", "unit", "env", "scope", "status", "off", "on",
	"metrics", "list", "explain"};

static void test_help(void **state)
{
	static const char help[] =
		"usage: sockfix VERB [OPTION]... [ARGUMENT]...\n"
		"Makes programs that you cannot change use their TCP sockets well.\n"
		"\n"
		"find\n"
		"  look      look at running programs: who is stalled, and by what\n"
		"  record    run COMMAND watched: is it the sockets, how many seconds, which rule\n"
		"  report    print what a recording shows: the verdict, the seconds, the rule\n"
		"  import    make a recording of an strace log or a capture that is there already\n"
		"\n"
		"mend\n"
		"  suggest   print the rules that mend what a recording shows, as a file\n"
		"  run       start COMMAND with its sockets mended\n"
		"  mend      set options on the connections of a running program\n"
		"  check     find every error of rule files, each with its place\n"
		"  which     say which settings hold for one connection, and which rule set them\n"
		"  prove     run COMMAND once, half of it mended, and compare the halves\n"
		"  diff      compare two recordings by the exchange\n"
		"  compare   run COMMAND two times, bare and mended, and compare the runs\n"
		"\n"
		"operate\n"
		"  unit      switch the library on for a service of systemd, or off again\n"
		"  env       print the variables that switch the library on, to paste\n"
		"  scope     set options for all that runs in a cgroup: a service, a container\n"
		"  status    say which processes have the library, and whether it is on there\n"
		"  off       switch the library off in running processes, at once\n"
		"  on        switch it on again\n"
		"  metrics   print what all processes have counted, for Prometheus\n"
		"\n"
		"reference\n"
		"  list      list presets, options, matchers of rules, codes of findings, or runs\n"
		"  explain   one finding, option, preset, word of the rules, or starter (cron)\n"
		"\n"
		"to begin with\n"
		"  sockfix record -- python3 import.py  is it the sockets?\n"
		"  sockfix run -- python3 import.py     start a program mended\n"
		"  sockfix VERB --help                  all about one verb\n"
		"  sockfix --version\n";
	(void)state;
	expect("--help", 0, help, "");
	expect("-h", 0, help, "");
	expect("help", 0, help, "");
	expect("", 2, "", help);
}

static void test_verb_help(void **state)
{
	char line[64], usage[64];
	(void)state;
	for (size_t i = 0; i < sizeof(verbs) / sizeof(*verbs); i++) {
		snprintf(line, sizeof(line), "%s --help", verbs[i]);
		snprintf(usage, sizeof(usage), "usage: sockfix %s ", verbs[i]);
		expect(line, 0, NULL, "");
		assert_memory_equal(capture.out, usage, strlen(usage));
		assert_non_null(strstr(capture.out, "Exit status: "));
		char *first = strdup(capture.out);
		snprintf(line, sizeof(line), "help %s", verbs[i]);
		expect(line, 0, first, "");
		free(first);
		snprintf(line, sizeof(line), "%s --version", verbs[i]);
		expect(line, 0, "sockfix " SOCKFIX_VERSION "\n", "");
	}
	expect("--version", 0, "sockfix " SOCKFIX_VERSION "\n", "");
}

static void test_unknown(void **state)
{
	(void)state;
	expect("chekc", 2, "", "sockfix: 'chekc' is not a verb; did you mean 'check'?\n");
	expect("help wihch", 2, "", "sockfix: 'wihch' is not a verb; did you mean 'which'?\n");
	expect("python3 x.py", 2, "",
		"sockfix: 'python3' is not a verb; to start a program: sockfix run -- python3; see "
		"sockfix "
		"--help\n");
	expect("--nosuch", 2, "",
		"sockfix: '--nosuch' is not an option of sockfix; see sockfix --help\n");
	expect("list", 2, "",
		"sockfix: list: say what, one word: presets, options, matchers, codes or runs; see "
		"sockfix list "
		"--help\n");
	expect("list optoins", 2, "",
		"sockfix: 'optoins' is not a list; did you mean 'options'?\n");
	expect("list zzzzzzzz", 2, "",
		"sockfix: 'zzzzzzzz' is not a list; there are presets, options, matchers, "
		"codes and runs\n");
	expect("list options extra", 2, "",
		"sockfix: list: say what, one word: presets, options, matchers, codes or runs; see "
		"sockfix list "
		"--help\n");
	expect("explain", 2, "",
		"sockfix: explain: name one CODE, OPTION, PRESET, WORD of the rules or STARTER, or rules; see "
		"sockfix explain --help\n");
	expect("explain n99", 2, "",
		"sockfix: there is no finding N99; sockfix list codes prints them\n");
	expect("explain --for-author coalesce", 2, "",
		"sockfix: explain: --for-author is for findings, and 'coalesce' is none; see "
		"sockfix explain --help\n");
	expect("explain imap", 2, "",
		"sockfix: 'imap' is not an option, a preset, a word of rules or a starter; did you mean 'imap-upload'?\n");
	expect("explain tcp_nodlay", 2, "",
		"sockfix: 'tcp_nodlay' is not an option, a preset, a word of rules or a starter; did you mean "
		"'tcp_nodelay'?\n");
	expect("explain imap-uplaod", 2, "",
		"sockfix: 'imap-uplaod' is not an option, a preset, a word of rules or a starter; did you mean "
		"'imap-upload'?\n");
	expect("explain keepidle", 2, "",
		"sockfix: 'keepidle' is not an option, a preset, a word of rules or a starter; did you mean 'tcp_keepidle'?\n");
	expect("explain zzzzzzzzzzzz", 2, "",
		"sockfix: 'zzzzzzzzzzzz' is not an option, a preset, a word of rules or a starter; see sockfix "
		"list options, sockfix list presets, sockfix list codes, sockfix explain rules, sockfix "
		"explain starters\n");
}

/* Each word of the language has a page with an example that names it. */
static void test_explain_words(void **state)
{
	static const char *const words[] = {"match", "set", "force", "last", "holdout",
		"leave_alone", "keep", "@include", "any", "client", "server", "program", "script",
		"args", "role", "peer", "port", "local_port", "peer_port", "user"};
	char line[64];

	(void)state;
	for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++) {
		const char *word = words[i];

		snprintf(line, sizeof(line), "explain %s", word);
		capture_sockfix(&capture, line);
		assert_int_equal(capture.status, 0);
		assert_memory_equal(capture.out, word, strlen(word));
		assert_non_null(strstr(strstr(capture.out, "\nin a rule file\n"), word));
		assert_non_null(strstr(capture.out, "sockfix explain rules\n"));
	}
	expect("explain houldout", 2, "",
		"sockfix: 'houldout' is not an option, a preset, a word of rules or a starter; did you mean "
		"'holdout'?\n");
}

/* Each starter that is listed has a page with lines of its own, by its other names, too. */
static void test_explain_starters(void **state)
{
	static const char *const names[] = {"cron", "at", "supervisord", "xinetd", "sudo", "su",
		"env", "tmux", "java", "gunicorn", "uwsgi", "php-fpm", "podman", "podman-build",
		"init-container"};
	char line[64], *list = capture_text("explain starters"),
		       *page = capture_text("explain cron");

	(void)state;
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(line, sizeof(line), "\n%s ", names[i]);
		assert_non_null(strstr(list, i ? line : line + 1));
		snprintf(line, sizeof(line), "explain %s", names[i]);
		capture_sockfix(&capture, line);
		assert_int_equal(capture.status, 0);
		assert_memory_equal(capture.out, names[i], strlen(names[i]));
		assert_non_null(strstr(capture.out, "sockfix"));
	}
	expect("explain CRONTAB", 0, page, "");
	expect("explain sudoo", 2, "",
		"sockfix: 'sudoo' is not an option, a preset, a word of rules or a starter; did you "
		"mean 'sudo'?\n");
	free(list);
	free(page);
}

static void test_explain(void **state)
{
	static const char keepidle[] =
		"tcp_keepidle\n"
		"  idle time before the first keepalive probe\n"
		"\n"
		"  values    1-32767 s\n"
		"  applied   before connect(); for servers on the listening socket, which hands\n"
		"            it on, or on each accepted one where the rule asks for the peer\n"
		"  risk      none: the program cannot tell\n"
		"  kernel    setsockopt(IPPROTO_TCP, TCP_KEEPIDLE)\n"
		"  read      tcp(7)\n"
		"\n"
		"in a rule file\n"
		"  my-rule:\n"
		"    { match: { program = \"myapp\"; };\n"
		"      set:   { tcp_keepidle = \"60s\"; }; };\n"
		"once\n"
		"  sockfix run -s tcp_keepidle=60s -- COMMAND\n";
	(void)state;
	expect("explain tcp_keepidle", 0, keepidle, "");
	expect("explain TCP_KEEPIDLE", 0, keepidle, "");
	expect("explain coalesce", 0, NULL, "");
	assert_non_null(strstr(capture.out, "no socket option: sockfix does this itself"));
}

/* Each option is listed, and what explain shows of it is a rule file that check takes. */
static void test_every_option(void **state)
{
	char line[256], *folder = capture_folder_new();
	int options = 0;
	(void)state;
	capture_sockfix(&capture, "list options");
	char *list = strdup(capture.out), *rest = NULL;
	for (char *row = strtok_r(list, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
		char name[64];
		if (*row == ' ' || *row == 'N')
			continue;
		if (*row == 'W')
			break;
		assert_int_equal(sscanf(row, "%63s", name), 1);
		options++;
		snprintf(line, sizeof(line), "explain %s", name);
		expect(line, 0, NULL, "");
		char *rule = strstr(capture.out, "  my-rule:");
		assert_non_null(rule);
		*strstr(rule, "once\n") = '\0';
		capture_write(folder, "rule.conf", rule, 0644);
		snprintf(line, sizeof(line), "check %s/rule.conf", folder);
		capture_sockfix(&capture, line);
		if (capture.status != 0)
			fail_msg("%s: %s", name, capture.out);
	}
	assert_true(options > 30);
	free(list);
	capture_folder_free(folder);
}

static void test_every_preset(void **state)
{
	char line[256], path[256], *folder = capture_folder_new();
	int presets = 0;
	(void)state;
	snprintf(path, sizeof(path), "check %s/preset.conf", folder);
	capture_sockfix(&capture, "list presets");
	char *list = strdup(capture.out), *rest = NULL;
	for (char *row = strtok_r(list, "\n", &rest); row; row = strtok_r(NULL, "\n", &rest)) {
		char name[64];
		if (*row == ' ' || strncmp(row, "sockfix explain", 15) == 0)
			continue;
		assert_int_equal(sscanf(row, "%63s", name), 1);
		presets++;
		snprintf(line, sizeof(line), "explain %s", name);
		expect(line, 0, NULL, "");
		capture_write(folder, "preset.conf", capture.out, 0644);
		capture_sockfix(&capture, path);
		if (capture.status != 0)
			fail_msg("%s: %s", name, capture.out);
		snprintf(line, sizeof(line), "run -n -P %s", name);
		capture_sockfix(&capture, line);
		assert_int_equal(capture.status, 0);
		assert_non_null(strstr(capture.out, "\nSOCKFIX_RULES=1:"));
	}
	assert_true(presets >= 17);
	free(list);
	capture_folder_free(folder);
}

static size_t longest_line(const char *text)
{
	size_t longest = 0;
	while (*text) {
		size_t length = strcspn(text, "\n");
		longest = length > longest ? length : longest;
		text += length + (text[length] == '\n');
	}
	return longest;
}

static void list_in(const char *columns, size_t width)
{
	const char *const env[] = {columns, "NO_COLOR", NULL};
	capture.env = env;
	capture_sockfix(&capture, "list options");
	assert_true(longest_line(capture.out) <= width);
	capture_sockfix(&capture, "list presets");
	assert_true(longest_line(capture.out) <= width);
	capture_sockfix(&capture, "explain tcp_keepidle");
	assert_true(
		longest_line(capture.out) <= (width < 50 ? 50 : width)); /* examples are not cut */
}

static void test_columns(void **state)
{
	(void)state;
	list_in("COLUMNS", 80);
	size_t lines80 = strlen(capture.out);
	list_in("COLUMNS=40", 60);
	list_in("COLUMNS=79", 79);
	list_in("COLUMNS=x", 80);
	assert_int_equal(strlen(capture.out), lines80);
	list_in("COLUMNS=0", 80);
	assert_int_equal(strlen(capture.out), lines80);
	const char *const env[] = {"COLUMNS=200", NULL};
	capture.env = env;
	capture_sockfix(&capture, "explain tcp_keepidle");
	assert_true(longest_line(capture.out) > 100);
}

/* Colour on a terminal only, and not where it is not wanted. */
static void test_colour(void **state)
{
	const char *const plain[] = {"TERM=xterm", "NO_COLOR", NULL};
	const char *const unwanted[] = {"TERM=xterm", "NO_COLOR=1", NULL};
	const char *const dumb[] = {"TERM=dumb", "NO_COLOR", NULL};
	char *command = build_path("sockfix");
	const char *const argv[] = {command, "--help", NULL};
	(void)state;
	capture.env = plain;
	capture_run(&capture, argv);
	assert_null(strchr(capture.out, '\033'));
	capture_terminal(&capture, argv);
	assert_non_null(strstr(capture.out, "\033[1mmend\033[0m"));
	capture.env = unwanted;
	capture_terminal(&capture, argv);
	assert_non_null(strstr(capture.out, "\r\nmend\r\n"));
	assert_null(strchr(capture.out, '\033'));
	capture.env = dumb;
	capture_terminal(&capture, argv);
	assert_null(strchr(capture.out, '\033'));
	free(command);
}

/* What nobody could read is no answer, whichever it was. */
static void test_full_disk(void **state)
{
	static const struct {
		const char *words;
		int status, otherwise;
	} table[] = {{"--help", 2, 0}, {"--version", 2, 0}, {"list options", 2, 0},
		{"list presets", 2, 0}, {"list matchers", 2, 0}, {"list codes", 2, 0},
		{"explain N01", 2, 0}, {"explain rules", 2, 0}, {"explain default", 2, 0},
		{"explain tcp_nodelay", 2, 0}, {"check /nosuch", 2, 1},
		{"which --program p --peer 192.0.2.1:5", 2, 0}, {"check --help", 2, 0},
		{"run -n -- true", 125, 0}, {"help run", 125, 0}, {"record --help", 125, 0}};
	char *command = build_path("sockfix"), line[4200];
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(*table); i++) {
		snprintf(line, sizeof(line), "%s %s > /dev/full", command, table[i].words);
		capture_run(&capture, (const char *[]){"sh", "-c", line, NULL});
		assert_string_equal(
			capture.err, "sockfix: cannot write to stdout: No space left on device\n");
		assert_int_equal(capture.status, table[i].status);
		expect(table[i].words, table[i].otherwise, NULL, "");
	}
	free(command);
}

/* The page on rule files: its example is one, and every matcher that it names is known. */
static void test_rules_page(void **state)
{
	static const char *const matchers[] = {"program", "script", "args", "role", "peer", "port",
		"local_port", "peer_port", "user"};
	char folder[] = "/tmp/sockfix-rules-XXXXXX", path[64], example[4096] = "";
	struct capture check = {.env = capture_clean};

	(void)state;
	assert_non_null(mkdtemp(folder));
	capture_sockfix(&capture, "explain rules");
	assert_int_equal(capture.status, 0);
	for (char *line = strtok(capture.out, "\n"); line; line = strtok(NULL, "\n")) {
		if (strncmp(line, "  match ", 8) == 0)
			break;
		if (strncmp(line, "    ", 4) == 0 && !strstr(line, "@include"))
			snprintf(example + strlen(example), sizeof(example) - strlen(example),
				"%s\n", line + 4);
	}
	assert_non_null(strstr(example, "leave_alone"));
	capture_write(folder, "example.conf", example, 0644);
	snprintf(path, sizeof(path), "check %s/example.conf", folder);
	capture_sockfix(&check, path);
	assert_string_equal(check.err, "");
	assert_int_equal(check.status, 0);
	capture_free(&check);
	capture_sockfix(&capture, "list matchers");
	for (size_t i = 0; i < sizeof(matchers) / sizeof(*matchers); i++)
		assert_non_null(strstr(capture.out, matchers[i]));
	snprintf(path, sizeof(path), "%s/example.conf", folder);
	remove(path);
	remove(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_help, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_verb_help, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_unknown, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_explain_starters, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rules_page, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_option, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_every_preset, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_columns, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_colour, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
