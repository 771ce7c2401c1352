/* The files of a run on their way to another folder. Half a run is none: where one of ours cannot
 * be copied, none is. Another user's is looked at through one descriptor, and copied through the
 * same as far as it went then: what he changes meanwhile changes nothing but his bytes. */
#include "tools/record/files.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/record/left.h"
#include "tools/record/place.h"
#include "tools/base/text.h"
#include "tools/read/guests.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/read/run.h"

#define RUN_JSON "run.json"
#define PIECE	 ((off_t)1 << 20)

struct copy {
	int from, to;
	struct guests guests;
	char **made; /* names */
	size_t count;
	char *first; /* whose of the files that are left out: a sentence */
	size_t left_out;
};

static void leave_out(struct copy *copy, const char *name, const char *why)
{
	char *shown;

	if (copy->left_out++)
		return;
	shown = memory_print("%s", name);
	text_harmless(shown);
	copy->first = memory_print("%s of another user is left out: %s", shown, why);
	free(shown);
}

static void say_left_out(const struct copy *copy)
{
	if (copy->left_out > 1)
		say("%s, and %zu other%s", copy->first, copy->left_out - 1,
			copy->left_out == 2 ? "" : "s");
	else if (copy->left_out)
		say("%s", copy->first);
}

static bool is_fixed(const char *name)
{
	return strcmp(name, RUN_JSON) == 0 || strcmp(name, TRACE_BUDGET) == 0 ||
	       strcmp(name, TRACE_POOL) == 0;
}

/* One of ours that has another name elsewhere may have got this one from somebody who may not read
 * it (proc_sys_fs(5), protected_hardlinks). */
static bool is_theirs(const struct copy *copy, const char *name, const struct stat *status)
{
	return guest_is(&copy->guests, status) ||
	       (S_ISREG(status->st_mode) && status->st_nlink > 1 && !is_fixed(name));
}

/* Up to so many bytes; fewer where it became shorter meanwhile. */
static bool copy_bytes(int out, int in, off_t size)
{
	ssize_t got = 1;

	while (size > 0 && got > 0) {
		got = sendfile(out, in, NULL, (size_t)(size < PIECE ? size : PIECE));
		size -= got;
	}
	return got >= 0;
}

/* Not over a file that is there. why: where it is not NULL it is a trace, whose copy is looked at
 * once more: its maker may have changed it meanwhile. */
static bool copy_open(struct copy *copy, const char *name, int in, off_t size, const char **why)
{
	const int out =
		openat(copy->to, name, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool good;
	int error;

	if (out < 0)
		return false;
	copy->made = memory_grow(copy->made, copy->count, sizeof(*copy->made));
	copy->made[copy->count++] = memory_print("%s", name);
	good = copy_bytes(out, in, size);
	error = errno;
	if (good && why && (*why = guest_misread(&copy->guests, out)))
		unlinkat(copy->to, name, 0);
	if (close(out) != 0 && good)
		return false;
	errno = error;
	return good;
}

/* False: errno. */
static bool copy_file(struct copy *copy, const char *name)
{
	struct stat status = {.st_uid = copy->guests.owner};
	const int in = regular_open(copy->from, name, O_NOFOLLOW, &status);
	const bool theirs = is_theirs(copy, name, &status);
	const char *why = NULL;
	bool good = true;

	if (in == -ENOENT || (in == NOT_REGULAR && !theirs))
		return true; /* it went meanwhile, or has nothing in it */
	if (theirs)
		why = in >= 0		  ? guest_refuse(&copy->guests, name, in, &status)
		      : in == NOT_REGULAR ? "not a plain file"
					  : strerror(-in);
	if (!why)
		good = in >= 0 && copy_open(copy, name, in, status.st_size,
					  theirs && trace_is_name(name) ? &why : NULL);
	if (good && why)
		leave_out(copy, name, why);
	if (in >= 0)
		close(in);
	else if (!good)
		errno = -in;
	return good;
}

static bool copy_all(struct copy *copy)
{
	DIR *folder = fdopendir(dup(copy->from));
	struct dirent *entry;
	bool good = folder != NULL;

	while (good && (errno = 0, entry = readdir(folder)))
		if (!place_is_dot(entry->d_name) && strcmp(entry->d_name, LEFT_MARK) != 0 &&
			strcmp(entry->d_name, RUN_JSON) != 0)
			good = copy_file(copy, entry->d_name);
	good = good && !errno;
	if (folder)
		closedir(folder);
	return good && copy_file(copy, RUN_JSON);
}

static void end_copy(struct copy *copy, bool good)
{
	const int error = errno;

	for (size_t i = 0; i < copy->count; i++) {
		if (!good)
			unlinkat(copy->to, copy->made[i], 0);
		free(copy->made[i]);
	}
	free(copy->made);
	free(copy->first);
	if (copy->from >= 0)
		close(copy->from);
	if (copy->to >= 0)
		close(copy->to);
	errno = error;
}

bool files_copy(const struct record *record, const char *to)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC;
	struct copy copy = {.from = open(record->folder, flags | O_NOFOLLOW),
		.to = open(to, flags),
		.guests = {.owner = geteuid(),
			.began = record->began,
			.room = record->limit ? record->limit : GUESTS_ROOM}};
	const bool good = copy.from >= 0 && copy.to >= 0 && copy_all(&copy);

	if (good)
		say_left_out(&copy);
	end_copy(&copy, good);
	return good;
}

void files_take_back(const struct record *record, const char *to)
{
	DIR *folder = opendir(record->folder), *place = opendir(to);
	struct dirent *entry;

	while (folder && place && (entry = readdir(folder)))
		if (!place_is_dot(entry->d_name))
			unlinkat(dirfd(place), entry->d_name, 0);
	if (folder)
		closedir(folder);
	if (place)
		closedir(place);
}
