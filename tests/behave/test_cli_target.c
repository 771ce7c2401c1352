/* `sockfix run` on programs that no library can be preloaded into: the sentence, the bare run, and
 * --strict. The kinds that need no kernel are in tests/unit/test_target.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/need.h"

enum { SOMEBODY = 1, NOBODY = 65534 };

static struct capture capture;
static char *folder;

static void copy(const char *from, const char *name)
{
	struct capture done = {.dir = folder};
	capture_run(&done, (const char *[]){"cp", from, name, NULL});
	assert_int_equal(done.status, 0);
	capture_free(&done);
}

static void copy_built(const char *name)
{
	char *path = build_path(name);
	copy(path, name);
	free(path);
}

/* The command and the library lie in the folder, so that other users can run them. */
static int set_up(void **state)
{
	struct statvfs mount;
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	copy_built("sockfix");
	copy_built("libsockfix.so");
	/* On such a mount the kernel ignores what these tests are about. */
	assert_int_equal(statvfs(folder, &mount), 0);
	assert_false(mount.f_flag & ST_NOSUID);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	return 0;
}

static char *path_of(const char *name)
{
	static char path[4096];
	snprintf(path, sizeof(path), "%s/%s", folder, name);
	return path;
}

#define BARE "rules\n"
#define BESIDE                                                                                     \
	"the library\nsockfix: it is mended from beside: what stalls for a second gets "           \
	"TCP_NODELAY; no segments are joined (sockfix mend)\n"

/* COMMAND runs without us after the sentence, or with us beside it; with --strict nothing runs. As
 * an ordinary user: for root there is another way (test_scope_run.c). */
static void expect_unreached(
	const char *command, int status, const char *out, const char *sentence, const char *without)
{
	char text[4096];
	capture.uid = geteuid() == 0 ? SOMEBODY : 0;
	capture_run(&capture, (const char *[]){"./sockfix", "run", command, NULL});
	snprintf(text, sizeof(text), "sockfix: %s\nsockfix: running %s without %s", sentence,
		command, without);
	assert_string_equal(capture.err, text);
	assert_string_equal(capture.out, out);
	assert_int_equal(capture.status, status);
	capture_run(&capture, (const char *[]){"./sockfix", "run", "--strict", command, NULL});
	snprintf(text, sizeof(text), "sockfix: %s\nsockfix: %s is not run (--strict)\n", sentence,
		command);
	assert_string_equal(capture.err, text);
	assert_string_equal(capture.out, "");
	assert_int_equal(capture.status, 125);
}

static void expect_bare(const char *command, int status, const char *out, const char *sentence)
{
	expect_unreached(command, status, out, sentence, BARE);
}

/* Prints what of ours it finds in its environment, without which a bare run shows nothing. */
static void write_printer(const char *name, const char *first_line)
{
	char text[256];
	snprintf(text, sizeof(text), "%s\necho \"[$LD_PRELOAD$SOCKFIX_RULES]\"\n", first_line);
	capture_write(folder, name, text, 0755);
}

static void test_static(void **state)
{
	struct capture build = {.dir = folder};
	(void)state;
	capture_write(folder, "s.c",
		"#include <stdio.h>\n#include <stdlib.h>\n"
		"int main(void) { puts(getenv(\"SOCKFIX_RULES\") ? \"rules\" : \"bare\"); return "
		"3; }\n",
		0644);
	capture_run(&build, (const char *[]){"cc", "-static", "-o", "still", "s.c", NULL});
	assert_int_equal(build.status, 0);
	expect_unreached("./still", 3, "bare\n",
		"./still is statically linked, no library can be preloaded into it: a dynamically "
		"linked build of it works, and while it runs sockfix mend -p PID",
		BESIDE);
	capture_run(&build, (const char *[]){"cc", "-static-pie", "-o", "still", "s.c", NULL});
	assert_int_equal(build.status, 0);
	expect_unreached("./still", 3, "bare\n",
		"./still is statically linked, no library can be preloaded into it: a dynamically "
		"linked build of it works, and while it runs sockfix mend -p PID",
		BESIDE);
	capture_free(&build);
}

static void test_script(void **state)
{
	char sentence[8192];
	(void)state;
	test_static(state);
	snprintf(sentence, sizeof(sentence), "#!%s", path_of("still"));
	capture_write(folder, "script", sentence, 0755);
	snprintf(sentence, sizeof(sentence),
		"./script (run by %s) is statically linked, no library can be preloaded into it: a "
		"dynamically linked build of it works, and while it runs sockfix mend -p PID",
		path_of("still"));
	expect_unreached("./script", 3, "bare\n", sentence, BESIDE);
}

