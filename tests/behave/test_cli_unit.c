/* `sockfix unit` on trees of unit files (--root): what it writes, byte by byte, what it refuses and
 * what it lists. What a systemd that runs makes of it is tests/booted. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"

#define LIBRARY "/usr/lib/sockfix/libsockfix.so"
#define HEAD                                                                                       \
	"# Written by sockfix unit: sockfix unit --remove a.service takes it away.\n"              \
	"# rules: default\n[Service]\n"
#define PLAIN HEAD "Environment=LD_PRELOAD=" LIBRARY "\nEnvironment=SOCKFIX_RULES=1:default\n"
#define START "ExecStart=/srv/plain\n"

static struct capture capture;
static char *folder;

/* ---- a tree ---- */

/* A line of sh in the test's folder; it must end well. */
static void sh(const char *format, ...) __attribute__((format(printf, 1, 2)));
static void sh(const char *format, ...)
{
	char *line, *whole, *build = build_path("");
	va_list list;

	va_start(list, format);
	MUST(vasprintf(&line, format, list) > 0);
	va_end(list);
	whole = must_print("BUILD=%s\nset -e\n%s", build, line);
	capture_run(&capture, (const char *[]){"sh", "-c", whole, NULL});
	if (capture.status)
		fail_msg("%s: %s%s", line, capture.out, capture.err);
	free(whole);
	free(line);
	free(build);
}

static int set_up(void **state)
{
	(void)state;
	folder = capture_folder_new();
	capture = (struct capture){.env = capture_clean, .dir = folder};
	sh("mkdir -p t/etc/systemd/system t/etc/default t/usr/lib/systemd/system "
	   "t/usr/lib/sockfix t/srv\nln -s usr/lib t/lib\n"
	   "cp $BUILD/libsockfix.so t/usr/lib/sockfix/\n"
	   "cp /bin/true t/srv/plain\ncp /bin/true t/srv/setuid\ncp $(command -v env) t/srv/env\nchmod 4755 t/srv/setuid\n"
	   "cp $(command -v ldconfig).real t/srv/static 2>/dev/null || "
	   "cp $(command -v ldconfig) t/srv/static\n"
	   "printf '#!/srv/static\\n' >t/srv/script\nchmod 755 t/srv/script\n"
	   "printf 'root:x:0:0::/:/bin/sh\\nmail:x:8:8::/:/bin/sh\\n' >t/etc/passwd");
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	capture_folder_free(folder);
	capture_free(&capture);
	return 0;
}

static void write_unit(const char *name, const char *text)
{
	char *path = must_print("t/usr/lib/systemd/system/%s", name);

	capture_write(folder, path, text, 0644);
	free(path);
}

/* "[Service]", and that. */
static void write_service(const char *text)
{
	char *whole = must_print("[Unit]\nDescription=a\n[Service]\n%s", text);

	write_unit("a.service", whole);
	free(whole);
}

static void unit(const char *words, int status)
{
	char *line = must_print("unit --root t %s", words);

	capture_sockfix(&capture, line);
	if (capture.status != status)
		fail_msg("%s: %d, not %d: %s%s", line, capture.status, status, capture.out,
			capture.err);
	free(line);
}

static void has(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("no '%s' in:\n%s", part, text);
}

static void file_is(const char *name, const char *text)
{
	char *path = must_print("%s/t/%s", folder, name), *bytes = must_read_file(path);

	assert_string_equal(bytes, text);
	free(bytes);
	free(path);
}

static bool is_there(const char *name)
{
	char *path = must_print("%s/%s", folder, name);
	const bool there = access(path, F_OK) == 0;

	free(path);
	return there;
}

#define OURS "etc/systemd/system/a.service.d/zz-sockfix"

/* ---- what is written ---- */

static void test_plain(void **state)
{
	(void)state;
	write_service(START);
	unit("a", 0);
	assert_string_equal(capture.err, "");
	assert_string_equal(capture.out,
		"unit     a.service  t/usr/lib/systemd/system/a.service\n"
		"wrote    t/etc/systemd/system/a.service.d/zz-sockfix.conf\n"
		"rules    default\n"
		"next     it holds from the next start of that system on\n");
	file_is(OURS ".conf", PLAIN);
	sh("ls -A t/etc/systemd/system/a.service.d | wc -l; stat -c %%a t/" OURS ".conf");
	assert_string_equal(capture.out, "1\n644\n");
	/* what is ours is not taken for the unit's */
	unit("a.service", 0);
	file_is(OURS ".conf", PLAIN);
	unit("a -s tcp_nodelay=true", 0);
	sh("grep -c -e ^Environment=LD_PRELOAD=" LIBRARY "$ -e tcp_nodelay t/" OURS ".conf");
	assert_string_equal(capture.out, "2\n");
}

