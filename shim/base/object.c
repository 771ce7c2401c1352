/* Reading a loaded object: its dynamic section, its two kinds of hash table, its versions.
 *
 * Formats: the System V ABI, ch. 5 "Dynamic Linking" (DT_*, hash table); DT_GNU_HASH and symbol
 * versions as glibc reads them (elf/dl-lookup.c, elf/dl-version.c). Must not write, call or keep
 * anything: it works before libc and a sanitizer do. */
#include "shim/base/object.h"

/* As strcmp() == 0; a sanitizer that asks for its first name cannot answer for that one yet. */
static bool is_same(const char *one, const char *other)
{
	while (*one && *one == *other) {
		one++;
		other++;
	}
	return *one == *other;
}

/* ---- names ---- */

const char *object_last_part(const char *path)
{
	const char *last = path;

	for (; *path; path++)
		if (*path == '/')
			last = path + 1;
	return last;
}

const char *object_name(const struct object *object)
{
	return object_last_part(object->path);
}

static bool begins_with(const char *text, const char *with)
{
	while (*with && *text == *with) {
		text++;
		with++;
	}
	return !*with;
}

/* musl's is the dynamic linker itself, and has no soname. */
static bool is_libc(const struct object *object)
{
	static const char part[][16] = {"libc.so.6", "libpthread.so.0", "librt.so.1", "libdl.so.2"};

	for (size_t i = 0; i < sizeof(part) / sizeof(*part); i++)
		if (is_same(object->soname, part[i]))
			return true;
	return !*object->soname && begins_with(object_name(object), "ld-musl-");
}

/* ---- the dynamic section ---- */

#if __ELF_NATIVE_CLASS == 64
enum { DT_OTHERS = DT_RELA, DT_OTHERS_SIZE = DT_RELASZ, DT_OTHERS_RELATIVE = DT_RELACOUNT };
#else
enum { DT_OTHERS = DT_REL, DT_OTHERS_SIZE = DT_RELSZ, DT_OTHERS_RELATIVE = DT_RELCOUNT };
#endif

/* glibc has added the base to the pointers in the section, musl and the vDSO have not. */
static const void *at(const struct object *object, ElfW(Addr) value)
{
	return (const void *)(value < object->base ? value + object->base : value);
}

static void take_tables(struct object *object, const ElfW(Dyn) *entry)
{
	const void *place = at(object, entry->d_un.d_ptr);

	switch (entry->d_tag) {
	case DT_STRTAB:
		object->strings = place;
		break;
	case DT_SYMTAB:
		object->symbols = place;
		break;
	case DT_GNU_HASH:
		object->gnu_hash = place;
		break;
	case DT_HASH:
		object->hash = place;
		break;
	case DT_VERSYM:
		object->versions = place;
		break;
	case DT_VERDEF:
		object->defines = place;
		break;
	case DT_VERNEED:
		object->needs = place;
		break;
	case DT_JMPREL:
		object->relocations[0].first = place;
		break;
	case DT_OTHERS:
		object->relocations[1].first = place;
		break;
	}
}

static void take_sizes(struct object *object, const ElfW(Dyn) *entry)
{
	const size_t size = entry->d_un.d_val;

	switch (entry->d_tag) {
	case DT_PLTRELSZ:
		object->relocations[0].count = size / sizeof(object_relocation);
		break;
	case DT_OTHERS_SIZE:
		object->relocations[1].count = size / sizeof(object_relocation);
		break;
	case DT_INIT:
		object->constructors++;
		break;
	case DT_INIT_ARRAYSZ:
		object->constructors += size / sizeof(ElfW(Addr));
		break;
	}
}

/* Most are of no symbol, and come first. */
static void trim_relocations(struct object *object, size_t relative)
{
	struct relocations *others = &object->relocations[1];

	for (int i = 0; i < 2; i++)
		if (!object->relocations[i].first)
			object->relocations[i].count = 0;
	if (relative > others->count)
		relative = others->count;
	others->count -= relative;
	others->first += others->count ? relative : 0;
}

bool object_read(struct object *object, uintptr_t base, const ElfW(Dyn) *dynamic, const char *path)
{
	size_t soname = 0, relative = 0;

	*object = (struct object){.base = base, .dynamic = dynamic, .path = path ? path : ""};
	for (const ElfW(Dyn) *entry = dynamic; entry->d_tag != DT_NULL; entry++) {
		take_tables(object, entry);
		take_sizes(object, entry);
		if (entry->d_tag == DT_SONAME)
			soname = entry->d_un.d_val;
		if (entry->d_tag == DT_OTHERS_RELATIVE)
			relative = entry->d_un.d_val;
	}
	trim_relocations(object, relative);
	object->soname = soname && object->strings ? object->strings + soname : "";
	object->libc = is_libc(object);
	return object->symbols && object->strings;
}

/* ---- symbols ---- */

static bool defines(const struct object *object, const ElfW(Sym) *symbol, const char *name)
{
	const unsigned type = ELF64_ST_TYPE(symbol->st_info);

	return symbol->st_shndx != SHN_UNDEF && symbol->st_value &&
	       (type == STT_FUNC || type == STT_NOTYPE || type == STT_GNU_IFUNC) &&
	       is_same(object->strings + symbol->st_name, name);
}

/* A search goes on behind `after`, if there is one. */
struct search {
	const struct object *object;
	const char *name;
	uint32_t hash; /* of DT_GNU_HASH */
	const ElfW(Sym) *after;
};

