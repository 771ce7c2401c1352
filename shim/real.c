/* Binding: finds libc's own functions behind ours.
 *
 * Each row of calls.h is read from the symbols of the objects behind this library; the dynamic
 * linker is asked only for what it must decide. That costs a start half of the instructions,
 * takes no lock and allocates nothing, whoever calls; must not log or use a hook. dlsym() is one
 * of our own names, and somebody else's may stand before libc's: whom that one takes for its caller
 * nobody knows. So libc's is asked. musl has no dlvsym(). */
#include "shim/real.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "shim/base/maps.h"
#include "shim/base/message.h"
#include "shim/base/missing.h"
#include "shim/base/poke.h"

struct real real_table, libc_table;
_Atomic bool real_bound;

/* No pointers: every process would have to relocate them. */
struct row {
	uint16_t name;	  /* in names */
	uint8_t answer;	  /* in answers; where libc lacks it */
	uint8_t same;	  /* or the row that answers for it, + 1 */
	char version[14]; /* "": there is only one */
};

#if defined(__x86_64__)
#define VERSION(x86_64, aarch64, i386) x86_64
#elif defined(__aarch64__)
#define VERSION(x86_64, aarch64, i386) aarch64
#elif defined(__i386__)
#define VERSION(x86_64, aarch64, i386) i386
#else
#error "calls.h has no column of symbol versions for this architecture"
#endif

enum {
#define CALL(name, ...) ROW_##name,
#include "shim/calls.h"
#undef CALL
	ROWS
};
_Static_assert(sizeof(struct real) == ROWS * sizeof(void *), "a row is not a pointer of the table");

/* What calls.h says of a name that libc may lack. */
enum { CORE, MAYBE, NUMBER, THREAD, NONE, CLOSES, OURS, ANSWERS };
#define SAME(other) CORE, ROW_##other + 1

#define ANSWER(function) (void (*)(void))(function)
static void (*const answers[ANSWERS])(void) = {
	[MAYBE] = ANSWER(missing_failed),
	[NUMBER] = ANSWER(missing_number),
	[THREAD] = ANSWER(missing_thread),
	[NONE] = ANSWER(missing_none),
	[CLOSES] = ANSWER(missing_closefrom),
	[OURS] = ANSWER(missing_nothing),
};

static const struct names {
#define CALL(name, ...) char name[sizeof(#name)];
#include "shim/calls.h"
#undef CALL
} names = {
#define CALL(name, ...) #name,
#include "shim/calls.h"
#undef CALL
};

#define FIRST(first, ...)	   first
#define SECOND(first, second, ...) second
static const struct row rows[] = {
#define CALL(row, need, x86_64, aarch64, i386)                                                     \
	{.name = offsetof(struct names, row),                                                      \
		.answer = FIRST(need, ),                                                           \
		.same = SECOND(need, 0, ),                                                         \
		.version = {VERSION(x86_64, aarch64, i386)}},
#include "shim/calls.h"
#undef CALL
};
static bool lacks[ROWS]; /* by libc */

static void **row_in(struct real *table, const struct row *row)
{
	return (void **)table + (row - rows);
}

static const char *name_of(const struct row *row)
{
	return (const char *)&names + row->name;
}

static const char *version_of(const struct row *row)
{
	return *row->version ? row->version : NULL;
}

static bool is_core(const struct row *row)
{
	return row->answer == CORE && !row->same;
}

static bool is_ours(const struct row *row)
{
	return row->answer == OURS;
}

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(name_of(&rows[i]), name) == 0)
			return &rows[i];
	return NULL;
}

bool real_row(const char *name, struct real_row *row)
{
	const struct row *found = row_of(name);

	if (!found || lacks[found - rows])
		return false;
	*row = (struct real_row){*row_in(&libc_table, found), version_of(found)};
	return true;
}

/* ---- what stands behind us ---- */

struct search {
	bool is_behind; /* of this library */
	size_t left;	/* rows without a place */
	uint32_t hash[ROWS];
	struct place {
		void *function;
		bool indirect; /* somebody decides when it is asked for (STT_GNU_IFUNC) */
		bool of_libc;  /* that one */
	} place[ROWS];
};

