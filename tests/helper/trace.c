/* Reads traces in the simplest way that can be right: by the offsets of the format, no more. It
 * must not know the reader of the tools, which is tested elsewhere. */
#include "trace.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "must.h"

char *traces_new(const char *parent, int64_t budget)
{
	char *directory = must_print("%s/sockfix-traces-XXXXXX", parent), *path;
	struct trace_budget start = {.left = budget};
	int fd;

	MUST(mkdtemp(directory));
	memcpy(start.magic, TRACE_BUDGET_MAGIC, sizeof(start.magic));
	path = must_print("%s/%s", directory, TRACE_BUDGET);
	fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	MUST(fd >= 0 && write(fd, &start, sizeof(start)) == sizeof(start) && close(fd) == 0);
	free(path);
	return directory;
}

void traces_pool(const char *directory)
{
	struct trace_pool pool = {.taken = TRACE_POOL_HEAD / TRACE_BLOCK};
	char *path = must_print("%s/%s", directory, TRACE_POOL);
	int fd = open(path, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);

	memcpy(pool.magic, TRACE_POOL_MAGIC, sizeof(pool.magic));
	MUST(fd >= 0 && write(fd, &pool, sizeof(pool)) == sizeof(pool));
	MUST(ftruncate(fd, 2 * TRACE_POOL_HEAD) == 0 && close(fd) == 0);
	free(path);
}

void traces_let_guests_in(const char *directory)
{
	char *path = must_print("%s/%s", directory, TRACE_BUDGET);

	if (geteuid() == 0)
		MUST(chmod(path, 0644) == 0 && chmod(directory, TRACE_GUESTS) == 0);
	free(path);
}

void traces_use_ticks(const char *directory)
{
	char *path = must_print("%s/%s", directory, TRACE_BUDGET);
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	uint64_t yes = 1;

	MUST(fd >= 0 &&
		pwrite(fd, &yes, sizeof(yes), offsetof(struct trace_budget, ticks)) == sizeof(yes));
	close(fd);
	free(path);
}

static void trace_check(const struct trace *trace)
{
	const struct trace_header *header = trace->header;

	MUST(trace->length >= TRACE_BLOCK && trace->length % TRACE_BLOCK == 0);
	MUST(memcmp(header->magic, TRACE_MAGIC, sizeof(header->magic)) == 0);
	MUST(header->version == TRACE_VERSION && header->block == TRACE_BLOCK);
	MUST(header->event == sizeof(struct trace_event));
	MUST(header->connection == TRACE_CONNECTION);
	MUST(header->thread == sizeof(struct trace_thread));
	MUST(header->capacity * TRACE_BLOCK == trace->length);
}

static void trace_map(const char *path, struct trace *trace)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat status;

	MUST(fd >= 0 && fstat(fd, &status) == 0);
	MUST((status.st_mode & 07777) == 0600 && status.st_blocks * 512 >= status.st_size);
	trace->length = (size_t)status.st_size;
	trace->bytes = mmap(NULL, trace->length, PROT_READ, MAP_SHARED, fd, 0);
	MUST(trace->bytes != MAP_FAILED);
	close(fd);
	trace->header = (const struct trace_header *)trace->bytes;
	trace_check(trace);
}

size_t traces_read(const char *directory, struct trace traces[TRACES])
{
	DIR *folder = opendir(directory);
	struct dirent *entry;
	size_t count = 0;

	while (folder && (entry = readdir(folder))) {
		char *path = must_print("%s/%s", directory, entry->d_name);

		if (strstr(entry->d_name, ".trace")) {
			MUST(count < TRACES);
			trace_map(path, &traces[count++]);
		}
		free(path);
	}
	if (folder)
		closedir(folder);
	return count;
}

void traces_free(struct trace *traces, size_t count)
{
	for (size_t i = 0; i < count; i++)
		munmap((void *)(uintptr_t)traces[i].bytes, traces[i].length);
}

