/* The workloads of examples/, each run once, recorded and captured at once: the report of the
 * capture says what the report of the recording says, as far as a capture can. */
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
#include "tests/helper/need.h"
#include "tests/helper/own.h"
#include "tests/helper/wiretap.h"

#define PYTHON "/usr/bin/python3"

enum { TRIES = 5 };

struct scene {
	struct imported both;
	struct server server;
	char *folder;
};

static void scene_begin(struct scene *scene, const char *const *server)
{
	memset(scene, 0, sizeof(*scene));
	scene->folder = capture_folder_new();
	server_start(&scene->server, scene->folder, server);
}

static void scene_play(struct scene *scene, const char *const *client)
{
	struct wiretap *tap;

	scene->both.log = must_print("%s/it.pcap", scene->folder);
	tap = wiretap_start(-1, scene->both.log);
	recording_make(&scene->both.recording, NULL, client);
	wiretap_stop(tap);
	imported_read(&scene->both);
}

static void scene_end(struct scene *scene)
{
	server_end(&scene->server);
	imported_free(&scene->both);
	capture_folder_free(scene->folder);
}

static void assert_sure(const struct scene *scene, const char *code, const char *sure)
{
	const json_t *list = json_object_get(scene->both.report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "code"), code) == 0) {
			assert_string_equal(finding_text(json_array_get(list, i), "sure"), sure);
			return;
		}
	fail_msg("%s is missing:\n%s", code, scene->both.screen);
}

static void imap_import(void **state)
{
	char *imapd = build_path("imapd");
	struct scene scene;

	(void)state;
	scene_begin(&scene, PROGRAM(imapd, "-e"));
	scene_play(&scene, PROGRAM(PYTHON, "examples/imap/import.py", "127.0.0.1",
				   scene.server.line, "--count", "60"));
	assert_true(imported_agrees(&scene.both));
	assert_sure(&scene, "N01", "likely");
	scene_end(&scene);
	free(imapd);
}

/* A recording is sure of it only where the times are as regular as the kernel's: on a busy machine
 * it has some tries. */
static void write_write_read(void **state)
{
	char *folder = capture_folder_new();
	bool sure = false;

	(void)state;
	capture_write(folder, "file", "the file\n", 0644);
	for (int i = 0; i < TRIES && !sure; i++) {
		struct scene scene;

		scene_begin(&scene, PROGRAM(PYTHON, "tests/real/clients/http_server.py", folder));
		scene_play(&scene, PROGRAM(PYTHON, "tests/real/clients/http_keep_alive.py",
					   scene.server.line, "40"));
		assert_sure(&scene, "N11", "likely");
		sure = finding_of(&scene.both.recording, "N11") != NULL;
		assert_true(!sure || imported_agrees(&scene.both));
		scene_end(&scene);
	}
	assert_true(sure);
	capture_folder_free(folder);
}

/* That a file was read no segment tells. */
static void file_copy(void **state)
{
	struct scene scene;
	char *reader = compile("reader", "examples/file-copy/reader.c", ""), *file;

	(void)state;
	scene_begin(&scene, PROGRAM(reader, "262144"));
	file = must_print("%s/file", scene.folder);
	capture_write(scene.folder, "file", "", 0644);
	MUST(truncate(file, 8 << 20) == 0);
	scene_play(&scene,
		PROGRAM(PYTHON, "examples/file-copy/send.py", "loop", file, scene.server.line));
	assert_true(imported_agrees_but(&scene.both, "F01"));
	scene_end(&scene);
	free(file);
	free(reader);
}

static void bulk_mail(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, PROGRAM("sh", "tests/real/clients/smtp_sink.sh", "2525"));
	scene_play(&scene,
		PROGRAM(PYTHON, "examples/bulk-mail/send.py", "2525", "text", "50", "5", "40"));
	assert_true(imported_agrees(&scene.both));
	scene_end(&scene);
}

/* A connection for each transaction, ended by a reset: why, no segment tells. */
static void spikes(void **state)
{
	struct scene scene;

	(void)state;
	scene_begin(&scene, PROGRAM(PYTHON, "examples/spikes/server.py", "100"));
	scene_play(&scene,
		PROGRAM(PYTHON, "examples/spikes/client.py", scene.server.line, "1", "400"));
	assert_true(imported_agrees_but(&scene.both, "L03"));
	assert_sure(&scene, "C04", "possible");
	scene_end(&scene);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(imap_import),
		cmocka_unit_test(write_write_read),
		cmocka_unit_test(file_copy),
		cmocka_unit_test(bulk_mail),
		cmocka_unit_test(spikes),
	};

	if (!library_loads())
		return 0;
	need_for_all("namespaces");
	own_network();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
