/* Recording real programs and reading what is said of them. It judges nothing itself. */
#include "recording.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "both.h"
#include "capture.h"
#include "launch.h"
#include "must.h"

static const char *command[CLIENT_ARGUMENTS];

const char *const *recording_command(
	struct recording *recording, const char *rules, const char *const *argv)
{
	static char *sockfix;
	size_t count = 0;

	if (!recording->folder) {
		recording->folder = capture_folder_new();
		recording->run = must_print("%s/run", recording->folder);
	}
	if (recording->netns) {
		command[count++] = "nsenter";
		command[count++] = recording->netns;
	}
	free(sockfix);
	command[count++] = sockfix = build_path("sockfix");
	command[count++] = "record";
	command[count++] = "-q";
	command[count++] = "-o";
	command[count++] = recording->run;
	if (rules) {
		command[count++] = "-r";
		command[count++] = rules;
	}
	command[count++] = "--";
	while (*argv) {
		MUST(count + 1 < CLIENT_ARGUMENTS);
		command[count++] = *argv++;
	}
	command[count] = NULL;
	return command;
}

void recording_make(struct recording *recording, const char *rules, const char *const *argv)
{
	run_arm(recording_command(recording, rules, argv), BARE, &recording->program);
	recording_read(recording);
}

char *recording_ask(const struct recording *recording, const char *verb)
{
	char *line = must_print("%s %s", verb, recording->run), *text;

	text = capture_text(line);
	free(line);
	return text;
}

void recording_read(struct recording *recording)
{
	char *text = recording_ask(recording, "report --format json");
	json_error_t error;

	recording->report = json_loads(text, 0, &error);
	if (!recording->report)
		fail_msg("the report is no JSON: %s at line %d", error.text, error.line);
	free(text);
	recording->screen = recording_ask(recording, "report --all");
}

void recording_free(struct recording *recording)
{
	json_decref(recording->report);
	free(recording->screen);
	client_free(&recording->program);
	free(recording->run);
	capture_folder_free(recording->folder);
	*recording = (struct recording){0};
}

const json_t *finding_of(const struct recording *recording, const char *code)
{
	const json_t *list = json_object_get(recording->report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++)
		if (strcmp(finding_text(json_array_get(list, i), "code"), code) == 0)
			return json_array_get(list, i);
	return NULL;
}

static const json_t *member(const json_t *object, const char *name)
{
	size_t length = strcspn(name, ".");
	char *first = must_print("%.*s", (int)length, name);

	object = json_object_get(object, first);
	if (!object)
		fail_msg("the report has no member %s", first);
	free(first);
	return name[length] ? member(object, name + length + 1) : object;
}

const char *finding_text(const json_t *finding, const char *name)
{
	const char *text = json_string_value(member(finding, name));

	return text ? text : "";
}

long long finding_number(const json_t *finding, const char *name)
{
	return json_integer_value(member(finding, name));
}

void assert_verdict(const struct recording *recording, const char *verdict)
{
	const char *is = finding_text(recording->report, "verdict");

	if (strcmp(is, verdict) != 0 || !strstr(recording->screen, verdict))
		print_message("%s", recording->screen);
	assert_string_equal(is, verdict);
	assert_non_null(strstr(recording->screen, verdict));
}

const json_t *assert_finding(
	const struct recording *recording, const char *code, const char *sure, const char *fix)
{
	const json_t *finding = finding_of(recording, code);

	const char *is = finding ? finding_text(finding, "sure") : "missing";

	if (sure ? strcmp(is, sure) != 0 : strcmp(is, "proven") != 0 && strcmp(is, "likely") != 0) {
		print_message("%s", recording->screen);
		fail_msg("%s: %s", code, is);
	}
	assert_string_equal(finding_text(finding, "fix"), fix);
	assert_non_null(strstr(recording->screen, code));
	return finding;
}

void assert_no_findings(const struct recording *recording, const char *letters, bool minor_too)
{
	const json_t *list = json_object_get(recording->report, "findings");

	for (size_t i = 0; i < json_array_size(list); i++) {
		const json_t *one = json_array_get(list, i);
		const char *code = finding_text(one, "code");

		if (!strchr(letters, *code) || (!minor_too && json_is_true(member(one, "minor"))))
			continue;
		print_message("%s", recording->screen);
		fail_msg("a false alarm: %s, %s", code, finding_text(one, "what"));
	}
}

void server_start(struct server *server, const char *folder, const char *const *argv)
{
	const char *whole[CLIENT_ARGUMENTS] = {
		"sh", "-c", "life=$1; shift; exec \"$@\" <\"$life\"", "sh", NULL};
	char *life = must_print("%s/life", folder);
	size_t count = 4;

	MUST(mkfifo(life, 0600) == 0);
	server->life = open(life, O_RDWR | O_CLOEXEC);
	MUST(server->life >= 0);
	whole[count++] = life;
	while (*argv) {
		MUST(count + 1 < CLIENT_ARGUMENTS);
		whole[count++] = *argv++;
	}
	server->pid = client_start(whole, false, &server->out);
	server_wait(server, "");
	unlink(life);
	free(life);
}

void server_wait(struct server *server, const char *word)
{
	do
		client_line(server->out, server->line, sizeof(server->line));
	while (!strstr(server->line, word));
}

void server_end(struct server *server)
{
	client_end(server->pid);
	close(server->life);
	close(server->out);
}
