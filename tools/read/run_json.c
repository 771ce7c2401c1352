/* run.json, what `sockfix record` knows of the run: the only file that knows jansson's ways of
 * reading. Every member may be missing; one of a wrong type is a sentence, never a guess. */
#include <jansson.h>
#include <stdlib.h>

#include "rules/wire.h"
#include "tools/read/directory.h"
#include "tools/read/file.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

#define RUN_JSON_VERSION 1
/* A command line longer than that is cut off with dots: the kernel would take 2 MB. */
#define COMMAND_LENGTH 65536
/* Rules have 4 MB at most; why the work is elsewhere is a sentence. */
#define TEXT_LENGTH WIRE_MOST

struct members {
	const json_t *object;
	char **why; /* the first complaint; NULL so far */
};

static void complain(struct members *members, const char *name, const char *wanted)
{
	if (!*members->why)
		*members->why = memory_print("run.json: '%s' must be %s", name, wanted);
}

static void get_number(struct members *members, const char *name, int64_t least, int64_t *out)
{
	const json_t *value = json_object_get(members->object, name);

	if (!value || json_is_null(value))
		return;
	if (!json_is_integer(value) || json_integer_value(value) < least)
		complain(members, name, least < 0 ? "an integer" : "an integer from 0 on");
	else
		*out = json_integer_value(value);
}

static void get_time(struct members *members, const char *name, uint64_t *out)
{
	int64_t number = (int64_t)*out;

	get_number(members, name, 0, &number);
	if ((uint64_t)number >= TIME_NEVER)
		complain(members, name, "a time in nanoseconds");
	else
		*out = (uint64_t)number;
}

static void get_text(struct members *members, const char *name, char **out)
{
	const json_t *value = json_object_get(members->object, name);

	if (!value || json_is_null(value))
		return;
	if (!json_is_string(value)) {
		complain(members, name, "a string");
		return;
	}
	free(*out);
	*out = memory_print("%.*s", TEXT_LENGTH, json_string_value(value));
	text_harmless(*out);
}

static void get_command(struct members *members, char **out)
{
	const json_t *list = json_object_get(members->object, "command"), *word;
	struct line line = {0};
	size_t i;

	if (!list || json_is_null(list))
		return;
	if (!json_is_array(list)) {
		complain(members, "command", "a list of strings");
		return;
	}
	json_array_foreach(list, i, word)
	{
		if (!json_is_string(word)) {
			complain(members, "command", "a list of strings");
			break;
		}
		if (line.length > COMMAND_LENGTH) {
			line_add_word(&line, "...", 3);
			break;
		}
		line_add_word(&line, json_string_value(word), json_string_length(word));
	}
	free(*out);
	*out = line.text;
}

static void get_host(const json_t *root, const char *name, struct run_host *host, char **why)
{
	struct members members = {json_object_get(root, name), why};

	if (!members.object || json_is_null(members.object))
		return;
	if (!json_is_object(members.object)) {
		complain(&members, name, "an object");
		return;
	}
	get_number(&members, "listen_overflows", -1, &host->listen_overflows);
	get_number(&members, "listen_drops", -1, &host->listen_drops);
	get_number(&members, "syn_retrans", -1, &host->syn_retrans);
	get_number(&members, "retrans", -1, &host->retrans);
}

static void get_bypass(const json_t *root, struct run_bypass *bypass, char **why)
{
	struct members members = {json_object_get(root, "bypass"), why};

	if (!members.object || json_is_null(members.object))
		return;
	if (!json_is_object(members.object)) {
		complain(&members, "bypass", "an object");
		return;
	}
	get_number(&members, "connections", 0, &bypass->connections);
	get_number(&members, "sent", 0, &bypass->sent);
	get_number(&members, "received", 0, &bypass->received);
	get_text(&members, "names", &bypass->names);
}

/* partly is true or false there; whatever is no false is true. */
static void get_imported(const json_t *root, struct run_imported *imported, char **why)
{
	struct members members = {json_object_get(root, "imported"), why};

	if (!members.object || json_is_null(members.object))
		return;
	if (!json_is_object(members.object)) {
		complain(&members, "imported", "an object");
		return;
	}
	get_text(&members, "what", &imported->what);
	get_text(&members, "file", &imported->file);
	get_text(&members, "about", &imported->about);
	get_text(&members, "lacks", &imported->lacks);
	imported->partly = !json_is_false(json_object_get(members.object, "partly"));
	if (!imported->what)
		complain(&members, "what", "a string");
}

static void get_members(struct run *run, const json_t *root, char **why)
{
	struct members members = {root, why};
	int64_t version = RUN_JSON_VERSION, status = run->status;

	get_number(&members, "version", 0, &version);
	if (!*why && version != RUN_JSON_VERSION)
		*why = memory_print("run.json: written by run format %lld; this sockfix reads %d",
			(long long)version, RUN_JSON_VERSION);
	get_text(&members, "name", &run->name);
	get_text(&members, "rules", &run->rules);
	get_text(&members, "elsewhere", &run->elsewhere);
	get_command(&members, &run->command);
	get_time(&members, "started_wall", &run->started_wall);
	get_time(&members, "ended_wall", &run->ended_wall);
	get_time(&members, "began", &run->began);
	get_time(&members, "ended", &run->ended);
	get_number(&members, "limit", 0, &run->limit);
	get_number(&members, "alone", 0, &run->alone);
	get_number(&members, "status", -1, &status);
	if (status > INT32_MAX)
		complain(&members, "status", "a status of waitpid(2)");
	else
		run->status = (int)status;
	get_host(root, "before", &run->before, why);
	get_host(root, "after", &run->after, why);
	get_bypass(root, &run->bypass, why);
	get_imported(root, &run->imported, why);
	if (!*why && run->ended && run->ended < run->began)
		*why = memory_print("run.json: 'ended' lies before 'began'");
	if (!*why && run->ended && run->ended - run->began >= TIME_LONG)
		*why = memory_print("run.json: 'ended' lies more than nine years behind 'began'");
}

int run_json_read(struct run *run, const unsigned char *text, size_t length, char **why)
{
	json_error_t error;
	json_t *root = json_loadb((const char *)text, length, JSON_REJECT_DUPLICATES, &error);

	*why = NULL;
	if (!root) {
		text_harmless(error.text);
		*why = memory_print("run.json:%d: %s", error.line, error.text);
	} else if (!json_is_object(root)) {
		*why = memory_print("run.json: must be one object");
	} else {
		get_members(run, root, why);
	}
	json_decref(root);
	return *why ? -1 : 0;
}
