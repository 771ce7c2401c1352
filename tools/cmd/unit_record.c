/* The folder of a service that is recorded: made once, by who writes the drop-in, so that the
 * service needs no right but to write there. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "tools/base/text.h"
#include "tools/cmd/recording.h"
#include "tools/cmd/unit.h"

enum { TRIES = 10000 };

/* Memory is gone with the next boot; a service may start before anybody is there. */
static bool parent(const struct unit_asked *asked, char path[PATH_MAX])
{
	if (asked->user)
		return store_state(path);
	snprintf(path, PATH_MAX, "/var/lib/sockfix");
	return true;
}

bool unit_record_choose(struct unit_asked *asked, const char *unit)
{
	char state[PATH_MAX];

	if (!parent(asked, state)) {
		say("neither HOME nor XDG_STATE_HOME names a folder to record to");
		return false;
	}
	for (int i = 1; i < TRIES; i++) {
		if (snprintf(asked->directory, PATH_MAX, "%s/%s.%d", state, unit, i) >= PATH_MAX)
			break;
		if (access(asked->directory, F_OK) != 0 && errno == ENOENT)
			return true;
	}
	say("there is no name left for a folder below %s", state);
	return false;
}

/* systemd.exec(5): of a folder that only root may enter a user sees nothing. */
static bool let_in(const struct unit_asked *asked)
{
	return asked->user || access("/var/lib/sockfix", F_OK) == 0 ||
	       (mkdir("/var/lib/sockfix", 0755) == 0 && chmod("/var/lib/sockfix", 0755) == 0);
}

static uint64_t clock_ns(clockid_t clock)
{
	struct timespec now = {.tv_sec = 0};

	clock_gettime(clock, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

bool unit_record_make(struct unit_asked *asked, const char *unit)
{
	static char name[NAME_MAX + 1];
	static char *const command[] = {name, NULL};
	struct record *record = &asked->recording;

	*record = (struct record){.lock = -1, .limit = RECORDING_LIMIT};
	if (!let_in(asked)) {
		say("/var/lib/sockfix: %s", strerror(errno));
		return false;
	}
	if (!folder_make_at(record, "", asked->directory))
		return false;
	snprintf(name, sizeof(name), "%s", unit);
	record->command = command;
	record->rules = asked->plan.line;
	record->elsewhere = "";
	record->status = -1;
	record->started_wall = clock_ns(CLOCK_REALTIME);
	record->began = clock_ns(CLOCK_MONOTONIC);
	host_read(record->before);
	memcpy(record->after, record->before, sizeof(record->after));
	return store_write(record);
}

void unit_record_undo(struct unit_asked *asked)
{
	if (*asked->recording.folder)
		folder_remove(&asked->recording);
}