/* Each with what stands between the head and the rules. */
static void test_own_preload(void **state)
{
	static const struct {
		const char *service, *line;
	} row[] = {
		{"Environment=LD_PRELOAD=/a.so\n", "LD_PRELOAD=/a.so:" LIBRARY},
		{"Environment=\"LD_PRELOAD=/a.so /b.so\" X=1\n", "LD_PRELOAD=/a.so:/b.so:" LIBRARY},
		{"Environment='LD_PRELOAD=/100%%.so:/%N.so'\n",
			"LD_PRELOAD=/100%%.so:/%N.so:" LIBRARY},
		{"Environment=LD_PRELOAD=/a\\x22b.so\n", "\"LD_PRELOAD=/a\\\"b.so:" LIBRARY "\""},
		{"Environment=LD_PRELOAD=/old/libsockfix.so:/a.so\n", "LD_PRELOAD=/a.so:" LIBRARY},
		{"Environment=LD_PRELOAD=/a.so\nEnvironment=\n", "LD_PRELOAD=" LIBRARY},
		{"Environment=A=b \\\n# no\n LD_PRELOAD=/c.so\n", "LD_PRELOAD=/c.so:" LIBRARY},
		{"Environment=LD_PRELOAD=/a.so\nEnvironment=LD_PRELOAD=/b.so\n",
			"LD_PRELOAD=/b.so:" LIBRARY},
		{"Environment=MY_LD_PRELOAD=/a.so\n#Environment=LD_PRELOAD=/b.so\n",
			"LD_PRELOAD=" LIBRARY},
	};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char *text = must_print("%s" START, row[i].service);
		char *conf = must_print(
			HEAD "Environment=%s\nEnvironment=SOCKFIX_RULES=1:default\n", row[i].line);

		write_service(text);
		unit("a", 0);
		file_is(OURS ".conf", conf);
		free(conf);
		free(text);
	}
}

static void test_file_of_variables(void **state)
{
	(void)state;
	write_service("Environment=LD_PRELOAD=/a.so\nEnvironmentFile=-/etc/default/%p\n" START);
	unit("a", 0); /* the file is not there */
	file_is(OURS ".conf", HEAD "Environment=LD_PRELOAD=/a.so:" LIBRARY
				   "\nEnvironment=SOCKFIX_RULES=1:default\n");
	capture_write(
		folder, "t/etc/default/a", "X=1\n# LD_PRELOAD=no\nLD_PRELOAD=\"/f%n.so\"\n", 0644);
	unit("a", 0);
	file_is(OURS ".conf",
		HEAD "Environment=SOCKFIX_RULES=1:default\n"
		     "EnvironmentFile=-/etc/systemd/system/a.service.d/zz-sockfix.env\n");
	file_is(OURS ".env", "LD_PRELOAD='/f%n.so:" LIBRARY "'\n");
	has(capture.out, "keeps    LD_PRELOAD=/f%n.so (/etc/default/a:3)\n");
	/* and back: the file that is not needed goes */
	capture_write(folder, "t/etc/default/a", "SOCKFIX_RULES=1:def\n", 0644);
	unit("a", 0);
	file_is(OURS ".env", "SOCKFIX_RULES='1:default'\n");
	capture_write(folder, "t/etc/default/a", "", 0644);
	unit("a --print", 0);
	assert_true(is_there("t/" OURS ".env"));
	unit("a", 0);
	assert_false(is_there("t/" OURS ".env"));
}

/* As systemd takes such a file. NULL: the variable is not set there. */
static void test_syntax_of_variables(void **state)
{
	static const struct {
		const char *text, *value;
	} row[] = {
		{"LD_PRELOAD=/x/\\\n/y.so\n", "/x//y.so"},
		{"LD_PRELOAD=\"/x/\\\ny.so\"\n", "/x/y.so"},
		{"A=b \\\n# c\nLD_PRELOAD=/a.so\n", "/a.so"},
		{"A=b \\\n#c \\\nLD_PRELOAD=/a.so\n", NULL},
		{"A='b\nLD_PRELOAD=/a.so\n'\n", NULL},
		{"A=\"b\nLD_PRELOAD=/a.so\"\n", NULL},
		{"A=b'\nLD_PRELOAD=/a.so\n", "/a.so"},
		{" LD_PRELOAD = \"/a\"'/b' /c.so \t\n", "/a/b/c.so"},
		{"LD_PRELOAD=\\/a\\\\.so", "/a\\.so"},
		{"LD_PRELOAD=\"/a\\$\\x.so\"", "/a$\\x.so"},
		{"; LD_PRELOAD=/a.so\n# LD_PRELOAD=/a.so\n", NULL},
		{"# a\\ b\nLD_PRELOAD=/a.so\n", "/a.so"},
		{"LD_PRELOAD\n=/a.so\n", NULL},
		{"export LD_PRELOAD=/a.so\n", NULL},
	};

	(void)state;
	write_service("EnvironmentFile=-\nEnvironmentFile=-/etc/default/a\n" START);
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		char *text = must_print("LD_PRELOAD='%s:" LIBRARY "'\n", row[i].value);

		capture_write(folder, "t/etc/default/a", row[i].text, 0644);
		unit("a", 0);
		assert_string_equal(capture.err, "");
		if (row[i].value)
			file_is(OURS ".env", text);
		else
			file_is(OURS ".conf", PLAIN);
		free(text);
	}
	capture_write(folder, "t/etc/default/a", "# a \\\nLD_PRELOAD=/a.so\n", 0644);
	unit("a", 1);
	has(capture.err,
		"/etc/default/a:2: systemd before 254 takes it for the rest of the comment "
		"above, later ones take LD_PRELOAD from it: end that comment without a "
		"backslash\n");
	capture_write(folder, "t/etc/default/a", "LD_PRELOAD='/a\n/b'\n", 0644);
	unit("a", 1);
	has(capture.err, "the unit's own LD_PRELOAD holds a quote or a newline");
}

/* EnvironmentFile= knows no quotes, and is a pattern with specifiers: the bytes as systemd reads
 * them. */
