/* The files of a run that is being recorded: found, opened for a moment, and read on. Must not
 * wait, hold a descriptor of a file between looks (COMMAND's own are not fewer then), nor believe a
 * file: what makes no sense is left out, and only a screen of one line would tell. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/read/run.h"
#include "tools/read/tail_parts.h"

#define S INT64_C(1000000000)

struct tail *tail_new(const char *folder)
{
	struct tail *tail = calloc(1, sizeof(*tail));

	if (!tail)
		return NULL;
	tail->folder = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (tail->folder < 0) {
		free(tail);
		return NULL;
	}
	return tail;
}

void tail_free(struct tail *tail)
{
	if (tail)
		close(tail->folder);
	free(tail);
}

/* Its place, which it gets where it has none; NULL: there is none left. */
static struct tail_file *place_of(struct tail *tail, uint64_t id)
{
	size_t at = id % TAIL_FILES;

	while (tail->file[at].id && tail->file[at].id != id)
		at = (at + 1) % TAIL_FILES;
	if (tail->file[at].id)
		return &tail->file[at];
	if (tail->files >= TAIL_FILES / 4 * 3) {
		tail->sums.more = true;
		return NULL;
	}
	tail->files++;
	tail->file[at] = (struct tail_file){.id = id, .next = 1};
	tail->followed[tail->follow++] = (uint32_t)at;
	return &tail->file[at];
}

static void add_name(struct tail *tail, const char *name)
{
	unsigned long long id;
	struct tail_file *file;

	if (!trace_is_name(name) || strlen(name) >= sizeof(file->name) ||
		sscanf(name, "%*d-%llx.trace", &id) != 1 || !id)
		return;
	file = place_of(tail, id);
	if (file)
		snprintf(file->name, sizeof(file->name), "%s", name);
}

/* Where it has not changed for a second, no name came: its time goes on in steps. */
static bool has_changed(struct tail *tail)
{
	struct timespec now;
	struct stat folder;
	int64_t changed;

	if (fstat(tail->folder, &folder) != 0 || clock_gettime(CLOCK_REALTIME, &now) != 0)
		return true;
	changed = folder.st_mtim.tv_sec * S + folder.st_mtim.tv_nsec;
	if (changed == tail->changed)
		return false;
	tail->changed = now.tv_sec * S + now.tv_nsec - changed > S ? changed : 0;
	return true;
}

static void find_names(struct tail *tail)
{
	const int fd = has_changed(tail) ? openat(tail->folder, ".", O_RDONLY | O_CLOEXEC) : -1;
	DIR *folder = fd >= 0 ? fdopendir(fd) : NULL;
	const struct dirent *entry;

	while (folder && (entry = readdir(folder)))
		add_name(tail, entry->d_name);
	if (folder)
		closedir(folder);
	else if (fd >= 0)
		close(fd);
}

/* Who records in the pool alone has no name in the folder. */
static void find_pieces(struct tail *tail)
{
	struct trace_pool *head = &tail->pieces;
	struct stat status;

	tail->pool = regular_open(tail->folder, TRACE_POOL, O_NOFOLLOW, &status);
	memset(head, 0, sizeof(*head));
	if (tail->pool < 0 || pread(tail->pool, head, sizeof(*head), 0) != sizeof(*head) ||
		memcmp(head->magic, TRACE_POOL_MAGIC, sizeof(head->magic)) != 0) {
		memset(head, 0, sizeof(*head));
		return;
	}
	for (size_t i = 0; i < TRACE_PIECES; i++)
		if (head->piece[i].owner && !head->piece[i].first)
			place_of(tail, head->piece[i].owner);
}

static bool is_ours(const struct trace_header *header)
{
	return memcmp(header->magic, TRACE_MAGIC, sizeof(header->magic)) == 0 &&
	       header->version == TRACE_VERSION && header->block == TRACE_BLOCK &&
	       header->event == sizeof(struct trace_event) &&
	       header->connection == TRACE_CONNECTION;
}

static void take_header(
	struct tail *tail, struct tail_file *file, int fd, const struct trace_header *header)
{
	const uint64_t blocks = header->blocks, capacity = header->capacity;
	const uint64_t end = blocks < capacity ? blocks : capacity;

	tail->sums.full |= header->full != 0;
	tail->sums.connections += header->lost_connections - file->lost_connections;
	file->lost_connections = header->lost_connections;
	tail_go_on(tail, file, fd, end < UINT32_MAX ? (uint32_t)end : UINT32_MAX);
	file->over = header->end == END_EXIT && file->next >= end;
}

/* Before its first byte is written the file is empty, and all zeros. */
static void look_at(struct tail *tail, struct tail_file *file)
{
	_Alignas(struct trace_header) unsigned char bytes[TRACE_BLOCK];
	struct trace_header header = {.version = 0};
	struct stat status;
	const int fd =
		*file->name ? regular_open(tail->folder, file->name, O_NOFOLLOW, &status) : -1;

	if (tail_read(tail, file, fd, 0, bytes) == sizeof(bytes))
		memcpy(&header, bytes, sizeof(header));
	if (is_ours(&header))
		take_header(tail, file, fd, &header);
	else
		file->over = *header.magic != '\0';
	if (fd >= 0)
		close(fd);
	if (file->over)
		tail_drop(tail, file);
}

void tail_look(struct tail *tail, struct tail_sums *sums)
{
	size_t kept = 0;

	tail->left = TAIL_BLOCKS;
	find_names(tail);
	find_pieces(tail);
	for (size_t i = 0; i < tail->follow; i++) {
		struct tail_file *file = &tail->file[tail->followed[i]];

		look_at(tail, file);
		if (!file->over)
			tail->followed[kept++] = tail->followed[i];
	}
	tail->follow = kept;
	if (tail->pool >= 0)
		close(tail->pool);
	*sums = tail->sums;
}
