/* Recordings over a long way: what the report makes of a stall, of a peer that is merely far, and
 * of a lost segment. The victim counts its stalls itself, by what stands unsent when it begins to
 * wait; nothing is held against a clock of ours. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/peer.h"
#include "tests/helper/recording.h"
#include "tests/helper/launch.h"

enum { TRIES = 3, NOT_DELAYED = 2, DELAYED_ACK_MOST = 65000000 /* ns */ };

/* A link with a peer at its far end that answers lines, and recordings of victims at the near one.
 */
struct scene {
	struct link *link;
	struct peer *peer;
	struct recording recording;
	char *netns, *far, *address, *port; /* for its command line */
};

static void scene_begin(struct scene *scene, const struct link_plan *plan)
{
	struct peer_plan peer = {.answer_lines = true, .address = NETNS_SERVER_ADDRESS};

	*scene = (struct scene){.link = link_start(plan)};
	peer.netns = link_ends(scene->link)->server;
	scene->peer = peer_start(&peer);
	scene->netns = must_print("--net=/proc/%d/fd/%d", getpid(), link_ends(scene->link)->client);
	scene->far = build_path("victims/far");
	scene->address = must_print("VICTIM_ADDRESS=%s", NETNS_SERVER_ADDRESS);
	scene->port = must_print("VICTIM_PORT=%d", peer_port(scene->peer));
}

static uint32_t lost(const struct scene *scene)
{
	return link_count(scene->link, LINK_THERE).lost + link_count(scene->link, LINK_BACK).lost;
}

static uint32_t sent_again(const struct scene *scene)
{
	return link_count(scene->link, LINK_THERE).again + link_count(scene->link, LINK_BACK).again;
}

/* By these rules; NULL: none. Where an end was kept from its processor for so long that the kernel
 * sent again what was not lost, that is another story: it is played once more. */
static void record(struct scene *scene, const char *rules, const char *verb, const char *writes)
{
	for (int i = 0; i < TRIES; i++) {
		if (scene->recording.report)
			recording_free(&scene->recording);
		scene->recording.netns = scene->netns;
		link_begin(scene->link, NULL);
		recording_make(&scene->recording, rules,
			PROGRAM("env", scene->address, scene->port, scene->far, verb, TURNS_TEXT,
				writes, "10"));
		if (lost(scene) > 0 || sent_again(scene) == 0)
			return;
	}
}

static void scene_end(struct scene *scene)
{
	recording_free(&scene->recording);
	peer_stop(scene->peer);
	link_stop(scene->link);
	free(scene->netns);
	free(scene->far);
	free(scene->address);
	free(scene->port);
}

/* Turns that began to wait with something unsent, as the recorded victim counted them itself. */
static int kept(const struct scene *scene)
{
	int count;

	MUST(sscanf(scene->recording.program.out, "#kept %d", &count) == 1);
	return count;
}

/* ---- stalls ---- */

static const json_t *assert_stalls(const struct scene *scene, uint32_t round_us, int lost_turns)
{
	const json_t *n01 = assert_finding(&scene->recording, "N01", "proven", "rule");
	const long long hits = finding_number(n01, "hits"),
			low = finding_number(n01, "lost_ns.low");

	/* The first ones cost no delayed ACK: a peer acknowledges at once until it knows better. */
	assert_in_range(hits, kept(scene) - NOT_DELAYED - lost_turns, kept(scene));
	assert_int_equal(finding_number(n01, "of"), TURNS);
	assert_string_equal(finding_text(n01, "rule.set"), "coalesce = \"auto\";");
	/* What is proven is one number, and no more than a delayed ACK and a round trip each. */
	assert_int_equal(finding_number(n01, "lost_ns.high"), low);
	assert_in_range(low, 1, hits * (DELAYED_ACK_MOST + round_us * 1000ll));
	return n01;
}

static void write_rules(const struct scene *scene, char **path, char **folder)
{
	char *rules = recording_ask(&scene->recording, "suggest"), *said;

	*folder = capture_folder_new();
	*path = must_print("%s/mend.conf", *folder);
	capture_write(*folder, "mend.conf", rules, 0644);
	said = recording_ask(&(struct recording){.run = *path}, "check");
	free(said);
	free(rules);
}

/* However long the way is: each stall is found, and the rule that is suggested ends them all. */
static void stalls_are_found_and_mended(void **state)
{
	const struct link_plan *plan = *state;
	struct scene scene;
	char *path, *folder;

	scene_begin(&scene, plan);
	record(&scene, NULL, "turns", "2");
	assert_in_range(kept(&scene), TURNS - NOT_DELAYED, TURNS);
	assert_verdict(&scene.recording, "STALLED");
	assert_stalls(&scene, plan->round_us, 0);
	assert_null(finding_of(&scene.recording, "S09"));

	write_rules(&scene, &path, &folder);
	record(&scene, path, "turns", "2");
	assert_int_equal(kept(&scene), 0);
	assert_verdict(&scene.recording, "MENDED");
	assert_null(finding_of(&scene.recording, "N01"));
	assert_no_findings(&scene.recording, "NCSL", false);
	capture_folder_free(folder);
	free(path);
	scene_end(&scene);
}

/* ---- and what is none ---- */

struct far {
	struct link_plan plan;
	const char *verb, *writes;
};

