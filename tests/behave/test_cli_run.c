/* `sockfix run`: what it sets, what it says, how it ends. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

static struct capture capture;
static char *folder, *library;

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	library = build_path("libsockfix.so");
	capture = (struct capture){.env = capture_clean, .dir = folder};
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	free(library);
	return 0;
}

/* Runs and compares all three answers. out may be NULL: not looked at. */
static void expect(const char *line, int status, const char *out, const char *err)
{
	capture_sockfix(&capture, line);
	assert_string_equal(capture.err, err);
	if (out)
		assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
}

static const char *environment(const char *before, const char *rules)
{
	static char text[8192];
	snprintf(text, sizeof(text), "LD_PRELOAD=%s%s\nSOCKFIX_RULES=%s\n", before, library, rules);
	return text;
}

static void test_dry(void **state)
{
	char text[9000];
	(void)state;
	expect("run -n", 0, environment("", "1:default"), "");
	expect("run -n -- true", 0, environment("", "1:default"), "");
	expect("run --dry-run true", 0, environment("", "1:default"), "");
	snprintf(text, sizeof(text), "%sSOCKFIX_CHILDREN=0\n", environment("", "1:default"));
	expect("run -n --no-children true", 0, text, "");
}

/* What would not be found is said, with where it was looked for, and nothing is printed. */
static void test_dry_not_found(void **state)
{
	static const char *const env[] = {
		"PATH=/usr/bin:/bin", "LD_PRELOAD", "SOCKFIX_RULES", "HOME=/nonexistent", NULL};
	static const char nowhere[] =
		"sockfix: 'nosuch' is not found: no folder of PATH has it (PATH=/usr/bin:/bin)\n";

	(void)state;
	capture.env = env;
	expect("run -n nosuch", 127, "", nowhere);
	expect("run -n -- nosuch -n", 127, "", nowhere);
	expect("run -n nice -n 1 nosuch", 127, "", nowhere);
	expect("run -n env A=1 nosuch", 127, "", nowhere);
	expect("run -n timeout 5 env nosuch", 127, "", nowhere);
	expect("run -n env PATH=/nonexistent nosuch", 0, NULL, "");
	expect("run -n /no/such", 127, "",
		"sockfix: '/no/such' is not found: there is no such file\n");
	expect("run -n /", 126, "", "sockfix: '/' cannot be executed: Permission denied\n");
	capture_write(folder, "plain", "", 0644);
	expect("run -n ./plain", 126, "",
		"sockfix: './plain' cannot be executed: Permission denied\n");
	capture_write(folder, "script", "#!/no/interpreter\n", 0755);
	expect("run -n ./script", 127, "",
		"sockfix: './script' is not found: its first line names '/no/interpreter', which is "
		"not there\n");
}

/* inetd's programs have a connection at 0, 1 and 2: what we say is not what they say. */
static void test_served(void **state)
{
	static const char text[] =
		"import socket, subprocess, sys\n"
		"listener = socket.create_server(('127.0.0.1', 0))\n"
		"near = socket.create_connection(listener.getsockname())\n"
		"far = listener.accept()[0]\n"
		"subprocess.run([sys.argv[1], 'run', '-r', '/no/rules', 'echo', 'theirs'],\n"
		"               stdin=far, stdout=far, stderr=far)\n"
		"far.close()\n"
		"print(near.makefile().read(), end='')\n";
	char *command = build_path("sockfix");

	(void)state;
	capture_run(&capture, (const char *[]){"python3", "-c", text, command, NULL});
	free(command);
	assert_string_equal(capture.out, "theirs\n");
	assert_string_equal(capture.err, "");
}

static void test_environment(void **state)
{
	char line[4200];
	(void)state;
	capture_sockfix(&capture, "run -- env");
	assert_int_equal(capture.status, 0);
	assert_string_equal(capture.err, "");
	snprintf(line, sizeof(line), "LD_PRELOAD=%s\n", library);
	assert_non_null(strstr(capture.out, line));
	assert_non_null(strstr(capture.out, "SOCKFIX_RULES=1:default\n"));
}

