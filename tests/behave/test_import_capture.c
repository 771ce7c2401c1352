/* A capture says what a recording of the same run says: verdict, codes and seconds. Victims are
 * recorded and captured at once, a row for each way of writing, thinking and waiting that the truth
 * table has, near and far, with the capture at either end; and programs that are well, of which no
 * capture may say anything. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/link.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/peer.h"
#include "tests/helper/recording.h"
#include "tests/helper/wiretap.h"

enum { AT_A_TIME = 8, TRIES = 3, TICKS = 20000 /* us */ };

struct row {
	const char *kind; /* of victims/losses */
	unsigned think;	  /* ms of the peer's */
	bool serves, nodelay, quick, in_parts;
	uint32_t way; /* us, 0: loopback */
	bool far_tap; /* the capture is at the peer's end */
};

#define TURNS_HERE "25"

#define ROW(kind_, think_, ...)                                                                    \
	{                                                                                          \
		.kind = kind_, .think = think_, __VA_ARGS__                                        \
	}

static const struct row row_table[] = {
	ROW("joined", 0),
	ROW("joined", 5),
	ROW("joined", 35),
	ROW("joined", 40),
	ROW("joined", 45),
	ROW("joined", 100),
	ROW("parts", 0),
	ROW("parts", 5),
	ROW("parts", 20),
	ROW("parts", 40),
	ROW("parts", 45),
	ROW("parts", 100),
	ROW("parts", 0, .nodelay = true),
	ROW("parts", 40, .nodelay = true),
	ROW("parts", 45, .nodelay = true),
	ROW("parts", 5, .quick = true),
	ROW("parts", 40, .quick = true),
	ROW("many", 0),
	ROW("many", 40),
	ROW("many", 40, .nodelay = true),
	ROW("threads", 0),
	ROW("joined", 0, .in_parts = true),
	ROW("parts", 0, .in_parts = true),
	ROW("uncorked", 0),
	ROW("more-well", 0),
	ROW("uncorked", 40),
	ROW("more-well", 40),
	ROW("joined", 0, .serves = true),
	ROW("parts", 0, .serves = true),
	ROW("many", 0, .serves = true),
	ROW("uncorked", 0, .serves = true),
	ROW("more-well", 0, .serves = true),
	ROW("uncorked-late", 0, .serves = true),
	ROW("joined", 0, .way = 20000),
	ROW("parts", 0, .way = 20000),
	ROW("parts", 40, .way = 20000),
	ROW("joined", 40, .way = 20000),
	ROW("parts", 0, .way = 20000, .nodelay = true),
	ROW("parts", 40, .way = 20000, .quick = true),
	ROW("joined", 0, .way = 20000, .far_tap = true),
	ROW("parts", 0, .way = 20000, .far_tap = true),
	ROW("parts", 40, .way = 20000, .far_tap = true),
	ROW("parts", 40, .way = 20000, .nodelay = true, .far_tap = true),
	ROW("parts", 0, .way = 80000),
	ROW("parts", 40, .way = 80000, .far_tap = true),
	ROW("joined", 0, .way = 80000, .in_parts = true),
};
enum { ROWS = sizeof(row_table) / sizeof(*row_table) };

/* ---- both of one run ---- */

struct scene {
	const struct row *row;
	const struct link *link;
	char *folder, *pcap, *victim;
	struct peer *peer;
	struct recording recording;
	json_t *imported;
	char *screen;
};

static char *import_ask(const struct scene *scene, const char *how)
{
	struct capture capture = {.env = capture_clean};
	char *line = must_print("report --all %s --end %s --from %s", how,
		scene->row->serves ? "server" : "client", scene->pcap);
	char *out;

	capture_sockfix(&capture, line);
	if (capture.status != 0)
		must_fail(capture.err, __FILE__, __LINE__);
	out = capture.out;
	capture.out = NULL;
	capture_free(&capture);
	free(line);
	return out;
}

/* Once it has ended by itself, the recording is whole. */
static void play_server(struct scene *scene, const char *const *argv)
{
	const char *whole[CLIENT_ARGUMENTS] = {"sh", "-c", "\"$@\"; echo \"$?\"", "sh"};
	const char *const *command = recording_command(&scene->recording, NULL, argv);
	char line[512];
	int out;
	pid_t pid;

	for (size_t i = 0; command[i]; i++) {
		MUST(i + 5 < CLIENT_ARGUMENTS);
		whole[i + 4] = command[i];
	}
	pid = client_start(whole, false, &out);
	client_line(out, line, sizeof(line));
	peer_join(scene->peer, atoi(line));
	peer_say(scene->peer, 0, "go\n");
	client_line(out, line, sizeof(line));
	client_line(out, line, sizeof(line));
	MUST(strcmp(line, "0") == 0);
	close(out);
	client_end(pid);
	recording_read(&scene->recording);
}

