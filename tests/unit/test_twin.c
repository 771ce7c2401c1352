/* A library for each word size, under one word of LD_PRELOAD: which folders are a pair, and when
 * the loader finds both. Trees are made here, with files that are an ELF header and no more. */
#include <elf.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "tests/helper/must.h"
#include "tools/launch/launch.h"
#include "tools/launch/twin.h"

static char tree[] = "/tmp/sockfix-twin.XXXXXX";

static int make_tree(void **state)
{
	(void)state;
	return mkdtemp(tree) ? 0 : -1;
}

static int remove_tree(void **state)
{
	char *line = must_print("rm -rf %s", tree);
	const int status = system(line);

	(void)state;
	free(line);
	return status;
}

/* Runs in the tree, where a library is an ELF header and no more: library FOLDER MACHINE. */
static void make(const char *format, ...) __attribute__((format(printf, 1, 2)));

static void make(const char *format, ...)
{
	char *words, *line;
	va_list list;

	va_start(list, format);
	assert_true(vasprintf(&words, format, list) >= 0);
	va_end(list);
	line = must_print("cd %s && library() { mkdir -p $1/sockfix; "
			  "printf '\\177ELF\\002\\001\\001\\0\\0\\0\\0\\0\\0\\0\\0\\0\\003\\0'"
			  "\"\\\\$2\"'\\0' >$1/sockfix/libsockfix.so; }; "
			  "loader() { mkdir -p $(dirname $1); : >$1; }; %s",
		tree, words);
	assert_int_equal(system(line), 0);
	free(line);
	free(words);
}

#define AMD64 "076"
#define I386  "003"
#define ARM64 "267"
#define ARM   "050"

static bool find(uint16_t machine, const char *folder, struct twin *twin)
{
	const struct elf_facts own = {.data = ELFDATA2LSB, .machine = machine};
	char *library = must_print("%s/usr/%s/sockfix/libsockfix.so", tree, folder);
	const bool found = twin_find(tree, library, &own, twin);

	free(library);
	if (!found) {
		assert_string_equal(twin->path, "");
		assert_string_equal(twin->both, "");
	}
	return found;
}

static void expect(uint16_t machine, const char *folder, const char *other)
{
	struct twin twin;

	assert_true(find(machine, folder, &twin));
	assert_memory_equal(twin.path, tree, strlen(tree));
	assert_memory_equal(twin.path + strlen(tree), "/usr/", strlen("/usr/"));
	assert_memory_equal(twin.path + strlen(tree) + strlen("/usr/"), other, strlen(other));
	assert_string_equal(twin.path + strlen(tree) + strlen("/usr/") + strlen(other),
		"/sockfix/libsockfix.so");
	assert_memory_equal(twin.both, tree, strlen(tree));
	assert_string_equal(twin.both + strlen(tree), "/usr/$LIB/sockfix/libsockfix.so");
}

static void libraries(
	const char *folder, const char *machine, const char *other_folder, const char *other)
{
	make("rm -rf usr/*/sockfix usr/lib/*/sockfix; library usr/%s %s; library usr/%s %s", folder,
		machine, other_folder, other);
}

/* The loader of programs lies with its libraries, by a link from where programs name it. */
static void test_debian(void **state)
{
	static const char l64[] = "lib/x86_64-linux-gnu", l32[] = "lib/i386-linux-gnu";
	struct twin twin;

	(void)state;
	make("rm -rf *; mkdir -p usr/lib64; ln -s usr/lib usr/lib64 .; "
	     "loader usr/%s/ld-linux-x86-64.so.2; loader usr/%s/ld-linux.so.2; "
	     "ln -s ../%s/ld-linux-x86-64.so.2 usr/lib64; ln -s i386-linux-gnu/ld-linux.so.2 "
	     "usr/lib",
		l64, l32, l64);
	assert_false(find(EM_X86_64, l64, &twin));
	libraries(l64, AMD64, l32, I386);
	expect(EM_X86_64, l64, l32);
	expect(EM_386, l32, l64);
	/* Ours is not where its loader would look. */
	assert_false(find(EM_X86_64, "lib", &twin));
	assert_false(find(EM_X86_64, "local/lib/x86_64-linux-gnu", &twin));
	/* Not what it should be. */
	libraries(l64, AMD64, l32, AMD64);
	assert_false(find(EM_X86_64, l64, &twin));
	libraries(l64, AMD64, "lib32", I386);
	assert_false(find(EM_X86_64, l64, &twin));
	make("rm usr/lib/ld-linux.so.2; ln -s ../lib32/ld-linux.so.2 usr/lib; loader "
	     "usr/lib32/ld-linux.so.2");
	expect(EM_X86_64, l64, "lib32"); /* libc6-i386 */
	make("rm usr/lib/ld-linux.so.2");
	assert_false(find(EM_X86_64, l64, &twin));
}

