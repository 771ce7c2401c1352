/* Files of a recording, read whole: with holes, which are not read but must be zeros, and whatever
 * is no plain file. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/read/directory.h"

#define HOLE ((size_t)8 << 20)

static char folder[] = "/tmp/sockfix-file-XXXXXX";
static int directory;

static int set_up(void **state)
{
	(void)state;
	strcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX");
	assert_non_null(mkdtemp(folder));
	directory = open(folder, O_RDONLY | O_DIRECTORY);
	return directory < 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlinkat(directory, "it", 0);
	close(directory);
	return rmdir(folder);
}

static void put(const char *text, size_t at)
{
	int fd = openat(directory, "it", O_WRONLY | O_CREAT, 0600);

	assert_int_equal(pwrite(fd, text, strlen(text), (off_t)at), strlen(text));
	close(fd);
}

static void grow(size_t size)
{
	int fd = openat(directory, "it", O_WRONLY | O_CREAT, 0600);

	assert_int_equal(ftruncate(fd, (off_t)size), 0);
	close(fd);
}

static void is_zero(const unsigned char *bytes, size_t from, size_t to)
{
	while (from < to)
		assert_int_equal(bytes[from++], 0);
}

static void holes_are_zeros(void **state)
{
	static const size_t before[] = {0, HOLE}, behind[] = {0, HOLE};
	size_t length;
	char *why;

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		size_t first = before[i & 1], end = first + 5 + HOLE + 4 + behind[i >> 1];

		put("hello", first);
		put("ends", first + 5 + HOLE);
		grow(end);
		unsigned char *bytes = file_read(directory, "it", end, NULL, &length, &why);
		assert_non_null(bytes);
		assert_int_equal(length, end);
		is_zero(bytes, 0, first);
		assert_memory_equal(bytes + first, "hello", 5);
		is_zero(bytes, first + 5, first + 5 + HOLE);
		assert_memory_equal(bytes + first + 5 + HOLE, "ends", 4);
		is_zero(bytes, first + 5 + HOLE + 4, end);
		free(bytes);
		unlinkat(directory, "it", 0);
	}
}

static void nothing_but_a_hole_or_nothing(void **state)
{
	size_t length;
	char *why;

	(void)state;
	grow(0);
	free(file_read(directory, "it", 1, NULL, &length, &why));
	assert_int_equal(length, 0);
	grow(HOLE);
	unsigned char *bytes = file_read(directory, "it", HOLE, NULL, &length, &why);
	assert_int_equal(length, HOLE);
	is_zero(bytes, 0, HOLE);
	free(bytes);
	assert_null(file_read(directory, "it", HOLE - 1, NULL, &length, &why));
	assert_string_equal(why, "too large: 8388608 bytes; the limit is 8388607");
	free(why);
}

static void only_plain_files(void **state)
{
	size_t length;
	char *why;

	(void)state;
	assert_null(file_read(directory, "it", HOLE, NULL, &length, &why));
	assert_string_equal(why, "cannot be opened: No such file or directory");
	free(why);
	assert_int_equal(mkfifoat(directory, "it", 0600), 0);
	assert_null(file_read(directory, "it", HOLE, NULL, &length, &why));
	assert_string_equal(why, "not a plain file");
	free(why);
	unlinkat(directory, "it", 0);
	assert_int_equal(symlinkat("/etc/passwd", directory, "it"), 0);
	assert_null(file_read(directory, "it", HOLE, NULL, &length, &why));
	assert_string_equal(why, "not a plain file");
	free(why);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(holes_are_zeros),
		TEST(nothing_but_a_hole_or_nothing),
		TEST(only_plain_files),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
