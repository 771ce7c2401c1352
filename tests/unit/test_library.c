/* What is found in another process's memory: lines of its maps, and notes, whatever stands in them.
 */
#include "tests/unit/unit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "tools/live/mapping.h"
#include "tools/live/note.h"

/* ---- maps ---- */

static void files_that_begin_there_are_taken(void **state)
{
	char line[] = "7f12a0000000-7f12a0001000 r--p 00000000 fe:01 1234   /usr/lib/a b.so\n";
	struct mapping mapping;

	(void)state;
	assert_true(mapping_take(line, &mapping));
	assert_true(mapping.start == 0x7f12a0000000);
	assert_string_equal(mapping.path, "/usr/lib/a b.so");
	assert_false(mapping.deleted);
}

static void a_deleted_file_is_one_too(void **state)
{
	char line[] = "ffff0000-ffff1000 r-xp 00000000 00:2a 9 /var/libsockfix.so (deleted)\n";
	struct mapping mapping;

	(void)state;
	assert_true(mapping_take(line, &mapping));
	assert_string_equal(mapping.path, "/var/libsockfix.so");
	assert_true(mapping.deleted);
}

static void other_mappings_are_left_out(void **state)
{
	static const char *const line[] = {
		"7f12a0000000-7f12a0001000 r--p 00001000 fe:01 1234 /usr/lib/later.so\n",
		"7f12a0000000-7f12a0001000 ---p 00000000 fe:01 1234 /usr/lib/closed.so\n",
		"7f12a0000000-7f12a0001000 rw-p 00000000 00:00 0 \n",
		"7f12a0000000-7f12a0001000 rw-p 00000000 00:00 0 [heap]\n",
		"7f12a0000000-7f12a0001000 r-xp 00000000 00:00 0 [vdso]\n",
		"7f12a0000000-7f12a0001000 r--p\n",
		"",
		"nonsense\n",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(line) / sizeof(*line); i++) {
		struct mapping mapping;
		char copy[128];

		strcpy(copy, line[i]);
		if (mapping_take(copy, &mapping))
			fail_msg("taken: %s", line[i]);
	}
}

/* ---- notes ---- */

struct bytes {
	char byte[256];
	size_t length;
};

static void add_note(struct bytes *bytes, uint32_t type, const char *name, size_t name_size,
	const void *says, size_t says_size)
{
	const Elf64_Nhdr header = {(uint32_t)name_size, (uint32_t)says_size, type};

	memcpy(bytes->byte + bytes->length, &header, sizeof(header));
	bytes->length += sizeof(header);
	memcpy(bytes->byte + bytes->length, name, name_size);
	bytes->length += (name_size + 3) & ~3u;
	memcpy(bytes->byte + bytes->length, says, says_size);
	bytes->length += (says_size + 3) & ~3u;
}

static const struct control_note ours = {-40, 7, 56};

static void add_ours(struct bytes *bytes)
{
	add_note(bytes, CONTROL_NOTE, CONTROL_MAGIC, sizeof(CONTROL_MAGIC), &ours, sizeof(ours));
}

static void ours_is_found_behind_others(void **state)
{
	struct bytes bytes = {.length = 0};
	struct control_note note;
	int64_t away;

	(void)state;
	add_note(&bytes, 3, "GNU", 4, "abcde", 5);
	add_note(&bytes, CONTROL_NOTE, "sockfox", 8, &ours, sizeof(ours));
	add_note(&bytes, CONTROL_NOTE + 1, CONTROL_MAGIC, 8, &ours, sizeof(ours));
	add_note(&bytes, CONTROL_NOTE, CONTROL_MAGIC, 8, &ours, 8);
	assert_false(note_find(bytes.byte, bytes.length, &note, &away));
	add_ours(&bytes);
	assert_true(note_find(bytes.byte, bytes.length, &note, &away));
	assert_memory_equal(&note, &ours, sizeof(ours));
	assert_int_equal(away, (int64_t)(bytes.length - sizeof(ours)) - 40);
}

/* Of every length the copy is that long, so that a checker of memory sees a look beyond it. */
static void what_is_cut_off_is_not_found(void **state)
{
	struct bytes bytes = {.length = 0};
	struct control_note note;
	int64_t away;

	(void)state;
	add_note(&bytes, 3, "GNU", 4, "abcde", 5);
	add_ours(&bytes);
	for (size_t length = 0; length < bytes.length; length++) {
		char *copy = malloc(length + !length);

		memcpy(copy, bytes.byte, length);
		assert_false(note_find(copy, length, &note, &away));
		free(copy);
	}
}