/* What is usable must be let through: /bin/sh, with and without a #! line. */
static void test_usable(void **state)
{
	char expected[8192];
	(void)state;
	snprintf(expected, sizeof(expected), "[%s1:default]\n", path_of("libsockfix.so"));
	write_printer("shell", "#!/bin/sh");
	write_printer("env", "#!/usr/bin/env -S sh -u");
	write_printer("none", "");
	static const char *const scripts[] = {"./shell", "./env", "./none"};
	for (size_t i = 0; i < sizeof(scripts) / sizeof(*scripts); i++) {
		capture_run(&capture,
			(const char *[]){"./sockfix", "run", "--strict", scripts[i], NULL});
		assert_string_equal(capture.err, "");
		assert_string_equal(capture.out, expected);
		assert_int_equal(capture.status, 0);
	}
}

static void test_elsewhere(void **state)
{
	char path[8192];
	(void)state;
	write_printer("sudo", "#!/bin/sh");
	snprintf(path, sizeof(path), "PATH=%s:%s", folder, getenv("PATH"));
	const char *const env[] = {path, "LD_PRELOAD", "SOCKFIX_RULES", "HOME=/nonexistent", NULL};
	capture.env = env;
	expect_bare("sudo", 0, "[]\n", "sudo drops LD_PRELOAD: write sudo sockfix run -- COMMAND");
	capture_run(&capture, (const char *[]){"./sockfix", "run", "-P", "safe", "--", "sudo", "-u",
				      "x", "cmd", NULL});
	assert_string_equal(capture.err,
		"sockfix: sudo drops LD_PRELOAD: write sudo -u x sockfix run -- cmd\n"
		"sockfix: running sudo without rules\n");
	assert_string_equal(capture.out, "[]\n");
}

/* What only starts another is looked through, and its own words are passed over. */
static void test_wrapper(void **state)
{
	static const char *const before[][8] = {
		{"env", "-u", "B", "A=1"},
		{"nice", "-n", "1"},
		{"nohup"},
		{"timeout", "-k", "5", "60"},
		{"setsid", "-w"},
		{"stdbuf", "-o", "L"},
		{"env", "nice", "timeout", "60"},
	};
	char path[8192];
	(void)state;
	write_printer("sudo", "#!/bin/sh");
	snprintf(path, sizeof(path), "PATH=%s:%s", folder, getenv("PATH"));
	const char *const env[] = {path, "LD_PRELOAD", "SOCKFIX_RULES", "HOME=/nonexistent", NULL};
	capture.env = env;
	for (size_t i = 0; i < sizeof(before) / sizeof(*before); i++) {
		const char *words[16] = {"./sockfix", "run"};
		size_t count = 2;
		for (size_t w = 0; before[i][w]; w++)
			words[count++] = before[i][w];
		words[count++] = "sudo";
		words[count++] = "cmd";
		capture_run(&capture, words);
		assert_non_null(strstr(capture.err,
			"sockfix: sudo drops LD_PRELOAD: write sudo sockfix run -- cmd\n"));
		assert_null(strstr(capture.out, "sockfix"));
		assert_int_equal(capture.status, 0);
	}
	capture_run(&capture,
		(const char *[]){"./sockfix", "run", "env", "-i", "/bin/echo", "x", NULL});
	assert_string_equal(capture.err, "sockfix: env drops LD_PRELOAD there: write env "
					 "[OPTION]... sockfix run -- COMMAND\n"
					 "sockfix: running env without rules\n");
	assert_string_equal(capture.out, "x\n");
}

/* sockfix below sockfix: however it is linked, the environment goes through it. */
static void test_ourselves(void **state)
{
	(void)state;
	capture_run(&capture, (const char *[]){"./sockfix", "run", "--strict", "-s",
				      "so_priority=1", "./sockfix", "run", "--strict", "-P", "safe",
				      "--", "sh", "-c", "echo $SOCKFIX_RULES", NULL});
	assert_string_equal(capture.err, "");
	assert_non_null(strstr(capture.out, "1:+safe@"));
	test_static(state);
	capture.uid = geteuid() == 0 ? SOMEBODY : 0;
	capture_run(&capture,
		(const char *[]){"./sockfix", "run", "./sockfix", "run", "./still", NULL});
	assert_non_null(strstr(capture.err, "sockfix: ./still is statically linked"));
	assert_non_null(strstr(capture.err, "sockfix: running ./sockfix without the library\n"));
	assert_int_equal(capture.status, 3);
}