/* What is preloaded already keeps its place. */
static void test_preload_order(void **state)
{
	const char *const env[] = {"LD_PRELOAD=libm.so.6", "HOME=/nonexistent",
		"ASAN_OPTIONS=verify_asan_link_order=0", NULL};
	const char *first = "libm.so.6:";
	(void)state;
	capture.env = env;
	expect("run -n", 0, environment(first, "1:default"), "");
	/* sockfix run below sockfix run: the library stands there once. */
	char *command = build_path("sockfix");
	capture_run(&capture, (const char *[]){command, "run", command, "run", "-n", NULL});
	free(command);
	assert_string_equal(capture.out, environment(first, "1:default"));
}

/* A line of the output is an argument of env(1). */
static void test_dry_is_for_env(void **state)
{
	char *command = build_path("sockfix"), line[8192];
	(void)state;
	snprintf(line, sizeof(line),
		"env $(%s run -s tcp_nodelay=1 -n) sh -c 'echo $SOCKFIX_RULES'", command);
	capture_run(&capture, (const char *[]){"sh", "-c", line, NULL});
	assert_string_equal(capture.out, "1:+default+command-line@role=any@:tcp_nodelay=1+=2\n");
	free(command);
}

static void test_command_words(void **state)
{
	char *command = build_path("sockfix");
	(void)state;
	capture_run(&capture, (const char *[]){command, "run", "printf", "<%s>", "-n", "a  b", "",
				      "--strict", NULL});
	assert_string_equal(capture.out, "<-n><a  b><><--strict>");
	assert_string_equal(capture.err, "");
	capture_run(&capture, (const char *[]){command, "run", "--", "sh", "-c", "exit 7", NULL});
	assert_int_equal(capture.status, 7);
	capture_run(&capture, (const char *[]){command, "run", "sh", "-c", "kill -9 $$", NULL});
	assert_int_equal(capture.status, 128 + 9);
	free(command);
}

static void test_exit_126_127(void **state)
{
	(void)state;
	expect("run -- nosuch-command", 127, "",
		"sockfix: failed to run command 'nosuch-command': No such file or directory\n");
	expect("run -- ./nosuch", 127, "",
		"sockfix: failed to run command './nosuch': No such file or directory\n");
	expect("run -- /", 126, "", "sockfix: failed to run command '/': Permission denied\n");
	capture_write(folder, "plain", "echo\n", 0644);
	expect("run -- ./plain", 126, "",
		"sockfix: failed to run command './plain': Permission denied\n");
	capture_write(folder, "script", "#!/nosuch/interpreter\n", 0755);
	expect("run -- ./script", 127, "",
		"sockfix: failed to run command './script': No such file or directory\n");
}

static void test_misuse(void **state)
{
	(void)state;
	expect("run", 125, "", "sockfix: run: a COMMAND is missing; see sockfix run --help\n");
	expect("run --stirct true", 125, "",
		"sockfix: '--stirct' is not an option of run; did you mean '--strict'?\n");
	expect("run --nosuch-thing=3 true", 125, "",
		"sockfix: '--nosuch-thing' is not an option of run; see sockfix run --help\n");
	expect("run -x true", 125, "",
		"sockfix: '-x' is not an option of run; see sockfix run --help\n");
	expect("run -r", 125, "", "sockfix: run: -r needs a value: FILE; see sockfix run --help\n");
	expect("run --preset", 125, "",
		"sockfix: run: --preset needs a value: PRESET; see sockfix run --help\n");
	expect("run --strict=1 true", 125, "",
		"sockfix: run: --strict takes no value; see sockfix run --help\n");
	expect("run --s true", 125, "",
		"sockfix: run: --s could mean several options; see sockfix run --help\n");
}

/* Bad rules: each has its line, and COMMAND runs as without us; --strict refuses. */
static void test_fails_open(void **state)
{
	static const char problems[] =
		"sockfix: bad.conf:2: r: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n"
		"sockfix: bad.conf:3: r: coalesce has no mode \"atuo\"; did you mean \"auto\"?\n";
	char text[1024];
	(void)state;
	capture_write(folder, "bad.conf",
		"r: { match: { port = 1; };\n  set: { tcp_nodlay = true;\n  coalesce = \"atuo\"; "
		"}; };\n",
		0644);
	snprintf(text, sizeof(text), "%ssockfix: running printenv without rules\n", problems);
	expect("run -r bad.conf printenv LD_PRELOAD SOCKFIX_RULES", 1, "", text);
	snprintf(text, sizeof(text), "%ssockfix: would run COMMAND without rules\n", problems);
	expect("run -r bad.conf -n", 0, "", text);
	snprintf(text, sizeof(text), "%ssockfix: touch is not run (--strict)\n", problems);
	expect("run -r bad.conf --strict touch ran", 125, "", text);
	snprintf(text, sizeof(text), "%s/ran", folder);
	assert_int_not_equal(access(text, F_OK), 0);
	/* One bad file is enough, wherever it stands. */
	capture_write(folder, "good.conf",
		"g: { match: { port = 1; }; set: { tcp_nodelay = true; }; };\n", 0644);
	snprintf(text, sizeof(text), "%ssockfix: running echo without rules\n", problems);
	expect("run -r good.conf -r bad.conf -r good.conf echo", 0, "\n", text);
}