static void test_place_of_variables(void **state)
{
	char *home = must_print("HOME=%s/h \"%%[1]", folder), *line;
	const char *const env[] = {"LD_PRELOAD", "SOCKFIX_RULES", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_RUNTIME_DIR", home, NULL};

	(void)state;
	write_unit("a\\x2db.service", "[Service]\nEnvironmentFile=/etc/default/a\n" START);
	capture_write(folder, "t/etc/default/a", "SOCKFIX_RULES=no\n", 0644);
	unit("a\\x2db", 0);
	sh("cd t/etc/systemd/system/a*.d; grep EnvironmentFile zz-sockfix.conf; ls");
	assert_string_equal(capture.out,
		"EnvironmentFile=-/etc/systemd/system/a\\\\x2db.service.d/zz-sockfix.env\n"
		"zz-sockfix.conf\nzz-sockfix.env\n");
	sh("mkdir -p '%s/.config/systemd/user'; printf "
	   "'[Service]\nExecStart=/bin/true\nEnvironmentFile=%s/t/etc/default/a\n' "
	   ">'%s/.config/systemd/user/a.service'",
		home + 5, folder, home + 5);
	capture.env = env;
	capture_sockfix(&capture, "unit --user a");
	capture.env = capture_clean;
	if (capture.status)
		fail_msg("%s", capture.err);
	sh("cat '%s/.config/systemd/user/a.service.d/zz-sockfix.conf'", home + 5);
	line = must_print("\nEnvironmentFile=-%s/h \"%%%%\\[1]/.config/systemd/user/a.service.d/"
			  "zz-sockfix.env\n",
		folder);
	has(capture.out, line);
	free(line);
	free(home);
}

/* What the manager gives to all of its services is kept, too. */
static void test_of_the_manager(void **state)
{
	char *home = must_print("HOME=%s/home", folder), *built = build_path("libsockfix.so");
	char *line = must_print("Environment=LD_PRELOAD=/e%%%%.so:%s\n", built);
	const char *const env[] = {"LD_PRELOAD", "SOCKFIX_RULES", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_RUNTIME_DIR", home, NULL};

	(void)state;
	write_service(START);
	sh("mkdir -p t/etc/systemd/system.conf.d t/usr/lib/systemd/system.conf.d\n"
	   "printf '[Manager]\nDefaultEnvironment=A=b \"LD_PRELOAD=/d.so\"\n' "
	   ">t/etc/systemd/system.conf");
	unit("a", 0);
	file_is(OURS ".conf", HEAD "Environment=LD_PRELOAD=/d.so:" LIBRARY
				   "\nEnvironment=SOCKFIX_RULES=1:default\n");
	has(capture.out, "keeps    LD_PRELOAD=/d.so (/etc/systemd/system.conf:2)\n");
	sh("printf '[Manager]\nDefaultEnvironment=LD_PRELOAD=/zzz.so\n' "
	   ">t/usr/lib/systemd/system.conf.d/zzz.conf");
	unit("a", 0);
	has(capture.out, "(/usr/lib/systemd/system.conf.d/zzz.conf:2)\n");
	sh("printf '[Manager]\nDefaultEnvironment=\n' >t/etc/systemd/system.conf.d/zzz.conf");
	unit("a", 0);
	file_is(OURS ".conf", PLAIN);
	sh("rm t/etc/systemd/system.conf.d/zzz.conf");
	write_service("Environment=LD_PRELOAD=/u.so\nPassEnvironment=LD_PRELOAD\n" START);
	unit("a", 0);
	has(capture.out, "keeps    LD_PRELOAD=/u.so (");
	assert_string_equal(capture.err, "");
	write_service("PassEnvironment=A LD_PRELOAD\n" START);
	unit("a", 0);
	has(capture.err, "a.service:4 hands on an LD_PRELOAD that the manager alone knows: ours "
			 "takes its place\n");
	/* a user's */
	sh("mkdir -p home/.config/environment.d home/.config/systemd/user; printf "
	   "'[Service]\nExecStart=/bin/true\n' >home/.config/systemd/user/a.service\n"
	   "echo LD_PRELOAD=/e%%.so >home/.config/environment.d/a.conf");
	capture.env = env;
	capture_sockfix(&capture, "unit --user a --print");
	has(capture.out, line);
	sh("echo 'LD_PRELOAD=$HOME/e.so' >home/.config/environment.d/b.conf");
	capture_sockfix(&capture, "unit --user a --print");
	has(capture.err, "/environment.d/b.conf:1 hands on an LD_PRELOAD that the manager alone");
	capture.env = capture_clean;
	free(line);
	free(built);
	free(home);
}

static void test_other_drop_ins(void **state)
{
	(void)state;
	write_service(START);
	sh("mkdir -p t/etc/systemd/system/a.service.d t/run/systemd/system/service.d "
	   "t/usr/lib/systemd/system/a.service.d\n"
	   "printf '[Service]\\nEnvironment=LD_PRELOAD=/o.so\\n' "
	   ">t/etc/systemd/system/a.service.d/override.conf\n"
	   "printf '[Service]\\nEnvironment=LD_PRELOAD=/masked.so\\n' "
	   ">t/usr/lib/systemd/system/a.service.d/override.conf\n"
	   "printf '[Service]\\nDynamicUser=yes\\n' >t/run/systemd/system/service.d/all.conf");
	unit("a", 0);
	has(capture.out,
		"keeps    LD_PRELOAD=/o.so (/etc/systemd/system/a.service.d/override.conf:2)\n"
		"checked  DynamicUser= of the unit is no limit to it\n");
	/* in a place before it, the same name holds: what is for more units than this one */
	sh("mkdir -p t/etc/systemd/system/a-.service.d t/usr/lib/systemd/system/a-b.service.d\n"
	   "printf '[Service]\\nEnvironment=LD_PRELOAD=/more.so\\n' "
	   ">t/etc/systemd/system/a-.service.d/x.conf\n"
	   "printf '[Service]\\nEnvironment=LD_PRELOAD=/hidden.so\\n' "
	   ">t/usr/lib/systemd/system/a-b.service.d/x.conf");
	write_unit("a-b.service", "[Service]\n" START);
	unit("a-b", 0);
	has(capture.out, "keeps    LD_PRELOAD=/more.so (");
	sh("mv t/etc/systemd/system/a.service.d/override.conf "
	   "t/etc/systemd/system/a.service.d/zzz.conf");
	unit("a", 1);
	has(capture.err,
		"a.service: /etc/systemd/system/a.service.d/zzz.conf:2 is read behind "
		"zz-sockfix.conf and takes LD_PRELOAD: give that file a name that sorts before it");
}

/* Alias, template, instance, prefix: where it goes, and whose settings count. */
static void test_names(void **state)
{
	(void)state;
	write_service(START "SystemCallFilter=read\n");
	write_unit("b-c@.service", "[Service]\n" START);
	sh("ln -s a.service t/usr/lib/systemd/system/alias.service\n"
	   "ln -s /lib/systemd/system/b-c@.service t/etc/systemd/system/b-c@z.service\n"
	   "mkdir t/etc/systemd/system/b-.service.d\n"
	   "printf '[Service]\\nEnvironment=LD_PRELOAD=/b.so\\n' "
	   ">t/etc/systemd/system/b-.service.d/x.conf");
	unit("alias --force", 0);
	assert_true(is_there("t/" OURS ".conf"));
	unit("b-c@", 0);
	has(capture.err, "b-c@.service is a template: this holds for all its instances");
	sh("grep -c LD_PRELOAD=/b.so:" LIBRARY
	   " t/etc/systemd/system/b-c@.service.d/zz-sockfix.conf");
	unit("b-c@z", 0);
	assert_string_equal(capture.err, "");
	assert_true(is_there("t/etc/systemd/system/b-c@z.service.d/zz-sockfix.conf"));
	unit("--remove alias", 0);
	assert_false(is_there("t/etc/systemd/system/a.service.d"));
	/* of another name of a template, one instance */
	sh("ln -s b-c@.service t/usr/lib/systemd/system/h@.service\n"
	   "rm -r t/etc/systemd/system/*; mkdir t/etc/systemd/system/h@x.service.d\n"
	   "printf '[Service]\nEnvironment=LD_PRELOAD=/h.so\n' "
	   ">t/etc/systemd/system/h@x.service.d/x.conf");
	unit("h@x", 0);
	assert_string_equal(capture.err, "");
	has(capture.out, "unit     b-c@x.service  t/usr/lib/systemd/system/b-c@.service\n");
	has(capture.out, "keeps    LD_PRELOAD=/h.so (");
	sh("cd t/etc/systemd/system; ls");
	assert_string_equal(capture.out, "b-c@x.service.d\nh@x.service.d\n");
	unit("h@", 0);
	assert_true(is_there("t/etc/systemd/system/b-c@.service.d/zz-sockfix.conf"));
}

static void test_long_rules(void **state)
{
	(void)state;
	write_service(START);
	sh("for i in $(seq 100); do echo \"r$i: { match: { port = $i; }; "
	   "set: { tcp_nodelay = true; }; };\"; done >many.conf");
	unit("a -r many.conf", 0);
	sh("grep SOCKFIX_RULES t/" OURS ".conf; cut -c1-3 t/" OURS ".rules; wc -l <t/" OURS
	   ".rules");
	assert_string_equal(capture.out,
		"Environment=SOCKFIX_RULES=@/etc/systemd/system/a.service.d/zz-sockfix.rules\n"
		"1:+\n1\n");
	sh("SOCKFIX_LOG=stderr SOCKFIX_RULES=@t/" OURS
	   ".rules LD_PRELOAD=$BUILD/libsockfix.so t/srv/plain 2>said; "
	   "grep -c '100 rules$' said");
	unit("a", 0);
	assert_false(is_there("t/" OURS ".rules"));
	/* beyond what a variable holds */
	sh("for i in $(seq 4000); do echo \"r$i: { match: { port = $i; }; "
	   "set: { tcp_nodelay = true; }; };\"; done >most.conf");
	unit("a -r most.conf", 0);
	sh("SOCKFIX_LOG=stderr SOCKFIX_RULES=@t/" OURS
	   ".rules LD_PRELOAD=$BUILD/libsockfix.so t/srv/plain 2>said; "
	   "grep -c '4000 rules$' said");
	sh("mkdir -p t/jail; cp --parents t" LIBRARY " t/jail; mv t/jail/t/usr t/jail");
	write_service(START "RootDirectory=/jail\n");
	unit("a -r many.conf --print", 0);
	has(capture.out, "\nEnvironment=SOCKFIX_RULES=1:+r1@");
	unit("a -r most.conf", 1);
	has(capture.err, "a.service:5: the rules make a line of ");
	has(capture.err,
		"and with RootDirectory=/jail the service has not the file that they would "
		"stand in");
	for (size_t i = 0; i < 2; i++) {
		const char *hides = (const char *[]){
			"TemporaryFileSystem=/etc:ro", "InaccessiblePaths=/etc/systemd"}[i];
		char *text = must_print(START "%s\n", hides);

		write_service(text);
		unit("a -r many.conf", 0);
		sh("grep -c '^Environment=SOCKFIX_RULES=1:+r1@.*+r100@' t/" OURS ".conf");
		assert_false(is_there("t/" OURS ".rules"));
		unit("a -r most.conf", 1);
		has(capture.err, hides);
		free(text);
	}
	capture_sockfix(&capture, "env -r most.conf");
	assert_int_equal(capture.status, 2);
	has(capture.err, ": sockfix run and sockfix unit keep them in a file\n");
}

/* What lies below a root is as that system sees it: no link there leads out of it. */
static void test_links_of_a_root(void **state)
{
	static const char *const row[] = {"$PWD/host", "../../../../../host", "/../host"};

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		write_service(
			"EnvironmentFile=-/etc/default/a\nEnvironmentFile=-/etc/linked/*\n" START);
		sh("rm -rf t/etc/systemd/system/a.service.d t$PWD t/host host; "
		   "mkdir -p host t/host t$PWD/host\n"
		   "echo LD_PRELOAD=/evil.so | tee t/$PWD/host/x t/host/x >host/x\n"
		   "sed -i s/evil/own/ t/$PWD/host/x t/host/x\n"
		   "ln -s %s t/etc/systemd/system/a.service.d\n"
		   "ln -sfn %s/x t/etc/default/a; ln -sfn %s t/etc/linked",
			row[i], row[i], row[i]);
		unit("a", 0);
		has(capture.out, "keeps    LD_PRELOAD=/own.so (/etc/linked/x:1)\n");
		sh("ls host; ls t$PWD/host t/host | grep -c zz");
		assert_string_equal(capture.out, "x\n2\n");
		sh("cat t$PWD/host/*.conf t/host/*.conf >host/zz-sockfix.conf 2>/dev/null || :");
		unit("--remove a", 0);
		sh("ls host; ls t$PWD/host t/host | grep -c zz || :");
		assert_string_equal(capture.out, "x\nzz-sockfix.conf\n0\n");
	}
	sh("rm t/etc/systemd/system/a.service.d; ln -s a.service.d t/etc/systemd/system");
	unit("a", 2);
	has(capture.err, "nothing was changed\n");
}

/* ---- what is refused ---- */

static void test_refused(void **state)
{
#define IN "/usr/lib/systemd/system/a.service:"
	static const struct {
		const char *service, *sentence;
	} row[] = {
		{START "UnsetEnvironment=A LD_PRELOAD\n",
			IN "5: UnsetEnvironment= takes LD_PRELOAD away again"},
		{START "SystemCallFilter=read write\n", IN
			"5: SystemCallFilter= does not let setsockopt through, which the library "
			"calls: systemd would end the service at its first one (SIGSYS); with "
			"@network-io it works"},
		{START "SystemCallFilter=@system-service\nSystemCallFilter=~sendto:EPERM\n",
			IN "6: SystemCallFilter= does not let sendto through"},
		{START "SystemCallFilter=@basic-io\nSystemCallErrorNumber=EPERM\n",
			"switch itself off at its first one"},
		{START "RootDirectory=/srv/jail\n",
			IN "5: RootDirectory=/srv/jail has no " LIBRARY
			   ": copy the library to that place there, or write "
			   "BindReadOnlyPaths=" LIBRARY},
		{START "RootImage=/srv/i.raw\n", IN "5: RootImage=/srv/i.raw is not looked into"},
		{START "InaccessiblePaths=-/usr/lib/sockfix\n",
			IN "5: InaccessiblePaths=-/usr/lib/sockfix hides " LIBRARY " from it"},
		{START "TemporaryFileSystem=/usr/lib:ro\n",
			"TemporaryFileSystem=/usr/lib:ro hides"},
		{START "NoExecPaths=/\nExecPaths=/srv\n",
			IN "5: NoExecPaths=/ lets nothing in " LIBRARY " run"},
		{"ExecStart=/srv/static x\n",
			IN "4: /srv/static is statically linked, no library can be preloaded into "
			   "it; from outside, once it runs: sockfix scope --unit a.service"},
		{"ExecStart=-!/srv/script\n", IN "4: /srv/static is statically linked"},
		{"ExecStart=/srv/env -i /srv/plain\n", IN "4: env drops LD_PRELOAD there"},
		{"ExecStart=/srv/setuid\nUser=mail\n",
			IN "4: /srv/setuid is setuid or setgid for it, and the loader ignores "
			   "LD_PRELOAD there"},
	};

	(void)state;
	need("root");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		write_service(row[i].service);
		unit("a", 1);
		has(capture.err, row[i].sentence);
		has(capture.err,
			"a.service: nothing is written (--force writes it all the same)\n");
		assert_string_equal(capture.out, "");
		assert_false(is_there("t/etc/systemd/system/a.service.d"));
	}
	unit("a --force", 0);
	assert_true(is_there("t/" OURS ".conf"));
}

