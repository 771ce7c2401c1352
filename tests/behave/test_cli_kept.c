/* Where `sockfix record` keeps a recording: the folder that is named or the state folder, who may
 * read it, and what becomes of it where it cannot be moved there. Nothing is written over, nothing
 * is lost unsaid, and nothing stays in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/stage.h"

enum { NOBODY = 65534 };

static struct stage stage;

static void into_the_folder_that_is_named(void **state)
{
	char *empty = stage_path(&stage, "empty");

	(void)state;
	MUST(mkdir(empty, 0755) == 0);
	stage_run(&stage, "record -q -o empty -- true");
	stage_expect(&stage, 0, "", "");
	stage_run(&stage, "record -q -o a/b/c -- true");
	stage_expect(&stage, 0, "", "");
	stage_shell(&stage, "ls empty a/b/c; find a -type d -printf '%%m '");
	assert_string_equal(stage.capture.out,
		"a/b/c:\nbudget\nrun.json\n\nempty:\nbudget\nrun.json\n700 700 700 ");
	stage_run(&stage, "record -o d -- true");
	expect_in(stage.capture.err, "\nsockfix: recorded: d\n");
	stage_expect_nothing(&stage, "runtime");
	stage_expect_nothing(&stage, "state");
	free(empty);
}

/* Nothing is written over and nothing is lost; the next run must find the runtime folder empty. */
static void expect_it_stays(const char *why)
{
	char *left = stage_only(&stage, "runtime"), *sentence;

	assert_non_null(left);
	sentence = must_print(
		"sockfix: %s; the recording stays in %s/runtime/%s\n", why, stage.folder, left);
	stage_expect(&stage, 0, "", sentence);
	stage_run(&stage, "report runtime/%s", left);
	assert_int_equal(stage.capture.status, 0);
	stage_shell(&stage, "rm -r runtime/%s", left);
	free(sentence);
	free(left);
}

/* COMMAND did not run, and nothing of the recording was made. */
static void expect_refusal(const char *words, int status, const char *why)
{
	char *sentence = must_print("sockfix: -o %s; touch is not run\n", why);

	stage_run(&stage, "%s -- touch ran", words);
	stage_expect(&stage, status, "", sentence);
	stage_shell(&stage, "test ! -e ran");
	stage_expect(&stage, 0, "", "");
	stage_expect_nothing(&stage, "runtime");
	stage_expect_nothing(&stage, "state");
	free(sentence);
}

static void a_folder_that_will_not_do_is_refused_first(void **state)
{
	(void)state;
	stage_shell(&stage, "mkdir full; echo mine >full/file; ln -s nowhere link");
	expect_refusal("record -o full", 125, "full: is not an empty folder");
	expect_refusal("record -q -o full/", 125, "full/: is not an empty folder");
	expect_refusal("record -o full/file", 125, "full/file: Not a directory");
	expect_refusal("record -o full/file/below", 125, "full/file/below: Not a directory");
	expect_refusal("record -o link", 125, "link: No such file or directory");
	expect_refusal("prove -o full", 2, "full: is not an empty folder");
	stage_shell(&stage, "cat full/*; $SOCKFIX record -q -o '' -- touch ran; echo $?; "
			    "$SOCKFIX prove -o '' -- touch ran; echo $?; test ! -e ran");
	stage_expect(&stage, 0, "mine\n125\n2\n",
		"sockfix: record: -o takes the name of a folder, not ''; see sockfix record "
		"--help\n"
		"sockfix: prove: -o takes the name of a folder, not ''; see sockfix prove "
		"--help\n");
}

/* It was empty when COMMAND began. */
static void what_cannot_be_moved_stays(void **state)
{
	(void)state;
	stage_run(&stage, "record -q -o full -- mkdir -p full/mine");
	expect_it_stays("full: is not an empty folder");
	stage_run(&stage, "record -q -o a/b -- touch a");
	expect_it_stays("a/b: Not a directory");
}

