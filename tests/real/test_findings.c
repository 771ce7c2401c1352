/* Programs that use their sockets badly, recorded: sockfix must name the habit, with its proof and
 * the rule that mends it, and the rule must mend it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "tests/helper/both.h"
#include "tests/helper/capture.h"
#include "tests/helper/compile.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/netns.h"
#include "tests/helper/recording.h"

#define PYTHON "/usr/bin/python3"

/* The demo's import: the finding, its rule, and the same run under that rule. */
static void imap_import(void **state)
{
	struct recording bare = {0}, mended = {0};
	struct server server;
	char *folder = capture_folder_new(), *imapd = build_path("imapd"), *rules, *path, *check;
	const json_t *n01;

	(void)state;
	server_start(&server, folder, PROGRAM(imapd, "-e"));
	const char *const *import = PROGRAM(
		PYTHON, "examples/imap/import.py", "127.0.0.1", server.line, "--count", "60");
	recording_make(&bare, NULL, import);
	assert_verdict(&bare, "STALLED");
	n01 = assert_finding(&bare, "N01", "proven", "rule");
	assert_string_equal(finding_text(n01, "rule.set"), "coalesce = \"auto\";");
	assert_in_range(finding_number(n01, "hits"), 50, 60);
	assert_int_equal(finding_number(n01, "lost_ns.low"), finding_number(n01, "lost_ns.high"));

	rules = recording_ask(&bare, "suggest");
	path = must_print("%s/mend.conf", folder);
	capture_write(folder, "mend.conf", rules, 0644);
	check = recording_ask(&(struct recording){.run = path}, "check");
	recording_make(&mended, path, import);
	assert_verdict(&mended, "MENDED");
	assert_no_findings(&mended, "NCS", false);
	assert_null(finding_of(&mended, "N01"));

	server_end(&server);
	recording_free(&bare);
	recording_free(&mended);
	free(rules);
	free(path);
	free(check);
	free(imapd);
	capture_folder_free(folder);
}

/* A file in pieces of 8 KB, as examples/file-copy reads and sends it. */
static void file_copy(void **state)
{
	struct recording recording = {0};
	struct server server;
	char *folder = capture_folder_new(), *file = must_print("%s/file", folder);
	char *reader = compile("reader", "examples/file-copy/reader.c", "");
	const json_t *f01;

	(void)state;
	capture_write(folder, "file", "", 0644);
	MUST(truncate(file, 32 << 20) == 0);
	server_start(&server, folder, PROGRAM(reader, "262144"));
	recording_make(&recording, NULL,
		PROGRAM(PYTHON, "examples/file-copy/send.py", "loop", file, server.line));
	f01 = assert_finding(&recording, "F01", "possible", "app");
	assert_int_equal(finding_number(f01, "hits"), (32 << 20) / 8192);
	assert_int_equal(finding_number(f01, "saved_calls"), 2 * (32 << 20) / 8192 - 1);
	assert_non_null(strstr(finding_text(f01, "how"), "sendfile saves 8,191 calls"));
	assert_no_findings(&recording, "NC", true);
	recording_free(&recording);

	recording_make(&recording, NULL,
		PROGRAM(PYTHON, "examples/file-copy/send.py", "sendfile", file, server.line));
	assert_null(finding_of(&recording, "F01"));
	recording_free(&recording);
	server_end(&server);
	free(file);
	free(reader);
	capture_folder_free(folder);
}

/* The same habit from both ends of one connection: the server writes headers and body apart, the
 * client gets answers in two parts. */
static void python_http_server(void **state)
{
	struct recording here = {0}, there = {0};
	struct server server;
	char *folder = capture_folder_new();
	const json_t *finding;

	(void)state;
	capture_write(folder, "file", "the file\n", 0644);
	server_start(&server, folder,
		recording_command(&there, NULL,
			PROGRAM(PYTHON, "tests/real/clients/http_server.py", folder)));
	recording_make(&here, NULL,
		PROGRAM(PYTHON, "tests/real/clients/http_keep_alive.py", server.line, "40"));
	server_end(&server);
	recording_read(&there);

	assert_verdict(&there, "STALLED");
	finding = assert_finding(&there, "N02", NULL, "rule");
	assert_string_equal(finding_text(finding, "rule.set"), "coalesce = \"auto\";");
	assert_non_null(strstr(finding_text(finding, "rule.match"), "role = \"server\""));
	assert_in_range(finding_number(finding, "hits"), 30, 40);
	assert_null(finding_of(&there, "N01"));

	assert_verdict(&here, "STALLED");
	finding = assert_finding(&here, "N11", "likely", "rule");
	assert_string_equal(finding_text(finding, "rule.set"), "tcp_quickack = true;");
	assert_in_range(finding_number(finding, "hits"), 30, 40);
	assert_null(finding_of(&here, "N01"));
	recording_free(&here);
	recording_free(&there);
	capture_folder_free(folder);
}

