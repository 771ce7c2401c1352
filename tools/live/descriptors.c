/* Lists /proc/PID/fd. Must not open what the links name. */
#include "tools/live/descriptors.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"

/* Not by sscanf(): there may be tens of thousands. */
bool descriptors_read(const char *link, uint32_t *inode)
{
	static const char head[] = "socket:[";
	uint64_t number = 0;

	if (strncmp(link, head, sizeof(head) - 1) != 0)
		return false;
	link += sizeof(head) - 1;
	for (; *link >= '0' && *link <= '9' && number <= UINT32_MAX; link++)
		number = number * 10 + (uint64_t)(*link - '0');
	*inode = (uint32_t)number;
	return link[-1] != '[' && *link == ']' && number <= UINT32_MAX;
}

static int compare(const void *left, const void *right)
{
	const struct descriptor *a = left, *b = right;

	return (a->inode > b->inode) - (a->inode < b->inode);
}

/* The folder may be open to who may not read its links (proc_pid_fd(5)). */
static int take_all(struct descriptors *descriptors, DIR *folder)
{
	struct dirent *entry;
	char link[64];

	while ((entry = readdir(folder))) {
		const ssize_t length =
			readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);
		struct descriptor at = {.fd = atoi(entry->d_name)};

		if (length < 0 && errno == EACCES)
			return -EACCES;
		link[length > 0 ? length : 0] = '\0';
		if (!descriptors_read(link, &at.inode))
			continue;
		descriptors->of =
			memory_grow(descriptors->of, descriptors->count, sizeof(*descriptors->of));
		descriptors->of[descriptors->count++] = at;
	}
	return 0;
}

int descriptors_take(struct descriptors *descriptors, pid_t pid)
{
	char path[64];
	DIR *folder;
	int error;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	if (!folder)
		return -errno;
	descriptors->count = 0;
	error = take_all(descriptors, folder);
	closedir(folder);
	if (descriptors->count)
		qsort(descriptors->of, descriptors->count, sizeof(*descriptors->of), compare);
	return error;
}

const struct descriptor *descriptors_find(const struct descriptors *descriptors, uint32_t inode)
{
	const struct descriptor wanted = {.inode = inode};

	if (!descriptors->count)
		return NULL;
	return bsearch(&wanted, descriptors->of, descriptors->count, sizeof(wanted), compare);
}
