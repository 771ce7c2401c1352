/* Reads /proc/PID/maps, and with process_vm_readv(2) what lies there. All that comes from the
 * process is its own word: it is copied, bounded and compared. Writes one byte, behind a page that
 * says what it is. */
#include "tools/live/library.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "tools/base/harmless.h"
#include "tools/base/text.h"
#include "tools/live/mapping.h"
#include "tools/live/note.h"
#include "tools/live/peek.h"

static const char file_name[] = "libsockfix.so";

static const Elf64_Phdr *first_loaded(const Elf64_Phdr *part, unsigned parts)
{
	for (unsigned i = 0; i < parts; i++)
		if (part[i].p_type == PT_LOAD)
			return &part[i];
	return part;
}

/* 0, -ENOENT: it is not among the notes of the object that begins there, or -errno. */
static int find_note(pid_t pid, uint64_t start, struct control_note *note, uint64_t *page)
{
	Elf64_Phdr part[NOTE_PARTS], copy[NOTE_PARTS];
	struct note_table table;
	char bytes[NOTE_BYTES];
	union note_head head;
	uint64_t away;
	size_t length;
	int64_t on;
	int error = peek(pid, start, &head, sizeof(head));

	if (error)
		return error;
	if (!note_object(&head, &table) ||
		peek(pid, start + table.away, copy, table.parts * table.size) != 0)
		return -ENOENT;
	note_parts(&table, copy, part);
	for (unsigned i = 0; i < table.parts; i++) {
		if (!note_part(&part[i], first_loaded(part, table.parts), &away, &length) ||
			peek(pid, start + away, bytes, length) != 0 ||
			!note_find(bytes, length, note, &on))
			continue;
		*page = start + away + (uint64_t)on;
		return 0;
	}
	return -ENOENT;
}

static enum library_state state_of(const struct control *control)
{
	const uint32_t state = control->state;

	if (state == CONTROL_RESIGNED)
		return LIBRARY_RESIGNED;
	if (state == CONTROL_INERT)
		return LIBRARY_INERT;
	return control->wanted_off ? LIBRARY_OFF : LIBRARY_ON;
}

static bool is_page(const struct control *control)
{
	return memcmp(control->magic, CONTROL_MAGIC, sizeof(control->magic)) == 0 &&
	       control->version == CONTROL_VERSION && control->size == sizeof(*control);
}

/* Of another version nothing is known but that it is one. */
static int take_page(pid_t pid, const struct control_note *note, struct library *library)
{
	struct control control = {.on = 0};
	int error;

	library->state = LIBRARY_OTHER;
	if (note->version != CONTROL_VERSION)
		return 0;
	error = peek(pid, library->page, &control, sizeof(control));
	if (error || !is_page(&control))
		return error;
	library->state = state_of(&control);
	library->records = control.records;
	memcpy(library->release, control.release, sizeof(library->release) - 1);
	text_harmless(library->release);
	return 0;
}

static void take_path(const struct mapping *mapping, struct library *library)
{
	snprintf(library->path, sizeof(library->path), "%s", mapping->path);
	text_harmless(library->path);
	library->deleted = mapping->deleted;
}

static bool has_our_name(const char *path)
{
	return strncmp(text_base_name(path), file_name, sizeof(file_name) - 1) == 0;
}

/* As library_find(), of one object. */
static int look_at(pid_t pid, const struct mapping *mapping, struct library *library)
{
	struct control_note note;
	int error = find_note(pid, mapping->start, &note, &library->page);

	if (error == -EPERM && has_our_name(mapping->path)) {
		library->state = LIBRARY_UNKNOWN;
		take_path(mapping, library);
		return error;
	}
	if (error)
		return error == -ESRCH ? error : -ENOENT;
	take_path(mapping, library);
	return take_page(pid, &note, library);
}

int library_find(pid_t pid, struct library *library)
{
	char path[64], line[8192];
	struct mapping mapping;
	int error = -ENOENT;
	FILE *file;

	memset(library, 0, sizeof(*library));
	snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
	file = fopen(path, "re");
	if (!file)
		return errno == ENOENT ? -ESRCH : errno == EPERM ? -EACCES : -errno;
	while (error == -ENOENT && fgets(line, sizeof(line), file))
		if (mapping_take(line, &mapping))
			error = look_at(pid, &mapping, library);
	if (error == -ENOENT && ferror(file))
		error = -ESRCH;
	fclose(file);
	return error;
}

int library_switch(pid_t pid, const struct library *library, bool off)
{
	const uint8_t wanted = off;
	struct control control = {.on = 0};
	int error = peek(pid, library->page, &control, sizeof(control));

	if (error || !is_page(&control))
		return error ? error : -ESRCH;
	return poke(
		pid, library->page + offsetof(struct control, wanted_off), &wanted, sizeof(wanted));
}
