/* A run's way from the folder that it was made in to where it is kept. Nothing is lost: where that
 * cannot be done it stays where it is, and that is said. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "tools/record/files.h"
#include "tools/record/left.h"
#include "tools/record/place.h"
#include "tools/base/text.h"

bool store_move(const struct record *record, const char *wanted, char place[PATH_MAX])
{
	int error;

	if (access(record->folder, F_OK) != 0) {
		say("%s is gone, and the recording with it", record->folder);
		snprintf(place, PATH_MAX, "%s", record->folder);
		return false;
	}
	if (!place_choose(record, wanted, place)) {
		snprintf(place, PATH_MAX, "%s", record->folder);
		return false;
	}
	if (place_make(place) && files_copy(record, place)) {
		left_kept(record);
		if (!folder_remove(record))
			say("what else is in %s stays there", record->folder);
		return true;
	}
	error = errno;
	if (!wanted)
		rmdir(place); /* which is empty, or not ours */
	say("%s: %s; the recording stays in %s", place, place_why(error), record->folder);
	snprintf(place, PATH_MAX, "%s", record->folder);
	return false;
}
