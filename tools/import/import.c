/* Which reader a file is for, by its first bytes, and what is common to all of them: the files
 * opened and closed, the recording begun and ended. Knows neither format. */
#include "tools/import/import.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "tools/base/memory.h"
#include "tools/import/input.h"
#include "tools/import/stem.h"
#include "tools/import/written.h"

/* pcap(5), in both byte orders and with both resolutions; pcapng's section header block. */
static const unsigned char capture_magic[][4] = {
	{0xa1, 0xb2, 0xc3, 0xd4},
	{0xd4, 0xc3, 0xb2, 0xa1},
	{0xa1, 0xb2, 0x3c, 0x4d},
	{0x4d, 0x3c, 0xb2, 0xa1},
	{0x0a, 0x0d, 0x0d, 0x0a},
};

static bool is_capture(const struct input *input)
{
	for (size_t i = 0; i < sizeof(capture_magic) / sizeof(*capture_magic); i++)
		if (input->end >= 4 && memcmp(input->bytes, capture_magic[i], 4) == 0)
			return true;
	return false;
}

static int refuse(struct import_note *note, int error, const char *name, const char *why)
{
	snprintf(note->why, sizeof(note->why), "%s: %s", name, why);
	return error;
}

static int read_them(struct import *import, struct input **input, size_t inputs)
{
	for (size_t i = 0; i < inputs; i++) {
		if (!input[i]->end)
			return refuse(import->note, -ENODATA, input[i]->name, "empty, 0 bytes");
		if (is_capture(input[i]) && inputs > 1)
			return refuse(
				import->note, -EINVAL, input[i]->name, "a capture is read alone");
	}
	if (is_capture(input[0])) {
		import->run->what = "capture";
		return import_capture(import, input[0]);
	}
	if (import->end != IMPORT_CLIENTS)
		return refuse(import->note, -EINVAL, input[0]->name,
			"an strace log has the calls of one end only: without --end");
	import->run->what = "strace log";
	return import_strace(import, input, inputs);
}

/* What could not be read to its end is read as far as it goes, and that is said. */
static int end_them(struct input **input, size_t inputs, struct import *import)
{
	struct import_note *note = import->note;

	for (size_t i = 0; i < inputs; i++) {
		const size_t used = strlen(note->lacks);

		if (input[i]->error)
			return refuse(
				note, -input[i]->error, input[i]->name, strerror(input[i]->error));
		if (input_ended(input[i]))
			continue;
		import->run->partly = true;
		snprintf(note->lacks + used, sizeof(note->lacks) - used,
			"%s%s could not unpack %s to its end", used ? "; " : "", input[i]->tool,
			input[i]->name);
	}
	return 0;
}

static int write_it(struct input **input, size_t inputs, const char *name, const char *folder,
	enum import_end end, struct import_note *note)
{
	struct written_run run = {.file = name, .status = -1};
	struct import import = {
		.written = written_begin(folder), .run = &run, .note = note, .end = end};
	int error;

	if (!import.written)
		return refuse(note, -errno, folder, strerror(errno));
	error = read_them(&import, input, inputs);
	if (!error)
		error = end_them(input, inputs, &import);
	snprintf(note->what, sizeof(note->what), "%s", run.what ? run.what : "");
	if (error) {
		written_abandon(import.written);
		return error;
	}
	run.about = *note->about ? note->about : NULL;
	run.lacks = *note->lacks ? note->lacks : NULL;
	error = written_end(import.written, &run);
	return error ? refuse(note, error, folder, strerror(-error)) : 0;
}

/* strace -ff makes a file a thread. */
static void allow_files(size_t files)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || files + 64 <= limit.rlim_cur)
		return;
	limit.rlim_cur = limit.rlim_max;
	setrlimit(RLIMIT_NOFILE, &limit);
}

static int open_all(char *const *file, size_t files, struct input **input, size_t *inputs,
	struct import_note *note)
{
	int error = 0;

	while (!error && *inputs < files) {
		struct input *next = memory_take(1, sizeof(*next));

		error = input_open(next, file[*inputs], note->why, sizeof(note->why));
		if (error)
			free(next);
		else
			input[(*inputs)++] = next;
	}
	return error;
}

int import_files(char *const *file, size_t files, const char *folder, enum import_end end,
	struct import_note *note)
{
	struct stem stem = stem_spread(file, files);
	struct input **input = memory_take(stem.files, sizeof(*input));
	size_t inputs = 0;
	int error;

	memset(note, 0, sizeof(*note));
	allow_files(stem.files);
	error = open_all(stem.file, stem.files, input, &inputs, note);
	if (!error)
		error = write_it(input, inputs, file[0], folder, end, note);
	for (size_t i = 0; i < inputs; i++) {
		input_close(input[i]);
		free(input[i]);
	}
	free(input);
	stem_free(&stem);
	return error;
}
