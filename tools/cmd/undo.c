/* Where it lies: mend-PID-DATE.undo in the folder of kept runs; where there is none, in that of
 * recordings under way. It is always a new file. */
#include "tools/cmd/undo.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "rules/text/option_text.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/cmd/verb.h"
#include "tools/live/permission.h"
#include "tools/record/place.h"
#include "tools/record/record.h"

/* ---- keeping ---- */

static bool choose_folder(char folder[PATH_MAX])
{
	const char *parent;

	if (store_state(folder) && place_make_folder(folder))
		return true;
	parent = folder_parent();
	return parent && snprintf(folder, PATH_MAX, "%s", parent) < PATH_MAX;
}

static int make(const char *path)
{
	return open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
}

static int make_in_folder(char path[PATH_MAX], pid_t pid)
{
	const time_t now = time(NULL);
	char folder[PATH_MAX], date[32];
	struct tm local;
	int fd;

	if (!choose_folder(folder))
		return -1;
	localtime_r(&now, &local);
	strftime(date, sizeof(date), "%Y%m%d-%H%M%S", &local);
	for (int i = 0; i < 100; i++) {
		char more[8] = "";

		if (i)
			snprintf(more, sizeof(more), "-%d", i);
		if (snprintf(path, PATH_MAX, "%s/mend-%d-%s%s.undo", folder, (int)pid, date,
			    more) >= PATH_MAX)
			return -1;
		fd = make(path);
		if (fd >= 0 || errno != EEXIST)
			return fd;
	}
	return -1;
}

static bool open_for(struct undo_file *file, pid_t pid)
{
	int fd;

	if (file->wanted) {
		snprintf(file->path, sizeof(file->path), "%s", file->wanted);
		fd = make(file->path);
	} else {
		fd = make_in_folder(file->path, pid);
	}
	file->file = fd < 0 ? NULL : fdopen(fd, "w");
	if (!file->file)
		say("nothing is set, for what undoes it cannot be kept in %s: %s",
			*file->path ? file->path : "any folder", strerror(errno));
	return file->file;
}

bool undo_file_choose(struct undo_file *file, const char *wanted)
{
	*file = (struct undo_file){.wanted = wanted};
	return !wanted || open_for(file, 0);
}

bool undo_file_add(struct undo_file *file, const struct undo *undo)
{
	int error;

	if (!file->file && !open_for(file, undo->pid)) {
		*file->path = '\0';
		return false;
	}
	error = undo_write(file->file, undo);
	file->used = true;
	if (error)
		say("nothing more is set, for what undoes it cannot be kept in %s: %s", file->path,
			strerror(-error));
	return error == 0;
}

void undo_file_close(struct undo_file *file)
{
	if (file->file)
		fclose(file->file);
	if (file->file && !file->used)
		unlink(file->path);
}

/* ---- putting back ---- */

struct sum {
	size_t back, same, gone, changed, refused;
};

static void count(struct sum *sum, int error)
{
	sum->back += error == 0;
	sum->same += error == -EALREADY;
	sum->gone += error == -ESTALE || error == -ESRCH;
	sum->changed += error == -EEXIST;
	sum->refused += error && error != -EALREADY && error != -ESTALE && error != -ESRCH &&
			error != -EEXIST;
}

static void put_back(struct undo_process *process, const struct undo *undo, struct sum *sum)
{
	const char *name = option_table[undo->option].name;
	struct option_state now;
	const int error = undo_put_back(process, undo, &now);
	char is[64], why[256];

	count(sum, error);
	if (error == 0) {
		option_state_print(undo->option, &now, is, sizeof(is));
		printf("  %-24s  %s is %s again\n", undo->peer, name, is);
	} else if (error == -EEXIST)
		printf("  %-24s  %s has been set to something else since: left\n", undo->peer,
			name);
	else if (error != -EALREADY && error != -ESTALE && error != -ESRCH) {
		permission_why(undo->pid, error, why, sizeof(why));
		say("%s: %s of process %d cannot be put back: %s", undo->peer, name, (int)undo->pid,
			why);
	}
}

static int print_sum(const struct sum *sum)
{
	printf("%zu option%s put back", sum->back, plural(sum->back));
	if (sum->same)
		printf(", %zu as before already", sum->same);
	if (sum->gone)
		printf(", %zu of connections that are closed", sum->gone);
	if (sum->changed)
		printf(", %zu set to something else since", sum->changed);
	putchar('\n');
	return sum->refused ? EXIT_TROUBLE : sum->changed ? EXIT_FOUND : EXIT_FINE;
}

int undo_file_put_back(const char *path)
{
	FILE *file = fopen(path, "re");
	struct undo_process process = {.pid = 0};
	struct sum sum = {.back = 0};
	struct undo *undo = NULL;
	size_t undos = 0;
	int line = 0, error = file ? undo_read(file, &undo, &undos, &line) : -errno;

	if (error == -EINVAL)
		say("%s:%d: no line of a mend's", path, line);
	else if (error)
		say("cannot read %s: %s", path, strerror(-error));
	for (size_t i = undos; !error && i-- > 0;)
		put_back(&process, &undo[i], &sum);
	undo_process_end(&process);
	if (file)
		fclose(file);
	free(undo);
	return error ? EXIT_TROUBLE : print_sum(&sum);
}
