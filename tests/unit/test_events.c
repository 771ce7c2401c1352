/* Recordings of many events: what is kept in memory of them, and what becomes of it when their file
 * changes while it is looked at. */
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/read/events.h"
#include "tools/fold/fold.h"

#define TURNS  50000
#define EVENTS (2 * TURNS)

static char folder[] = "/tmp/sockfix-events-XXXXXX", path[sizeof(folder) + 8];

/* A recording of so many turns of a write and a read each. */
static int set_up(void **state)
{
	char text[200];
	size_t length;

	(void)state;
	strcpy(folder + sizeof(folder) - sizeof("XXXXXX"), "XXXXXX");
	assert_non_null(mkdtemp(folder));
	snprintf(path, sizeof(path), "%s/1.trace", folder);
	snprintf(text, sizeof(text), "client 1 10.0.0.1:143\n1: { w20 r30~0.1ms } x%d\n", TURNS);
	unsigned char *bytes = trace_text_file(text, &length);
	const int fd = open(path, O_WRONLY | O_CREAT, 0600);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	free(bytes);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

/* A sanitizer's own allocator knows, glibc's then does not
 * (sanitizer/allocator_interface.h). */
size_t __sanitizer_get_current_allocated_bytes(void) __attribute__((weak));

/* Bytes that are allocated by now. */
static size_t held(void)
{
	if (__sanitizer_get_current_allocated_bytes)
		return __sanitizer_get_current_allocated_bytes();
#if __GLIBC_PREREQ(2, 33)
	const struct mallinfo2 info = mallinfo2();
	return info.uordblks + info.hblkhd;
#else
	const struct mallinfo info = mallinfo(); /* the same of less than 2 GiB */
	return (size_t)info.uordblks + (size_t)info.hblkhd;
#endif
}

/* Else the tests below would say nothing. */
static void what_is_held_is_counted(void **state)
{
	const size_t before = held();
	void *volatile memory = malloc(1000000);

	(void)state;
	assert_in_range(held() - before, 1000000, 1100000);
	free(memory);
	assert_in_range(held(), before, before + 1000);
}

static struct run *read_run(void)
{
	char *why = NULL;
	struct run *run = run_read(folder, &why);

	assert_non_null(run);
	return run;
}

static void no_event_is_kept(void **state)
{
	(void)state;
	const size_t before = held();
	struct run *run = read_run();
	assert_int_equal(run->process[0].thread[0].events, EVENTS);
	/* a byte of each, while an event has 32: numbers of blocks, and what any process has */
	assert_true(held() - before <= EVENTS);
	run_free(run);
}

/* Packed; struct turn has 272. What any process has, the cache of turns most of all, is left out.
 */
static void of_a_turn_some_bytes_are_kept(void **state)
{
	struct run *run = read_run();
	const size_t before = held();
	struct fold *fold = fold_run(run);

	(void)state;
	assert_int_equal(fold->flow[0].turns, TURNS);
	assert_in_range(held() - before, 4 * TURNS, 24 * TURNS + 200000);
	fold_free(fold);
	run_free(run);
	assert_true(held() <= before);
}

/* Whether it says that all of it was there. */
static bool whole(struct run *run)
{
	run_check(run);
	return run_is_whole(run);
}

/* Nobody may take half a recording for all of it. */
static void what_became_shorter_is_cut_off(void **state)
{
	(void)state;
	struct run *run = read_run();
	assert_true(whole(run));
	/* the header, its connections, its thread, and one block of events */
	assert_int_equal(truncate(path, 4 * TRACE_BLOCK), 0);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, TRACE_EVENTS);
	assert_false(whole(run));
	fold_free(fold);
	run_free(run);
}

static void what_is_removed_meanwhile_is_still_there(void **state)
{
	(void)state;
	struct run *run = read_run();
	assert_int_equal(unlink(path), 0);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, EVENTS);
	assert_true(whole(run));
	fold_free(fold);
	run_free(run);
}

/* As there are more large files than descriptors. */
static void what_cannot_stay_open_must_be_the_same(void **state)
{
	(void)state;
	struct run *run = read_run();
	struct source *source = &run->process[0].source;
	struct fold *fold;

	assert_true(source->file > 2);
	close(source->file);
	source->file = 0;
	fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, EVENTS);
	assert_true(whole(run));
	fold_free(fold);
	assert_int_equal(unlink(path), 0);
	close(open(path, O_WRONLY | O_CREAT, 0600));
	fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, 0);
	assert_false(whole(run));
	fold_free(fold);
	run_free(run);
}

/* Read once: whatever becomes of it then. */
static void what_is_small_stays_in_memory(void **state)
{
	size_t length;
	unsigned char *bytes =
		trace_text_file("client 1 10.0.0.1:143\n1: { w20 r30 } x9\n", &length);

	(void)state;
	const int fd = open(path, O_WRONLY | O_TRUNC);
	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	free(bytes);
	struct run *run = read_run();
	assert_int_equal(run->open, 0);
	assert_int_equal(truncate(path, 0), 0);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, 18);
	assert_true(whole(run));
	fold_free(fold);
	run_free(run);
}

/* All walks are of the same events. */
static void what_a_living_program_adds_is_nobodys(void **state)
{
	(void)state;
	struct run *run = read_run();
	run->process[0].thread[0].events -= 7; /* the program had not made them yet */
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, EVENTS - 7);
	fold_free(fold);
	run_free(run);
}

/* Recordings are allocated ahead; what was not written is passed over. */
static void behind_a_hole_nothing_is_lost(void **state)
{
	(void)state;
	/* no more than can be mapped at once */
	assert_int_equal(truncate(path, sizeof(void *) == 8 ? 3000000000 : 300000000), 0);
	struct run *run = read_run();
	assert_int_equal(run->process[0].thread[0].events, EVENTS);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, EVENTS);
	fold_free(fold);
	run_free(run);
}

static void what_makes_no_sense_any_more_is_left_out(void **state)
{
	const uint32_t none = 99; /* no such connection */
	struct run *run = read_run();
	const int fd = open(path, O_WRONLY);

	(void)state;
	assert_int_equal(pwrite(fd, &none, sizeof(none),
				 3 * TRACE_BLOCK + sizeof(struct trace_block) +
					 offsetof(struct trace_event, flow)),
		sizeof(none));
	close(fd);
	struct fold *fold = fold_run(run);
	assert_int_equal(fold->flow[0].steps, EVENTS - 1);
	fold_free(fold);
	run_free(run);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_held_is_counted),
		cmocka_unit_test_setup_teardown(no_event_is_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(of_a_turn_some_bytes_are_kept, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_became_shorter_is_cut_off, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_is_removed_meanwhile_is_still_there, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_cannot_stay_open_must_be_the_same, set_up, tear_down),
		cmocka_unit_test_setup_teardown(what_is_small_stays_in_memory, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_a_living_program_adds_is_nobodys, set_up, tear_down),
		cmocka_unit_test_setup_teardown(behind_a_hole_nothing_is_lost, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			what_makes_no_sense_any_more_is_left_out, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