void traces_remove(char *directory)
{
	DIR *folder = opendir(directory);
	struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(folder), entry->d_name, 0);
	if (folder)
		closedir(folder);
	rmdir(directory);
	free(directory);
}

struct trace_budget traces_budget(const char *directory)
{
	char *path = must_print("%s/%s", directory, TRACE_BUDGET);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	struct trace_budget budget;

	MUST(fd >= 0 && read(fd, &budget, sizeof(budget)) == sizeof(budget));
	close(fd);
	free(path);
	return budget;
}

/* The next block of that kind from *at on, NULL: no more. */
static const struct trace_block *next(const struct trace *trace, enum trace_kind kind, size_t *at)
{
	while ((*at + 1) * TRACE_BLOCK <= trace->length) {
		const char *place = trace->bytes + (*at)++ * TRACE_BLOCK;
		const struct trace_block *block = (const struct trace_block *)place;

		if (*at > 1 && block->kind == kind)
			return block;
	}
	return NULL;
}

size_t trace_events(const struct trace *trace, enum trace_call call, uint32_t flow)
{
	const struct trace_block *block;
	size_t at = 0, count = 0;

	while ((block = next(trace, BLOCK_EVENTS, &at))) {
		const struct trace_event *event = (const struct trace_event *)(block + 1);

		for (unsigned i = 0; i < TRACE_EVENTS; i++)
			count += event[i].call == call && (!flow || event[i].flow == flow);
	}
	return count;
}

size_t trace_events_take(const struct trace *trace, enum trace_call call,
	const struct trace_event **events, size_t room)
{
	const struct trace_block *block;
	size_t at = 0, count = 0;

	while ((block = next(trace, BLOCK_EVENTS, &at))) {
		const struct trace_event *event = (const struct trace_event *)(block + 1);

		for (unsigned i = 0; i < TRACE_EVENTS && count < room; i++)
			if (event[i].call == call)
				events[count++] = &event[i];
	}
	return count;
}

size_t trace_events_in_order(
	const struct trace *trace, const struct trace_event **events, size_t room)
{
	const struct trace_block *block;
	size_t at = 0, count = 0;

	while ((block = next(trace, BLOCK_EVENTS, &at))) {
		const struct trace_event *event = (const struct trace_event *)(block + 1);

		for (unsigned i = 0; i < TRACE_EVENTS && count < room; i++)
			if (event[i].call != TRACE_NOTHING)
				events[count++] = &event[i];
	}
	return count;
}

uint64_t trace_counts(const struct trace *trace, enum trace_call call)
{
	const struct trace_block *block;
	uint64_t count = 0;
	size_t at = 0;

	while ((block = next(trace, BLOCK_THREAD, &at)))
		count += ((const struct trace_thread *)(block + 1))->calls[call];
	return count;
}

uint64_t trace_lost(const struct trace *trace)
{
	const struct trace_block *block;
	uint64_t lost = 0;
	size_t at = 0;

	while ((block = next(trace, BLOCK_THREAD, &at)))
		lost += ((const struct trace_thread *)(block + 1))->lost;
	return lost;
}

size_t trace_threads(const struct trace *trace)
{
	size_t at = 0, count = 0;

	while (next(trace, BLOCK_THREAD, &at))
		count++;
	return count;
}

const struct trace_connection *trace_connection(const struct trace *trace, uint32_t number)
{
	const struct trace_block *block;
	size_t at = 0;

	while ((block = next(trace, BLOCK_CONNECTIONS, &at)))
		for (unsigned i = 0; i < TRACE_CONNECTIONS; i++) {
			const char *place = (const char *)(block + 1) + i * TRACE_CONNECTION;
			const struct trace_connection *connection =
				(const struct trace_connection *)place;

			if (connection->number == number)
				return connection;
		}
	return NULL;
}

const struct trace *trace_of(const struct trace *traces, size_t count, pid_t pid)
{
	for (size_t i = 0; i < count; i++)
		if (traces[i].header->pid == pid)
			return &traces[i];
	return NULL;
}
