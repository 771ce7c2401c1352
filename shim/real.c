/* Binding: finds libc's own functions behind ours.
 *
 * Looks up each row of calls.h by its version, then without one. Calls nothing but the dynamic
 * linker; must not log, allocate or use a hook. dlsym() is one of our own names, and somebody
 * else's may stand before libc's: whom that one takes for its caller nobody knows. So libc's is
 * read from libc's symbols. musl has no dlvsym(). */
#include "real.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#include "maps.h"

struct real real_table, libc_table;
_Atomic bool real_bound;

static __typeof__(dlsym) *look_up;
static __typeof__(dlvsym) *look_up_version;

enum need { CORE, MAYBE };

struct row {
	const char *name;
	enum need need;
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

static const struct row rows[] = {
#define CALL(name, need, x86_64, aarch64)                                                          \
	{#name, need, VERSION(x86_64, aarch64), offsetof(struct real, name)},
#include "calls.h"
#undef CALL
};

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

static void bind_rows(enum need need)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (rows[i].need == need) {
			void *found = row_find(&rows[i]);

			*(void **)((char *)&libc_table + rows[i].place) = found;
			*(void **)((char *)&real_table + rows[i].place) = found;
		}
}

void real_bind(void)
{
	look_up = (__typeof__(look_up))maps_libc("dlsym");
	if (!look_up) /* a libc that we do not know by name */
		look_up = (__typeof__(look_up))maps_next("dlsym");
	look_up_version = (__typeof__(look_up_version))maps_libc("dlvsym");
	bind_rows(CORE);
	atomic_store_explicit(&real_bound, true, memory_order_release);
	bind_rows(MAYBE);
}
