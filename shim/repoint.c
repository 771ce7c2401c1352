/* Which slots of an object are repointed: those of a name that we export and the object does not
 * define, if they hold libc's own function of that name, or will: a slot that is bound at its first
 * call (lazily) is followed by hand through the objects that the dynamic linker would look at.
 *
 * What is bound to anything else - the plugin's own function, its library's, another preloaded
 * library's - is left alone. Must not call dlsym(): see loaded.c. */
#include "repoint.h"

#include <errno.h>
#include <string.h>

#include "loaded.h"
#include "log.h"
#include "maps.h"
#include "poke.h"
#include "real.h"
#include "trace_around.h"

#if defined(__x86_64__)
#define R_CALL	  R_X86_64_JUMP_SLOT
#define R_ADDRESS R_X86_64_GLOB_DAT
#define R_DATA	  R_X86_64_64
#elif defined(__aarch64__)
#define R_CALL	  R_AARCH64_JUMP_SLOT
#define R_ADDRESS R_AARCH64_GLOB_DAT
#define R_DATA	  R_AARCH64_ABS64
#endif

/* What every object has by its compiler: _init, and frame_dummy of gcc's crtstuff.c. */
#define USUAL_CONSTRUCTORS 2u

struct work {
	const struct opening *opening;
	bool in_loader;
	struct loaded *loaded;
	const struct object *own;
	size_t root, scope; /* of the opening: its place, and how many it looks names up in */
	bool opened;	    /* there is such an object */
	long mem;	    /* of poke(); 0: not yet asked for */
	bool whole;	    /* nothing was met that is still on its way */
};

struct tally {
	unsigned moved, left; /* slots */
	bool prepares;	      /* its _init comes to us first, by __gmon_start__ */
};

static _Atomic unsigned long long seen_adds;

/* ---- the opening ---- */

static uint64_t hash_of(const char *path)
{
	uint64_t hash = UINT64_C(14695981039346656037);

	for (const char *c = object_last_part(path); *c; c++)
		hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
	return hash;
}

void repoint_expect(struct opening *opening, const char *file)
{
	unsigned long long none = 0;

	opening->file = hash_of(file);
	opening->adds = loaded_adds();
	atomic_compare_exchange_strong(&seen_adds, &none, opening->adds);
}

/* The first of the last so many that were loaded; some may be closed again. */
static size_t first_since(const struct loaded *loaded, unsigned long long adds)
{
	const unsigned long long fresh = loaded->adds - adds;

	return fresh < loaded->count ? loaded->count - (size_t)fresh : 0;
}

/* All that a dlopen() loads lies together, its own file first. */
static void find_root(struct work *work)
{
	const size_t first = first_since(work->loaded, work->opening->adds);

	for (size_t i = work->loaded->count; i-- > first && !work->opened;)
		if (hash_of(work->loaded->object[i].path) == work->opening->file) {
			work->root = i;
			work->opened = true;
		}
	if (work->opened)
		work->scope = loaded_scope(work->loaded, work->root);
}

static bool is_opened_so(const struct work *work, size_t place)
{
	if (!work->opened || place < work->root)
		return false;
	for (size_t i = 0; i < work->scope; i++)
		if (work->loaded->order[i] == place)
			return true;
	return !work->scope;
}

/* ---- what a slot holds ---- */

/* One slot of an object that is about a name of ours. */
struct slot {
	const struct object *object;
	size_t place; /* of the object */
	const char *name, *version;
	uintptr_t address, value;
	bool calls; /* it is of a call, and may not be bound yet */
};

/* An older version of a name can be another ABI, and what our function calls is of this one. */
static bool is_older(const char *version, const char *row)
{
	return version && row && strverscmp(version, row) < 0;
}

