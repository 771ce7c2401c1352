/* Our note among those of an object that lies in some process's memory (elf(5)). Pure: who has the
 * bytes asks, and another process's bytes are never trusted. */
#ifndef SOCKFIX_LIVE_NOTE_H
#define SOCKFIX_LIVE_NOTE_H

#include <elf.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/control_page.h"

enum { NOTE_PARTS = 64, NOTE_BYTES = 4096 }; /* more than that has no library of ours */

/* The first bytes of an object, of 64 or of 32 bits. */
union note_head {
	Elf64_Ehdr wide;
	Elf32_Ehdr narrow;
};

/* Whether it is a shared object of this machine's byte order, and its table of parts can be read:
 * *parts, each of *size bytes, that lie *away behind the object's beginning. */
struct note_table {
	unsigned parts;
	size_t size;
	uint64_t away;
};
bool note_object(const union note_head *head, struct note_table *table);

/* Its table, as it was copied: that of 32 bits in the words of 64. */
void note_parts(const struct note_table *table, const void *bytes, Elf64_Phdr *part);

/* Whether this part is one of notes; *away: where it lies behind the object's beginning. first: the
 * part that is loaded first. */
bool note_part(const Elf64_Phdr *part, const Elf64_Phdr *first, uint64_t *away, size_t *length);

/* Finds our note. *away: from the beginning of the bytes to the control page. */
bool note_find(const void *bytes, size_t length, struct control_note *note, int64_t *away);

#endif
