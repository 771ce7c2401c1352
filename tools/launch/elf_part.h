/* The tables of an ELF file, of 64 or of 32 bits: an entry at a time, in the words of 64. */
#ifndef SOCKFIX_ELF_PART_H
#define SOCKFIX_ELF_PART_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { ELF_MOST_PARTS = 4096 }; /* bound of the work on a hostile file */

struct elf_file {
	int fd;
	uint8_t class;
	uint64_t segment_table, section_table; /* where they begin */
	size_t segments, sections, names;      /* names: the section that has the sections' names */
};

/* Reads where the tables are; of this machine's byte order only. False: the file ends before that,
 * or its entries have a size that no table of this class has: then it has none. */
bool elf_tables(int fd, uint8_t class, struct elf_file *file);

/* False: it lies beyond the file's end. Of a section only its name's place and its own are read. */
bool elf_segment(const struct elf_file *file, size_t number, Elf64_Phdr *segment);
bool elf_section(const struct elf_file *file, size_t number, Elf64_Shdr *section);
/* Of the segment PT_DYNAMIC; false beyond its end, too. */
bool elf_dynamic(
	const struct elf_file *file, const Elf64_Phdr *segment, size_t number, Elf64_Dyn *entry);

/* False: not all of it is there. */
bool elf_bytes(int fd, void *out, size_t size, uint64_t offset);

#endif
