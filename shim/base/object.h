/* A loaded ELF object, read from its dynamic section in memory: names, symbols, relocations.
 *
 * Pure: looks at what the dynamic linker has mapped and already trusts, calls nothing. The object
 * must stay loaded meanwhile; who asks sees to that. */
#ifndef SOCKFIX_OBJECT_H
#define SOCKFIX_OBJECT_H

#include <link.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* A relocation, in the form that this machine's linker writes (System V ABI, the supplements): on
 * i386 without an addend, which stands in the place itself; and the parts of its r_info. */
#if __ELF_NATIVE_CLASS == 64
#define object_relocation	    Elf64_Rela
#define OBJECT_RELOCATION_SYMBOL    ELF64_R_SYM
#define OBJECT_RELOCATION_TYPE	    ELF64_R_TYPE
#define OBJECT_RELOCATION_ADDEND(r) ((r)->r_addend)
#else
#define object_relocation	    Elf32_Rel
#define OBJECT_RELOCATION_SYMBOL    ELF32_R_SYM
#define OBJECT_RELOCATION_TYPE	    ELF32_R_TYPE
#define OBJECT_RELOCATION_ADDEND(r) 0
#endif

struct object {
	uintptr_t base, low, high; /* low, high: what it takes of memory; 0 where nobody said */
	const ElfW(Dyn) *dynamic;
	const char *path;   /* as the dynamic linker has it; "" of the program itself */
	const char *soname; /* "": none */
	const char *strings;
	const ElfW(Sym) *symbols;
	const ElfW(Half) *versions; /* of each symbol; NULL: none */
	const ElfW(Verdef) *defines;
	const ElfW(Verneed) *needs;
	const uint32_t *gnu_hash, *hash;
	struct relocations {
		const object_relocation *first;
		size_t count;
	} relocations[2]; /* of calls, and all others about symbols */
	size_t constructors;
	bool libc; /* it is a part of libc */
};

/* base and dynamic: as in struct link_map. False: it has no symbols. */
bool object_read(struct object *object, uintptr_t base, const ElfW(Dyn) *dynamic, const char *path);

/* A definition of name: the first one, or the next one after that. NULL: no more. There are several
 * where the name has several versions. */
const ElfW(Sym) *object_find(const struct object *object, const char *name, const ElfW(Sym) *after);

/* The one that a lookup without a version finds. NULL: none. */
const ElfW(Sym) *object_default(const struct object *object, const char *name);

/* The same for who looks into many objects: the hash of the name is made once. */
uint32_t object_hash(const char *name);
const ElfW(Sym) *object_default_of(const struct object *object, const char *name, uint32_t hash);

/* The definition of that version where it is another function than the standard one; else that. */
const ElfW(Sym) *object_of_version(const struct object *object, const char *name, uint32_t hash,
	const ElfW(Sym) *standard, const char *version);

/* "GLIBC_2.2.5", of a symbol that it defines or asks for. NULL: it has none. */
const char *object_version(const struct object *object, const ElfW(Sym) *symbol);

static inline uintptr_t object_address(const struct object *object, const ElfW(Sym) *symbol)
{
	return object->base + symbol->st_value;
}

static inline bool object_holds(const struct object *object, uintptr_t address)
{
	return address >= object->low && address < object->high;
}

/* What stands behind the last slash: of any path, of its own. */
const char *object_last_part(const char *path);
const char *object_name(const struct object *object);

#endif
