/* A trace directory, read whole: run.json, the budget and every *.trace. What is not one of them is
 * not looked at. One trace that cannot be used does not hide the others; that all belong to one run
 * is checked as far as their clocks tell. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/read/directory.h"
#include "tools/read/file.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"

#define JSON_MOST  ((size_t)4 << 20)
#define TRACE_MOST ((size_t)(UINTPTR_MAX > UINT32_MAX ? 4 : 1) << 30) /* 32 bits hold no more */
#define SECOND	   UINT64_C(1000000000)
/* Two traces whose ideas of when the clock was 0 differ by that are of two boots (or hosts): no
 * correction of the time of day is so large, and a run seldom sleeps so long. */
#define CLOCKS_APART (3600 * SECOND)

static struct run *run_new(const char *directory)
{
	struct run *run = memory_take(1, sizeof(*run));
	const struct run_host unknown = {-1, -1, -1, -1};

	run->directory = memory_print("%s", directory);
	text_harmless(run->directory);
	run->status = -1;
	run->before = run->after = unknown;
	return run;
}

void run_free(struct run *run)
{
	if (!run)
		return;
	for (size_t i = 0; i < run->processes; i++) {
		free((void *)(uintptr_t)run->process[i].file);
		process_free(&run->process[i]);
	}
	if (run->folder > 0)
		close(run->folder);
	free(run->process);
	free(run->directory);
	free(run->name);
	free(run->command);
	free(run->rules);
	free(run->elsewhere);
	free(run->unread_why);
	free(run->unseen_names);
	free(run->bypass.names);
	free(run->imported.what);
	free(run->imported.file);
	free(run->imported.about);
	free(run->imported.lacks);
	free(run);
}

void run_check(struct run *run)
{
	for (size_t p = 0; p < run->processes; p++)
		if (!source_is_whole(&run->process[p].source))
			run->process[p].cut_off = true;
}

bool run_is_whole(const struct run *run)
{
	for (size_t p = 0; p < run->processes; p++)
		if (run->process[p].header.full || run->process[p].damaged ||
			run->process[p].cut_off)
			return false;
	return !run->damaged && !run->refused && !run->barred && !run->unread && !run->missing &&
	       !run->confined;
}

bool run_is_all(const struct run *run)
{
	return run_is_whole(run) && !run->unseen && !run->arounds && !run->living &&
	       !run->bypass.connections;
}

bool trace_is_name(const char *name)
{
	const size_t length = strlen(name), suffix = sizeof(".trace") - 1;

	return length > suffix && strcmp(name + length - suffix, ".trace") == 0;
}

static int is_trace(const struct dirent *entry)
{
	return trace_is_name(entry->d_name);
}

static int compare_names(const struct dirent **left, const struct dirent **right)
{
	return strcmp((*left)->d_name, (*right)->d_name);
}

static void add_unread(struct run *run, const char *name, const char *why)
{
	char *shown = memory_print("%s", name);

	run->unread++;
	text_harmless(shown);
	if (!run->unread_why)
		run->unread_why = memory_print("%s/%s: %s", run->directory, shown, why);
	free(shown);
}

static void keep_process(struct run *run, struct run_process *process, const char *name)
{
	run->process = memory_grow(run->process, run->processes, sizeof(*process));
	process->file = memory_print("%s", name);
	text_harmless((char *)(uintptr_t)process->file);
	run->process[run->processes++] = *process;
}

/* Where run.json tells which run it is, a trace of another one is named and left out. */
static void add_process(struct run *run, struct run_process *process, const char *name)
{
	const char *why = guest_is_astray(&process->header, run->began);

	if (!why) {
		keep_process(run, process, name);
		return;
	}
	add_unread(run, name, why);
	process_free(process);
}

/* The random number of its header; 0 where there is none. */
static uint64_t owner_of(const struct source *source)
{
	struct block_reader reader;
	uint64_t owner = 0;

	reader_begin(&reader, source);
	if (reader_block(&reader, 0) == TRACE_BLOCK)
		memcpy(&owner, reader.bytes + offsetof(struct trace_header, random), sizeof(owner));
	reader_end(&reader);
	return owner;
}