/* What lies there in place of a file is not waited for: the library, an interpreter. */
static void test_no_file(void **state)
{
	char sentence[8192];
	(void)state;
	assert_int_equal(unlink(path_of("libsockfix.so")), 0);
	assert_int_equal(mkfifo(path_of("libsockfix.so"), 0755), 0);
	snprintf(sentence, sizeof(sentence), "%s cannot be used: it is a FIFO, not a file",
		path_of("libsockfix.so"));
	expect_bare("true", 0, "", sentence);
	assert_int_equal(unlink(path_of("libsockfix.so")), 0);
	copy_built("libsockfix.so");
	assert_int_equal(mkfifo(path_of("fifo"), 0755), 0);
	snprintf(sentence, sizeof(sentence), "#!%s\n", path_of("fifo"));
	capture_write(folder, "script", sentence, 0755);
	capture_run(&capture, (const char *[]){"./sockfix", "run", "./script", NULL});
	assert_string_equal(
		capture.err, "sockfix: failed to run command './script': Permission denied\n");
	assert_int_equal(capture.status, 126);
}

/* Whether the library is in the process that ./grep becomes, after these words on stderr. */
static void expect_loaded(const char *err)
{
	static const char maps[] = "/proc/self/maps";
	capture_run(&capture,
		(const char *[]){"./sockfix", "run", "./grep", "-q", "libsockfix.so", maps, NULL});
	assert_string_equal(capture.err, err);
	assert_int_equal(capture.status, *err ? 1 : 0);
}

/* A setuid program of another user. As root a copy is made; a user takes the system's. */
static void test_setuid(void **state)
{
	(void)state;
	if (geteuid() != 0) {
		struct stat info;
		assert_int_equal(stat("/usr/bin/passwd", &info), 0);
		assert_true(info.st_mode & S_ISUID);
		capture_run(&capture,
			(const char *[]){"./sockfix", "run", "--strict", "passwd", "--help", NULL});
		assert_string_equal(capture.err, "sockfix: passwd is setuid, the loader ignores "
						 "LD_PRELOAD there; as that user it "
						 "works: sudo -u '#0' sockfix run -- passwd\n"
						 "sockfix: passwd is not run (--strict)\n");
		return;
	}
	copy("/bin/true", "true");
	assert_int_equal(chown(path_of("true"), NOBODY, 0), 0);
	assert_int_equal(chmod(path_of("true"), 04755), 0);
	expect_bare("./true", 0, "",
		"./true is setuid, the loader ignores LD_PRELOAD there; as that user it works: "
		"sudo -u '#65534' sockfix run -- ./true");
	/* For that user himself nothing changes hands, and the loader preloads. */
	copy("/usr/bin/grep", "grep");
	assert_int_equal(chown(path_of("grep"), NOBODY, 0), 0);
	assert_int_equal(chmod(path_of("grep"), 04755), 0);
	capture.uid = NOBODY;
	expect_loaded("");
}

static void test_setgid(void **state)
{
	(void)state;
	need("root");
	copy("/bin/true", "true");
	assert_int_equal(chown(path_of("true"), 0, NOBODY), 0);
	assert_int_equal(chmod(path_of("true"), 02755), 0);
	expect_bare("./true", 0, "",
		"./true is setgid, the loader ignores LD_PRELOAD there; as that group it works: "
		"sudo -g '#65534' sockfix run -- ./true");
}

/* struct vfs_cap_data, linux/capability.h: revision 2 with the effective bit, CAP_NET_BIND_SERVICE
 * permitted. */
static void test_capabilities(void **state)
{
	static const uint32_t data[5] = {0x02000001, 1u << 10, 0, 0, 0};
	(void)state;
	need("root");
	copy("/usr/bin/grep", "grep");
	assert_int_equal(
		setxattr(path_of("grep"), "security.capability", data, sizeof(data), 0), 0);
	/* Root has nothing to gain from them: no AT_SECURE, and the loader preloads. */
	expect_loaded("");
	capture.uid = NOBODY;
	expect_loaded(
		"sockfix: ./grep has file capabilities, the loader ignores LD_PRELOAD there; as "
		"root it works: sudo sockfix run -- ./grep\n"
		"sockfix: running ./grep without rules\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_static, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_script, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_usable, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_elsewhere, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_wrapper, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_ourselves, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_file, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_setuid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_setgid, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_capabilities, set_up, tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