static void take_row(const struct object *object, struct search *search, size_t i)
{
	struct place *place = &search->place[i];
	const ElfW(Sym) *symbol = object_default_of(object, name_of(&rows[i]), search->hash[i]);

	if (!symbol)
		return;
	if (object->libc && version_of(&rows[i]))
		symbol = object_of_version(
			object, name_of(&rows[i]), search->hash[i], symbol, rows[i].version);
	if (ELF64_ST_TYPE(symbol->st_info) != STT_GNU_IFUNC) {
		place->function = (void *)object_address(object, symbol);
		search->left--;
		return;
	}
	place->of_libc = place->indirect ? place->of_libc : object->libc;
	place->indirect = true;
}

/* In the order of a look-up; whoever is the first is called: libc, a sanitizer, another shim. */
static bool look_for_rows(const struct object *object, void *context)
{
	struct search *search = context;

	for (size_t i = 0; search->is_behind && i < ROWS; i++)
		if (!search->place[i].function && !is_ours(&rows[i]))
			take_row(object, search, i);
	search->is_behind = search->is_behind || maps_is_own(object);
	return search->left > 0;
}

static void search_rows(struct search *search)
{
	search->is_behind = false;
	search->left = 0;
	for (size_t i = 0; i < ROWS; i++) {
		search->hash[i] = object_hash(name_of(&rows[i]));
		search->place[i] = (struct place){.function = NULL};
		search->left += !is_ours(&rows[i]);
	}
	maps_each(look_for_rows, search);
}

/* By the dynamic linker: it asks who decides. And a CORE row that is not behind us must be
 * elsewhere (this library came by dlopen). */
static void *row_ask(const struct row *row, bool by_version)
{
	__typeof__(dlsym) *look_up = (__typeof__(look_up))maps_libc("dlsym");
	__typeof__(dlvsym) *look_up_version = (__typeof__(look_up_version))maps_libc("dlvsym");
	void *found = NULL;

	if (by_version && version_of(row) && look_up_version)
		found = look_up_version(RTLD_NEXT, name_of(row), version_of(row));
	if (!look_up) /* a libc that we do not know by name */
		look_up = (__typeof__(look_up))maps_next("dlsym");
	return found || !look_up ? found : look_up(RTLD_NEXT, name_of(row));
}

static void ask_rows(struct search *search)
{
	for (size_t i = 0; i < ROWS; i++) {
		struct place *place = &search->place[i];
		const bool lost = !place->function && is_core(&rows[i]);
		void *found =
			place->indirect || lost ? row_ask(&rows[i], lost || place->of_libc) : NULL;

		place->function = found ? found : place->function;
	}
}

static void fill_real(void)
{
	for (size_t i = 0; i < ROWS; i++) {
		void *libcs = *row_in(&libc_table, &rows[i]);

		*row_in(&real_table, &rows[i]) = libcs ? libcs : (void *)answers[rows[i].answer];
	}
}

/* Another thread may do the same: nothing is written that is not so. */
void real_bind(void)
{
	struct search search;

	search_rows(&search);
	ask_rows(&search);
	for (size_t i = 0; i < ROWS; i++) {
		void *found = search.place[i].function;

		lacks[i] = !found && !is_core(&rows[i]) && !is_ours(&rows[i]);
		if (!found && rows[i].same)
			found = search.place[rows[i].same - 1].function;
		*row_in(&libc_table, &rows[i]) = found;
	}
	fill_real();
	message_are_short(!maps_libc("gnu_get_libc_version"));
	atomic_store_explicit(&real_bound, true, memory_order_release);
}

/* ---- names that are taken back ---- */

static bool take_own(const struct object *object, void *context)
{
	if (!maps_is_own(object))
		return true;
	*(struct object *)context = *object;
	return false;
}

void real_hide_missing(void)
{
	struct object own = {0};
	long mem = -1;

	for (size_t i = 0; i < ROWS; i++) {
		const ElfW(Sym) *symbol;

		if (!lacks[i])
			continue;
		if (!own.symbols)
			maps_each(take_own, &own);
		if (mem < 0 && (!own.symbols || (mem = poke_begin()) < 0))
			return;
		symbol = object_default(&own, name_of(&rows[i]));
		if (symbol) /* of value 0 it is no definition (glibc: elf/dl-lookup.c) */
			poke(mem, (uintptr_t)&symbol->st_value, 0);
	}
	poke_end(mem);
}
