/* Rules that are longer than SOCKFIX_RULES can be: the file that `sockfix run` keeps for them. */
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
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

#define RULES 5000

static struct capture capture;
static char *folder;

static void write_rules(void)
{
	char *text = NULL;
	size_t size;
	FILE *file = open_memstream(&text, &size);

	for (int i = 0; i < RULES; i++)
		fprintf(file, "rule-%d: { match: { port = 1; }; set: { ip_tos = 1; }; };\n", i);
	MUST(fclose(file) == 0);
	capture_write(folder, "long.conf", text, 0644);
	free(text);
}

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	write_rules();
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	return 0;
}

/* Also for a user to whom the build folder is closed. */
static void copy_built(const char *name)
{
	char *built = build_path(name), *to = must_print("%s/%s", folder, name);
	struct capture copy = {0};

	capture_run(&copy, (const char *[]){"cp", built, to, NULL});
	assert_int_equal(copy.status, 0);
	capture_free(&copy);
	free(built);
	free(to);
}

/* What COMMAND finds: where the rules are, the file's mode, how they begin and end. */
static const char shows[] = "f=${SOCKFIX_RULES#@}; echo $f; stat -c %a $f; head -c 36 $f; echo; "
			    "tail -c 6 $f; echo; cp $f seen";

static void expect_kept(const char *in, const char *mode)
{
	static const char name[] = "0123456789abcdef";
	char *rest = must_print("%s\n1:+rule-0@port=1@:ip_tos=1+rule-1@po\n+=%d\n", mode, RULES);
	const size_t length = strlen(in);

	capture_run(&capture,
		(const char *[]){"./sockfix", "run", "-r", "long.conf", "sh", "-c", shows, NULL});
	assert_string_equal(capture.err, "");
	assert_true(strncmp(capture.out, in, length) == 0);
	assert_int_equal(strspn(capture.out + length, name), sizeof(name) - 1);
	assert_string_equal(capture.out + length + sizeof(name), rest);
	assert_int_equal(capture.status, 0);
	free(rest);
}

static void as_a_user(void **state)
{
	char *home = must_print("XDG_STATE_HOME=%s/state", folder);
	const char *const env[] = {
		home, "LD_PRELOAD", "ASAN_OPTIONS=verify_asan_link_order=0", NULL};
	char *in = must_print("%s/state/sockfix/.rules/", folder);

	(void)state;
	copy_built("sockfix");
	copy_built("libsockfix.so");
	MUST(chmod(folder, 0777) == 0);
	capture.env = env;
	capture.uid = geteuid() == 0 ? 65534 : 0;
	expect_kept(in, "600");
	/* The same rules have the same file, and what nobody used for long goes. */
	capture_run(&capture, (const char *[]){"sh", "-c",
				      "cd state/sockfix/.rules && touch -d '364 days ago' used && "
				      "touch -d '366 days ago' unused",
				      NULL});
	assert_int_equal(capture.status, 0);
	expect_kept(in, "600");
	capture_run(
		&capture, (const char *[]){"sh", "-c", "ls state/sockfix/.rules | wc -l", NULL});
	assert_string_equal(capture.out, "2\n");
	/* It is no recording. */
	capture_run(&capture, (const char *[]){"./sockfix", "list", "runs", NULL});
	assert_null(strstr(capture.out, "rules"));
	free(home);
	free(in);
}

static void as_root(void **state)
{
	(void)state;
	need("mounts");
	own_mounts();
	MUST(mount("none", "/run", "tmpfs", 0, NULL) == 0);
	copy_built("sockfix");
	copy_built("libsockfix.so");
	/* What COMMAND starts as another user reads it, too. */
	expect_kept("/run/sockfix/rules/", "644");
	capture_run(&capture, (const char *[]){"stat", "-c", "%a", "/run/sockfix", NULL});
	assert_string_equal(capture.out, "755\n");
	MUST(mount("none", "/run", NULL, MS_REMOUNT | MS_RDONLY, NULL) == 0);
	capture_sockfix(&capture, "run -r long.conf echo ran");
	assert_string_equal(capture.out, "ran\n");
	assert_string_equal(capture.err,
		"sockfix: the rules make a line of 133898 bytes, more than the 102400 that "
		"SOCKFIX_RULES holds, and the file for them cannot be written: "
		"/run/sockfix/rules: Read-only file system\nsockfix: running echo without rules\n");
	capture_sockfix(&capture, "run --strict -r long.conf echo ran");
	assert_int_equal(capture.status, 125);
	{
		char *home = must_print("XDG_STATE_HOME=%s/state", folder);
		char *in = must_print("%s/state/sockfix/.rules/", folder);
		const char *const env[] = {
			home, "LD_PRELOAD", "ASAN_OPTIONS=verify_asan_link_order=0", NULL};

		capture.env = env;
		expect_kept(in, "600");
		free(home);
		free(in);
	}
	MUST(umount("/run") == 0);
}

static void without_a_folder(void **state)
{
	const char *const env[] = {"HOME=/nonexistent", "XDG_STATE_HOME", "STATE_DIRECTORY",
		"LD_PRELOAD", "ASAN_OPTIONS=verify_asan_link_order=0", NULL};

	(void)state;
	copy_built("sockfix");
	copy_built("libsockfix.so");
	capture.env = env;
	capture.uid = geteuid() == 0 ? 65534 : 0;
	capture_run(&capture,
		(const char *[]){"./sockfix", "run", "-r", "long.conf", "echo", "ran", NULL});
	assert_string_equal(capture.out, "ran\n");
	assert_string_equal(capture.err,
		"sockfix: the rules make a line of 133898 bytes, more than the 102400 that "
		"SOCKFIX_RULES holds, and neither HOME nor XDG_STATE_HOME names a folder for a "
		"file of them\nsockfix: running echo without rules\n");
}

/* A disk that is full, or a limit of files' sizes: the limit's signal ends nobody. */
static void with_a_limit(void **state)
{
	char *home = must_print("XDG_STATE_HOME=%s/state", folder);
	const char *const env[] = {
		home, "LD_PRELOAD", "ASAN_OPTIONS=verify_asan_link_order=0", NULL};

	(void)state;
	copy_built("sockfix");
	copy_built("libsockfix.so");
	MUST(chmod(folder, 0777) == 0);
	capture.env = env;
	capture.uid = geteuid() == 0 ? 65534 : 0;
	capture_run(&capture,
		(const char *[]){"sh", "-c",
			"ulimit -f 8; ./sockfix run -r long.conf echo ran; ls state/sockfix/.rules",
			NULL});
	assert_string_equal(capture.out, "ran\n");
	assert_non_null(strstr(capture.err, "cannot be written: "));
	assert_non_null(strstr(capture.err, ": File too large\n"));
	free(home);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(as_a_user, set_up, tear_down),
		cmocka_unit_test_setup_teardown(as_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_folder, set_up, tear_down),
		cmocka_unit_test_setup_teardown(with_a_limit, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
