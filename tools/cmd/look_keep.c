/* `sockfix look -o DIR`: what was seen as files, beside what is printed. Must not write over
 * anything. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/cmd/look.h"
#include "tools/record/place.h"

bool look_keep_begin(const struct look *look)
{
	char path[PATH_MAX];

	if (!look->folder)
		return true;
	errno = ENAMETOOLONG;
	if (snprintf(path, sizeof(path), "%s", look->folder) < (int)sizeof(path) &&
		place_make(path))
		return true;
	say("-o %s: %s", look->folder, place_why(errno));
	return false;
}

static FILE *open_new(const struct look *look, const char *name)
{
	char path[PATH_MAX];
	int fd = -1;

	if (snprintf(path, sizeof(path), "%s/%s", look->folder, name) < (int)sizeof(path))
		fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	return fd < 0 ? NULL : fdopen(fd, "w");
}

static bool close_whole(FILE *file, bool whole)
{
	whole &= !ferror(file);
	return fclose(file) == 0 && whole;
}

static bool keep_json(
	const struct look *look, const struct watch *watch, const struct looked_all *all)
{
	FILE *file = open_new(look, "look.json");

	return file && close_whole(file, looked_print_json(file, watch, all));
}

static bool keep_rules(const struct look *look, const struct looked_all *all)
{
	FILE *file;

	if (!looked_has_rules(all))
		return true;
	file = open_new(look, "my.conf");
	if (file)
		looked_print_rules(file, all);
	return file && close_whole(file, true);
}

bool look_keep(const struct look *look, const struct watch *watch, const struct looked_all *all)
{
	if (!look->folder)
		return true;
	if (!keep_json(look, watch, all) || !keep_rules(look, all)) {
		say("-o %s: %s", look->folder, strerror(errno));
		return false;
	}
	if (!look->json)
		printf("\n  kept  %s/look.json%s\n", look->folder,
			looked_has_rules(all) ? " and the rules, my.conf" : "");
	return true;
}
