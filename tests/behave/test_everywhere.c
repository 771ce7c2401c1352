/* The library in /etc/ld.so.preload, where every process of a system has it: inert without rules,
 * and with the rule of `sockfix run`. What people do on such a system ends and says what it does
 * without it. The file is in a mount namespace of the test's own. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"

/* Each row runs in a folder of its own. */
static const struct story {
	const char *name;
	const char *line; /* for sh -e */
} stories[] = {
	{"a compiler and its program",
		"printf '#include <stdio.h>\\nint main(void) { puts(\"compiled\"); }\\n' >a.c\n"
		"gcc -O2 -pipe -o a a.c; ./a; gcc -O2 -static -o b a.c; ./b; ldd ./b 2>&1 || :"},
	{"make, in parallel",
		"printf 'all: 1 2 3 4\\n%%:\\n\\t@seq 1000 | sort -r | xz | xz -d | md5sum\\n' "
		">Makefile\n"
		"make -s -j4"},
	{"apt-get update, install and download",
		"mkdir -p p/DEBIAN p/usr/share/p repository state/lists/partial "
		"cache/archives/partial\n"
		"seq 10000 >p/usr/share/p/numbers\n"
		"printf 'Package: p\\nVersion: 1\\nArchitecture: all\\nMaintainer: nobody <a@b>\\n"
		"Description: none\\n' >p/DEBIAN/control\n"
		"dpkg-deb -b p repository/p.deb >/dev/null\n"
		"(cd repository; dpkg-deb -I p.deb control; echo Filename: p.deb; echo Size: $(wc "
		"-c <p.deb)\n"
		" echo SHA256: $(sha256sum <p.deb | cut -c1-64)) >repository/Packages\n"
		"python3 -u -m http.server --bind 127.0.0.1 --directory repository 0 >server "
		"2>/dev/null &\n"
		"until [ -e server ]; do kill -0 $!; done\n"
		"until port=$(grep -o 'port [0-9]*' server); do kill -0 $!; done\n"
		"echo \"deb [trusted=yes] http://127.0.0.1:${port#port } ./\" >sources; touch "
		"status\n"
		"chmod 777 cache/archives/partial state/lists/partial\n"
		"apt() { apt-get -qq -o Dir::State=$PWD/state -o Dir::State::status=$PWD/status "
		"-o Dir::Cache=$PWD/cache -o Dir::Etc::sourcelist=$PWD/sources "
		"-o Dir::Etc::sourceparts=- -o APT::Architecture=amd64 \"$@\" 2>err || "
		"{ cat err >&2; return 1; }; }\n"
		"apt update; apt install -s p; apt download p; dpkg-deb -x p_1_all.deb out\n"
		"md5sum <out/usr/share/p/numbers\n"
		"apt -o APT::Sandbox::Seccomp=true update; apt --print-uris download p | cut -d' ' "
		"-f 2-\n"
		"kill $!; wait || :"},
	{"su to another user, and a setuid program",
		"su -s /bin/sh nobody -c 'id -u; su -c true </dev/null >/dev/null 2>&1 || echo "
		"no'; passwd -S root "
		"| cut -d' ' -f1"},
	{"git, by a pipe and by a socket",
		"git init -q a; cd a; git -c user.name=n -c user.email=e commit -q --allow-empty "
		"-m m; "
		"cd ..; git clone -q file://$PWD/a b; git -C b log --format=%s"},
	{"perl, python, ruby and java",
		"perl -MSocket -e 'socketpair(A, B, AF_UNIX, SOCK_STREAM, 0); if (!fork) {syswrite "
		"A, "
		"\"perl\\n\"; exit} sysread B, $_, 9; print; wait'\n"
		"python3 -c 'import socket, subprocess as s; print(s.check_output([\"echo\", "
		"\"python\"]), socket.create_server((\"127.0.0.1\", 0)).family)'\n"
		"ruby -rsocket -e 's = TCPServer.new(\"127.0.0.1\", 0); c = "
		"TCPSocket.new(\"127.0.0.1\", "
		"s.addr[1]); c.puts \"ruby\"; puts s.accept.gets'\n"
		"java -version 2>&1 | head -n 1"},
	{"shells, pipes and jobs",
		"exec 3<>/dev/null; (sleep 0; echo job) & wait\n"
		"coproc cat; echo hi >&${COPROC[1]}; read -u ${COPROC[0]} x; echo $x; kill "
		"$COPROC_PID\n"
		"seq 20000 | tee numbers | tail -n 1; yes | head -n 1 || :\n"
		"tar c --mtime=@0 numbers | gzip | gzip -d | md5sum; find /etc -name passwd | "
		"sort"},
	{"names, keys and a server that is not there",
		"getent hosts localhost | head -n 1; getent passwd root; logname 2>&1 || :\n"
		"ssh-keygen -q -t ed25519 -N '' -f key; wc -l <key.pub\n"
		"curl -sI http://127.0.0.1:1/ || echo $?"},
};