static void test_not_refused(void **state)
{
	static const char *const row[] = {START "DynamicUser=yes\n",
		START "SystemCallFilter=@system-service\nSystemCallFilter=~@privileged @mount\n",
		START "SystemCallFilter=@basic-io @network-io\n",
		START "SystemCallFilter=~@mount\n",
		START "SystemCallFilter=read\nSystemCallFilter=\n",
		START "RestrictAddressFamilies=AF_INET\nMemoryDenyWriteExecute=yes\n",
		START "ProtectSystem=strict\nProtectHome=yes\nPrivateTmp=yes\n",
		START "RootDirectory=/srv/jail\nBindReadOnlyPaths=/usr/lib\n",
		START "InaccessiblePaths=/usr/lib/sock\nNoExecPaths=/\nExecPaths=/usr /srv\n",
		"ExecStart=/srv/setuid\n",
		"ExecStart=/srv/setuid\nUser=mail\nNoNewPrivileges=yes\n",
		"ExecStart=@/srv/plain static\n", START "UnsetEnvironment=MY_LD_PRELOAD\n"};

	(void)state;
	need("root");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		write_service(row[i]);
		unit("a", 0);
		file_is(OURS ".conf", PLAIN);
	}
	write_service(START "RestrictAddressFamilies=AF_UNIX\n");
	unit("a", 0);
	has(capture.err, "a.service: /usr/lib/systemd/system/a.service:5: "
			 "RestrictAddressFamilies=AF_UNIX leaves it no TCP sockets but those that "
			 "it is handed");
	for (size_t i = 0; i < 3; i++) {
		const char *name = (const char *[]){"none", "%i", "%T"}[i];
		char *text = must_print(START "User=%s\nNoNewPrivileges=yes\n", name);
		char *said = must_print("a.service:5: User=%s is not in /etc/passwd: what it may "
					"read and execute was looked at as root\n",
			name);

		write_service(text);
		unit("a", 0);
		has(capture.err, said);
		has(capture.out, "checked  NoNewPrivileges= of the unit is no limit to it\n");
		free(said);
		free(text);
	}
	write_service(START "User=root\nUser=%p\n");
	sh("sed -i s/mail:/a:/ t/etc/passwd");
	unit("a", 0);
	assert_string_equal(capture.err, "");
	has(capture.out, "checked  User= of the unit");
	write_service("ExecStart=/srv/none\n");
	unit("a", 0);
	has(capture.err, "/srv/none is not there, or cannot be executed");
}