static bool is_it(struct search *search, const ElfW(Sym) *symbol)
{
	if (search->after) {
		if (symbol == search->after)
			search->after = NULL;
		return false;
	}
	return defines(search->object, symbol, search->name);
}

static const ElfW(Sym) *find_by_gnu_hash(struct search *search)
{
	const uint32_t *table = search->object->gnu_hash, buckets = table[0], first = table[1];
	const uint32_t words = table[2], shift = table[3];
	const ElfW(Addr) *bloom = (const ElfW(Addr) *)(table + 4);
	const uint32_t *bucket = (const uint32_t *)(bloom + words), *chain = bucket + buckets;
	const unsigned bits = sizeof(*bloom) * 8;
	const uint32_t hash = search->hash;
	const ElfW(Addr) word = bloom[hash / bits % words];
	uint32_t index;

	if (!(word >> hash % bits & word >> (hash >> shift) % bits & 1))
		return NULL;
	index = bucket[hash % buckets];
	for (; index >= first && index; index++) {
		const uint32_t theirs = chain[index - first];
		const ElfW(Sym) *symbol = search->object->symbols + index;

		if ((theirs | 1) == (hash | 1) && is_it(search, symbol))
			return symbol;
		if (theirs & 1)
			break;
	}
	return NULL;
}

static const ElfW(Sym) *find_by_hash(struct search *search)
{
	const uint32_t *table = search->object->hash, *bucket = table + 2,
		       *chain = bucket + table[0];
	uint32_t hash = 0;

	for (const char *c = search->name; *c; c++) {
		hash = (hash << 4) + (unsigned char)*c;
		hash = (hash ^ (hash >> 24 & 0xf0)) & 0x0fffffff;
	}
	for (uint32_t index = bucket[hash % table[0]]; index; index = chain[index])
		if (is_it(search, search->object->symbols + index))
			return search->object->symbols + index;
	return NULL;
}

static const ElfW(Sym) *find(struct search search)
{
	const struct object *object = search.object;

	if (object->gnu_hash)
		return object->gnu_hash[0] && object->gnu_hash[2] ? find_by_gnu_hash(&search)
								  : NULL;
	return object->hash && object->hash[0] ? find_by_hash(&search) : NULL;
}

uint32_t object_hash(const char *name)
{
	uint32_t hash = 5381;

	for (; *name; name++)
		hash = hash * 33 + (unsigned char)*name;
	return hash;
}

const ElfW(Sym) *object_find(const struct object *object, const char *name, const ElfW(Sym) *after)
{
	return find((struct search){object, name, object_hash(name), after});
}

#define HIDDEN 0x8000u /* of a version: only who asks for it by name gets it */

const ElfW(Sym) *object_default_of(const struct object *object, const char *name, uint32_t hash)
{
	const ElfW(Sym) *first = find((struct search){object, name, hash, NULL}), *symbol = first;

	while (symbol && object->versions && object->versions[symbol - object->symbols] & HIDDEN)
		symbol = find((struct search){object, name, hash, symbol});
	return symbol ? symbol : first;
}

const ElfW(Sym) *object_default(const struct object *object, const char *name)
{
	return object_default_of(object, name, object_hash(name));
}

/* ---- versions ---- */

static const char *version_defined(const struct object *object, unsigned number)
{
	const ElfW(Verdef) *entry = object->defines;

	while (entry) {
		const char *place = (const char *)entry;

		if (entry->vd_ndx == number)
			return object->strings +
			       ((const ElfW(Verdaux) *)(place + entry->vd_aux))->vda_name;
		entry = entry->vd_next ? (const ElfW(Verdef) *)(place + entry->vd_next) : NULL;
	}
	return NULL;
}

static const char *version_in(
	const struct object *object, const ElfW(Verneed) *entry, unsigned number)
{
	const char *place = (const char *)entry + entry->vn_aux;

	for (unsigned i = 0; i < entry->vn_cnt; i++) {
		const ElfW(Vernaux) *version = (const ElfW(Vernaux) *)place;

		if ((version->vna_other & ~HIDDEN) == number)
			return object->strings + version->vna_name;
		place += version->vna_next;
	}
	return NULL;
}

static const char *version_needed(const struct object *object, unsigned number)
{
	const ElfW(Verneed) *entry = object->needs;

	while (entry) {
		const char *found = version_in(object, entry, number);

		if (found)
			return found;
		entry = entry->vn_next
				? (const ElfW(Verneed) *)((const char *)entry + entry->vn_next)
				: NULL;
	}
	return NULL;
}

const char *object_version(const struct object *object, const ElfW(Sym) *symbol)
{
	unsigned number;

	if (!object->versions)
		return NULL;
	number = object->versions[symbol - object->symbols] & ~HIDDEN;
	if (number < 2) /* local, or of no version */
		return NULL;
	return symbol->st_shndx == SHN_UNDEF ? version_needed(object, number)
					     : version_defined(object, number);
}

const ElfW(Sym) *object_of_version(const struct object *object, const char *name, uint32_t hash,
	const ElfW(Sym) *standard, const char *version)
{
	const ElfW(Sym) *other = NULL;

	while ((other = find((struct search){object, name, hash, other}))) {
		const char *its = other->st_value == standard->st_value
					  ? NULL
					  : object_version(object, other);

		if (its && is_same(its, version))
			return other;
	}
	return standard;
}