/* What is small is read once: a run may have thousands of files, and descriptors are few. */
#define KEPT	  ((size_t)256 << 10) /* bytes of a file */
#define KEPT_MOST ((size_t)64 << 20)  /* of all that are kept */
#define OPEN_MOST 64u		      /* files */

static bool is_small(const struct run *run, const struct source *source)
{
	return source->length <= KEPT && run->kept + source->length <= KEPT_MOST;
}

/* In memory from now on, with what of it is in the pool. */
static bool read_source(
	struct run *run, const char *name, struct pool *pool, struct source *source, char **trouble)
{
	source_free(source);
	source->bytes = file_read(run->folder, name, TRACE_MOST, NULL, &source->length, trouble);
	if (!source->bytes)
		return false;
	run->kept += source->length;
	source->bytes = pool_extend(pool, owner_of(source), source->bytes, &source->length);
	return true;
}

/* False: *trouble says why it cannot be read. What goes on in the pool is put together in memory:
 * it is no larger than the pool and what its process may have in a file besides. */
static bool find_source(struct run *run, const char *name, struct guests *guests, struct pool *pool,
	struct source *source, char **trouble)
{
	*source = (struct source){.folder = run->folder};
	if (!file_size(run->folder, name, TRACE_MOST, guests, &source->length, trouble))
		return false;
	if (is_small(run, source))
		return read_source(run, name, pool, source, trouble);
	source->name = memory_print("%s", name);
	source_keep(source);
	if (pool_goes_on(pool, owner_of(source), source->length))
		return read_source(run, name, pool, source, trouble);
	if (run->open++ >= OPEN_MOST && source->file) {
		close(source->file);
		source->file = 0;
	}
	return true;
}

/* Reads one trace; a sentence is kept where it is the first. */
static void add_trace(struct run *run, const char *name, struct guests *guests, struct pool *pool)
{
	struct run_process process;
	struct source source;
	char *trouble;
	const char *why = NULL;

	if (find_source(run, name, guests, pool, &source, &trouble) &&
		process_take(&process, &source, &why) == 0)
		add_process(run, &process, name);
	else
		add_unread(run, name, trouble ? trouble : why);
	free(trouble);
}

/* Those that are in the pool altogether. */
static void add_pooled(struct run *run, struct pool *pool)
{
	size_t next = 0;
	uint64_t owner;

	while ((owner = pool_owner(pool, &next)) != 0) {
		struct run_process process;
		struct source source = {0};
		const char *why = NULL;

		source.bytes = pool_extend(pool, owner, NULL, &source.length);
		/* One that was killed before it was shown has no magic number yet. */
		const bool shown = source.length && *source.bytes;
		if (process_take(&process, &source, &why) == 0)
			add_process(run, &process, TRACE_POOL);
		else if (shown)
			add_unread(run, TRACE_POOL, why);
	}
}

/* True where there is a run.json; *why where it is no good. */
static bool read_json(struct run *run, int directory, struct guests *guests, char **why)
{
	size_t length;
	char *trouble;

	*why = NULL;
	if (faccessat(directory, "run.json", F_OK, AT_SYMLINK_NOFOLLOW) != 0)
		return false;
	unsigned char *text =
		file_read(directory, "run.json", JSON_MOST, guests, &length, &trouble);
	if (!text)
		*why = memory_print("%s/run.json: %s", run->directory, trouble);
	else if (run_json_read(run, text, length, &trouble) != 0)
		*why = memory_print("%s/%s", run->directory, trouble);
	free(trouble);
	free(text);
	return true;
}

/* When the monotonic clock was 0, by the time of day; 0 where the header does not tell. */
static uint64_t clock_zero(const struct run_process *process)
{
	const struct trace_header *header = &process->header;

	if (!header->started || header->started_wall < header->started)
		return 0;
	return header->started_wall - header->started;
}

static bool are_apart(uint64_t one, uint64_t other)
{
	return one && other && (one > other ? one - other : other - one) > CLOCKS_APART;
}

