/* Binding: finds libc's own functions behind ours.
 *
 * Looks up each row of calls.h by its version, then without one. Calls nothing but the dynamic
 * linker; must not log, allocate or use a hook. dlsym() is one of our own names, and somebody
 * else's may stand before libc's: whom that one takes for its caller nobody knows. So libc's is
 * read from libc's symbols. musl has no dlvsym(). */
#include "shim/real.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "shim/base/maps.h"
#include "shim/base/missing.h"
#include "shim/base/poke.h"

struct real real_table, libc_table;
_Atomic bool real_bound;

static __typeof__(dlsym) *look_up;
static __typeof__(dlvsym) *look_up_version;

struct row {
	const char *name;
	void (*answer)(void); /* where libc lacks it; NULL: it does not, or another name answers */
	const char *same;     /* that name */
	const char *version;
	size_t place; /* of the pointer in struct real */
};

#if defined(__x86_64__)
#define VERSION(x86_64, aarch64) x86_64
#elif defined(__aarch64__)
#define VERSION(x86_64, aarch64) aarch64
#else
#error "calls.h has no column of symbol versions for this architecture"
#endif

/* What calls.h says of a name that libc may lack. */
#define ANSWER(function) (void (*)(void))(function)
#define CORE		 NULL, NULL
#define MAYBE		 ANSWER(missing_failed), NULL
#define NUMBER		 ANSWER(missing_number), NULL
#define THREAD		 ANSWER(missing_thread), NULL
#define NONE		 ANSWER(missing_none), NULL
#define CLOSES		 ANSWER(missing_closefrom), NULL
#define OURS		 ANSWER(missing_nothing), NULL
#define SAME(other)	 NULL, #other

static const struct row rows[] = {
#define CALL(name, need, x86_64, aarch64)                                                          \
	{#name, need, VERSION(x86_64, aarch64), offsetof(struct real, name)},
#include "shim/calls.h"
#undef CALL
};
enum { ROWS = sizeof(rows) / sizeof(*rows) };
static bool lacks[ROWS]; /* by libc */

/* Whether it lies in libc or libpthread: then its version must be asked for. Anything else (a
 * sanitizer, another shim) stands before libc and wants to be called. */
static bool is_libc(const void *function)
{
	Dl_info info;
	const char *name;

	if (!function || !dladdr(function, &info) || !info.dli_fname)
		return true;
	name = strrchr(info.dli_fname, '/');
	name = name ? name + 1 : info.dli_fname;
	return strncmp(name, "libc.", 5) == 0 || strncmp(name, "libc-", 5) == 0 ||
	       strncmp(name, "libpthread", 10) == 0 || strncmp(name, "librt", 5) == 0;
}

static void *row_find(const struct row *row)
{
	void *found = look_up(RTLD_NEXT, row->name), *exact;

	if (!row->version || !look_up_version)
		return found;
	exact = look_up_version(RTLD_NEXT, row->name, row->version);
	/* Asked last, and seldom: dladdr() looks at every symbol of libc, half of what a start
	 * took. */
	return exact && exact != found && is_libc(found) ? exact : found;
}

static void **row_in(struct real *table, const struct row *row)
{
	return (void **)((char *)table + row->place);
}

static bool is_core(const struct row *row)
{
	return !row->answer && !row->same;
}

static bool is_ours(const struct row *row)
{
	return row->answer == ANSWER(missing_nothing);
}

static const struct row *row_of(const char *name)
{
	for (size_t i = 0; i < ROWS; i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	return NULL;
}

bool real_row(const char *name, struct real_row *row)
{
	const struct row *found = row_of(name);

	if (!found || lacks[found - rows])
		return false;
	*row = (struct real_row){*row_in(&libc_table, found), found->version};
	return true;
}

/* Of a row that another name answers for: what libc has of that. */
static void *row_same(const struct row *row)
{
	const struct row *other = row_of(row->same);

	return other ? *row_in(&libc_table, other) : NULL;
}

/* dlsym() allocates to say that there is no such name, and an allocator that is just beginning may
 * have come to us with its lock held: those are found out by hand. */
struct presence {
	bool is_behind; /* of this library */
	bool lacks[ROWS];
};

static bool look_for_rows(const struct object *object, void *context)
{
	struct presence *presence = context;
	bool lacks_some = false;

	for (size_t i = 0; presence->is_behind && i < ROWS; i++) {
		if (presence->lacks[i] && object_default(object, rows[i].name))
			presence->lacks[i] = false;
		lacks_some = lacks_some || presence->lacks[i];
	}
	if (!presence->is_behind) {
		presence->is_behind = maps_is_own(object);
		return true;
	}
	return lacks_some;
}

/* Another thread may do the same: nothing is said that is not so. */
static void find_missing(void)
{
	struct presence presence = {.is_behind = false};

	for (size_t i = 0; i < ROWS; i++)
		presence.lacks[i] = !is_core(&rows[i]) && !is_ours(&rows[i]);
	maps_each(look_for_rows, &presence);
	memcpy(lacks, presence.lacks, sizeof(lacks));
}

static void bind_rows(bool core)
{
	for (size_t i = 0; i < ROWS; i++) {
		const struct row *row = &rows[i];
		void *found;

		if (is_core(row) != core)
			continue;
		found = lacks[i] || is_ours(row) ? NULL : row_find(row);
		*row_in(&libc_table, row) = found || !row->same ? found : row_same(row);
	}
}

static void fill_rows(bool core)
{
	for (size_t i = 0; i < ROWS; i++)
		if (is_core(&rows[i]) == core) {
			void *libcs = *row_in(&libc_table, &rows[i]);

			*row_in(&real_table, &rows[i]) = libcs ? libcs : (void *)rows[i].answer;
		}
}

void real_restore(void)
{
	fill_rows(true);
	fill_rows(false);
}

void real_bind(void)
{
	look_up = (__typeof__(look_up))maps_libc("dlsym");
	if (!look_up) /* a libc that we do not know by name */
		look_up = (__typeof__(look_up))maps_next("dlsym");
	look_up_version = (__typeof__(look_up_version))maps_libc("dlvsym");
	find_missing();
	bind_rows(true);
	fill_rows(true);
	atomic_store_explicit(&real_bound, true, memory_order_release);
	bind_rows(false);
	fill_rows(false);
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
		const Elf64_Sym *symbol;

		if (!lacks[i])
			continue;
		if (!own.symbols)
			maps_each(take_own, &own);
		if (mem < 0 && (!own.symbols || (mem = poke_begin()) < 0))
			return;
		symbol = object_default(&own, rows[i].name);
		if (symbol) /* of value 0 it is no definition (glibc: elf/dl-lookup.c) */
			poke(mem, (uintptr_t)&symbol->st_value, 0);
	}
	poke_end(mem);
}
