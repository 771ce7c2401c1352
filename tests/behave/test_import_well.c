/* A capture of a program that is well says nothing of Nagle's algorithm and of delayed ACKs, at
 * neither end, however its pace is like theirs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/recording.h"
#include "tests/helper/wiretap.h"

enum { AT_A_TIME = 6 };

static const struct row {
	const char *kind; /* of victims/well */
	bool held;	  /* without TCP_NODELAY the kernel does hold something back */
} row_table[] = {
	{"asks", false},
	{"slow-40", false},
	{"slow-about-40", false},
	{"big", false},
	{"pipeline", false},
	{"pipeline-slow", false},
	{"works", true},
	{"works-44", true},
	{"types", false},
	{"types-echo", false},
	{"news", false},
	{"streams", false},
	{"streams-slowly", true},
	{"silent", false},
};
enum { ROWS = sizeof(row_table) / sizeof(*row_table) };

/* Of waits; N03 and N05 are of packets, and streams have them. */
static const char *const waits[] = {"\"code\": \"N01", "\"code\": \"N02", "\"code\": \"N06",
	"\"code\": \"N07", "\"code\": \"N11"};

static bool is_well(const char *pcap, const char *end)
{
	struct capture capture = {.env = capture_clean};
	char *line = must_print("report --all --end %s --format json --from %s", end, pcap);
	char *screen = must_print("report --all --end %s --from %s", end, pcap);
	bool well = true;

	capture_sockfix(&capture, line);
	if (capture.status != 0)
		must_fail(capture.err, __FILE__, __LINE__);
	for (size_t i = 0; i < sizeof(waits) / sizeof(*waits); i++)
		well = well && !strstr(capture.out, waits[i]);
	if (!well) {
		capture_sockfix(&capture, screen);
		printf("%s\n", capture.out);
	}
	capture_free(&capture);
	free(line);
	free(screen);
	return well;
}

static _Noreturn void be_row(const struct row *row, bool nodelay)
{
	char *folder = capture_folder_new(), *pcap = must_print("%s/it.pcap", folder);
	char *victim = build_path("victims/well");
	struct client client;
	struct wiretap *tap;
	bool good;

	own_network();
	tap = wiretap_start(-1, pcap);
	run_arm(PROGRAM(victim, row->kind, nodelay ? "nodelay" : NULL), BARE, &client);
	wiretap_stop(tap);
	good = is_well(pcap, "client");
	good = is_well(pcap, "server") && good;
	if (!good)
		printf("  ^^^ %s%s\n", row->kind, nodelay ? " nodelay" : "");
	fflush(stdout);
	client_free(&client);
	capture_folder_free(folder);
	_exit(good ? 0 : 1);
}

static int wait_for_one(void)
{
	int status;

	MUST(wait(&status) > 0);
	return status != 0;
}

static void nothing_is_said_of_what_is_well(void **state)
{
	int running = 0, failed = 0;

	(void)state;
	for (int i = 0; i < 2 * ROWS; i++) {
		const struct row *row = &row_table[i / 2];
		pid_t pid;

		if (row->held && !(i & 1))
			continue;
		if (running == AT_A_TIME) {
			failed += wait_for_one();
			running--;
		}
		fflush(stdout);
		pid = fork();
		MUST(pid >= 0);
		if (pid == 0)
			be_row(row, i & 1);
		running++;
	}
	for (; running > 0; running--)
		failed += wait_for_one();
	assert_int_equal(failed, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {cmocka_unit_test(nothing_is_said_of_what_is_well)};

	need_for_all("namespaces");
	return cmocka_run_group_tests(tests, NULL, NULL);
}