static void test_missing_rules(void **state)
{
	(void)state;
	expect("run -r nosuch.conf echo ran", 0, "ran\n",
		"sockfix: nosuch.conf: cannot be read: No such file or directory\n"
		"sockfix: running echo without rules\n");
	expect("run -P imap-uplaod echo ran", 0, "ran\n",
		"sockfix: 'imap-uplaod' is not a preset; did you mean 'imap-upload'?\n"
		"sockfix: running echo without rules\n");
	expect("run -P qqqqqqqqqqqq --strict echo ran", 125, "",
		"sockfix: 'qqqqqqqqqqqq' is not a preset; sockfix list presets prints them\n"
		"sockfix: echo is not run (--strict)\n");
	expect("run -s tcp_nodlay=1 echo ran", 0, "ran\n",
		"sockfix: -s: 'tcp_nodlay' is not an option; did you mean tcp_nodelay?\n"
		"sockfix: running echo without rules\n");
	/* COMMAND's own trouble keeps its status. */
	expect("run -r nosuch.conf nosuch-command", 127, "",
		"sockfix: nosuch.conf: cannot be read: No such file or directory\n"
		"sockfix: running nosuch-command without rules\n"
		"sockfix: failed to run command 'nosuch-command': No such file or directory\n");
}

/* What would be waited for: COMMAND does not wait. */
static void test_rules_that_are_no_file(void **state)
{
	char path[4096];
	(void)state;
	snprintf(path, sizeof(path), "%s/fifo.conf", folder);
	assert_int_equal(mkfifo(path, 0644), 0);
	capture_write(folder, "main.conf", "@include \"fifo.conf\"\n", 0644);
	expect("run -r fifo.conf -- sh -c exit\t7", 7, "",
		"sockfix: fifo.conf: is a FIFO, not a file; save what it gives in a file\n"
		"sockfix: running sh without rules\n");
	expect("run -r . echo ran", 0, "ran\n",
		"sockfix: ./fifo.conf: is a FIFO, not a file; save what it gives in a file\n"
		"sockfix: ./main.conf:1: './fifo.conf' is a FIFO, not a file; save what it gives "
		"in a "
		"file\n"
		"sockfix: running echo without rules\n");
	expect("run -r main.conf --strict echo ran", 125, "",
		"sockfix: main.conf:1: 'fifo.conf' is a FIFO, not a file; save what it gives in a "
		"file\n"
		"sockfix: echo is not run (--strict)\n");
	expect("record -q -r /dev/zero -- echo ran", 0, "ran\n",
		"sockfix: /dev/zero: is a device, not a file\n"
		"sockfix: running echo without recording it\n");
}

/* The command line is the order of precedence; -s comes last wherever it stands. */
static void test_precedence(void **state)
{
	(void)state;
	capture_write(folder, "a.conf",
		"a: { match: { port = 1; }; set: { so_priority = 1; }; };\n", 0644);
	capture_write(folder, "b.conf",
		"b: { match: { port = 1; }; set: { so_priority = 2; }; };\n", 0644);
	expect("run -n -s so_priority=3 -r b.conf -r a.conf", 0,
		environment("", "1:+b@port=1@:so_priority=2+a@port=1@:so_priority=1"
				"+command-line@role=any@:so_priority=3+=3"),
		"");
	expect("run -n -r a.conf -P imap-upload -r b.conf", 0,
		environment("", "1:+a@port=1@:so_priority=1+imap-upload@role=client@port=143,993@:"
				"coalesce=1"
				"+b@port=1@:so_priority=2+=3"),
		"");
}

