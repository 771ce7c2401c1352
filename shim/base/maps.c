/* Walks the list that the dynamic linker keeps for debuggers (link.h, struct r_debug).
 *
 * That list is read and nothing is called: sanitizers stand before dl_iterate_phdr(), and look up
 * their own names by our dlsym() before they can be called. Where a program has no such list (it
 * was started by musl's dynamic linker as a command), dl_iterate_phdr() tells. */
#include "shim/base/maps.h"

#include <sys/auxv.h>

bool maps_is_own(const struct object *object)
{
	return object->dynamic == _DYNAMIC; /* every object has its own, link.h */
}

/* ---- the list ---- */

static const ElfW(Dyn) *program_dynamic(void)
{
	const ElfW(Phdr) *head = (const ElfW(Phdr) *)getauxval(AT_PHDR);
	const size_t heads = head ? getauxval(AT_PHNUM) : 0;
	uintptr_t base = 0, dynamic = 0;
	bool known = false;

	for (size_t i = 0; i < heads; i++) {
		if (head[i].p_type == PT_PHDR) {
			base = (uintptr_t)head - head[i].p_vaddr;
			known = true;
		}
		/* without that one, it lies where it was linked for, or nobody knows where */
		if (head[i].p_type == PT_LOAD &&
			(uintptr_t)head - head[i].p_vaddr < head[i].p_memsz)
			known = true;
		if (head[i].p_type == PT_DYNAMIC)
			dynamic = head[i].p_vaddr;
	}
	return dynamic && known ? (const ElfW(Dyn) *)(base + dynamic) : NULL;
}

static const struct link_map *first_map(void)
{
	const ElfW(Dyn) *entry = program_dynamic();

	for (; entry && entry->d_tag != DT_NULL; entry++)
		if (entry->d_tag == DT_DEBUG && entry->d_un.d_ptr)
			return ((const struct r_debug *)entry->d_un.d_ptr)->r_map;
	return NULL;
}

struct visit {
	bool (*visit)(const struct object *object, void *context);
	void *context;
};

static int visit_one(struct dl_phdr_info *info, size_t size, void *argument)
{
	const struct visit *to = argument;
	struct object object;

	(void)size;
	for (unsigned i = 0; i < info->dlpi_phnum; i++)
		if (info->dlpi_phdr[i].p_type == PT_DYNAMIC &&
			object_read(&object, info->dlpi_addr,
				(const ElfW(Dyn) *)(info->dlpi_addr + info->dlpi_phdr[i].p_vaddr),
				info->dlpi_name))
			return !to->visit(&object, to->context);
	return 0;
}

void maps_each(bool (*visit)(const struct object *object, void *context), void *context)
{
	const struct link_map *map = first_map();
	struct visit to = {visit, context};
	struct object object;

	if (!map)
		dl_iterate_phdr(visit_one, &to);
	for (; map; map = map->l_next)
		if (object_read(&object, map->l_addr, map->l_ld, map->l_name) &&
			!visit(&object, context))
			return;
}

/* ---- looking up ---- */

struct wanted {
	const char *name;
	bool is_behind; /* of this library */
	void *found;
};

static bool take(const struct object *object, struct wanted *wanted)
{
	const ElfW(Sym) *symbol = object_default(object, wanted->name);

	if (symbol)
		wanted->found = (void *)object_address(object, symbol);
	return !symbol;
}

static bool look_behind(const struct object *object, void *context)
{
	struct wanted *wanted = context;

	if (wanted->is_behind)
		return take(object, wanted);
	wanted->is_behind = maps_is_own(object);
	return true;
}

static bool look_in_libc(const struct object *object, void *context)
{
	return !object->libc || take(object, context);
}

void *maps_next(const char *name)
{
	struct wanted wanted = {.name = name};

	maps_each(look_behind, &wanted);
	return wanted.found;
}

void *maps_libc(const char *name)
{
	struct wanted wanted = {.name = name};

	maps_each(look_in_libc, &wanted);
	return wanted.found;
}
