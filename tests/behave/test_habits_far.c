/* Findings from end to end, as in test_habits.c, of programs whose habit shows on a long way, after
 * a long time or with a slow name server. The network, the names and the clock are the test's own.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/capture.h"
#include "tests/helper/codes.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/wire.h"

/* A round trip that a busy machine makes longer is none of these: a habit has some tries to show,
 * and one that is not there has one. */
enum { TRIES = 3 };

#define RULE(set) "mend: { match: { role = \"client\"; }; set: { " set " };\n"

static const struct story {
	const char *code, *how;
	const char *found; /* codes, A codes aside */
	const char *rules; /* what `sockfix suggest` writes of it; NULL: none */
} story_table[] = {
	{"S01", "show", "S01", NULL},
	{"S01", "nearly", "", NULL},
	{"S01", "show", "", RULE("so_sndbuf = \"auto\"; }; force = true;")},
	{"S03", "show", "S03", NULL},
	{"S03", "nearly", "", NULL},
	{"S03", "show", "", RULE("so_rcvbuf = \"auto\"; }; force = true;")},
	{"R04", "show", "R04", NULL},
	{"R04", "nearly", "", NULL},
	{"L01", "show", "L01", NULL},
	{"L01", "kept", "", NULL},
	{"L01", "show", "",
		RULE("so_keepalive = true; tcp_keepidle = \"60s\"; tcp_keepintvl = \"10s\"; "
		     "tcp_keepcnt = 6; };")},
	{"L01", "shorter", "", NULL},
	{"D02", "show", "D02", NULL},
	{"D02", "short", "D02", NULL},
	{"D02", "nearly", "D03", NULL},
};
enum { STORIES = sizeof(story_table) / sizeof(*story_table) };

static void is_told(void **state)
{
	const struct story *story = *state;
	int tries = *story->found ? TRIES : 1;
	char codes[CODES] = "not recorded";

	for (int i = 0; i < tries && strcmp(codes, story->found) != 0; i++)
		codes_of("habits_far", story->code, story->how, story->rules, codes);
	assert_string_equal(codes, story->found);
}

/* Another text in place of a file, for us and our children. */
static void replace(const char *folder, const char *name, const char *path, const char *text)
{
	char *own = must_print("%s/%s", folder, name);

	capture_write(folder, name, text, 0644);
	MUST(access(path, F_OK) != 0 || mount(own, path, NULL, MS_BIND, NULL) == 0);
	free(own);
}

static void make_world(const char *folder)
{
	own_network();
	own_mounts();
	replace(folder, "resolv.conf", "/etc/resolv.conf", "nameserver 127.0.0.1\n");
	replace(folder, "nsswitch.conf", "/etc/nsswitch.conf", "hosts: dns\n");
}

int main(void)
{
	struct CMUnitTest tests[STORIES];
	char name[STORIES][24], *folder;
	struct wire *wire;
	int failed;

	if (!library_loads())
		return 0;
	for (size_t i = 0; i < STORIES; i++) {
		snprintf(name[i], sizeof(name[i]), "%s %s%s", story_table[i].code,
			story_table[i].how, story_table[i].rules ? " mended" : "");
		tests[i] = (struct CMUnitTest){
			name[i], is_told, NULL, NULL, (void *)(uintptr_t)&story_table[i]};
	}
	need_for_all("namespaces");
	need_for_all("mounts");
	folder = capture_folder_new();
	make_world(folder);
	wire = wire_start();
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	wire_stop(wire);
	capture_folder_free(folder);
	return failed;
}