static void test_others(void **state)
{
	(void)state;
	/* Fedora */
	make("rm -rf *; mkdir usr; ln -s usr/lib usr/lib64 .; loader "
	     "usr/lib64/ld-linux-x86-64.so.2; loader usr/lib/ld-linux.so.2");
	libraries("lib64", AMD64, "lib", I386);
	expect(EM_X86_64, "lib64", "lib");
	expect(EM_386, "lib", "lib64");
	/* Arch */
	make("rm -rf *; loader usr/lib/ld-linux-x86-64.so.2; ln -s lib usr/lib64; ln -s usr/lib "
	     "usr/lib64 .; loader usr/lib32/ld-linux.so.2; ln -s ../lib32/ld-linux.so.2 usr/lib");
	libraries("lib", AMD64, "lib32", I386);
	expect(EM_X86_64, "lib", "lib32");
	/* before /lib went to /usr, and another processor */
	make("rm -rf *; loader lib/aarch64-linux-gnu/ld-2.31.so; "
	     "ln -s aarch64-linux-gnu/ld-2.31.so lib/ld-linux-aarch64.so.1; "
	     "loader lib/ld-linux-armhf.so.3");
	libraries("lib/aarch64-linux-gnu", ARM64, "lib", ARM);
	expect(EM_AARCH64, "lib/aarch64-linux-gnu", "lib");
}

/* A build folder, or any other tree that no loader has a word for; a processor without a twin. */
static void test_elsewhere(void **state)
{
	static const char *const paths[] = {"/libsockfix.so", "libsockfix.so", "",
		"/build/libsockfix.so", "/sockfix/libsockfix.so", "/lib64/libsockfix.so",
		"lib64/sockfix/libsockfix.so", "/notlib64/sockfix/libsockfix.so"};
	const struct elf_facts own = {.data = ELFDATA2LSB, .machine = EM_X86_64};
	struct twin twin;

	(void)state;
	make("rm -rf *; loader lib64/ld-linux-x86-64.so.2; loader lib/ld-linux.so.2");
	libraries("lib64", AMD64, "lib", I386);
	expect(EM_X86_64, "lib64", "lib");
	for (size_t i = 0; i < sizeof(paths) / sizeof(*paths); i++)
		assert_false(twin_find(tree, paths[i], &own, &twin));
	assert_false(find(EM_PPC64, "lib64", &twin));
	/* A loader at the root of a system has no folder. */
	make("rm -rf lib; loader ld-linux.so.2; ln -s . lib");
	assert_false(find(EM_X86_64, "lib64", &twin));
}

static void word(const char *old, const char *expected)
{
	int error = 1;
	char *value = launch_preload("/usr/lib64/l.so", "/usr/$LIB/l.so", old, &error);

	assert_int_equal(error, 0);
	assert_string_equal(value, expected);
	free(value);
}

/* Once: neither twice by its own word, nor beside the path of an outer sockfix. */
static void test_word(void **state)
{
	(void)state;
	word(NULL, "/usr/$LIB/l.so");
	word("a.so", "a.so:/usr/$LIB/l.so");
	word("/usr/$LIB/l.so:a.so", "/usr/$LIB/l.so:a.so");
	word("a.so:/usr/lib64/l.so", "a.so:/usr/$LIB/l.so");
	word("/usr/lib64/l.so b.so", "/usr/$LIB/l.so b.so");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_debian),
		cmocka_unit_test(test_others),
		cmocka_unit_test(test_elsewhere),
		cmocka_unit_test(test_word),
	};
	return cmocka_run_group_tests(tests, make_tree, remove_tree);
}
