/* Reads /proc/PID/task/TID/children and /proc/PID/fd. Must not keep anything between calls. */
#include "tools/live/family.h"

#include <dirent.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/live/descriptors.h"

/* Appends the children of one thread; where the kernel has no such file (no CONFIG_PROC_CHILDREN)
 * there are none. */
static size_t add_children(pid_t pid, const char *task, pid_t *child, size_t count, size_t most)
{
	char path[320];
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%d/task/%s/children", (int)pid, task);
	file = fopen(path, "re");
	while (file && count < most && fscanf(file, "%d", &child[count]) == 1)
		count++;
	if (file)
		fclose(file);
	return count;
}

size_t family_of(pid_t root, pid_t *pid, size_t most)
{
	size_t count = 0;

	if (most)
		pid[count++] = root;
	for (size_t i = 0; i < count; i++) {
		char path[64];
		struct dirent *entry;
		DIR *tasks;

		snprintf(path, sizeof(path), "/proc/%d/task", (int)pid[i]);
		tasks = opendir(path);
		while (tasks && (entry = readdir(tasks)))
			if (*entry->d_name != '.')
				count = add_children(pid[i], entry->d_name, pid, count, most);
		if (tasks)
			closedir(tasks);
	}
	return count;
}

size_t family_sockets(pid_t pid, uint32_t *inode, size_t most)
{
	char path[64], link[64];
	struct dirent *entry;
	size_t count = 0;
	DIR *folder;

	snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
	folder = opendir(path);
	while (folder && count < most && (entry = readdir(folder))) {
		const ssize_t length =
			readlinkat(dirfd(folder), entry->d_name, link, sizeof(link) - 1);

		link[length > 0 ? length : 0] = '\0';
		if (descriptors_read(link, &inode[count]))
			count++;
	}
	if (folder)
		closedir(folder);
	return count;
}