static void a_folder_that_is_not_ours(void **state)
{
	(void)state;
	need("root");
	free(stage.sockfix);
	stage.sockfix = stage_path(&stage, "sockfix");
	char *built = build_path("sockfix"), *library = build_path("libsockfix.so");
	stage_shell(&stage, "cp %s %s .; mkdir closed; chown %d runtime", built, library, NOBODY);
	stage_expect(&stage, 0, "", "");
	stage.capture.uid = NOBODY;
	expect_refusal("record -o closed/run", 125, "closed/run: Permission denied");
	expect_refusal("record -o closed", 125, "closed: Permission denied");
	stage.capture.uid = 0;
	free(library);
	free(built);
}

static void without_a_home(void **state)
{
	static const char *const setting[] = {"XDG_STATE_HOME", "XDG_STATE_HOME=relative"};
	char *left, *sentence;

	(void)state;
	stage_environment(&stage, "HOME");
	for (size_t i = 0; i < 2; i++) {
		stage_environment(&stage, setting[i]);
		stage_run(&stage, "record -q -- true");
		left = stage_only(&stage, "runtime");
		sentence = must_print("sockfix: neither HOME nor XDG_STATE_HOME names a folder: "
				      "the recording stays in %s/runtime/%s\n",
			stage.folder, left);
		stage_expect(&stage, 0, "", sentence);
		stage_shell(&stage, "rm -r runtime/%s", left);
		free(sentence);
		free(left);
	}
}

static void below_the_home(void **state)
{
	static char home[4096]; /* the tear-down runs with it, too */
	char *kept;

	(void)state;
	snprintf(home, sizeof(home), "HOME=%s/home", stage.folder);
	stage_environment(&stage, home);
	stage_environment(&stage, "XDG_STATE_HOME");
	MUST(mkdir(home + 5, 0700) == 0);
	stage_run(&stage, "record -q -- true");
	stage_expect(&stage, 0, "", "");
	kept = stage_only(&stage, "home/.local/state/sockfix");
	assert_int_equal(strspn(kept, "0123456789abcdef"), 4);
	stage_shell(&stage, "find home -type d -printf '%%m '");
	assert_string_equal(stage.capture.out, "700 700 700 700 700 ");
	free(kept);
}

/* All names of one half are taken: ten runs find others, and none is left behind. */
static void names_that_are_taken(void **state)
{
	(void)state;
	need("mounts");
	stage_shell(&stage,
		"mkdir state; " OWN_MOUNTS
		"sh -c \"mount -t tmpfs none state; mkdir state/sockfix; "
		"perl -e 'mkdir sprintf \\\"state/sockfix/%%04x\\\", \\$_ for 0 .. 32767'; "
		"for run in 0 1 2 3 4 5 6 7 8 9; do $SOCKFIX record -q -- true; done; "
		"ls state/sockfix | wc -l\"");
	stage_expect(&stage, 0, "32778\n", "");
	stage_expect_nothing(&stage, "runtime");
}

static void nobody_else_may_read_it(void **state)
{
	(void)state;
	stage_shell(&stage,
		"umask 0; $SOCKFIX record -q -o run -- %s 3 1; find run -printf '%%y %%m\n'|sort",
		stage.client);
	stage_expect(&stage, 0, "d 700\nf 600\nf 600\nf 600\n", "");
}

/* In a mount namespace with memory folders of its own. */
static void nothing_stays_in_memory(void **state)
{
	(void)state;
	need("mounts");
	stage_environment(&stage, "XDG_RUNTIME_DIR");
	stage_shell(&stage,
		OWN_MOUNTS "sh -c \"mount -t tmpfs none /dev/shm; mount -t tmpfs none /run; "
			   "$SOCKFIX record -q -o shm -- sh -c 'echo /dev/shm/sockfix-*; %s 3 1'; "
			   "mount -o remount,ro /dev/shm; "
			   "$SOCKFIX record -q -o run -- sh -c 'echo /run/sockfix-*; %s 3 1'; "
			   "ls -A /dev/shm; ls -d /run/sockfix-*; mount -o remount,ro /run; "
			   "$SOCKFIX record -- sh -c 'env | grep SOCKFIX_; exit 4'\" 2>err",
		stage.client, stage.client);
	assert_int_equal(stage.capture.status, 4);
	char *err = stage_path(&stage, "err"), *said = must_read_file(err);
	assert_string_equal(said,
		"ls: cannot access '/run/sockfix-*': No such file or directory\n" ONLY_WATCHED
		"sockfix: no folder for the recording: neither XDG_RUNTIME_DIR nor /dev/shm nor "
		"/run can be written (Read-only file system)\n"
		"sockfix: running sh without recording it\n");
	assert_memory_equal(stage.capture.out, "/dev/shm/sockfix-", 17);
	assert_ptr_equal(strchr(stage.capture.out, '*'), NULL);
	expect_in(stage.capture.out, "\n/run/sockfix-");
	free(said);
	free(err);
}

