/* One walk over /proc. A process may end meanwhile, and is left out then. Must not open what the
 * links name. */
#include "tools/live/owners.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/descriptors.h"

static int compare_inode(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;

	return (a->inode > b->inode) - (a->inode < b->inode);
}

static int compare_pid(const void *left, const void *right)
{
	const struct holder *a = left, *b = right;

	return (a->pid > b->pid) - (a->pid < b->pid);
}

/* By inode, the smallest PID first. */
static int compare_owner(const void *left, const void *right)
{
	const struct owner *a = left, *b = right;
	const int order = compare_inode(left, right);

	return order ? order : (a->holder > b->holder) - (a->holder < b->holder);
}

static void add_holder(struct owners *owners, pid_t pid)
{
	struct holder *holder;
	struct stat at;
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)pid);
	owners->holder = memory_grow(owners->holder, owners->holders, sizeof(*owners->holder));
	holder = &owners->holder[owners->holders++];
	*holder = (struct holder){.pid = pid};
	if (stat(path, &at) != 0)
		return;
	holder->device = at.st_dev;
	holder->number = at.st_ino;
}

static void add_process(struct owners *owners, pid_t pid, struct descriptors *descriptors)
{
	const int error = descriptors_take(descriptors, pid);

	if (error || !descriptors->count)
		return;
	add_holder(owners, pid);
	for (size_t i = 0; i < descriptors->count; i++) {
		owners->of = memory_grow(owners->of, owners->count, sizeof(*owners->of));
		owners->of[owners->count++] = (struct owner){descriptors->of[i].inode,
			(uint32_t)owners->holders - 1, descriptors->of[i].fd};
	}
}

static void keep_first_of_each(struct owners *owners)
{
	size_t kept = 0;

	if (owners->count)
		qsort(owners->of, owners->count, sizeof(*owners->of), compare_owner);
	for (size_t i = 0; i < owners->count; i++)
		if (!kept || owners->of[i].inode != owners->of[kept - 1].inode)
			owners->of[kept++] = owners->of[i];
	owners->count = kept;
}

/* /proc lists processes by their numbers. */
int owners_take(struct owners *owners)
{
	struct descriptors descriptors = {.count = 0};
	DIR *folder = opendir("/proc");
	const struct dirent *entry;

	owners->count = owners->holders = 0;
	if (!folder)
		return -errno;
	while ((entry = readdir(folder))) {
		const pid_t pid = atoi(entry->d_name); /* 0: it is none */

		if (pid > 0 && pid != getpid())
			add_process(owners, pid, &descriptors);
	}
	closedir(folder);
	free(descriptors.of);
	keep_first_of_each(owners);
	return 0;
}

void owners_free(struct owners *owners)
{
	free(owners->of);
	free(owners->holder);
	*owners = (struct owners){.count = 0};
}

const struct owner *owners_find(const struct owners *owners, uint32_t inode)
{
	const struct owner wanted = {.inode = inode};

	if (!owners->count)
		return NULL;
	return bsearch(&wanted, owners->of, owners->count, sizeof(wanted), compare_inode);
}

struct holder *owners_of(const struct owners *owners, pid_t pid)
{
	const struct holder wanted = {.pid = pid};

	if (!owners->holders)
		return NULL;
	return bsearch(&wanted, owners->holder, owners->holders, sizeof(wanted), compare_pid);
}
