/* A recording that is read while it is made: the sums are those of the whole, however it came, and
 * no file leads a look astray. */
#include "tests/unit/find_text.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "shim/trace_format.h"
#include "tools/read/tail.h"

#define STALLS                                                                                     \
	"client 1 10.0.0.1:143 proven=90 tcp.min_rtt_us=50\n"                                      \
	"listener 2 80\n"                                                                          \
	"client 3 10.0.0.1:143\n"                                                                  \
	"1: connect~0.2ms r38~1ms w20 r30~1ms\n"                                                   \
	"1: { w27 r6~0.2ms +0.1ms w480..1390 w2(proven) r82~43.8ms probe +0.3ms } x90 close\n"

enum { POOLED = 4 }; /* where a pool's first piece lies */

static char folder[] = "/tmp/sockfix-tail.XXXXXX";
static struct tail *tail;
static struct tail_sums sums;
static unsigned char *image;
static size_t length;

static struct trace_header *header(void)
{
	return (struct trace_header *)image;
}

static int set_up(void **state)
{
	(void)state;
	strcpy(strrchr(folder, '.'), ".XXXXXX");
	assert_non_null(mkdtemp(folder));
	tail = tail_new(folder);
	assert_non_null(tail);
	image = trace_text_file(STALLS, &length);
	header()->end = END_NOT_SEEN;
	return 0;
}

static int tear_down(void **state)
{
	char line[64];

	(void)state;
	tail_free(tail);
	free(image);
	snprintf(line, sizeof(line), "rm -r %s", folder);
	return system(line);
}

static void put(const char *name, const void *bytes, size_t size, off_t at)
{
	char path[96];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_true(fd >= 0 && pwrite(fd, bytes, size, at) == (ssize_t)size && close(fd) == 0);
}

static void put_image(void)
{
	put("7-00000000000000a1.trace", image, length, 0);
}

static void assert_sums(uint64_t connections, uint64_t calls, uint64_t stalled)
{
	tail_look(tail, &sums);
	assert_int_equal(sums.connections, connections);
	assert_int_equal(sums.calls, calls);
	assert_int_equal(sums.stalled, stalled);
}

/* ---- sums ---- */

/* 4 calls before, 5 a turn, close. */
#define CALLS (4 + 90 * 5 + 1)

static uint64_t whole(void)
{
	struct found found = find_text(STALLS);
	const uint64_t lost = finding_of(&found, "N01")->lost_high;

	find_end(found);
	return lost;
}

static void what_is_there_is_what_the_judges_find(void **state)
{
	(void)state;
	put_image();
	tail_look(tail, &sums);
	assert_int_equal(sums.connections, 2);
	assert_int_equal(sums.calls, CALLS);
	assert_near(sums.stalled, whole());
	assert_false(sums.full);
	assert_false(sums.more);
	assert_sums(2, CALLS, sums.stalled); /* nothing is counted twice */
}

static struct trace_block *block_at(size_t number)
{
	return (struct trace_block *)(image + number * TRACE_BLOCK);
}

static void keep_thread_going(void)
{
	for (size_t i = 1; i < length / TRACE_BLOCK; i++)
		if (block_at(i)->kind == BLOCK_THREAD)
			((struct trace_thread *)(block_at(i) + 1))->ended = 0;
}

/* As its writer does it: the block is handed out, gets its kind, and its events, one by one. */
static void write_block(size_t number)
{
	static const unsigned char nothing[TRACE_BLOCK];
	unsigned char *bytes = image + number * TRACE_BLOCK;

	header()->blocks = number + 1;
	put("7-00000000000000a1.trace", image, TRACE_BLOCK, 0);
	put("7-00000000000000a1.trace", nothing, TRACE_BLOCK, (off_t)(number * TRACE_BLOCK));
	tail_look(tail, &sums);
	for (size_t part = 0; part < TRACE_BLOCK; part += 32) {
		put("7-00000000000000a1.trace", bytes + part, 32,
			(off_t)(number * TRACE_BLOCK + part));
		if (block_at(number)->kind != BLOCK_CONNECTIONS || part % TRACE_CONNECTION == 0)
			tail_look(tail, &sums);
	}
}

static void it_does_not_matter_how_it_came(void **state)
{
	uint64_t stalled;

	(void)state;
	put_image();
	tail_look(tail, &sums);
	stalled = sums.stalled;
	tear_down(state);
	set_up(state);
	keep_thread_going();
	assert_true(length > 5 * TRACE_BLOCK); /* a turn goes on in another block */
	for (size_t number = 1; number < length / TRACE_BLOCK; number++)
		write_block(number);
	assert_sums(2, CALLS, stalled);
}

static void a_hole_in_a_block_that_is_left_stays_one(void **state)
{
	size_t number = 1;
	uint64_t stalled;

	(void)state;
	keep_thread_going();
	while (block_at(number)->kind != BLOCK_EVENTS)
		number++;
	((struct trace_event *)(block_at(number) + 1))[0].call = TRACE_NOTHING; /* connect */
	header()->blocks = number + 1;
	put_image();
	assert_sums(2, CALLS, 0); /* it may still come */
	header()->blocks = length / TRACE_BLOCK;
	put_image();
	tail_look(tail, &sums);
	stalled = sums.stalled;
	assert_near(stalled, whole());
}

