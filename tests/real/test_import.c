/* The workloads of examples/, each run once, recorded and traced by strace at once: the report of
 * the log says what the report of the recording says, as far as a log can. */
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
#include "tests/helper/compile.h"
#include "tests/helper/imported.h"
#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/netns.h"

#define PYTHON "/usr/bin/python3"

static const char *sure_of(const struct imported *imported, const char *code)
{
	const json_t *list = json_object_get(imported->report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "code"), code) == 0)
			return finding_text(json_array_get(list, i), "sure");
	return "missing";
}

static void imap_import(void **state)
{
	struct imported both = {0};
	struct server server;
	char *folder = capture_folder_new(), *imapd = build_path("imapd");

	(void)state;
	server_start(&server, folder, PROGRAM(imapd, "-e"));
	imported_make(&both, PROGRAM(PYTHON, "examples/imap/import.py", "127.0.0.1", server.line,
				     "--count", "60"));
	assert_true(imported_agrees(&both));
	assert_string_equal(finding_text(both.report, "verdict"), "STALLED");
	assert_string_equal(sure_of(&both, "N01"), "likely");
	server_end(&server);
	imported_free(&both);
	free(imapd);
	capture_folder_free(folder);
}

/* The server's end and the client's of one habit. */
static void write_write_read(void **state)
{
	struct imported here = {0}, there = {0};
	struct server server;
	char *folder = capture_folder_new();

	(void)state;
	capture_write(folder, "file", "the file\n", 0644);
	server_start(&server, folder,
		imported_command(
			&there, PROGRAM(PYTHON, "tests/real/clients/http_server.py", folder)));
	imported_make(
		&here, PROGRAM(PYTHON, "tests/real/clients/http_keep_alive.py", server.line, "40"));
	server_end(&server);
	recording_read(&there.recording);
	imported_read(&there);
	assert_true(imported_agrees(&here));
	assert_true(imported_agrees(&there));
	assert_string_equal(sure_of(&here, "N11"), "likely");
	assert_string_equal(sure_of(&there, "N02"), "likely");
	imported_free(&here);
	imported_free(&there);
	capture_folder_free(folder);
}

static void statsd(void **state)
{
	struct imported both = {0};
	struct server server;
	char *folder = capture_folder_new();

	(void)state;
	server_start(&server, folder, PROGRAM(PYTHON, "tests/real/clients/sink.py"));
	imported_make(&both, PROGRAM(PYTHON, "tests/real/clients/statsd.py", server.line, "100"));
	assert_true(imported_agrees(&both));
	assert_string_equal(finding_text(both.report, "verdict"),
		finding_text(both.recording.report, "verdict"));
	server_end(&server);
	imported_free(&both);
	capture_folder_free(folder);
}

static void file_copy(void **state)
{
	struct imported both = {0};
	struct server server;
	char *folder = capture_folder_new(), *file = must_print("%s/file", folder);
	char *reader = compile("reader", "examples/file-copy/reader.c", "");

	(void)state;
	capture_write(folder, "file", "", 0644);
	MUST(truncate(file, 8 << 20) == 0);
	server_start(&server, folder, PROGRAM(reader, "262144"));
	imported_make(
		&both, PROGRAM(PYTHON, "examples/file-copy/send.py", "loop", file, server.line));
	assert_true(imported_agrees(&both));
	assert_string_equal(sure_of(&both, "F01"), "possible");
	server_end(&server);
	imported_free(&both);
	free(file);
	free(reader);
	capture_folder_free(folder);
}

static void bulk_mail(void **state)
{
	struct imported both = {0};
	struct server server;
	struct netns pair;
	char *folder, *where;

	(void)state;
	netns_make(&pair);
	folder = capture_folder_new();
	where = must_print("--net=/proc/%d/fd/%d", getpid(), pair.client);
	both.recording.netns = where;
	server_start(&server, folder,
		PROGRAM("nsenter", where, "sh", "tests/real/clients/smtp_sink.sh", "2525"));
	imported_make(&both,
		PROGRAM(PYTHON, "examples/bulk-mail/send.py", "2525", "text", "50", "5", "40"));
	assert_true(imported_agrees(&both));
	imported_free(&both);
	server_end(&server);
	netns_free(&pair);
	free(where);
	capture_folder_free(folder);
}

/* A connection for each transaction. What its listener's queue held only the kernel knows. */
static void spikes(void **state)
{
	struct imported here = {0}, there = {0};
	struct server server;
	char *folder = capture_folder_new();

	(void)state;
	server_start(&server, folder,
		imported_command(&there, PROGRAM(PYTHON, "examples/spikes/server.py", "100")));
	imported_make(&here, PROGRAM(PYTHON, "examples/spikes/client.py", server.line, "4", "100"));
	server_end(&server);
	recording_read(&there.recording);
	imported_read(&there);
	assert_true(imported_agrees(&here));
	assert_true(imported_agrees_but(&there, "L03"));
	imported_free(&here);
	imported_free(&there);
	capture_folder_free(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_import),
		cmocka_unit_test(write_write_read),
		cmocka_unit_test(statsd),
		cmocka_unit_test(file_copy),
		cmocka_unit_test(bulk_mail),
		cmocka_unit_test(spikes),
	};
	const size_t count = imported_can() ? sizeof(tests) / sizeof(*tests) : 0;

	return _cmocka_run_group_tests("import", tests, count, NULL, NULL);
}
