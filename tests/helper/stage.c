/* Folders, environment and client for tests of recordings. The peer is a thread of the test, which
 * no library is preloaded into: a recording has one process and one connection. Judges nothing but
 * what a test asks it to. */
#include <dirent.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/launch.h"
#include "tests/helper/must.h"
#include "tests/helper/stage.h"
#include "tests/helper/talk.h"

enum { WORDS = 40 };

static const char client_text[] =
	"use IO::Socket; my ($port, $turns, $writes) = @ARGV;\n"
	"my $s = IO::Socket::INET->new(\"127.0.0.1:$port\") or die;\n"
	"for (1 .. $turns) {\n"
	"	syswrite($s, 'x' x 100) for 2 .. $writes;\n"
	"	syswrite($s, \"x\\n\"); sysread($s, my $answer, 9) or die; }\n";

void stage_environment(struct stage *stage, const char *setting)
{
	size_t count = 0;

	while (stage->environment[count])
		count++;
	MUST(count + 1 < sizeof(stage->environment) / sizeof(*stage->environment));
	stage->environment[count] = setting;
}

void stage_begin(struct stage *stage)
{
	*stage = (struct stage){.folder = capture_folder_new()};
	for (size_t i = 0; capture_clean[i]; i++)
		stage_environment(stage, capture_clean[i]);
	stage->state = must_print("XDG_STATE_HOME=%s/state", stage->folder);
	stage->runtime = must_print("XDG_RUNTIME_DIR=%s/runtime", stage->folder);
	stage->sockfix = build_path("sockfix");
	stage_environment(stage, stage->state);
	stage_environment(stage, stage->runtime);
	MUST(mkdir(strchr(stage->runtime, '/'), 0711) == 0);
	capture_write(stage->folder, "client.pl", client_text, 0644);
	stage->talk = talk_start(TALK_LINES);
	stage->port = must_print("%d", talk_port(stage->talk));
	stage->client = must_print("perl client.pl %s", stage->port);
	stage->capture.env = stage->environment;
	stage->capture.dir = stage->folder;
}

_Noreturn void stage_become(const struct stage *stage, const char *const argv[])
{
	for (size_t i = 0; stage->environment[i]; i++) {
		char *setting = strdup(stage->environment[i]);

		if (strchr(setting, '='))
			putenv(setting);
		else
			unsetenv(setting);
	}
	if (chdir(stage->folder) == 0)
		execvp(argv[0], (char *const *)(uintptr_t)argv);
	_exit(99);
}

void stage_run(struct stage *stage, const char *format, ...)
{
	const char *argv[WORDS] = {stage->sockfix};
	char words[8192], *rest = NULL;
	size_t count = 1;
	va_list list;

	va_start(list, format);
	MUST(vsnprintf(words, sizeof(words), format, list) < (int)sizeof(words));
	va_end(list);
	for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest)) {
		MUST(count + 1 < WORDS);
		argv[count++] = word;
	}
	capture_run(&stage->capture, argv);
}

void stage_shell(struct stage *stage, const char *format, ...)
{
	char line[8192];
	int length = snprintf(line, sizeof(line), "SOCKFIX=%s; ", stage->sockfix);
	va_list list;

	va_start(list, format);
	MUST(vsnprintf(line + length, sizeof(line) - (size_t)length, format, list) <
		(int)sizeof(line) - length);
	va_end(list);
	capture_run(&stage->capture, (const char *[]){"sh", "-c", line, NULL});
}

/* The peer stops where nobody talks to it any more, and wants to have been talked to. */
static void stop_talking(struct stage *stage)
{
	struct talk_record record;

	stage->capture.uid = 0;
	stage_shell(stage, "%s 1 1", stage->client); /* an answer: it was accepted */
	stage_expect(stage, 0, "", "");
	talk_take(stage->talk, &record);
	talk_record_free(&record);
	talk_stop(stage->talk);
}

void stage_end(struct stage *stage)
{
	stop_talking(stage);
	capture_free(&stage->capture);
	capture_folder_free(stage->folder);
	free(stage->state);
	free(stage->runtime);
	free(stage->client);
	free(stage->port);
	free(stage->sockfix);
}

int stage_set_up(void **stage)
{
	stage_begin(*stage);
	return 0;
}

int stage_tear_down(void **stage)
{
	stage_end(*stage);
	return 0;
}

char *stage_path(const struct stage *stage, const char *name)
{
	return must_print("%s/%s", stage->folder, name);
}

void stage_expect(const struct stage *stage, int status, const char *out, const char *err)
{
	assert_string_equal(stage->capture.err, err);
	if (out)
		assert_string_equal(stage->capture.out, out);
	assert_int_equal(stage->capture.status, status);
}

void expect_in(const char *text, const char *part)
{
	if (!strstr(text, part))
		fail_msg("'%s' is not in:\n%s", part, text);
}

void expect_not_in(const char *text, const char *part)
{
	if (strstr(text, part))
		fail_msg("'%s' is in:\n%s", part, text);
}

char *stage_only(const struct stage *stage, const char *name)
{
	char *path = must_print("%s/%s", stage->folder, name), *only = NULL;
	DIR *folder = opendir(path);
	struct dirent *entry;

	while (folder && (entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		MUST(!only);
		only = must_print("%s", entry->d_name);
	}
	if (folder)
		closedir(folder);
	free(path);
	return only;
}

void stage_expect_nothing(const struct stage *stage, const char *name)
{
	char *left = stage_only(stage, name);

	if (left)
		fail_msg("%s holds %s", name, left);
}
