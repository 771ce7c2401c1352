/* Reads entries of ELF tables by pread(), one at a time: a file that lies about its offsets gets
 * short reads, never a fault. Knows what lies where in both classes, and not what it means.
 * Layouts: elf(5). */
#include "tools/launch/elf_part.h"

#include <string.h>
#include <unistd.h>

bool elf_bytes(int fd, void *out, size_t size, uint64_t offset)
{
	if (offset > (uint64_t)INT64_MAX - size)
		return false;
	return pread(fd, out, size, (off_t)offset) == (ssize_t)size;
}

static bool is_narrow(const struct elf_file *file)
{
	return file->class == ELFCLASS32;
}

static size_t at_most(size_t count)
{
	return count < ELF_MOST_PARTS ? count : ELF_MOST_PARTS;
}

/* The same words for both: their headers have the same names of different widths. */
#define TAKE_TABLES(file, header, segment_size, section_size)                                      \
	do {                                                                                       \
		(file)->segment_table = (header).e_phoff;                                          \
		(file)->section_table = (header).e_shoff;                                          \
		if ((header).e_phentsize == (segment_size))                                        \
			(file)->segments = at_most((header).e_phnum);                              \
		if ((header).e_shentsize == (section_size))                                        \
			(file)->sections = at_most((header).e_shnum);                              \
		(file)->names = (header).e_shstrndx;                                               \
	} while (0)

bool elf_tables(int fd, uint8_t class, struct elf_file *file)
{
	union {
		Elf64_Ehdr wide;
		Elf32_Ehdr narrow;
	} header;
	const size_t size = class == ELFCLASS32 ? sizeof(header.narrow) : sizeof(header.wide);

	*file = (struct elf_file){.fd = fd, .class = class};
	if ((class != ELFCLASS32 && class != ELFCLASS64) || !elf_bytes(fd, &header, size, 0))
		return false;
	if (is_narrow(file))
		TAKE_TABLES(file, header.narrow, sizeof(Elf32_Phdr), sizeof(Elf32_Shdr));
	else
		TAKE_TABLES(file, header.wide, sizeof(Elf64_Phdr), sizeof(Elf64_Shdr));
	return true;
}

/* An entry as it stands in the file, into the one of both that is of its class. */
static bool read_entry(const struct elf_file *file, uint64_t table, size_t number, void *wide,
	size_t wide_size, void *narrow, size_t narrow_size)
{
	return is_narrow(file)
		       ? elf_bytes(file->fd, narrow, narrow_size, table + number * narrow_size)
		       : elf_bytes(file->fd, wide, wide_size, table + number * wide_size);
}

#define READ_ENTRY(file, table, number, wide, narrow)                                              \
	read_entry(file, table, number, wide, sizeof(*(wide)), narrow, sizeof(*(narrow)))

bool elf_segment(const struct elf_file *file, size_t number, Elf64_Phdr *segment)
{
	Elf32_Phdr narrow;

	if (!READ_ENTRY(file, file->segment_table, number, segment, &narrow))
		return false;
	if (is_narrow(file))
		*segment = (Elf64_Phdr){.p_type = narrow.p_type,
			.p_flags = narrow.p_flags,
			.p_offset = narrow.p_offset,
			.p_vaddr = narrow.p_vaddr,
			.p_filesz = narrow.p_filesz};
	return true;
}

bool elf_section(const struct elf_file *file, size_t number, Elf64_Shdr *section)
{
	Elf32_Shdr narrow;

	if (!READ_ENTRY(file, file->section_table, number, section, &narrow))
		return false;
	if (is_narrow(file))
		*section = (Elf64_Shdr){.sh_name = narrow.sh_name, .sh_offset = narrow.sh_offset};
	return true;
}

bool elf_dynamic(
	const struct elf_file *file, const Elf64_Phdr *segment, size_t number, Elf64_Dyn *entry)
{
	Elf32_Dyn narrow;
	const size_t size = is_narrow(file) ? sizeof(narrow) : sizeof(*entry);

	if (number * size >= segment->p_filesz ||
		!READ_ENTRY(file, segment->p_offset, number, entry, &narrow))
		return false;
	if (is_narrow(file))
		*entry = (Elf64_Dyn){.d_tag = narrow.d_tag, .d_un.d_val = narrow.d_un.d_val};
	return true;
}