/* A disk that is full when the run is over: half a recording is not left there. */
static void no_room_where_it_is_kept(void **state)
{
	(void)state;
	need("mounts");
	stage_shell(&stage,
		"mkdir state; " OWN_MOUNTS "sh -c \"mount -t tmpfs -o size=12k none state; "
		"$SOCKFIX record -q -- %s 3 1; find state -type f; ls state/sockfix\"",
		stage.client);
	assert_string_equal(stage.capture.out, "");
	expect_in(stage.capture.err, ": No space left on device; the recording stays in ");
	stage_shell(&stage, "$SOCKFIX report runtime/*");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
}

static void someone_deletes_it_meanwhile(void **state)
{
	char *line, *kept;

	(void)state;
	stage_shell(&stage, "$SOCKFIX record -- sh -c 'echo $XDG_RUNTIME_DIR/*; rm -r runtime/*; "
			    "exit 3'");
	stage.capture.out[strcspn(stage.capture.out, "\n")] = '\0';
	line = must_print(ONLY_WATCHED
		"sockfix: %s/run.json cannot be written: No such file or directory\n"
		"sockfix: %s is gone, and the recording with it\n",
		stage.capture.out, stage.capture.out);
	stage_expect(&stage, 3, NULL, line);
	kept = stage_only(&stage, "state");
	assert_null(kept);
	free(line);
}

/* In root's folder others may make files. What is no program's of the run is not kept, and is in
 * nobody's way. */
static void what_others_lay_there(void **state)
{
	(void)state;
	need("root");
	stage_shell(&stage,
		"chmod 755 .; $SOCKFIX record -q -o run -- sh -c '%s 3 1; cd $SOCKFIX_TRACE && "
		"setpriv --reuid 65534 --regid 65534 --clear-groups sh -c \"mkfifo a.trace; "
		"truncate -s 1T b.trace; echo plain >plain; ln -s /etc/passwd c.trace; ln -s . "
		"budget-7; cat budget >budget-65534; ls; rm -f budget; echo >budget\" 2>&1'; ls "
		"run; "
		"ls runtime",
		stage.client);
	expect_in(stage.capture.out, "ls: cannot open directory '.': Permission denied\n");
	expect_in(stage.capture.out, "cannot create budget: Permission denied\n");
	expect_in(stage.capture.out, ".trace\nbudget\nbudget-65534\nrun.json\n");
	expect_not_in(stage.capture.out, "plain");
	expect_not_in(stage.capture.out, "a.trace");
	stage_run(&stage, "report run");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
}

/* ---- a record that is killed ---- */

/* The next one finds what it left: nothing recorded is lost, and nothing stays in memory. */
static void what_a_killed_record_left(void **state)
{
	char *kept;

	(void)state;
	stage_shell(&stage, "$SOCKFIX record -- sh -c '%s 3 1; kill -9 $PPID'", stage.client);
	stage_shell(&stage, "$SOCKFIX record -q -- true; ls -A runtime");
	expect_in(stage.capture.err, "sockfix: run ");
	expect_in(stage.capture.err, ", whose sockfix record was killed, is kept in ");
	assert_string_equal(stage.capture.out, "");
	stage_shell(&stage, "sed -n 's/.* is kept in //p' <<'END'\n%s\nEND\n", stage.capture.err);
	kept = must_print("%.*s", (int)strcspn(stage.capture.out, "\n"), stage.capture.out);
	stage_run(&stage, "report %s", kept);
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
	free(kept);
	stage_shell(&stage, "$SOCKFIX record -q -- sh -c 'kill -9 $PPID'; $SOCKFIX record -q true; "
			    "ls -A runtime");
	assert_string_equal(stage.capture.out, "");
	expect_not_in(stage.capture.err, "is kept in");
}