static void test_no_unit(void **state)
{
	static const char *const row[][2] = {{"none", "there is no unit none.service below t\n"},
		{"m", "m.service is masked by /etc/systemd/system/m.service: nothing starts it until "
		      "systemctl unmask m.service\n"},
		{"e", "e.service is masked by"},
		{"x.socket", "x.socket starts no program of its own: name the service that it "
			     "belongs to\n"},
		{"../a", "'../a' cannot be the name of a unit\n"},
		{"", "the NAME of a unit is missing"}, {"a b", "'b' is one word too many"},
		{"a --restart", "--root is for a system that does not run here"},
		{"a --remove -P safe", "--remove goes with no rules"},
		{"a -P nosuch", "'nosuch' is not a preset"},
		{"a --root nowhere", "--root nowhere: it is not a folder"},
		{"a --root t/srv", "there is no unit a.service below t/srv"}};

	(void)state;
	write_service(START);
	write_unit("m.service", "[Service]\n" START);
	write_unit("e.service", "");
	sh("ln -s /dev/null t/etc/systemd/system/m.service");
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		unit(row[i][0], 2);
		has(capture.err, row[i][1]);
		assert_string_equal(capture.out, "");
	}
	sh("rm t" LIBRARY);
	unit("a", 2);
	has(capture.err, "t has no libsockfix.so in ");
}

