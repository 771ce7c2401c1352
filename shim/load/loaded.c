/* Lists what is loaded, under the lock of dl_iterate_phdr(3): the dynamic linker adds and takes
 * away under the same. It is held for the listing, and for work() where there is one.
 *
 * Must not call the dynamic linker for anything else while it holds that lock: dlsym() takes
 * another, which a dlopen() in another thread holds while it waits for ours. */
#include "shim/load/loaded.h"

#include <string.h>

#include "shim/base/page.h"

static int say_adds(struct dl_phdr_info *info, size_t size, void *adds)
{
	(void)size;
	*(unsigned long long *)adds = info->dlpi_adds;
	return 1;
}

unsigned long long loaded_adds(void)
{
	unsigned long long adds = 0;

	dl_iterate_phdr(say_adds, &adds);
	return adds;
}

/* ---- listing ---- */

static int count_one(struct dl_phdr_info *info, size_t size, void *count)
{
	(void)info;
	(void)size;
	++*(size_t *)count;
	return 0;
}

static const ElfW(Dyn) *read_heads(const struct dl_phdr_info *info, uintptr_t *low, uintptr_t *high)
{
	const ElfW(Dyn) *dynamic = NULL;

	*low = UINTPTR_MAX;
	*high = 0;
	for (unsigned i = 0; i < info->dlpi_phnum; i++) {
		const ElfW(Phdr) *head = &info->dlpi_phdr[i];
		const uintptr_t from = info->dlpi_addr + head->p_vaddr;

		if (head->p_type == PT_DYNAMIC)
			dynamic = (const ElfW(Dyn) *)from;
		if (head->p_type != PT_LOAD)
			continue;
		*low = from < *low ? from : *low;
		*high = from + head->p_memsz > *high ? from + head->p_memsz : *high;
	}
	return dynamic;
}

static int list_one(struct dl_phdr_info *info, size_t size, void *argument)
{
	static const ElfW(Dyn) nothing = {.d_tag = DT_NULL};
	struct loaded *loaded = argument;
	struct object *object = &loaded->object[loaded->count++];
	uintptr_t low, high;
	const ElfW(Dyn) *dynamic = read_heads(info, &low, &high);

	(void)size;
	object_read(object, info->dlpi_addr, dynamic ? dynamic : &nothing, info->dlpi_name);
	object->low = low;
	object->high = high;
	return 0;
}

static size_t bytes_for(size_t count)
{
	return count * (sizeof(struct object) + sizeof(size_t));
}

struct taking {
	struct loaded *loaded;
	void (*work)(struct loaded *loaded, void *context);
	void *context;
};

/* Called for the first object: by then the lock is ours, and it may be taken again. */
static int take(struct dl_phdr_info *info, size_t size, void *argument)
{
	const struct taking *taking = argument;
	struct loaded *loaded = taking->loaded;
	size_t count = 0;

	(void)size;
	loaded->adds = info->dlpi_adds;
	dl_iterate_phdr(count_one, &count);
	loaded->object = page_map(bytes_for(count));
	if (!loaded->object)
		return 1;
	loaded->order = (size_t *)(loaded->object + count);
	dl_iterate_phdr(list_one, loaded);
	if (taking->work)
		taking->work(loaded, taking->context);
	return 1;
}

bool loaded_take(
	struct loaded *loaded, void (*work)(struct loaded *loaded, void *context), void *context)
{
	struct taking taking = {loaded, work, context};

	dl_iterate_phdr(take, &taking);
	return loaded->object != NULL;
}

void loaded_free(struct loaded *loaded)
{
	if (loaded->object)
		page_unmap(loaded->object, bytes_for(loaded->count));
}

/* ---- what needs what ---- */

static bool has_soname(const struct object *object, const char *name)
{
	return strcmp(object->soname, name) == 0;
}

static bool has_file(const struct object *object, const char *name)
{
	return strcmp(object_name(object), object_last_part(name)) == 0;
}

static size_t find_by(const struct loaded *loaded, const char *name,
	bool (*has)(const struct object *object, const char *name))
{
	size_t i = 0;

	while (i < loaded->count && !has(&loaded->object[i], name))
		i++;
	return i;
}

/* By its soname, or the name of its file: either is what it was found by. Returns count: nowhere.
 */
static size_t find_needed(const struct loaded *loaded, const char *name)
{
	const size_t place = find_by(loaded, name, has_soname);

	return place < loaded->count ? place : find_by(loaded, name, has_file);
}

static bool is_in(const size_t *order, size_t length, size_t place)
{
	for (size_t i = 0; i < length; i++)
		if (order[i] == place)
			return true;
	return false;
}

size_t loaded_scope(struct loaded *loaded, size_t root)
{
	size_t length = 0;

	loaded->order[length++] = root;
	for (size_t i = 0; i < length; i++) {
		const struct object *object = &loaded->object[loaded->order[i]];

		for (const ElfW(Dyn) *entry = object->dynamic; entry->d_tag != DT_NULL; entry++) {
			size_t place;

			if (entry->d_tag != DT_NEEDED)
				continue;
			place = find_needed(loaded, object->strings + entry->d_un.d_val);
			if (place == loaded->count)
				return 0;
			if (!is_in(loaded->order, length, place))
				loaded->order[length++] = place;
		}
	}
	return length;
}