static void a_killed_record_whose_command_runs_on(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -- sh -c 'echo $$ >pid; kill -9 $PPID; exec sleep 60'; "
		"$SOCKFIX record -q true; ls runtime | wc -l; read -r pid <pid; kill -9 $pid; "
		"while grep -q . /proc/$pid/maps; do :; done 2>/dev/null; $SOCKFIX record -q true; "
		"ls runtime | wc -l");
	assert_string_equal(stage.capture.out, "1\n0\n");
}

/* Of many that come at once one puts it away, and no other says a word. */
static void many_that_find_it(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -- sh -c '%s 3 1; kill -9 $PPID'; "
		"for i in 1 2 3 4 5 6 7 8; do $SOCKFIX record -q true 2>said.$i & done; wait; "
		"cat said.* | grep -c 'is kept in'; cat said.* | grep -vc 'is kept in'; "
		"ls -A runtime",
		stage.client);
	assert_string_equal(stage.capture.out, "1\n0\n");
}

/* Where it cannot be kept now, another time it can. */
static void a_recording_that_finds_no_place(void **state)
{
	(void)state;
	stage_shell(&stage,
		"$SOCKFIX record -q -- sh -c '%s 3 1; kill -9 $PPID'; echo >state; "
		"$SOCKFIX record -q -o one true; ls runtime | wc -l; rm state; "
		"$SOCKFIX record -q -o two true; ls runtime | wc -l; ls state/sockfix | wc -l",
		stage.client);
	assert_string_equal(stage.capture.out, "1\n0\n1\n");
}

/* ---- services ---- */

static void below_the_folder_of_a_service(void **state)
{
	(void)state;
	stage_shell(&stage,
		"mkdir own; unset XDG_STATE_HOME XDG_RUNTIME_DIR; export "
		"STATE_DIRECTORY=$PWD/own:/x; "
		"$SOCKFIX record -q -- sh -c 'echo $SOCKFIX_TRACE'; ls own own/sockfix/*");
	expect_in(stage.capture.out, "/own/sockfix-");
	expect_in(stage.capture.out, "\nown:\nsockfix\n");
	expect_in(stage.capture.out, "run.json");
}

/* One that seems to be writable, and is not: the recording is made in the next, and where it stays
 * in the end is said. */
static void a_folder_of_a_service_that_is_none(void **state)
{
	(void)state;
	need("root");
	need("mounts");
	stage_shell(&stage,
		"unset XDG_STATE_HOME XDG_RUNTIME_DIR HOME; export STATE_DIRECTORY=/proc; " OWN_MOUNTS
		"sh -c \"mount -t tmpfs none /dev/shm; $SOCKFIX record -q -o run -- echo ran; "
		"ls -A run /dev/shm; $SOCKFIX record -q -- echo ran; ls -A /dev/shm/*\"");
	assert_string_equal(stage.capture.out,
		"ran\n/dev/shm:\n\nrun:\nbudget\nrun.json\nran\nbudget\nrun.json\n");
	expect_in(stage.capture.err, "sockfix: /proc/sockfix/");
	expect_in(stage.capture.err,
		": No such file or directory; the recording stays in /dev/shm/sockfix-");
}

/* What is full, too. */
static void a_folder_that_is_full(void **state)
{
	(void)state;
	need("mounts");
	stage_shell(&stage,
		"mkdir own; unset XDG_RUNTIME_DIR; export STATE_DIRECTORY=$PWD/own; " OWN_MOUNTS
		"sh "
		"-c \"mount -t tmpfs none /dev/shm; mount -t tmpfs -o size=8k none own; head -c 8k "
		"/dev/zero >own/full; $SOCKFIX record -q -- %s 3 1; ls -A own /dev/shm\"; "
		"$SOCKFIX report state/sockfix/* | grep -o ' 1 connection '",
		stage.client);
	stage_expect(&stage, 0, "/dev/shm:\n\nown:\nfull\n 1 connection \n", "");
}