/* Nothing is half written: no file of ours, or the one before. */
static void test_cannot_write(void **state)
{
	char *build = build_path("");
	static const char *const row[][2] = {
		{"mount --bind t/etc t/etc; mount -o remount,ro,bind t/etc",
			"Read-only file system; nothing was changed"},
		{"mkdir -p t/etc/systemd/system/a.service.d; mount -t tmpfs -o size=4k none "
		 "t/etc/systemd/system/a.service.d; cat /dev/zero >t/etc/systemd/system/"
		 "a.service.d/full 2>/dev/null || :",
			"No space left on device; nothing was changed"}};

	(void)state;
	need("mounts");
	write_service(START);
	for (size_t i = 0; i < 2; i++) {
		char *line = must_print("%s; %s/sockfix unit --root t a; echo $?; find "
					"t/etc/systemd/system -name '*sockfix*' | wc -l",
			row[i][0], build);

		capture_run(&capture, (const char *[]){"unshare", "-m", "--propagation",
					      "unchanged", "sh", "-c", line, NULL});
		assert_string_equal(capture.out, "2\n0\n");
		has(capture.err, row[i][1]);
		free(line);
	}
	free(build);
}

/* The rules of the drop-in before, in a file that has another name, too: to give their name away
 * makes no room. */
static void test_full_disk(void **state)
{
	char *build = build_path("");
	char *line = must_print(
		"set -e; d=t/etc/systemd/system/a.service.d; mkdir -p $d\n"
		"mount -t tmpfs -o size=12k none $d\n"
		"for n in 100 101; do for i in $(seq $n); do echo \"r$i: { match: { port = $i; }; "
		"set: { tcp_nodelay = true; }; };\"; done >$n.conf; done\n"
		"%s/sockfix unit --root t a -r 100.conf\n"
		"ln $d/zz-sockfix.rules $d/kept; cp -a $d old\n"
		"%s/sockfix unit --root t a -r 101.conf 2>said && exit 1\n"
		"diff -r old $d; ls -A $d | wc -l; cat said\n"
		"mount -o remount,size=64k $d; rm $d/kept\n"
		"%s/sockfix unit --root t a -r 101.conf >said; grep -c r101 $d/zz-sockfix.rules",
		build, build, build);

	(void)state;
	need("mounts");
	write_service(START);
	capture_run(&capture, (const char *[]){"unshare", "-m", "--propagation", "unchanged", "sh",
				      "-c", line, NULL});
	if (capture.status)
		fail_msg("%d: %s%s", capture.status, capture.out, capture.err);
	has(capture.out, "\n3\nsockfix: t/etc/systemd/system/a.service.d/zz-sockfix.conf: No space "
			 "left on device; nothing was changed\n1\n");
	free(line);
	free(build);
}

/* ---- taking away ---- */