static bool defines_at(
	const struct object *libc, const struct slot *slot, const struct real_row *row)
{
	for (const Elf64_Sym *symbol = object_find(libc, slot->name, NULL); symbol;
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

static bool is_libcs(const struct work *work, const struct slot *slot, const struct real_row *row)
{
	for (size_t i = 0; i < work->loaded->count; i++)
		if (object_is_libc(&work->loaded->object[i]) &&
			defines_at(&work->loaded->object[i], slot, row))
			return true;
	return false;
}

/* Our function calls libc's, and nobody's who stands between: that one the plugin went around. */
static bool leads_to_libc(const struct work *work, const struct real_row *row)
{
	for (size_t i = 0; i < work->loaded->count; i++)
		if (object_is_libc(&work->loaded->object[i]) &&
			object_holds(&work->loaded->object[i], (uintptr_t)row->libcs))
			return true;
	return false;
}

/* What its first call would find. */
static bool will_be_libcs(
	const struct work *work, const struct slot *slot, const struct real_row *row)
{
	if (is_older(slot->version, row->version))
		return false;
	for (size_t i = 0; i < work->scope; i++) {
		const struct object *object = &work->loaded->object[work->loaded->order[i]];

		if (object_find(object, slot->name, NULL))
			return object_is_libc(object);
	}
	return false;
}

/* ---- slots ---- */

static bool write_slot(struct work *work, const struct slot *slot, uintptr_t ours)
{
	if (!work->mem)
		work->mem = poke_begin();
	return poke(work->mem, slot->address, ours);
}

static void visit_slot(struct work *work, const struct slot *slot, struct tally *tally)
{
	const Elf64_Sym *own = object_default(work->own, slot->name);
	const bool unbound = slot->calls && object_holds(slot->object, slot->value);
	uintptr_t ours;
	struct real_row row;

	if (!own || slot->value == (ours = object_address(work->own, own)) ||
		!real_row(slot->name, &row))
		return;
	/* Zero, or not yet moved to where the object lies: another thread is opening it. */
	if (slot->value < slot->object->high - slot->object->low) {
		work->whole = work->in_loader;
		return;
	}
	if (unbound ? !is_opened_so(work, slot->place) : !is_libcs(work, slot, &row))
		return;
	if (unbound && work->scope && !will_be_libcs(work, slot, &row))
		return;
	if ((unbound && !work->scope) || !leads_to_libc(work, &row) ||
		!write_slot(work, slot, ours))
		tally->left++;
	else
		tally->moved++;
}

static void visit_relocation(
	struct work *work, size_t place, const Elf64_Rela *relocation, struct tally *tally)
{
	const struct object *object = &work->loaded->object[place];
	const unsigned type = ELF64_R_TYPE(relocation->r_info);
	const Elf64_Sym *symbol = &object->symbols[ELF64_R_SYM(relocation->r_info)];
	struct slot slot = {.object = object,
		.place = place,
		.address = object->base + relocation->r_offset,
		.calls = type == R_CALL};

	if ((type != R_CALL && type != R_ADDRESS && type != R_DATA) || relocation->r_addend ||
		symbol->st_shndx != SHN_UNDEF || !object_holds(object, slot.address) ||
		!object_holds(object, slot.address + sizeof(slot.value) - 1))
		return;
	slot.name = object->strings + symbol->st_name;
	slot.version = object_version(object, symbol);
	memcpy(&slot.value, (const void *)slot.address, sizeof(slot.value));
	if (strcmp(slot.name, "__gmon_start__") == 0)
		tally->prepares = true;
	else
		visit_slot(work, &slot, tally);
}

/* ---- objects ---- */

/* Whether something of it may have run before this. */
static bool ran_before(
	const struct work *work, const struct object *object, const struct tally *tally)
{
	if (tally->prepares)
		return !work->in_loader && object->constructors > USUAL_CONSTRUCTORS;
	return object->constructors > 0;
}

static void tell(const struct work *work, const struct object *object, const struct tally *tally)
{
	const char *name = object_name(object);

	if (tally->left) {
		log_info("%s was opened with RTLD_DEEPBIND and cannot be seen: %u of its calls go "
			 "straight to libc",
			name, tally->left);
		trace_around(AROUND_CALLS, name);
	} else if (tally->moved && ran_before(work, object, tally))
		trace_around(AROUND_CONSTRUCTORS, name);
	if (tally->moved)
		log_debug("%s was opened with RTLD_DEEPBIND: %u of its calls lead here now", name,
			tally->moved);
}

static void visit_object(struct work *work, size_t place)
{
	const struct object *object = &work->loaded->object[place];
	struct tally tally = {0};

	if (object == work->own || !object->symbols || object_is_libc(object))
		return;
	for (int i = 0; i < 2; i++)
		for (size_t r = 0; r < object->relocations[i].count; r++)
			visit_relocation(work, place, &object->relocations[i].first[r], &tally);
	tell(work, object, &tally);
}

static bool has_no_descriptor(const struct work *work)
{
	return work->mem == -EMFILE || work->mem == -ENFILE;
}

static void visit_all(struct loaded *loaded, void *context)
{
	struct work *work = context;
	unsigned long long seen = atomic_load(&seen_adds);

	/* Another thread may have passed by what this one opened, and not known what to make of it.
	 */
	if (work->opening->adds < seen)
		seen = work->opening->adds;
	work->loaded = loaded;
	for (size_t i = 0; i < loaded->count; i++)
		if (maps_is_own(&loaded->object[i]))
			work->own = &loaded->object[i];
	if (!work->own || seen == loaded->adds)
		return;
	find_root(work);
	for (size_t i = first_since(loaded, seen); i < loaded->count; i++)
		visit_object(work, i);
	poke_end(work->mem ? work->mem : -1);
	if (work->whole && !has_no_descriptor(work))
		atomic_store(&seen_adds, loaded->adds);
}

bool repoint(const struct opening *opening, bool in_loader)
{
	struct work work = {.opening = opening, .in_loader = in_loader, .whole = true};
	struct loaded loaded = {0};

	if (!loaded_take(&loaded, in_loader ? NULL : visit_all, &work))
		return false;
	if (in_loader)
		visit_all(&loaded, &work);
	loaded_free(&loaded);
	return !has_no_descriptor(&work);
}