static void test_line_too_long(void **state)
{
	char *text = malloc(400000);
	size_t length = 0;
	(void)state;
	for (int i = 0; i < 4000; i++)
		length += (size_t)sprintf(text + length,
			"rule-%d: { match: { port = 1; }; set: { tcp_nodelay = true; }; };\n", i);
	capture_write(folder, "long.conf", text, 0644);
	free(text);
	expect("check long.conf", 0,
		"long.conf:3235: rule-3234: with this rule they are too long for SOCKFIX_RULES "
		"(126898 bytes in all, and it holds 102399): sockfix run keeps them in a file, "
		"SOCKFIX_RULES=@FILE (note)\n"
		"long.conf: 4000 rules, fine\n"
		"0 errors, 1 note\n",
		"");
}

/* Options that this host refuses: said before exec, and COMMAND runs with the rules all the same.
 */
static void test_refused(void **state)
{
	static const char congestion[] =
		"sockfix: -s: command-line: this host refuses tcp_congestion = "
		"nosuch: No such file or directory; it has: ";
	(void)state;
	expect("run -s so_bindtodevice=nosuch0 sh -c true", 0, "",
		"sockfix: -s: command-line: this host refuses so_bindtodevice = nosuch0: No such "
		"device\n");
	capture_sockfix(&capture, "run -s tcp_congestion=nosuch printenv SOCKFIX_RULES");
	assert_int_equal(capture.status, 0);
	assert_memory_equal(capture.err, congestion, sizeof(congestion) - 1);
	assert_ptr_equal(strchr(capture.err, '\n'), capture.err + strlen(capture.err) - 1);
	assert_string_equal(
		capture.out, "1:+default+command-line@role=any@:tcp_congestion==nosuch+=2\n");
}

static void test_switched_off(void **state)
{
	const char *const env[] = {"SOCKFIX_OFF=1", "LD_PRELOAD", "HOME=/nonexistent", NULL};
	(void)state;
	capture.env = env;
	expect("run echo ran", 0, "ran\n",
		"sockfix: SOCKFIX_OFF=1 is set: the library will be loaded and do nothing\n");
	capture.env =
		(const char *const[]){"SOCKFIX_OFF=yes", "LD_PRELOAD", "HOME=/nonexistent", NULL};
	expect("run echo ran", 0, "ran\n",
		"sockfix: SOCKFIX_OFF=yes switches nothing off: 1 does\n");
	capture.env =
		(const char *const[]){"SOCKFIX_OFF=0", "LD_PRELOAD", "HOME=/nonexistent", NULL};
	expect("run echo ran", 0, "ran\n", "");
}

/* The command of the build folder, in a folder of its own. */
static void copy_command(const char *to)
{
	char *command = build_path("sockfix"), path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, to);
	struct capture copy = {0};
	capture_run(&copy, (const char *[]){"cp", command, path, NULL});
	assert_int_equal(copy.status, 0);
	capture_free(&copy);
	free(command);
}

static void run_copy(const char *command)
{
	capture_run(&capture, (const char *[]){command, "run", "echo", "ran", NULL});
	assert_string_equal(capture.out, "ran\n");
	assert_int_equal(capture.status, 0);
}

static void test_library(void **state)
{
	static const char installed[] = SOCKFIX_LIBDIR "/sockfix/libsockfix.so";
	char path[4096], text[8192];
	(void)state;
	copy_command("sockfix");
	if (access(installed, F_OK) == 0) {
		run_copy("./sockfix");
		assert_string_equal(capture.err, "");
	} else {
		run_copy("./sockfix");
		snprintf(text, sizeof(text),
			"sockfix: %s is not there and no libsockfix.so lies beside this command; "
			"was it "
			"installed?\nsockfix: running echo without rules\n",
			installed);
		assert_string_equal(capture.err, text);
	}
	capture_write(folder, "libsockfix.so", "not a library\n", 0644);
	run_copy("./sockfix");
	snprintf(text, sizeof(text),
		"sockfix: %s/libsockfix.so cannot be used: Exec format error\n"
		"sockfix: running echo without rules\n",
		folder);
	assert_string_equal(capture.err, text);
	/* A path that ld.so would take apart. */
	snprintf(path, sizeof(path), "%s/a b", folder);
	assert_int_equal(mkdir(path, 0755), 0);
	copy_command("a b/sockfix");
	snprintf(text, sizeof(text), "%s/libsockfix.so", path);
	assert_int_equal(symlink(library, text), 0);
	run_copy("./a b/sockfix");
	snprintf(text, sizeof(text),
		"sockfix: the loader would take %s/libsockfix.so apart: no space, ':' or '$' may "
		"stand in "
		"its path\nsockfix: running echo without rules\n",
		path);
	assert_string_equal(capture.err, text);
}

