/* Which slots of an object are repointed: those of a name that we export and the object does not
 * define, if they hold libc's own function of that name, or will: a slot that is bound at its first
 * call (lazily) is followed by hand through the objects that the dynamic linker would look at.
 *
 * What is bound to anything else - the plugin's own function, its library's, another preloaded
 * library's - is left alone. An object is repointed altogether or not at all: who holds what it
 * writes must see it wait. Must not call dlsym(): see loaded.c. */
#include "shim/load/repoint.h"

#include <errno.h>
#include <string.h>

#include "shim/load/loaded.h"
#include "shim/base/log.h"
#include "shim/base/maps.h"
#include "shim/base/poke.h"
#include "shim/real.h"
#include "shim/load/slot.h"
#include "shim/record/around.h"

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

#define MOVES 256u /* more than any object has names of ours, by all kinds of relocation */

/* What is to be done to one object. */
struct plan {
	struct move {
		uintptr_t address, ours;
	} move[MOVES];
	unsigned moves, left; /* slots that are to change, and those that cannot */
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

/* ---- slots ---- */

/* Whether it goes around us. */
static bool is_around(struct work *work, const struct slot *slot, const struct real_row *row)
{
	if (slot_is_raw(slot)) {
		work->whole = work->whole && work->in_loader;
		return false;
	}
	if (!slot_is_unbound(slot))
		return slot_is_libcs(slot, work->loaded, row);
	if (!is_opened_so(work, slot->place))
		return false;
	return !work->scope || slot_will_be_libcs(slot, work->loaded, work->scope, row);
}

static bool can_move(const struct work *work, const struct slot *slot, const struct real_row *row)
{
	return slot_row_is_libcs(row, work->loaded) && (work->scope || !slot_is_unbound(slot));
}

static void plan_slot(struct work *work, const struct slot *slot, struct plan *plan)
{
	const ElfW(Sym) *own = object_default(work->own, slot->name);
	const uintptr_t ours = own ? object_address(work->own, own) : 0;
	struct real_row row;

	if (!own || slot->value == ours || !real_row(slot->name, &row) ||
		!is_around(work, slot, &row))
		return;
	if (can_move(work, slot, &row) && plan->moves < MOVES)
		plan->move[plan->moves++] = (struct move){slot->address, ours};
	else
		plan->left++;
}

static void plan_object(struct work *work, size_t place, struct plan *plan)
{
	const struct object *object = &work->loaded->object[place];
	struct slot slot;

	/* Those that may be read-only come first: if they cannot be written, none are. */
	for (int i = 2; i-- > 0;)
		for (size_t r = 0; r < object->relocations[i].count; r++) {
			if (!slot_read(
				    &slot, work->loaded, place, &object->relocations[i].first[r]))
				continue;
			if (strcmp(slot.name, "__gmon_start__") == 0)
				plan->prepares = true;
			else
				plan_slot(work, &slot, plan);
		}
}

static void carry_out(struct work *work, struct plan *plan)
{
	for (unsigned i = 0; i < plan->moves && !plan->left; i++)
		if (!poke(work->mem, plan->move[i].address, plan->move[i].ours))
			plan->left++;
}

/* ---- objects ---- */

/* Whether something of it may have run before this. */
static bool ran_before(
	const struct work *work, const struct object *object, const struct plan *plan)
{
	if (plan->prepares)
		return !work->in_loader && object->constructors > USUAL_CONSTRUCTORS;
	return object->constructors > 0;
}

static void tell(const struct work *work, const struct object *object, const struct plan *plan)
{
	const char *name = object_name(object);

	if (plan->left) {
		log_info("%s was opened with RTLD_DEEPBIND and cannot be watched: its calls go "
			 "straight to libc",
			name);
		trace_around(AROUND_CALLS, name);
		return;
	}
	log_debug("%s was opened with RTLD_DEEPBIND: %u of its calls lead here now", name,
		plan->moves);
	if (ran_before(work, object, plan))
		trace_around(AROUND_CONSTRUCTORS, name);
}

static bool has_no_descriptor(const struct work *work)
{
	return work->mem == -EMFILE || work->mem == -ENFILE;
}

static void visit_object(struct work *work, size_t place)
{
	const struct object *object = &work->loaded->object[place];
	struct plan plan;

	if (object == work->own || !object->symbols || object->libc)
		return;
	plan.moves = plan.left = 0;
	plan.prepares = false;
	plan_object(work, place, &plan);
	if (plan.moves && !plan.left) {
		if (!work->mem)
			work->mem = poke_begin();
		if (has_no_descriptor(work))
			return;
		carry_out(work, &plan);
	}
	if (plan.moves || plan.left)
		tell(work, object, &plan);
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
