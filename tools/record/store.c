/* run.json, and the way of a run from the folder it was made in to where it is kept. Nothing is
 * ever written over: what cannot be moved stays where it is, and that is said. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/record/place.h"
#include "tools/record/record.h"
#include "tools/base/text.h"
#include "tools/base/memory.h"

static json_t *counters(const int64_t counter[4])
{
	return json_pack("{s:I,s:I,s:I,s:I}", "listen_overflows", (json_int_t)counter[0],
		"listen_drops", (json_int_t)counter[1], "syn_retrans", (json_int_t)counter[2],
		"retrans", (json_int_t)counter[3]);
}

static json_t *bypass_text(const struct bypass *bypass)
{
	/* names need not be UTF-8 */
	json_t *names = json_string(bypass->names);

	return json_pack("{s:I,s:I,s:I,s:o}", "connections", (json_int_t)bypass->connections,
		"sent", (json_int_t)bypass->sent, "received", (json_int_t)bypass->received, "names",
		names ? names : json_string("?"));
}

static json_t *words(char *const *word)
{
	json_t *list = json_array();

	for (; *word; word++) {
		json_t *text = json_string(*word);
		/* Words need not be UTF-8; what cannot be said is left out. */
		json_array_append_new(list, text ? text : json_string("?"));
	}
	return list;
}

static json_t *describe(const struct record *record)
{
	json_t *run = json_pack("{s:s,s:i,s:s,s:o,s:s,s:I,s:I,s:I,s:I,s:I,s:i,s:o,s:o}", "sockfix",
		SOCKFIX_VERSION, "version", 1, "name", record->name, "command",
		words(record->command), "rules", record->rules ? record->rules : "", "started_wall",
		(json_int_t)record->started_wall, "ended_wall", (json_int_t)record->ended_wall,
		"began", (json_int_t)record->began, "ended", (json_int_t)record->ended, "limit",
		(json_int_t)record->limit, "status", record->status, "before",
		counters(record->before), "after", counters(record->after));

	if (run)
		json_object_set_new(run, "elsewhere",
			*record->elsewhere ? json_string(record->elsewhere) : json_null());
	if (run && record->alone)
		json_object_set_new(run, "alone", json_integer(1));
	if (run && record->bypass.connections)
		json_object_set_new(run, "bypass", bypass_text(&record->bypass));
	return run;
}

/* In place of whatever has the name, be it a folder that somebody laid there; that is removed with
 * the rest then. */
static bool put(const char *made, const char *path)
{
	return rename(made, path) == 0 ||
	       (errno == EISDIR && renameat2(AT_FDCWD, made, AT_FDCWD, path, RENAME_EXCHANGE) == 0);
}

bool store_write(const struct record *record)
{
	char path[PATH_MAX + 16], made[PATH_MAX + 16];
	json_t *run = describe(record);
	int fd;
	bool written;

	snprintf(path, sizeof(path), "%s/run.json", record->folder);
	/* others may make files there, and know no name that is drawn by lot */
	snprintf(made, sizeof(made), "%s/run.json.XXXXXX", record->folder);
	fd = mkostemp(made, O_CLOEXEC);
	written = run && fd >= 0 && json_dumpfd(run, fd, JSON_INDENT(1)) == 0;
	if (fd >= 0)
		written = close(fd) == 0 && written;
	written = written && put(made, path);
	if (!written) {
		say("%s cannot be written: %s", path, strerror(errno));
		if (fd >= 0)
			unlink(made);
	}
	json_decref(run);
	return written;
}

struct kept {
	char *path;
	struct timespec when; /* run.json was written last */
};

static int newest_first(const void *left, const void *right)
{
	const struct timespec *a = &((const struct kept *)left)->when;
	const struct timespec *b = &((const struct kept *)right)->when;

	if (a->tv_sec != b->tv_sec)
		return a->tv_sec < b->tv_sec ? 1 : -1;
	return (a->tv_nsec < b->tv_nsec) - (a->tv_nsec > b->tv_nsec);
}

struct listing {
	struct kept *kept;
	size_t count;
};

/* A run of ours: in folders that everybody may write to, others may lay something out. */
static void add_run(struct listing *listing, const char *parent, const char *name)
{
	char json[PATH_MAX + 300];
	struct stat info;

	snprintf(json, sizeof(json), "%s/%s/run.json", parent, name);
	if (lstat(json, &info) != 0 || !S_ISREG(info.st_mode) || info.st_uid != geteuid())
		return;
	listing->kept = memory_grow(listing->kept, listing->count, sizeof(*listing->kept));
	listing->kept[listing->count++] =
		(struct kept){memory_print("%s/%s", parent, name), info.st_mtim};
}

static void add_runs(struct listing *listing, const char *parent, const char *prefix)
{
	DIR *folder = parent && *parent == '/' ? opendir(parent) : NULL;
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (!place_is_dot(entry->d_name) &&
			strncmp(entry->d_name, prefix, strlen(prefix)) == 0)
			add_run(listing, parent, entry->d_name);
	if (folder)
		closedir(folder);
}

size_t store_list(char ***path)
{
	char state[PATH_MAX];
	struct listing listing = {NULL, 0};

	if (store_state(state))
		add_runs(&listing, state, "");
	add_runs(&listing, folder_parent(), FOLDER_PREFIX);
	if (listing.count)
		qsort(listing.kept, listing.count, sizeof(*listing.kept), newest_first);
	*path = memory_take(listing.count + 1, sizeof(**path));
	for (size_t i = 0; i < listing.count; i++)
		(*path)[i] = listing.kept[i].path;
	free(listing.kept);
	return listing.count;
}
