/* `sockfix unit`: what was asked for, and the parts of it that have files of their own. */
#ifndef SOCKFIX_CMD_UNIT_H
#define SOCKFIX_CMD_UNIT_H

#include <limits.h>
#include <stdbool.h>

#include "tools/cmd/plan.h"
#include "tools/record/record.h"

struct unit_asked {
	struct plan plan;	  /* of a command that is none */
	const char *name, *root;  /* root: "": this system */
	char root_path[PATH_MAX]; /* the same, without a slash at its end */
	bool record, print, user, remove, list, reload, restart, force;
	char library[PATH_MAX]; /* as the service is to see it */
	struct record recording;
	char directory[PATH_MAX]; /* where it is to record to; "": nowhere */
	char folder[PATH_MAX];	  /* of the drop-in, without the root */
};

struct unit;

/* Whether it is a service that is there; else that has been said. */
bool unit_say_state(const struct unit *unit, const char *asked);
/* Each fills in its part of asked. False: said. unit: its name. */
bool unit_find_library(struct unit_asked *asked);
bool unit_find_folder(struct unit_asked *asked, const char *unit);

/* `sockfix unit --remove`. */
int unit_remove(struct unit_asked *asked);

/* `sockfix unit --list`. */
int unit_list(const char *root);

/* Chooses asked->directory, makes nothing. False: said. */
bool unit_record_choose(struct unit_asked *asked, const char *unit);
/* Makes it. False: said. */
bool unit_record_make(struct unit_asked *asked, const char *unit);
/* There will be no recording. */
void unit_record_undo(struct unit_asked *asked);

/* What that name stands between in a line for sh: "" or "'". */
const char *unit_quote(const char *name);
/* daemon-reload and restart, as far as that was asked for; what is left is printed, to be typed. */
int unit_next(const struct unit_asked *asked, const char *unit, bool template);

#endif
