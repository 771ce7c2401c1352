/* The reader of strace logs against any bytes: a libFuzzer target. What it writes is kept
 * in memory and read again: a recording that we make ourselves must hold nothing that makes no
 * sense. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>

#include "tools/base/memory.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length);

#define PROMISE(condition)                                                                         \
	do {                                                                                       \
		if (!(condition)) {                                                                \
			fprintf(stderr, "%s:%d: broken: %s\n", __FILE__, __LINE__, #condition);    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)

/* ---- files in memory, in place of those of written.c ---- */

static struct {
	char name[64];
	unsigned char *bytes;
	size_t length;
} * kept;
static size_t files;

static int kept_open(int folder, const char *name, int flags, mode_t mode)
{
	(void)folder, (void)flags, (void)mode;
	for (size_t i = 0; i < files; i++)
		if (strcmp(kept[i].name, name) == 0)
			return (int)i;
	kept = memory_grow(kept, files, sizeof(*kept));
	memset(&kept[files], 0, sizeof(*kept));
	snprintf(kept[files].name, sizeof(kept->name), "%s", name);
	return (int)files++;
}

static ssize_t kept_write(int file, const void *bytes, size_t length, off_t at)
{
	const size_t end = (size_t)at + length;

	if (end > kept[file].length) {
		kept[file].bytes = memory_again(kept[file].bytes, end);
		memset(kept[file].bytes + kept[file].length, 0, end - kept[file].length);
		kept[file].length = end;
	}
	memcpy(kept[file].bytes + at, bytes, length);
	return (ssize_t)length;
}

static int kept_close(int file)
{
	(void)file;
	return 0;
}

#define openat	  kept_open
#define open(...) 0
#define pwrite	  kept_write
#define close	  kept_close
#include "tools/import/written.c"
#include "tools/import/written_event.c"
#include "tools/import/written_file.c"
#undef openat
#undef open
#undef pwrite
#undef close

int written_json(int folder, const struct written_run *run, uint64_t zero_wall)
{
	(void)folder, (void)zero_wall;
	PROMISE(run->ended >= run->began);
	PROMISE(!run->lacks || !strpbrk(run->lacks, "\n\033"));
	return 0;
}

/* ---- one log ---- */

#include "tools/fold/fold.h"
#include "tools/import/import.h"
#include "tools/import/input.h"

static void read_again(unsigned char *bytes, size_t length)
{
	struct run_process process;
	const char *why = "";

	PROMISE(process_read(&process, bytes, length, &why) == 0);
	PROMISE(process.damaged == 0 && !process.cut_off);
	struct run run = {.process = &process,
		.processes = 1,
		.began = process.began,
		.ended = process.ended,
		.command = process.command,
		.rules = process.header.rules,
		.name = "fuzz",
		.directory = ""};
	run.imported.what = "strace log";
	fold_free(fold_run(&run));
	process_free(&process);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
	static struct input input;
	struct input *inputs[] = {&input};
	struct import_note note = {.why = ""};
	struct written_run run = {.what = "strace log", .file = "log", .status = -1};
	struct import import = {.written = written_begin("."), .run = &run, .note = &note};

	if (length > sizeof(input.bytes))
		return 0;
	input = (struct input){.name = "log", .fd = -1, .error = EBADF, .end = length};
	memcpy(input.bytes, bytes, length);
	if (import_strace(&import, inputs, 1) != 0) {
		PROMISE(*note.why && !strpbrk(note.why, "\n\033"));
		written_abandon(import.written);
	} else {
		run.lacks = *note.lacks ? note.lacks : NULL;
		PROMISE(written_end(import.written, &run) == 0);
		for (size_t i = 0; i < files; i++)
			read_again(kept[i].bytes, kept[i].length);
	}
	while (files)
		free(kept[--files].bytes);
	free(kept);
	kept = NULL;
	return 0;
}
