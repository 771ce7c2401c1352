/* A slot of an object, where the dynamic linker puts the address of a function: what it holds now,
 * or what its first call would find. */
#ifndef SOCKFIX_SLOT_H
#define SOCKFIX_SLOT_H

#include "shim/load/loaded.h"
#include "shim/real.h"

/* About a name of ours that the object asks for and does not define. */
struct slot {
	const struct object *object;
	size_t place; /* of the object, among those that are loaded */
	const ElfW(Sym) *symbol;
	const char *name;
	uintptr_t address, value;
	bool calls; /* it is of a call, and may not be bound yet */
};

/* False: the relocation needs none, or it is not a whole address. */
bool slot_read(struct slot *slot, const struct loaded *loaded, size_t place,
	const object_relocation *relocation);

/* Leads into its own object: the first call is still to bind it. */
static inline bool slot_is_unbound(const struct slot *slot)
{
	return slot->calls && object_holds(slot->object, slot->value);
}

/* Zero, or not yet moved to where the object lies: it is being opened. */
static inline bool slot_is_raw(const struct slot *slot)
{
	return slot->value < slot->object->high - slot->object->low;
}

/* Whether it holds libc's own function of that name, of the version that ours calls. */
bool slot_is_libcs(
	const struct slot *slot, const struct loaded *loaded, const struct real_row *row);

/* The same of what it will hold; `scope` places in loaded->order are looked into. */
bool slot_will_be_libcs(const struct slot *slot, const struct loaded *loaded, size_t scope,
	const struct real_row *row);

/* Our function calls libc's, and nobody's who stands between: that one the plugin went around. */
bool slot_row_is_libcs(const struct real_row *row, const struct loaded *loaded);

#endif