/* Whose it is could put another in the place of what we make in it. */
static void a_folder_of_somebody_else(void **state)
{
	(void)state;
	need("root");
	stage_shell(&stage,
		"chown %d runtime; $SOCKFIX record -q -o run -- sh -c 'ls runtime; echo "
		"$SOCKFIX_TRACE'",
		NOBODY);
	assert_int_equal(stage.capture.status, 0);
	expect_not_in(stage.capture.out, "sockfix-test");
	expect_in(stage.capture.out, "/sockfix-");
}

/* A folder that its owner should have made, and has not, is not made for him: daemons' users have
 * homes that must not be there. */
static void nothing_is_made_that_is_not_ours(void **state)
{
	(void)state;
	stage_shell(&stage,
		"unset XDG_STATE_HOME; export HOME=$PWD/no/home STATE_DIRECTORY=$PWD/no/state "
		"RUNTIME_DIRECTORY=$PWD/no/runtime; $SOCKFIX record -q -- true; test -e no || echo "
		"nothing; ls -A runtime/*; rm -r runtime/*");
	assert_string_equal(stage.capture.out, "nothing\nbudget\nrun.json\n");
	expect_in(stage.capture.err, "sockfix: neither HOME nor XDG_STATE_HOME names a folder: "
				     "the recording stays in ");
}

/* ---- --exec ---- */

static void exec_into_a_folder(void **state)
{
	(void)state;
	stage_shell(&stage, "$SOCKFIX record --exec -o made -- %s 3 1", stage.client);
	expect_in(stage.capture.err, "sockfix: recording into ");
	expect_in(stage.capture.err, "/made\n");
	stage_run(&stage, "report made");
	assert_int_equal(stage.capture.status, 0);
	expect_in(stage.capture.out, "   1 connection   1 peer\n");
	stage_expect_nothing(&stage, "runtime");
	stage_shell(&stage, "mkdir -m 777 open; $SOCKFIX record -q --exec -o open -- echo ran");
	stage_expect(&stage, 0, "ran\n",
		"sockfix: -o open: others may write there, or own it: the recording is made in it "
		"(--exec)\nsockfix: running echo without recording it\n");
	stage_shell(&stage, "$SOCKFIX record --strict -q --exec -o open -- echo ran");
	assert_int_equal(stage.capture.status, 125);
}

static void exec_leaves_no_parent(void **state)
{
	char *left, *sentence;

	(void)state;
	stage_shell(&stage,
		"echo $$; exec $SOCKFIX record --exec -- perl -e 'print \"$$\\n\"; exec @ARGV' %s "
		"30 1",
		stage.client);
	left = stage_only(&stage, "runtime");
	sentence = must_print(
		ONLY_WATCHED "sockfix: recording into %s/runtime/%s\n", stage.folder, left);
	stage_expect(&stage, 0, NULL, sentence);
	char *second = strchr(stage.capture.out, '\n') + 1;
	assert_memory_equal(stage.capture.out, second, (size_t)(second - stage.capture.out));
	assert_int_equal(strlen(stage.capture.out), 2 * (second - stage.capture.out));
	stage_run(&stage, "report runtime/%s", left);
	assert_int_equal(stage.capture.status, 0);
	expect_in(
		stage.capture.out, "   1 process   1 thread on sockets   1 connection   1 peer\n");
	stage_run(&stage, "list runs");
	expect_in(stage.capture.out, left);
	expect_in(stage.capture.out, "  end unseen  bare   perl -e ");
	stage_run(&stage, "record --exec -q -- true");
	stage_expect(&stage, 0, "", "");
	free(sentence);
	free(left);
}

/* ---- the list ---- */

