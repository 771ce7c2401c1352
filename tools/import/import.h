/* Evidence that is there already, an strace log or a capture, becomes a recording that report,
 * suggest, diff and all others read like one of ours. What it is is told by its bytes, never by its
 * name. */
#ifndef SOCKFIX_IMPORT_H
#define SOCKFIX_IMPORT_H

#include <stdbool.h>
#include <stddef.h>

struct input;
struct written;
struct written_run;

/* What there is to say of an import: sentences without an end, as say() wants them. */
struct import_note {
	char why[1024];	  /* why there is none */
	char about[1024]; /* what it is, where that is more than its name; "": nothing */
	char lacks[1024]; /* what it cannot tell, and the command to use next time; "": nothing */
	char what[32];	  /* "strace log", "capture" */
};

/* Of a capture, whose calls are made of it. */
enum import_end { IMPORT_CLIENTS, IMPORT_SERVERS };

/* file: those of one run (strace -ff makes several, a capture is one); "-": stdin. folder: there,
 * and empty; its contents are to be removed where this fails. 0; or -errno, and note->why. */
int import_files(char *const *file, size_t files, const char *folder, enum import_end end,
	struct import_note *note);

/* ---- the readers: each writes processes, and fills in run (written.h) but for file and name ----
 */

struct import {
	struct written *written;
	struct written_run *run;
	struct import_note *note;
	enum import_end end;
};

/* One file, from its first byte on. 0; or -errno, and note->why names the file. */
int import_capture(struct import *import, struct input *input);
/* All of them, open; they are read together, by their times. */
int import_strace(struct import *import, struct input **input, size_t inputs);

#endif
