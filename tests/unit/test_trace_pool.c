/* The run's pool as it is read: files put together of their pieces, whatever else stands there. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/read/directory.h"

enum { BLOCKS = 32, HEAD = TRACE_POOL_HEAD / TRACE_BLOCK };

static struct {
	struct trace_pool head;
	unsigned char rest[BLOCKS * TRACE_BLOCK - sizeof(struct trace_pool)];
} image;

static char folder[] = "/tmp/sockfix-pool.XXXXXX";

static struct pool *read_image(size_t length)
{
	struct pool *pool;
	int place = open(folder, O_RDONLY | O_DIRECTORY), fd;

	assert_true(place >= 0);
	fd = openat(place, TRACE_POOL, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_true(fd >= 0 && write(fd, &image, length) == (ssize_t)length && close(fd) == 0);
	pool = pool_read(place, NULL);
	close(place);
	return pool;
}

/* Each block says its own number in all of its bytes. */
static void begin_image(void)
{
	memset(&image, 0, sizeof(image));
	memcpy(image.head.magic, TRACE_POOL_MAGIC, sizeof(image.head.magic));
	for (size_t i = HEAD; i < BLOCKS; i++)
		memset((unsigned char *)&image + i * TRACE_BLOCK, (int)i, TRACE_BLOCK);
}

static void piece(size_t place, uint64_t owner, uint32_t first, uint32_t blocks, uint32_t at)
{
	image.head.piece[place].owner = owner;
	image.head.piece[place].first = first;
	image.head.piece[place].blocks = blocks;
	image.head.piece[place].at = at;
}

/* The blocks that owner's file has, by their numbers in the pool: "4 5 6 7". */
static void assert_file(struct pool *pool, uint64_t owner, const char *blocks)
{
	size_t length = 0, used = 0;
	char text[200] = "";
	unsigned char *bytes = pool_extend(pool, owner, NULL, &length);

	assert_int_equal(length % TRACE_BLOCK, 0);
	for (size_t i = 0; i < length; i += TRACE_BLOCK) {
		for (size_t k = 1; k < TRACE_BLOCK; k++)
			assert_int_equal(bytes[i + k], bytes[i]);
		used += (size_t)snprintf(
			text + used, sizeof(text) - used, used ? " %d" : "%d", bytes[i]);
	}
	assert_string_equal(text, blocks);
	free(bytes);
}

static void pieces_become_files_again(void **state)
{
	struct pool *pool;
	size_t next = 0;

	(void)state;
	begin_image();
	piece(0, 11, 0, 4, 4);
	piece(1, 22, 0, 4, 8);
	piece(2, 22, 4, 4, 12);
	piece(3, 11, 4, 4, 20);
	piece(4, 11, 8, 2, 16);
	piece(5, 33, 4, 4, 24); /* its beginning is in a file of its own */
	pool = read_image(sizeof(image));
	assert_int_equal(pool_owner(pool, &next), 11);
	assert_int_equal(pool_owner(pool, &next), 22);
	assert_int_equal(pool_owner(pool, &next), 0);
	assert_file(pool, 11, "4 5 6 7 20 21 22 23 16 17");
	assert_file(pool, 22, "8 9 10 11 12 13 14 15");
	assert_file(pool, 33, "");
	pool_free(pool);
}

static void a_file_goes_on_in_the_pool(void **state)
{
	struct pool *pool;
	size_t length = 4 * TRACE_BLOCK, odd = 4 * TRACE_BLOCK + 1;
	unsigned char *bytes = calloc(1, length), *other = calloc(1, odd);

	(void)state;
	begin_image();
	piece(0, 33, 4, 4, 24);
	pool = read_image(sizeof(image));
	bytes = pool_extend(pool, 33, bytes, &length);
	assert_int_equal(length, 8 * TRACE_BLOCK);
	assert_int_equal(bytes[4 * TRACE_BLOCK], 24);
	other = pool_extend(pool, 33, other, &odd); /* that one is cut off */
	assert_int_equal(odd, 4 * TRACE_BLOCK + 1);
	pool_free(pool);
	free(bytes);
	free(other);
}

static void nothing_of_it_is_believed(void **state)
{
	struct pool *pool;
	size_t next = 0;

	(void)state;
	begin_image();
	piece(0, 1, 0, 4, BLOCKS - 2); /* beyond the end */
	piece(1, 2, 0, UINT32_MAX, 4); /* likewise */
	piece(2, 3, 0, 4, UINT32_MAX); /* likewise */
	piece(3, 4, 0, 4, 0);	       /* the head itself */
	piece(4, 5, 0, 0, 4);	       /* nothing */
	piece(5, 6, 0, 16, 4);
	piece(6, 6, 16, 16, 4); /* what that owner has already */
	piece(7, 7, 0, 4, 19);	/* and another one */
	piece(8, 6, 0, 16, 4);
	pool = read_image(sizeof(image));
	assert_int_equal(pool_owner(pool, &next), 6);
	assert_file(pool, 6, "4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19");
	assert_file(pool, 6, "");
	assert_int_equal(pool_owner(pool, &next), 0);
	for (uint64_t owner = 1; owner <= 7; owner++)
		assert_file(pool, owner, "");
	pool_free(pool);
	image.head.magic[0] = 'x';
	next = 0;
	pool = read_image(sizeof(image));
	assert_int_equal(pool_owner(pool, &next), 0);
	pool_free(pool);
	begin_image();
	piece(0, 11, 0, 4, 4);
	next = 0;
	pool = read_image(100);
	assert_int_equal(pool_owner(pool, &next), 0);
	pool_free(pool);
}

static int make_folder(void **state)
{
	(void)state;
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **state)
{
	char path[64];

	(void)state;
	snprintf(path, sizeof(path), "%s/" TRACE_POOL, folder);
	unlink(path);
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_become_files_again),
		cmocka_unit_test(a_file_goes_on_in_the_pool),
		cmocka_unit_test(nothing_of_it_is_believed),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
