/* Reading loaded objects: what the dynamic linker finds in them is found, in all its versions. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dlfcn.h>
#include <stdlib.h>
#include <string.h>

#include "shim/base/maps.h"
#include "shim/base/object.h"

struct look {
	const char *soname;
	struct object found;
	size_t objects, programs;
};

static bool look_for(const struct object *object, void *context)
{
	struct look *look = context;

	look->objects++;
	look->programs += *object->path == '\0';
	if (look->soname && strcmp(object->soname, look->soname) == 0)
		look->found = *object;
	return !look->found.symbols;
}

static struct object libc_object(void)
{
	struct look look = {.soname = "libc.so.6"};

	maps_each(look_for, &look);
	assert_non_null(look.found.symbols);
	return look.found;
}

static void the_program_and_its_libraries(void **state)
{
	struct look look = {0};

	(void)state;
	maps_each(look_for, &look);
	assert_true(look.objects >= 3);
	assert_in_range(look.programs, 1, 2); /* the vDSO of some kernels has no name */
}

static void what_dlsym_finds(void **state)
{
	static const char *const name[] = {
		"write", "connect", "getaddrinfo", "vfork", "pthread_cond_wait", "posix_spawn"};
	const struct object libc = libc_object();
	void *handle = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);

	(void)state;
	assert_non_null(handle);
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		const ElfW(Sym) *symbol = object_default(&libc, name[i]);

		assert_non_null(symbol);
		assert_ptr_equal((void *)object_address(&libc, symbol), dlsym(handle, name[i]));
	}
	dlclose(handle);
	assert_null(object_default(&libc, "no_such_name"));
	assert_null(object_default(&libc, ""));
}

/* The same by the other kind of table: with all its symbols in one chain, as a small library has
 * them. */
static void by_the_old_table(void **state)
{
	struct object libc = libc_object();
	const ElfW(Sym) *symbol = object_default(&libc, "write");
	const uint32_t index = (uint32_t)(symbol - libc.symbols);
	static uint32_t table[65536] = {1, 65536 - 3};

	(void)state;
	assert_true(index < 65536 - 3);
	table[2] = index;
	libc.hash = table;
	libc.gnu_hash = NULL;
	assert_ptr_equal(object_default(&libc, "write"), symbol);
	assert_null(object_default(&libc, "no_such_name"));
}

static void every_version(void **state)
{
	const struct object libc = libc_object();
	size_t olds = 0, news = 0;

	(void)state;
	for (const ElfW(Sym) *symbol = object_find(&libc, "pthread_cond_wait", NULL); symbol;
		symbol = object_find(&libc, "pthread_cond_wait", symbol)) {
		const char *version = object_version(&libc, symbol);

		assert_non_null(version);
		assert_ptr_equal((void *)object_address(&libc, symbol),
			dlvsym(RTLD_DEFAULT, "pthread_cond_wait", version));
		olds += strcmp(version, "GLIBC_2.2.5") == 0;
		news += strcmp(version, "GLIBC_2.3.2") == 0;
	}
#if defined(__x86_64__)
	assert_int_equal(olds, 1);
	assert_int_equal(news, 1);
#elif defined(__i386__)
	assert_int_equal(olds, 0);
	assert_int_equal(news, 1);
#else
	assert_true(olds + news == 0);
#endif
}

static void one_version(void **state)
{
	static const char *const name[] = {"pthread_cond_wait", "posix_spawn", "pthread_join"};
	static const char *const version[] = {"GLIBC_2.2.5", "GLIBC_2.3.2", "GLIBC_2.15",
		"GLIBC_2.17", "GLIBC_2.34", "GLIBC_0.0"};
	const struct object libc = libc_object();

	(void)state;
	for (size_t i = 0; i < sizeof(name) / sizeof(*name); i++) {
		const ElfW(Sym) *standard = object_default_of(&libc, name[i], object_hash(name[i]));

		assert_ptr_equal(standard, object_default(&libc, name[i]));
		if (!standard) { /* of libpthread, before glibc 2.34 */
			assert_string_equal(name[i], "pthread_join");
			continue;
		}
		for (size_t v = 0; v < sizeof(version) / sizeof(*version); v++) {
			void *exact = dlvsym(RTLD_DEFAULT, name[i], version[v]);
			const ElfW(Sym) *symbol = object_of_version(
				&libc, name[i], object_hash(name[i]), standard, version[v]);

			assert_ptr_equal((void *)object_address(&libc, symbol),
				exact ? exact : (void *)object_address(&libc, standard));
		}
	}
}

static bool add(const struct object *object, void *context)
{
	char **names = context;

	if (object->libc) {
		strcat(*names, object_name(object));
		strcat(*names, " ");
	}
	return true;
}

static void which_is_libc(void **state)
{
	char text[256] = "", *names = text;
	struct object object = {.path = "/lib/ld-musl-x86_64.so.1"};

	(void)state;
	maps_each(add, &names);
	assert_non_null(strstr(text, "libc.so.6 "));
	assert_null(strstr(text, "cmocka"));
	assert_null(strstr(text, "ld-linux"));
	assert_string_equal(object_name(&object), "ld-musl-x86_64.so.1");
	object.path = "";
	assert_string_equal(object_name(&object), "");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_program_and_its_libraries),
		cmocka_unit_test(what_dlsym_finds),
		cmocka_unit_test(by_the_old_table),
		cmocka_unit_test(every_version),
		cmocka_unit_test(one_version),
		cmocka_unit_test(which_is_libc),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