static void test_remove(void **state)
{
	(void)state;
	write_service(START);
	unit("--remove a", 1);
	has(capture.err, "a.service has no drop-in of ours");
	unit("a", 0);
	sh("touch t/etc/systemd/system/a.service.d/mine.conf; rm "
	   "t/usr/lib/systemd/system/a.service");
	unit("--remove a", 0);
	sh("ls -A t/etc/systemd/system/a.service.d");
	assert_string_equal(capture.out, "mine.conf\n");
	/* what bears our name and is not ours */
	write_service(START);
	sh("echo '[Service]' >t/" OURS ".conf");
	unit("a", 2);
	has(capture.err, "zz-sockfix.conf is not ours: its first line is another; nothing is "
			 "written\n");
	unit("--remove a", 2);
	has(capture.err, "it stays\n");
	file_is(OURS ".conf", "[Service]\n");
	for (size_t i = 0; i < 2; i++) {
		const char *name = (const char *[]){"env", "rules"}[i];

		sh("rm t/etc/systemd/system/a.service.d/*; echo a >t/" OURS ".%s", name);
		unit("a", 2);
		has(capture.err,
			" is not ours: no zz-sockfix.conf of ours is beside it; nothing is "
			"written\n");
		unit("--remove a", 2);
		has(capture.err, name);
		has(capture.err, "it stays\n");
		sh("cat t/" OURS ".*");
		assert_string_equal(capture.out, "a\n");
	}
}

static void test_print(void **state)
{
	(void)state;
	write_service("Environment=LD_PRELOAD=/a.so\nEnvironmentFile=/etc/default/a\n" START);
	capture_write(folder, "t/etc/default/a", "SOCKFIX_RULES=no\n", 0644);
	unit("a --print", 0);
	assert_string_equal(capture.out,
		HEAD "Environment=LD_PRELOAD=/a.so:" LIBRARY
		     "\nEnvironmentFile=-/etc/systemd/system/a.service.d/zz-sockfix.env\n"
		     "# and /etc/systemd/system/a.service.d/zz-sockfix.env:\n"
		     "# SOCKFIX_RULES='1:default'\n");
	assert_false(is_there("t/etc/systemd/system/a.service.d"));
}

/* ---- of a user ---- */

static void test_user(void **state)
{
	char *home = must_print("HOME=%s/home", folder), *built = build_path("libsockfix.so");
	const char *const env[] = {"LD_PRELOAD", "SOCKFIX_RULES", "XDG_CONFIG_HOME",
		"XDG_STATE_HOME", "XDG_RUNTIME_DIR", home, NULL};
	char *state_of = must_print("%s/home/.local/state/sockfix/a.service.1", folder);
	char *conf = must_print(
		"Environment=LD_PRELOAD=%s\nEnvironment=SOCKFIX_TRACE=%s\n", built, state_of);

	(void)state;
	sh("mkdir -p home/.config/systemd/user; printf '[Service]\\nExecStart=/bin/true\\n' "
	   ">home/.config/systemd/user/a.service");
	capture.env = env;
	capture_sockfix(&capture, "unit --user --record a");
	if (capture.status)
		fail_msg("%s", capture.err);
	has(capture.out, "rules    none: it is only watched\nrecords  into ");
	has(capture.out, "next     systemctl --user daemon-reload\n"
			 "         systemctl --user restart a.service\n");
	sh("cat home/.config/systemd/user/a.service.d/zz-sockfix.conf; stat -c %%a %s", state_of);
	has(capture.out, "# rules: none, it is only watched\n");
	has(capture.out, conf);
	/* a second one does not write into the first */
	capture_sockfix(&capture, "unit --user --record a");
	has(capture.out, "a.service.2");
	/* what it records can be read */
	sh("LD_PRELOAD=%s SOCKFIX_TRACE=%s python3 -c 'import socket; "
	   "s = socket.create_server((\"127.0.0.1\", 0)); c = socket.create_connection("
	   "s.getsockname()); c.send(b\"x\")'; $BUILD/sockfix report %s",
		built, state_of, state_of);
	has(capture.out, "1 connection ");
	capture_sockfix(&capture, "unit --user --remove a");
	assert_int_equal(capture.status, 0);
	/* an escaped name, as it is to be typed */
	sh("cp home/.config/systemd/user/a.service 'home/.config/systemd/user/a\\x2db.service'");
	capture_sockfix(&capture, "unit --user a\\x2db");
	has(capture.out, "         systemctl --user restart 'a\\x2db.service'\n");
	sh("head -n 1 home/.config/systemd/user/a*b.service.d/zz-sockfix.conf");
	assert_string_equal(capture.out, "# Written by sockfix unit: sockfix unit --user --remove "
					 "'a\\x2db.service' takes it away.\n");
	/* a library in a place that only others see */
	sh("mkdir tool; cp $BUILD/sockfix $BUILD/libsockfix.so tool; printf "
	   "'[Service]\\nExecStart=/bin/true\\nPrivateTmp=yes\\n' "
	   ">home/.config/systemd/user/a.service");
	capture_run(&capture, (const char *[]){"tool/sockfix", "unit", "--user", "a", NULL});
	assert_int_equal(capture.status, 1);
	has(capture.err, "a.service:3: PrivateTmp=yes hides ");
	has(capture.err, "/tool/libsockfix.so from it: install sockfix (make install), or name the "
			 "library in BindReadOnlyPaths=\n");
	capture.env = capture_clean;
	free(conf);
	free(state_of);
	free(built);
	free(home);
}