static void make_folders(const char *path)
{
	struct capture make = {0};
	capture_run(&make, (const char *[]){"mkdir", "-p", path, NULL});
	assert_int_equal(make.status, 0);
	capture_free(&make);
}

/* The user's own folder: for a user, and never for root. */
static void test_own_folder(void **state)
{
	char config[4096], xdg[4096], *command = build_path("sockfix");
	(void)state;
	snprintf(config, sizeof(config), "%s/sockfix/rules.d", folder);
	make_folders(config);
	capture_write(config, "own.conf",
		"own: { match: { port = 1; }; set: { so_priority = 1; }; };\n", 0644);
	snprintf(xdg, sizeof(xdg), "XDG_CONFIG_HOME=%s", folder);
	const char *const env[] = {xdg, "LD_PRELOAD", "HOME=/nonexistent",
		"ASAN_OPTIONS=verify_asan_link_order=0", NULL};
	capture.env = env;
	if (geteuid() == 0) {
		expect("run -n", 0, environment("", "1:default"), "");
		capture.uid = 65534;
		/* The build folder may be closed to others. */
		copy_command("tool");
		free(library);
		library = malloc(strlen(folder) + 32);
		sprintf(library, "%s/libsockfix.so", folder);
		char *built = build_path("libsockfix.so");
		struct capture copy = {0};
		capture_run(&copy, (const char *[]){"cp", built, library, NULL});
		assert_int_equal(copy.status, 0);
		capture_free(&copy);
		free(built);
		capture_run(&capture, (const char *[]){"./tool", "run", "-n", NULL});
	} else {
		capture_run(&capture, (const char *[]){command, "run", "-n", NULL});
	}
	assert_string_equal(capture.out, environment("", "1:+own@port=1@:so_priority=1+=1"));
	/* It is not read where rules are named. */
	capture_run(&capture, (const char *[]){capture.uid ? "./tool" : command, "run", "-n", "-P",
				      "imap-upload", NULL});
	assert_string_equal(capture.out,
		environment("", "1:+imap-upload@role=client@port=143,993@:coalesce=1+=1"));
	capture.uid = 0;
	free(command);
}

/* /etc of a mount namespace of our own. Root only: others cannot put files there, so that nothing
 * of the command depends on it that test_own_folder() has not seen. */
static void test_system_folder(void **state)
{
	static const char etc[] = "/etc/sockfix/rules.d";
	(void)state;
	need("mounts");
	own_mounts();
	assert_int_equal(mount("none", "/etc", "tmpfs", 0, NULL), 0);
	make_folders(etc);
	capture_write(etc, "50-site.conf",
		"site: { match: { port = 1; }; set: { so_priority = 1; }; };\n", 0644);
	expect("run -n", 0, environment("", "1:+site@port=1@:so_priority=1+=1"), "");
	expect("run -n -P imap-upload", 0,
		environment("", "1:+imap-upload@role=client@port=143,993@:coalesce=1+=1"), "");
	expect("run -n -P imap-upload --with-system", 0,
		environment("", "1:+site@port=1@:so_priority=1+imap-upload@role=client@port=143,993"
				"@:coalesce=1+=2"),
		"");
	/* A folder that only says what to leave alone sets nothing: the default still holds. */
	capture_write(etc, "50-site.conf", "leave_alone = ( { program = \"sshd\"; } );\n", 0644);
	expect("run -n", 0, environment("", "1:+leave_alone~5B1~5D@veto@program=sshd+default+=2"),
		"");
	capture_write(etc, "60-bad.conf", "site: {", 0644);
	capture_sockfix(&capture, "run echo ran");
	assert_string_equal(capture.out, "ran\n");
	assert_memory_equal(
		capture.err, "sockfix: /etc/sockfix/rules.d/60-bad.conf:1: syntax error", 57);
	assert_int_equal(umount("/etc"), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_dry, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dry_not_found, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_served, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_environment, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_preload_order, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_dry_is_for_env, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_command_words, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_exit_126_127, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_misuse, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_fails_open, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_missing_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_rules_that_are_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_precedence, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_line_too_long, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_switched_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_library, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_own_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_system_folder, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