static void lengths_that_lead_out_end_it(void **state)
{
	static const uint32_t length[] = {200, 0x7fffffff, 0xfffffffd, 0xffffffff};
	struct control_note note;
	int64_t away;

	(void)state;
	for (size_t i = 0; i < sizeof(length) / sizeof(*length); i++) {
		Elf64_Nhdr header = {length[i], 0, 1};
		struct bytes bytes = {.length = 0};

		add_note(&bytes, 3, "GNU", 4, "", 0);
		memcpy(bytes.byte, &header, sizeof(header));
		add_ours(&bytes);
		assert_false(note_find(bytes.byte, bytes.length, &note, &away));
		header = (Elf64_Nhdr){4, length[i], 1};
		memcpy(bytes.byte, &header, sizeof(header));
		assert_false(note_find(bytes.byte, bytes.length, &note, &away));
	}
}

/* ---- objects ---- */

static Elf64_Ehdr object(void)
{
	Elf64_Ehdr header = {.e_type = ET_DYN, .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 9};

	memcpy(header.e_ident, ELFMAG, SELFMAG);
	header.e_ident[EI_CLASS] = ELFCLASS64;
	header.e_ident[EI_DATA] = ELFDATA2LSB;
	return header;
}

static bool is_object(Elf64_Ehdr header)
{
	const union note_head head = {.wide = header};
	struct note_table table;

	return note_object(&head, &table);
}

static void a_shared_object_is_one(void **state)
{
	Elf64_Ehdr header = object();

	(void)state;
	assert_true(is_object(header));
	header.e_ident[0] = '#';
	assert_false(is_object(header));
	header = object();
	header.e_ident[EI_CLASS] = ELFCLASS32;
	assert_false(is_object(header));
	header = object();
	header.e_ident[EI_DATA] = ELFDATA2MSB;
	assert_false(is_object(header));
	header = object();
	header.e_type = ET_EXEC;
	assert_false(is_object(header));
	header = object();
	header.e_phentsize = 32;
	assert_false(is_object(header));
	header = object();
	header.e_phnum = NOTE_PARTS + 1;
	assert_false(is_object(header));
	header.e_phnum = 0;
	assert_false(is_object(header));
}

static void one_of_32_bits_is_one(void **state)
{
	union note_head head = {.narrow = {.e_type = ET_DYN,
					.e_phoff = 52,
					.e_phentsize = sizeof(Elf32_Phdr),
					.e_phnum = 2}};
	const Elf32_Phdr narrow[] = {{.p_type = PT_LOAD, .p_vaddr = 0x1000},
		{.p_type = PT_NOTE, .p_vaddr = 0x1270, .p_memsz = 0x40}};
	struct note_table table;
	Elf64_Phdr part[2];
	uint64_t away;
	size_t length;

	(void)state;
	memcpy(head.narrow.e_ident, object().e_ident, EI_NIDENT);
	head.narrow.e_ident[EI_CLASS] = ELFCLASS32;
	assert_true(note_object(&head, &table));
	assert_int_equal(table.away, 52);
	note_parts(&table, narrow, part);
	assert_true(note_part(&part[1], &part[0], &away, &length));
	assert_int_equal(away, 0x270);
	assert_int_equal(length, 0x40);
	head.narrow.e_phentsize = sizeof(Elf64_Phdr);
	assert_false(note_object(&head, &table));
}

static void a_part_of_notes_lies_behind_the_first(void **state)
{
	const Elf64_Phdr first = {.p_type = PT_LOAD, .p_offset = 0x40, .p_vaddr = 0x10040};
	Elf64_Phdr part = {.p_type = PT_NOTE, .p_vaddr = 0x10270, .p_memsz = 0x40};
	uint64_t away;
	size_t length;

	(void)state;
	assert_true(note_part(&part, &first, &away, &length));
	assert_int_equal(away, 0x270);
	assert_int_equal(length, 0x40);
	part.p_memsz = NOTE_BYTES + 1;
	assert_false(note_part(&part, &first, &away, &length));
	assert_false(note_part(&first, &first, &away, &length));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_that_begin_there_are_taken),
		cmocka_unit_test(a_deleted_file_is_one_too),
		cmocka_unit_test(other_mappings_are_left_out),
		cmocka_unit_test(ours_is_found_behind_others),
		cmocka_unit_test(what_is_cut_off_is_not_found),
		cmocka_unit_test(lengths_that_lead_out_end_it),
		cmocka_unit_test(a_shared_object_is_one),
		cmocka_unit_test(one_of_32_bits_is_one),
		cmocka_unit_test(a_part_of_notes_lies_behind_the_first),
	};

	return cmocka_run_group_tests_name("library", tests, NULL, NULL);
}
