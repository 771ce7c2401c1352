/* Which slots are libc's. Pure: reads what is loaded, writes nothing, and must not call dlsym():
 * see loaded.c. Relocations: the psABIs of x86-64 (table 4.9) and AArch64 (dynamic relocations). */
#include "shim/load/slot.h"

#include <string.h>

#if defined(__x86_64__)
#define R_CALL	  R_X86_64_JUMP_SLOT
#define R_ADDRESS R_X86_64_GLOB_DAT
#define R_DATA	  R_X86_64_64
#elif defined(__i386__)
#define R_CALL	  R_386_JMP_SLOT
#define R_ADDRESS R_386_GLOB_DAT
#define R_DATA	  R_386_32
#elif defined(__aarch64__)
#define R_CALL	  R_AARCH64_JUMP_SLOT
#define R_ADDRESS R_AARCH64_GLOB_DAT
#define R_DATA	  R_AARCH64_ABS64
#endif

bool slot_read(struct slot *slot, const struct loaded *loaded, size_t place,
	const object_relocation *relocation)
{
	const struct object *object = &loaded->object[place];
	const unsigned type = OBJECT_RELOCATION_TYPE(relocation->r_info);
	const ElfW(Sym) *symbol = &object->symbols[OBJECT_RELOCATION_SYMBOL(relocation->r_info)];
	const uintptr_t address = object->base + relocation->r_offset;

	if ((type != R_CALL && type != R_ADDRESS && type != R_DATA) ||
		OBJECT_RELOCATION_ADDEND(relocation) || symbol->st_shndx != SHN_UNDEF ||
		!object_holds(object, address) ||
		!object_holds(object, address + sizeof(slot->value) - 1))
		return false;
	*slot = (struct slot){.object = object,
		.place = place,
		.symbol = symbol,
		.name = object->strings + symbol->st_name,
		.address = address,
		.calls = type == R_CALL};
	memcpy(&slot->value, (const void *)address, sizeof(slot->value));
	return true;
}

/* An older version of a name can be another ABI, and what our function calls is of this one. */
static bool is_older(const char *version, const char *row)
{
	return version && row && strverscmp(version, row) < 0;
}

static bool defines_at(
	const struct object *libc, const struct slot *slot, const struct real_row *row)
{
	for (const ElfW(Sym) *symbol = object_find(libc, slot->name, NULL); symbol;
		symbol = object_find(libc, slot->name, symbol)) {
		const bool indirect = ELF64_ST_TYPE(symbol->st_info) == STT_GNU_IFUNC;

		if (is_older(object_version(libc, symbol), row->version))
			continue;
		if (indirect ? object_holds(libc, slot->value)
			     : object_address(libc, symbol) == slot->value)
			return true;
	}
	return false;
}

bool slot_is_libcs(const struct slot *slot, const struct loaded *loaded, const struct real_row *row)
{
	for (size_t i = 0; i < loaded->count; i++)
		if (loaded->object[i].libc && defines_at(&loaded->object[i], slot, row))
			return true;
	return false;
}

bool slot_will_be_libcs(const struct slot *slot, const struct loaded *loaded, size_t scope,
	const struct real_row *row)
{
	if (is_older(object_version(slot->object, slot->symbol), row->version))
		return false;
	for (size_t i = 0; i < scope; i++) {
		const struct object *object = &loaded->object[loaded->order[i]];

		if (object_find(object, slot->name, NULL))
			return object->libc;
	}
	return false;
}

bool slot_row_is_libcs(const struct real_row *row, const struct loaded *loaded)
{
	for (size_t i = 0; i < loaded->count; i++)
		if (loaded->object[i].libc &&
			object_holds(&loaded->object[i], (uintptr_t)row->libcs))
			return true;
	return false;
}