#define BURSTS 500

/* Ten values, ten segments; and what the suggested rule makes of it. */
static void statsd(void **state)
{
	struct recording bare = {0}, mended = {0};
	struct server server;
	char *folder = capture_folder_new(), *rules, *path = must_print("%s/mend.conf", folder);
	const json_t *n03;

	(void)state;
	server_start(&server, folder, PROGRAM(PYTHON, "tests/real/clients/sink.py"));
	const char *const *statsd =
		PROGRAM(PYTHON, "tests/real/clients/statsd.py", server.line, text_of(BURSTS));
	recording_make(&bare, NULL, statsd);
	n03 = assert_finding(&bare, "N03", "possible", "rule");
	assert_in_range(finding_number(n03, "of"), 10 * BURSTS, 10 * BURSTS);
	assert_in_range(finding_number(n03, "saved_segments"), 8 * BURSTS, 10 * BURSTS);
	assert_non_null(strstr(finding_text(n03, "what"), "about 50 bytes each"));
	assert_false(json_is_true(json_object_get(n03, "minor")));
	assert_null(finding_of(&bare, "N01"));

	rules = recording_ask(&bare, "suggest");
	capture_write(folder, "mend.conf", rules, 0644);
	recording_make(&mended, path, statsd);
	assert_verdict(&mended, "MENDED");
	n03 = finding_of(&mended, "N03");
	if (n03)
		assert_in_range(finding_number(n03, "saved_segments"), 0, 3 * BURSTS);
	server_end(&server);
	recording_free(&bare);
	recording_free(&mended);
	free(rules);
	free(path);
	capture_folder_free(folder);
}

/* Connections that found no room in an accept queue, in that namespace. */
static long overflows(const char *where)
{
	struct client client;
	long count;

	run_arm(PROGRAM("nsenter", where, "awk",
			"$1 == \"TcpExt:\" && !at { for (i = 2; i <= NF; i++)"
			" if ($i == \"ListenOverflows\") at = i; next }"
			"$1 == \"TcpExt:\" { print $at }",
			"/proc/net/netstat"),
		BARE, &client);
	count = atol(client.out);
	client_free(&client);
	return count;
}

/* The server of seed 5 stands still until its queue of one has overflowed. */
static void spikes(void **state)
{
	struct recording here = {0}, there = {0};
	struct server server, client;
	struct netns pair;
	char *folder, *where;
	const json_t *c02;

	(void)state;
	netns_make(&pair);
	folder = capture_folder_new();
	where = must_print("--net=/proc/%d/fd/%d", getpid(), pair.client);
	here.netns = there.netns = where;
	server_start(&server, folder,
		recording_command(&there, NULL, PROGRAM(PYTHON, "examples/spikes/server.py", "1")));
	kill(-server.pid, SIGSTOP);
	client.pid = client_start(
		recording_command(&here, NULL,
			PROGRAM(PYTHON, "examples/spikes/client.py", server.line, "4", "300")),
		false, &client.out);
	for (time_t began = time(NULL); overflows(where) == 0;)
		MUST(time(NULL) - began < MUST_SECONDS);
	kill(-server.pid, SIGCONT);
	while (read(client.out, client.line, sizeof(client.line)) > 0)
		;
	client_end(client.pid);
	server_end(&server);
	recording_read(&here);
	recording_read(&there);

	assert_verdict(&here, "SPIKES");
	assert_finding(&here, "C01", "proven", "peer");
	assert_no_findings(&here, "N", true);
	c02 = assert_finding(&there, "C02", "proven", "rule");
	assert_string_equal(finding_text(c02, "rule.set"), "listen_backlog = 1024;");
	/* All was read, and then the clients reset their connections: nothing was thrown away. */
	assert_finding(&there, "L03", "possible", "app");
	assert_no_findings(&there, "N", true);
	recording_free(&here);
	recording_free(&there);
	close(client.out);
	netns_free(&pair);
	free(where);
	capture_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_import),
		cmocka_unit_test(python_http_server),
		cmocka_unit_test(statsd),
		cmocka_unit_test(file_copy),
		cmocka_unit_test(spikes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