/* A peer that is far away answers late, each time: that is no stall and nobody's loss. */
static void far_is_no_stall(void **state)
{
	const struct far *far = *state;
	struct scene scene;

	scene_begin(&scene, &far->plan);
	record(&scene, NULL, far->verb, far->writes);
	assert_int_equal(kept(&scene), 0);
	assert_verdict(&scene.recording, "IT IS NOT THE SOCKETS");
	assert_no_findings(&scene.recording, "NCSL", false);
	assert_null(finding_of(&scene.recording, "N01"));
	assert_non_null(strstr(scene.recording.screen, "of it is the way"));
	scene_end(&scene);
}

static const struct far all_far[] = {
	{{.round_us = 20000}, "turns", "1"},
	{{.round_us = 80000}, "turns", "1"},
	{{.round_us = 20000}, "careful", "2"},
};

/* ---- losses ---- */

/* A turn that waited for a lost segment is the way's doing, and never Nagle's. */
static void a_loss_is_a_loss(void **state)
{
	const struct link_plan *plan = *state;
	const json_t *s09;
	struct scene scene;

	scene_begin(&scene, plan);
	record(&scene, NULL, "turns", "1");
	assert_int_equal(lost(&scene), 1);
	s09 = assert_finding(&scene.recording, "S09", "proven", "system");
	assert_in_range(finding_number(s09, "hits"), 1, sent_again(&scene));
	assert_null(finding_of(&scene.recording, "N01"));
	assert_no_findings(&scene.recording, "NCL", false);
	scene_end(&scene);
}

/* Among stalls, too: each is told by its own name. */
static void a_loss_among_stalls(void **state)
{
	const struct link_plan *plan = *state;
	const json_t *s09;
	struct scene scene;

	scene_begin(&scene, plan);
	record(&scene, NULL, "turns", "2");
	assert_int_equal(lost(&scene), 1);
	assert_stalls(&scene, plan->round_us, 1);
	s09 = assert_finding(&scene.recording, "S09", "proven", "system");
	assert_in_range(finding_number(s09, "hits"), 1, sent_again(&scene));
	scene_end(&scene);
}

/* ---- prove ---- */

/* Of one run, by what the kernel held in each arm's turns. */
static void a_rule_is_proven(void **state)
{
	const struct link_plan *plan = *state;
	struct capture capture = {.env = capture_clean};
	unsigned bare = 0, held = 0, mended = 0, left = 1;
	char *sockfix = build_path("sockfix"), *folder = capture_folder_new(), *home;
	struct scene scene;
	const char *row;

	scene_begin(&scene, plan);
	home = must_print("XDG_STATE_HOME=%s", folder);
	capture_run(
		&capture, PROGRAM("nsenter", scene.netns, "env", home, scene.address, scene.port,
				  sockfix, "prove", "--", scene.far, "turns", "210", "2", "10"));
	if (capture.status != 0)
		print_message("%s%s", capture.out, capture.err);
	row = strstr(capture.err, "\n  bare ");
	assert_int_equal(capture.status, 0);
	assert_non_null(strstr(capture.err, "\n  MENDED. A turn takes "));
	assert_int_equal(sscanf(row, " bare %u %*s %*s %*s %*s %u", &bare, &held), 2);
	row = strstr(row, "\n  mended ");
	assert_int_equal(sscanf(row, " mended %u %*s %*s %*s %*s %u", &mended, &left), 2);
	assert_in_range(bare, 100, 110);
	assert_in_range(mended, 100, 110);
	assert_in_range(held, bare - 5, bare);
	assert_int_equal(left, 0);
	capture_free(&capture);
	scene_end(&scene);
	capture_folder_free(folder);
	free(home);
	free(sockfix);
}

/* ---- */

static const struct link_plan plans[] = {
	{.round_us = 500},
	{.round_us = 20000},
	{.round_us = 80000},
};
/* Ten blocks of turns are needed, which take their time. */
static const struct link_plan short_way = {.round_us = 5000};
static const struct link_plan loses_there = {.round_us = 20000, .lose = {{.segment = 15}, {0}}};
static const struct link_plan loses_back = {.round_us = 20000, .lose = {{0}, {.segment = 15}}};
static const struct link_plan loses_a_stall = {.round_us = 20000, .lose = {{.segment = 25}, {0}}};

#define ON_LINK(test, plan)                                                                        \
	{                                                                                          \
#test, test, NULL, NULL, (void *)(uintptr_t)(plan)                                 \
	}

int main(void)
{
	const struct CMUnitTest tests[] = {
		ON_LINK(stalls_are_found_and_mended, &plans[0]),
		ON_LINK(stalls_are_found_and_mended, &plans[1]),
		ON_LINK(stalls_are_found_and_mended, &plans[2]),
		ON_LINK(far_is_no_stall, &all_far[0]),
		ON_LINK(far_is_no_stall, &all_far[1]),
		ON_LINK(far_is_no_stall, &all_far[2]),
		ON_LINK(a_loss_is_a_loss, &loses_there),
		ON_LINK(a_loss_is_a_loss, &loses_back),
		ON_LINK(a_loss_among_stalls, &loses_a_stall),
		ON_LINK(a_rule_is_proven, &short_way),
	};
	const size_t count = sizeof(tests) / sizeof(*tests);

	need_for_all("tun");
	/* Without the library there is nothing to record. */
	return _cmocka_run_group_tests(
		"link_diagnosis", tests, library_loads() ? count : 0, NULL, NULL);
}