/* No place for a recording: said without an option that unit has not. */
static void test_cannot_record(void **state)
{
	static const char *const row[][2] = {
		{"mount -o size=4k -t tmpfs none s; head -c 4k /dev/zero >s/full",
			"No space left on device\n"},
		{"mount -o ro -t tmpfs none s", "Read-only file system\n"}};
	char *build = build_path("");

	(void)state;
	need("mounts");
	sh("mkdir -p s home/.config/systemd/user; printf '[Service]\nExecStart=/bin/true\n' "
	   ">home/.config/systemd/user/a.service");
	for (size_t i = 0; i < 2; i++) {
		char *said = must_print("sockfix: %s/s/sockfix/a.service.1: %s", folder, row[i][1]);
		char *line = must_print("export HOME=$PWD/home XDG_STATE_HOME=$PWD/s; unset "
					"XDG_CONFIG_HOME; %s; %s/sockfix unit --user --record a; "
					"echo $?; ls $HOME/.config/systemd/user",
			row[i][0], build);

		capture_run(&capture, (const char *[]){"unshare", "-m", "--propagation",
					      "unchanged", "sh", "-c", line, NULL});
		assert_string_equal(capture.out, "2\na.service\n");
		assert_string_equal(capture.err, said);
		free(line);
		free(said);
	}
	free(build);
}

/* ---- what names the library ---- */

static void test_list(void **state)
{
	(void)state;
	need("root");
	unit("--list", 1);
	has(capture.err, "nothing names libsockfix.so\n");
	write_service(START);
	unit("a", 0);
	sh("mkdir -p t/etc/cron.d t/etc/profile.d t/opt t/var/spool/cron/crontabs\n"
	   "printf 'A=1\\nLD_PRELOAD=/gone/libsockfix.so\\n' >t/etc/cron.d/job\n"
	   "echo other >t/opt/libsockfix.so\n"
	   "echo '/opt/libsockfix.so' >t/etc/ld.so.preload\n"
	   "echo '# libsockfix.so' >t/etc/environment\n"
	   "echo 'export LD_PRELOAD=libsockfix.so' >t/etc/profile.d/s.sh\n"
	   "echo '* * * * * /usr/local/bin/sockfix run -- x' >t/var/spool/cron/crontabs/mail\n"
	   "echo 'joe:x:9:9::/home/joe:/bin/sh' >>t/etc/passwd; mkdir -p t/home/joe\n"
	   "echo 'eval \"$(sockfix env)\"' >t/home/joe/.profile\n"
	   "echo 'SOCKFIX_RULES=1:default' >t/etc/default/b\n"
	   "echo 'MY_SOCKFIX=1' >t/etc/default/c");
	unit("--list", 0);
	assert_string_equal(capture.out,
		"STATE  WHERE  LIBRARY\n"
		"gone   /etc/cron.d/job:2  /gone/libsockfix.so\n"
		"asked  /etc/default/b:1  \n"
		"other  /etc/ld.so.preload:1  /opt/libsockfix.so\n"
		"asked  /etc/profile.d/s.sh:1  libsockfix.so\n"
		"there  /etc/systemd/system/a.service.d/zz-sockfix.conf:4  " LIBRARY "\n"
		"asked  /home/joe/.profile:1  \n"
		"asked  /var/spool/cron/crontabs/mail:1  \n"
		"other  another version or build than this command's\n"
		"gone   not there: the loader says so on stderr at each start, and goes on\n"
		"       without it\n"
		"asked  by name: which library that is, is not said there\n");
	unit("--list a", 2);
}

/* What systemd reads by links and by names in units, wherever that lies. */
static void test_list_followed(void **state)
{
	(void)state;
	need("root");
	write_service("EnvironmentFile=-/opt/%p.env \nEnvironmentFile=/opt/env/*\n" START);
	sh("mkdir -p t/opt/b.d t/opt/env t/etc/cron.daily\n"
	   "ln -s /opt/b.d t/etc/systemd/system/b.service.d\n"
	   "ln -s ../../../opt/c.service t/etc/systemd/system/c.service\n"
	   "ln -s c.service t/etc/systemd/system/alias.service\n"
	   "ln -s /dev/null t/etc/systemd/system/none.service\n"
	   "printf '[Service]\nEnvironment=LD_PRELOAD=/g/libsockfix.so\n' >t/opt/b.d/x.conf\n"
	   "cp t/opt/b.d/x.conf t/opt/c.service; echo EnvironmentFile=/opt/c.service "
	   ">>t/opt/c.service\n"
	   "echo 'LD_PRELOAD=/usr/$LIB/sockfix/libsockfix.so' >t/opt/a.env\n"
	   "echo 'LD_PRELOAD=\"/g/libsockfix.so:" LIBRARY "\"' >t/opt/env/e\n"
	   "echo 'sockfix run -- x' >t/etc/cron.daily/d");
	unit("--list", 0);
	has(capture.out, "STATE  WHERE  LIBRARY\n"
			 "asked  /etc/cron.daily/d:1  \n"
			 "asked  /opt/a.env:1  /usr/$LIB/sockfix/libsockfix.so\n"
			 "gone   /opt/b.d/x.conf:2  /g/libsockfix.so\n"
			 "gone   /opt/c.service:2  /g/libsockfix.so\n"
			 "gone   /opt/env/e:1  /g/libsockfix.so\n"
			 "there  /opt/env/e:1  " LIBRARY "\n"
			 "gone   not there");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_plain, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_own_preload, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_file_of_variables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_syntax_of_variables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_place_of_variables, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_of_the_manager, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_other_drop_ins, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_names, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_long_rules, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_links_of_a_root, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_not_refused, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_no_unit, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cannot_write, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_full_disk, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_remove, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_print, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_user, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_cannot_record, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_list_followed, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
