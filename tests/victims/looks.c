/* Holds writes on three connections, then looks at itself: threads, descriptors, maps. */
#include "tests/victims/victim.h"

#include <dirent.h>

static void list(const char *path)
{
	DIR *folder = opendir(path);
	struct dirent *entry;
	char name[512], target[512];
	ssize_t length;
	int count = 0;

	NEED(folder);
	while ((entry = readdir(folder))) {
		if (*entry->d_name == '.')
			continue;
		count++;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		length = readlink(name, target, sizeof(target) - 1);
		/* A socket's number differs from run to run; the folder is what is being read. */
		if (length > 0 && atoi(entry->d_name) != dirfd(folder)) {
			target[length] = 0;
			target[strcspn(target, "[")] = 0;
			mark("descriptor %s: %s", entry->d_name, target);
		}
	}
	mark("%d in %s", count, path);
	closedir(folder);
}

int main(void)
{
	int fd[3] = {dial_trained(), dial(), dial()};

	for (int i = 0; i < 3; i++)
		say(fd[i], "held");
	list("/proc/self/task");
	list("/proc/self/fd");
	for (int i = 0; i < 3; i++) {
		say(fd[i], " done\n");
		NEED(hear(fd[i]));
	}
	list("/proc/self/task");
	list("/proc/self/fd");
	return 0;
}
