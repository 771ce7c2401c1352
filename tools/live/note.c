/* Reads ELF headers and notes that were copied from another process. Must not follow a number in
 * them beyond the bytes that there are. */
#include "tools/live/note.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { OUR_ORDER = ELFDATA2LSB };
#else
enum { OUR_ORDER = ELFDATA2MSB };
#endif

bool note_object(const union note_head *head, struct note_table *table)
{
	const unsigned char *ident = head->wide.e_ident;

	if (memcmp(ident, ELFMAG, SELFMAG) != 0 || ident[EI_DATA] != OUR_ORDER ||
		head->wide.e_type != ET_DYN) /* where it is in both */
		return false;
	if (ident[EI_CLASS] == ELFCLASS64 && head->wide.e_phentsize == sizeof(Elf64_Phdr))
		*table = (struct note_table){
			head->wide.e_phnum, sizeof(Elf64_Phdr), head->wide.e_phoff};
	else if (ident[EI_CLASS] == ELFCLASS32 && head->narrow.e_phentsize == sizeof(Elf32_Phdr))
		*table = (struct note_table){
			head->narrow.e_phnum, sizeof(Elf32_Phdr), head->narrow.e_phoff};
	else
		return false;
	return table->parts > 0 && table->parts <= NOTE_PARTS;
}

void note_parts(const struct note_table *table, const void *bytes, Elf64_Phdr *part)
{
	const Elf32_Phdr *narrow = bytes;

	if (table->size == sizeof(*part))
		memcpy(part, bytes, table->parts * sizeof(*part));
	for (unsigned i = 0; i < table->parts && table->size == sizeof(*narrow); i++)
		part[i] = (Elf64_Phdr){.p_type = narrow[i].p_type,
			.p_offset = narrow[i].p_offset,
			.p_vaddr = narrow[i].p_vaddr,
			.p_memsz = narrow[i].p_memsz};
}

bool note_part(const Elf64_Phdr *part, const Elf64_Phdr *first, uint64_t *away, size_t *length)
{
	if (part->p_type != PT_NOTE || part->p_memsz > NOTE_BYTES)
		return false;
	*away = part->p_vaddr - (first->p_vaddr - first->p_offset);
	*length = part->p_memsz;
	return true;
}

/* Of 32 bits: what is added up here has more, or a length that lies would come round. */
static uint64_t padded(uint32_t length)
{
	return ((uint64_t)length + 3) & ~(uint64_t)3;
}

static bool is_ours(const Elf64_Nhdr *header, const char *name)
{
	return header->n_type == CONTROL_NOTE && header->n_namesz == sizeof(CONTROL_MAGIC) &&
	       header->n_descsz >= sizeof(struct control_note) &&
	       memcmp(name, CONTROL_MAGIC, sizeof(CONTROL_MAGIC)) == 0;
}

bool note_find(const void *bytes, size_t length, struct control_note *note, int64_t *away)
{
	const char *at = bytes;
	Elf64_Nhdr header;

	while (length >= sizeof(header)) {
		uint64_t name, whole;

		memcpy(&header, at, sizeof(header));
		name = padded(header.n_namesz);
		whole = sizeof(header) + name + padded(header.n_descsz);
		if (whole > length)
			return false;
		if (is_ours(&header, at + sizeof(header))) {
			at += sizeof(header) + name;
			memcpy(note, at, sizeof(*note));
			*away = at - (const char *)bytes + note->away;
			return true;
		}
		at += whole;
		length -= whole;
	}
	return false;
}
