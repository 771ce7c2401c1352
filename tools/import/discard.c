/* What an import made, taken away: after a failure, and behind a report that kept nothing. Must
 * remove nothing that the writer (written.c) does not make. */
#include "tools/import/discard.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

static bool is_written(const char *name)
{
	const size_t length = strlen(name), suffix = sizeof(".trace") - 1;

	return strcmp(name, "run.json") == 0 || strcmp(name, "run.json.new") == 0 ||
	       (length > suffix && strcmp(name + length - suffix, ".trace") == 0);
}

void import_discard(const char *folder)
{
	DIR *list = opendir(folder);
	struct dirent *entry;

	while (list && (entry = readdir(list)))
		if (is_written(entry->d_name))
			unlinkat(dirfd(list), entry->d_name, 0);
	if (list)
		closedir(list);
	rmdir(folder);
}

/* In a session of its own: what ends a whole terminal does not end it. */
static _Noreturn void keep(const char *folder, int line)
{
	ssize_t told;
	char byte;

	setsid();
	if (chdir("/") != 0)
		_exit(1);
	for (int fd = 0; fd < 1024; fd++)
		if (fd != line)
			close(fd);
	while ((told = read(line, &byte, 1)) < 0 && errno == EINTR)
		;
	if (told == 0)
		import_discard(folder);
	_exit(0);
}

bool passing_watch(struct passing *passing)
{
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	passing->line = ends[1];
	passing->keeper = fork();
	if (passing->keeper == 0)
		keep(passing->folder, ends[0]);
	close(ends[0]);
	return true;
}

bool passing_make(struct passing *passing)
{
	const char *parent = getenv("TMPDIR");

	parent = parent && *parent == '/' ? parent : "/var/tmp";
	if (snprintf(passing->folder, sizeof(passing->folder), "%s/sockfix-import-XXXXXX",
		    parent) >= (int)sizeof(passing->folder)) {
		errno = ENAMETOOLONG;
		return false;
	}
	if (!mkdtemp(passing->folder))
		return false;
	if (passing_watch(passing))
		return true;
	rmdir(passing->folder);
	return false;
}

static void dismiss(struct passing *passing)
{
	close(passing->line);
	if (passing->keeper > 0)
		while (waitpid(passing->keeper, NULL, 0) < 0 && errno == EINTR)
			;
}

void passing_keep(struct passing *passing)
{
	if (write(passing->line, "", 1) != 1) /* who kills the keeper has kept it himself */
		errno = 0;
	dismiss(passing);
}

void passing_end(struct passing *passing)
{
	dismiss(passing);
	import_discard(passing->folder); /* where there could be no keeper */
}