#define STORIES (sizeof(stories) / sizeof(*stories))

static char *library, *folder;

static void put_library(bool there)
{
	FILE *file;

	if (!there) {
		unlink("/etc/ld.so.preload");
		return;
	}
	file = fopen("/etc/ld.so.preload", "we");
	MUST(file && fprintf(file, "%s\n", library) > 0 && fclose(file) == 0);
}

static void play(const struct story *story, const char *rules, struct capture *capture)
{
	const char *const env[] = {rules, "LC_ALL=C", "LD_PRELOAD", NULL};
	char *dir = must_print("%s/run", folder);
	const char *const make[] = {"mkdir", dir, NULL}, *const remove[] = {"rm", "-r", dir, NULL};
	struct capture other = {0};

	capture->env = env;
	put_library(false);
	capture_run(&other, make);
	capture->dir = dir;
	put_library(rules && library_loads());
	capture_run(capture, (const char *const[]){"bash", "-ec", story->line, NULL});
	put_library(false);
	capture_run(&other, remove);
	assert_int_equal(other.status, 0);
	capture_free(&other);
	free(dir);
}

static void is_as_without(void **state)
{
	static const char *const rules[] = {"SOCKFIX_RULES=", "SOCKFIX_RULES=1:default"};
	const struct story *story = *state;
	struct capture bare = {0}, with = {0};

	play(story, NULL, &bare);
	assert_string_equal(bare.err, "");
	assert_int_equal(bare.status, 0);
	for (size_t i = 0; i < sizeof(rules) / sizeof(*rules); i++) {
		play(story, rules[i], &with);
		assert_string_equal(with.err, "");
		assert_string_equal(with.out, bare.out);
		assert_int_equal(with.status, bare.status);
	}
	capture_free(&bare);
	capture_free(&with);
}

static void it_is_loaded(void **state)
{
	struct capture capture = {0};

	(void)state;
	put_library(library_loads());
	capture_run(&capture,
		(const char *const[]){"grep", "-q", "libsockfix.so", "/proc/self/maps", NULL});
	put_library(false);
	assert_int_equal(capture.status, library_loads() ? 0 : 1);
	capture_free(&capture);
}

/* /etc with all that is in it, in memory: what is written there is gone with us. */
static void make_world(void)
{
	struct capture capture = {0};
	char *copy = must_print("%s/etc", folder);

	own_mounts();
	capture_run(&capture, (const char *const[]){"cp", "-a", "/etc", copy, NULL});
	assert_int_equal(capture.status, 0);
	MUST(mount(copy, "/etc", NULL, MS_BIND, NULL) == 0);
	/* For every user: the build folder may be closed to others. */
	library = must_print("%s/libsockfix.so", folder);
	char *built = build_path("libsockfix.so");
	capture_run(&capture, (const char *const[]){"cp", built, library, NULL});
	assert_int_equal(capture.status, 0);
	free(built);
	free(copy);
	capture_free(&capture);
}

int main(void)
{
	struct CMUnitTest tests[STORIES + 1] = {[STORIES] = cmocka_unit_test(it_is_loaded)};
	int failed;

	need_for_all("mounts");
	for (size_t i = 0; i < STORIES; i++) {
		tests[i].name = stories[i].name;
		tests[i].test_func = is_as_without;
		tests[i].initial_state = (void *)(uintptr_t)&stories[i];
	}
	folder = capture_folder_new();
	make_world();
	failed = cmocka_run_group_tests_name("everywhere", tests, NULL, NULL);
	MUST(umount2("/etc", MNT_DETACH) == 0);
	capture_folder_free(folder);
	return failed;
}