static void a_recording_that_is_full_says_so(void **state)
{
	(void)state;
	header()->full = 1;
	header()->lost_connections = 5;
	put_image();
	tail_look(tail, &sums);
	assert_true(sums.full);
	assert_sums(7, CALLS, sums.stalled);
}

static void processes_are_added_up(void **state)
{
	(void)state;
	tail_look(tail, &sums);
	put_image();
	tail_look(tail, &sums);
	header()->end = END_EXIT;
	put("8-00000000000000a2.trace", image, length, 0);
	tail_look(tail, &sums);
	assert_sums(4, 2 * CALLS, 2 * (sums.stalled / 2));
	assert_near(sums.stalled, 2 * whole());
}

static void it_goes_on_in_the_pool(void **state)
{
	struct trace_pool pool = {.magic = TRACE_POOL_MAGIC};

	(void)state;
	pool.piece[0] = (struct trace_piece){.owner = 0xa1, .first = 2, .blocks = 60, .at = 64};
	put(TRACE_POOL, &pool, sizeof(pool), 0);
	put(TRACE_POOL, image + 2 * TRACE_BLOCK, length - 2 * TRACE_BLOCK, 64 * TRACE_BLOCK);
	put("7-00000000000000a1.trace", image, 2 * TRACE_BLOCK, 0);
	tail_look(tail, &sums);
	assert_int_equal(sums.calls, CALLS);
	assert_near(sums.stalled, whole());
}

static void it_is_in_the_pool_alone(void **state)
{
	struct trace_pool pool = {.magic = TRACE_POOL_MAGIC};

	(void)state;
	pool.piece[3] = (struct trace_piece){.owner = 9, .first = 0, .blocks = 60, .at = POOLED};
	put(TRACE_POOL, &pool, sizeof(pool), 0);
	put(TRACE_POOL, image, length, POOLED * TRACE_BLOCK);
	tail_look(tail, &sums);
	assert_int_equal(sums.calls, CALLS);
	assert_near(sums.stalled, whole());
}

/* ---- what is no trace ---- */

static void what_is_no_trace_is_nothing(void **state)
{
	char path[96];

	(void)state;
	put("x.trace", image, length, 0);
	put("7-0.trace", image, length, 0);
	put("7-a1.tracex", image, length, 0);
	put("7-000000000000000000000000000000000000000a1.trace", image, length, 0);
	put("9-b1.trace", "not a trace", 11, 0);
	put("9-b2.trace", "", 0, 0);
	header()->version++;
	put("9-b3.trace", image, length, 0);
	snprintf(path, sizeof(path), "%s/9-b4.trace", folder);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_sums(0, 0, 0);
	assert_sums(0, 0, 0);
}

static void no_number_leads_out_of_a_file(void **state)
{
	(void)state;
	header()->blocks = header()->capacity = UINT64_MAX;
	put("7-a1.trace", image, length, 0);
	for (int i = 0; i < 4; i++)
		tail_look(tail, &sums);
	assert_int_equal(sums.calls, CALLS);
	assert_false(sums.more);
	memset(image + TRACE_BLOCK, 0xff, length - TRACE_BLOCK);
	put("7-a2.trace", image, length, 0);
	tail_look(tail, &sums);
}

/* Blocks that stay empty: each is asked again and again, for its writer may be slow. */
static void what_is_followed_has_a_bound(void **state)
{
	char path[96];

	(void)state;
	header()->blocks = header()->capacity = 30000;
	put_image();
	snprintf(path, sizeof(path), "%s/7-00000000000000a1.trace", folder);
	assert_int_equal(truncate(path, 30000L * TRACE_BLOCK), 0);
	for (int i = 0; i < 12; i++)
		tail_look(tail, &sums);
	assert_int_equal(sums.calls, CALLS);
	assert_true(sums.more);
}

static void a_file_that_is_cut_off_is_survived(void **state)
{
	char path[96];

	(void)state;
	put_image();
	tail_look(tail, &sums);
	snprintf(path, sizeof(path), "%s/7-00000000000000a1.trace", folder);
	assert_int_equal(truncate(path, TRACE_BLOCK + 100), 0);
	assert_sums(2, CALLS, sums.stalled);
	assert_int_equal(truncate(path, 0), 0);
	assert_sums(2, CALLS, sums.stalled);
	assert_int_equal(unlink(path), 0);
	assert_sums(2, CALLS, sums.stalled);
}

static void there_is_no_folder(void **state)
{
	(void)state;
	assert_null(tail_new("/nonexistent"));
}

#define TAIL_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TAIL_TEST(what_is_there_is_what_the_judges_find),
		TAIL_TEST(it_does_not_matter_how_it_came),
		TAIL_TEST(a_hole_in_a_block_that_is_left_stays_one),
		TAIL_TEST(a_recording_that_is_full_says_so),
		TAIL_TEST(processes_are_added_up),
		TAIL_TEST(it_goes_on_in_the_pool),
		TAIL_TEST(it_is_in_the_pool_alone),
		TAIL_TEST(what_is_no_trace_is_nothing),
		TAIL_TEST(no_number_leads_out_of_a_file),
		TAIL_TEST(what_is_followed_has_a_bound),
		TAIL_TEST(a_file_that_is_cut_off_is_survived),
		cmocka_unit_test(there_is_no_folder),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
