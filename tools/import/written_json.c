/* run.json, as tools/read/run_json.c reads it: what the run was, and that nobody of ours saw it. */
#include "tools/import/written_json.h"

#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Names need not be UTF-8. */
static json_t *text(const char *word)
{
	json_t *string = word ? json_string(word) : json_null();

	return string ? string : json_string("?");
}

static json_t *imported(const struct written_run *run)
{
	return json_pack("{s:o,s:o,s:o,s:o,s:b}", "what", text(run->what), "file", text(run->file),
		"about", text(run->about), "lacks", text(run->lacks), "partly", run->partly);
}

/* After it; before it all were 0. */
static json_t *host_of(const struct written_host *host, bool after)
{
	if (!host->known)
		return json_null();
	return json_pack("{s:I,s:I,s:I,s:I}", "listen_overflows",
		(json_int_t)(after ? host->listen_overflows : 0), "listen_drops", (json_int_t)0,
		"syn_retrans", (json_int_t)(after ? host->syn_retrans : 0), "retrans",
		(json_int_t)(after ? host->retrans : 0));
}

static json_t *words(const struct written_run *run)
{
	json_t *list = json_array();

	for (size_t i = 0; run->command && i < run->command_length;
		i += strlen(run->command + i) + 1)
		json_array_append_new(list, text(run->command + i));
	return list;
}

static json_t *describe(const struct written_run *run, uint64_t zero_wall)
{
	const uint64_t began = zero_wall ? zero_wall + run->began : 0;
	const uint64_t ended = zero_wall ? zero_wall + run->ended : 0;
	char name[5];

	snprintf(name, sizeof(name), "%04x", (unsigned)((run->ended / 1000 ^ zero_wall) & 0xffff));
	return json_pack("{s:s,s:i,s:s,s:o,s:s,s:I,s:I,s:I,s:I,s:i,s:o,s:o,s:o}", "sockfix",
		SOCKFIX_VERSION, "version", 1, "name", run->name ? run->name : name, "command",
		words(run), "rules", "", "started_wall", (json_int_t)began, "ended_wall",
		(json_int_t)ended, "began", (json_int_t)run->began, "ended", (json_int_t)run->ended,
		"status", run->status, "before", host_of(&run->host, false), "after",
		host_of(&run->host, true), "imported", imported(run));
}

int written_json(int folder, const struct written_run *run, uint64_t zero_wall)
{
	static const char made[] = "run.json.new";
	json_t *root = describe(run, zero_wall);
	const int fd = openat(folder, made, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int error = fd < 0 ? -errno : 0;

	if (!error && (!root || json_dumpfd(root, fd, JSON_INDENT(1)) != 0))
		error = errno ? -errno : -ENOSPC;
	if (fd >= 0 && close(fd) != 0 && !error)
		error = -errno;
	if (!error && renameat(folder, made, folder, "run.json") != 0)
		error = -errno;
	if (error)
		unlinkat(folder, made, 0);
	json_decref(root);
	return error;
}