/* Where in its line the part begins; each line that has none, or has it elsewhere, fails. */
static void expect_column(const char *text, const char *part, size_t lines)
{
	size_t column = 0;

	for (; lines > 0; lines--, text += strcspn(text, "\n") + 1) {
		const char *at = strstr(text, part);
		if (!at || (size_t)(at - text) > strcspn(text, "\n") ||
			(column && column != (size_t)(at - text)))
			fail_msg("'%s' is not in column %zu of:\n%s", part, column, text);
		column = (size_t)(at - text);
	}
	assert_int_equal(*text, '\n');
}

static void expect_harmless(const char *text)
{
	for (; *text; text++)
		assert_false((*text < ' ' && *text != '\n') || *text == 0x7f);
}

static void the_list_keeps_its_columns(void **state)
{
	(void)state;
	stage_shell(&stage,
		"for name in a 'a long b' \"$(printf 'c\\033[31m\\t')\"; do\n"
		"	$SOCKFIX record -q -o \"state/sockfix/$name\" -- true \"$name\" $(seq 90)\n"
		"done; $SOCKFIX list runs");
	stage_expect(&stage, 0, NULL, "");
	expect_column(stage.capture.out, " s  bare   true ", 3);
	expect_in(stage.capture.out, "/state/sockfix/a           ");
	expect_in(stage.capture.out, "/state/sockfix/c\\x1b[31m\\x09'  ");
	expect_in(stage.capture.out, " true $'c\\x1b[31m\\x09' 1 2 3 ");
	expect_in(stage.capture.out, " 88 89 90\n");
	expect_harmless(stage.capture.out);
}

static void a_narrow_screen_has_a_line_for_each_folder(void **state)
{
	const char *text;
	size_t line = 0;

	(void)state;
	stage_shell(&stage, "for i in 1 2; do $SOCKFIX record -q -- true $(seq 90); done\n"
			    "mkdir state/sockfix/none; echo { >state/sockfix/none/run.json\n"
			    "COLUMNS=60 $SOCKFIX list runs");
	stage_expect(&stage, 0, NULL, "");
	expect_in(stage.capture.out, " s  bare   true 1 2 3 ... 90\n");
	for (text = stage.capture.out; *text != '\n'; text += strcspn(text, "\n") + 1, line++)
		if (line % 2 ? strncmp(text, "  ", 2) != 0 : *text != '/')
			fail_msg("%s", text);
		else if (strncmp(text, "  2", 3) == 0)
			assert_int_equal(strcspn(text, "\n"), 59);
	assert_int_equal(line, 6);
	expect_harmless(stage.capture.out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		STAGE_TEST(into_the_folder_that_is_named, &stage),
		STAGE_TEST(a_folder_that_will_not_do_is_refused_first, &stage),
		STAGE_TEST(what_cannot_be_moved_stays, &stage),
		STAGE_TEST(a_folder_that_is_not_ours, &stage),
		STAGE_TEST(without_a_home, &stage),
		STAGE_TEST(below_the_home, &stage),
		STAGE_TEST(names_that_are_taken, &stage),
		STAGE_TEST(nobody_else_may_read_it, &stage),
		STAGE_TEST(nothing_stays_in_memory, &stage),
		STAGE_TEST(no_room_where_it_is_kept, &stage),
		STAGE_TEST(someone_deletes_it_meanwhile, &stage),
		STAGE_TEST(what_others_lay_there, &stage),
		STAGE_TEST(what_a_killed_record_left, &stage),
		STAGE_TEST(a_killed_record_whose_command_runs_on, &stage),
		STAGE_TEST(many_that_find_it, &stage),
		STAGE_TEST(a_recording_that_finds_no_place, &stage),
		STAGE_TEST(below_the_folder_of_a_service, &stage),
		STAGE_TEST(a_folder_of_a_service_that_is_none, &stage),
		STAGE_TEST(a_folder_that_is_full, &stage),
		STAGE_TEST(a_folder_of_somebody_else, &stage),
		STAGE_TEST(nothing_is_made_that_is_not_ours, &stage),
		STAGE_TEST(exec_leaves_no_parent, &stage),
		STAGE_TEST(exec_into_a_folder, &stage),
		STAGE_TEST(the_list_keeps_its_columns, &stage),
		STAGE_TEST(a_narrow_screen_has_a_line_for_each_folder, &stage),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