/* A sentence where the traces cannot be of one run, and nothing says which one it is. */
static char *two_runs(const struct run *run)
{
	for (size_t i = 0; i < run->processes; i++) {
		const struct run_process *first = &run->process[0], *process = &run->process[i];

		if (are_apart(clock_zero(first), clock_zero(process)))
			return memory_print("%s: two runs in one directory: the clocks of %s and "
					    "%s are not the same",
				run->directory, first->file, process->file);
	}
	return NULL;
}

/* What run.json did not say, by the processes. */
static void complete(struct run *run)
{
	const struct run_process *first = run->processes ? run->process : NULL;
	uint64_t began = 0, ended = 0;

	for (size_t i = 0; i < run->processes; i++) {
		const struct run_process *process = &run->process[i];
		if (process->began < began || !began) {
			began = process->began;
			first = process;
		}
		if (process->ended > ended)
			ended = process->ended;
	}
	if (!run->began)
		run->began = began;
	if (!run->ended)
		run->ended = ended;
	if (run->ended < run->began)
		run->ended = run->began;
	if (run->imported.what)
		run->processes_seen = run->processes ? run->processes : !run->imported.partly;
	if (!run->started_wall && first && clock_zero(first))
		run->started_wall = clock_zero(first) + run->began;
	if (!run->command)
		run->command = memory_print("%s", first ? first->command : "");
	if (!run->rules)
		run->rules = memory_print("%s", first ? first->header.rules : "");
	if (run->name && strlen(run->name) > 16) {
		run->name[16] = '\0';
		text_harmless(run->name); /* half a character may be left */
	}
	if (!run->name)
		run->name =
			memory_print("%04x", first ? (unsigned)(first->header.random & 0xffff) : 0);
}

/* All traces, in the order of their names; -1: errno. */
static int read_traces(struct run *run, int directory, struct guests *guests)
{
	struct dirent **entry;
	int count = scandirat(directory, ".", &entry, is_trace, compare_names);
	struct pool *pool = pool_read(directory, guests);

	/* No descriptor below 3: 0 is none. */
	run->folder = fcntl(directory, F_DUPFD_CLOEXEC, 3);
	for (int i = 0; i < count; i++) {
		add_trace(run, entry[i]->d_name, guests, pool);
		free(entry[i]);
	}
	if (count >= 0) {
		add_pooled(run, pool);
		free(entry);
	}
	pool_free(pool);
	return count < 0 ? -1 : 0;
}

static char *read_all(struct run *run, int directory)
{
	struct guests guests = guests_of(directory);
	char *why;
	bool has_json = read_json(run, directory, &guests, &why);

	if (why)
		return why;
	guests.began = run->began;
	if (run->limit)
		guests.room = run->limit;
	if (read_traces(run, directory, &guests) != 0)
		return memory_print("%s: cannot be read: %s", run->directory, strerror(errno));
	if (!run->processes && run->unread)
		return memory_print("%s", run->unread_why);
	if (!run->processes && !has_json)
		return memory_print("%s: there is no recording in it", run->directory);
	budget_read(run, directory, &guests);
	return has_json ? NULL : two_runs(run);
}

static char *read_summary(struct run *run, int directory)
{
	struct guests guests = guests_of(directory);
	char *why;

	if (!read_json(run, directory, &guests, &why))
		return memory_print("%s: there is no run.json in it", run->directory);
	return why;
}

static struct run *read_with(
	const char *directory, char *(*read)(struct run *, int directory), char **why)
{
	struct run *run = run_new(directory);
	int fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd >= 0)
		*why = read(run, fd);
	else if (errno == ENOENT || errno == ENOTDIR)
		*why = memory_print("%s: %s", run->directory,
			errno == ENOENT ? "there is no such directory" : "not a directory");
	else
		*why = memory_print("%s: cannot be read: %s", run->directory, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (*why) {
		run_free(run);
		return NULL;
	}
	complete(run);
	return run;
}

struct run *run_read(const char *directory, char **why)
{
	return read_with(directory, read_all, why);
}

struct run *run_read_summary(const char *directory, char **why)
{
	return read_with(directory, read_summary, why);
}
