/* Reads ELF headers and notes that were copied from another process. Must not follow a number in
 * them beyond the bytes that there are. */
#include "tools/live/note.h"

#include <string.h>

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
enum { OUR_ORDER = ELFDATA2LSB };
#else
enum { OUR_ORDER = ELFDATA2MSB };
#endif

bool note_object(const Elf64_Ehdr *object)
{
	return memcmp(object->e_ident, ELFMAG, SELFMAG) == 0 &&
	       object->e_ident[EI_CLASS] == ELFCLASS64 && object->e_ident[EI_DATA] == OUR_ORDER &&
	       object->e_type == ET_DYN && object->e_phentsize == sizeof(Elf64_Phdr) &&
	       object->e_phnum > 0 && object->e_phnum <= NOTE_PARTS;
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