static void play(struct scene *scene)
{
	const struct row *row = scene->row;
	const struct netns *ends = scene->link ? link_ends(scene->link) : NULL;
	const struct peer_plan plan = {.answer_lines = true,
		.in_parts = row->in_parts,
		.think_us = row->think * 1000,
		.quick = row->quick,
		.address = ends ? NETNS_SERVER_ADDRESS : "127.0.0.1",
		.netns = ends ? ends->server : 0};
	struct wiretap *tap;
	char *address, *port;

	scene->folder = capture_folder_new();
	scene->pcap = must_print("%s/it.pcap", scene->folder);
	scene->victim = build_path("victims/losses");
	if (ends)
		scene->recording.netns = must_print("--net=/proc/%d/fd/%d", getpid(), ends->client);
	tap = wiretap_start(ends ? row->far_tap ? ends->server : ends->client : -1, scene->pcap);
	scene->peer = peer_start(&plan);
	address = must_print("VICTIM_ADDRESS=%s", plan.address);
	port = must_print("VICTIM_PORT=%d", peer_port(scene->peer));
	const char *const *argv =
		PROGRAM("env", address, port, scene->victim, row->serves ? "server" : "client",
			row->kind, TURNS_HERE, "0", row->nodelay ? "nodelay" : NULL);
	if (row->serves)
		play_server(scene, argv);
	else
		recording_make(&scene->recording, NULL, argv);
	wiretap_stop(tap);
	peer_stop(scene->peer);
	free(address);
	free(port);
	char *json = import_ask(scene, "--format json");
	scene->imported = json_loads(json, 0, NULL);
	MUST(scene->imported);
	free(json);
	scene->screen = import_ask(scene, "");
}

static void scene_end(struct scene *scene)
{
	capture_folder_free(scene->folder);
	free((void *)(uintptr_t)scene->recording.netns);
	recording_free(&scene->recording);
	json_decref(scene->imported);
	free(scene->screen);
	free(scene->pcap);
	free(scene->victim);
}

/* ---- whether they agree ---- */

static const json_t *find(const json_t *report, const char *code)
{
	const json_t *list = json_object_get(report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "code"), code) == 0)
			return json_array_get(list, i);
	return NULL;
}

static bool is_loud(const json_t *finding)
{
	return !json_is_true(json_object_get(finding, "minor")) &&
	       *finding_text(finding, "code") != 'A';
}

/* Each loud finding of the one is in the other, with the same seconds. */
static bool is_in(const json_t *one, const json_t *other, const char *name)
{
	const json_t *list = json_object_get(one, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *mine = json_array_get(list, i);
		const char *code = finding_text(mine, "code");
		const json_t *its = find(other, code);
		const long long lost = finding_number(mine, "lost_ns.high") / 1000;
		const long long there = its ? finding_number(its, "lost_ns.high") / 1000 : 0;

		if (is_loud(mine) && (!its || llabs(lost - there) > lost / 10 + TICKS)) {
			printf("%s says %s %lld us, the other %lld\n", name, code, lost, there);
			return false;
		}
	}
	return true;
}

static bool agrees(const struct scene *scene)
{
	const json_t *recorded = scene->recording.report, *imported = scene->imported;
	const char *one = json_string_value(json_object_get(recorded, "verdict"));
	const char *other = json_string_value(json_object_get(imported, "verdict"));

	if (!is_in(recorded, imported, "the recording") ||
		!is_in(imported, recorded, "the capture"))
		return false;
	/* What a recording doubts a capture may see: that all left as one segment. */
	if (strcmp(one, other) != 0 && strcmp(one, "NOT SURE") != 0) {
		printf("the recording says %s, the capture %s\n", one, other);
		return false;
	}
	return true;
}

/* ---- rows ---- */

static _Noreturn void be_row(const struct row *row, const struct link *link)
{
	bool good = false;

	if (!link)
		own_network();
	for (int i = 0; i < TRIES && !good; i++) {
		struct scene scene = {.row = row, .link = link};

		play(&scene);
		good = agrees(&scene);
		if (!good)
			printf("%s\n%s\n", scene.recording.screen, scene.screen);
		scene_end(&scene);
	}
	if (!good)
		printf("  ^^^ %s, peer thinks %u ms%s%s%s%s, way %u us%s\n", row->kind, row->think,
			row->serves ? ", serves" : "", row->nodelay ? ", nodelay" : "",
			row->quick ? ", quick" : "", row->in_parts ? ", in parts" : "", row->way,
			row->far_tap ? ", captured at the peer" : "");
	fflush(stdout);
	_exit(good ? 0 : 1);
}

static int wait_for_one(void)
{
	int status;

	MUST(wait(&status) > 0);
	return status != 0;
}

static void captures_agree(void **state)
{
	const uint32_t way = *(const uint32_t *)*state;
	const struct link_plan plan = {.round_us = way};
	struct link *link = way ? link_start(&plan) : NULL;
	int running = 0, failed = 0;

	for (size_t i = 0; i < ROWS; i++) {
		pid_t pid;

		if (row_table[i].way != way)
			continue;
		/* what two victims do on one way is one capture */
		if (running == (way ? 1 : AT_A_TIME)) {
			failed += wait_for_one();
			running--;
		}
		fflush(stdout);
		pid = fork();
		MUST(pid >= 0);
		if (pid == 0)
			be_row(&row_table[i], link);
		running++;
	}
	for (; running > 0; running--)
		failed += wait_for_one();
	assert_int_equal(failed, 0);
	if (link)
		link_stop(link);
}

int main(void)
{
	static const uint32_t ways[] = {0, 20000, 80000};
	struct CMUnitTest tests[3];

	if (!library_loads())
		return 0;
	need_for_all("tun");
	need_for_all("namespaces");
	for (int i = 0; i < 3; i++)
		tests[i] = (struct CMUnitTest){i == 0	? "near"
					       : i == 1 ? "20 ms"
							: "80 ms",
			captures_agree, NULL, NULL, (void *)(uintptr_t)&ways[i]};
	return _cmocka_run_group_tests("captures", tests, 3, NULL, NULL);
}
