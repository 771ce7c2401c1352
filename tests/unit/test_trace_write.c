/* The writer of traces below the hooks: places in blocks, signal handlers in between, growth,
 * budget. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/time.h>
#include <unistd.h>
#include <fcntl.h>

#include <cmocka.h>

#include "shim/record/trace.h"

static char setting[64] = "/tmp/sockfix-write-XXXXXX";

static void budget_make(int64_t left)
{
	struct trace_budget budget = {.left = left};
	char path[96];
	int fd;

	memcpy(budget.magic, TRACE_BUDGET_MAGIC, sizeof(budget.magic));
	snprintf(path, sizeof(path), "%s/%s", setting, TRACE_BUDGET);
	fd = open(path, O_CREAT | O_RDWR | O_TRUNC, 0600);
	assert_true(fd >= 0 && write(fd, &budget, sizeof(budget)) == sizeof(budget));
	close(fd);
}

static int begin(void **state)
{
	(void)state;
	if (!mkdtemp(setting))
		return -1;
	budget_make(1 << 30);
	return trace_start(setting, "1:", false) && trace_begin() ? 0 : -1;
}

static int end(void **state)
{
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/%s", setting, trace_self->name);
	unlink(path);
	snprintf(path, sizeof(path), "%s/%s", setting, TRACE_BUDGET);
	unlink(path);
	return rmdir(setting);
}

static void add(unsigned call, uint64_t asked)
{
	struct trace_note note = {.call = (uint8_t)call, .start = 1, .end = 1, .asked = asked};

	trace_add(&note);
}

static const struct trace_block *block_of(uint64_t number, enum trace_kind kind)
{
	const struct trace_block *block = trace_block_at(number);

	return block->kind == kind ? block : NULL;
}

/* Events of that call, and whether each of 0 .. count - 1 was asked once and in order. */
static size_t events_of(unsigned call, bool *ordered)
{
	uint64_t blocks = atomic_load(&trace_self->header->blocks);
	size_t count = 0;

	*ordered = true;
	for (uint64_t i = 1; i < blocks; i++) {
		const struct trace_block *block = block_of(i, BLOCK_EVENTS);
		const struct trace_event *event = (const struct trace_event *)(block + 1);

		for (unsigned k = 0; block && k < TRACE_EVENTS; k++) {
			if (event[k].call != call)
				continue;
			if (event[k].asked != count++)
				*ordered = false;
		}
	}
	return count;
}

static void blocks_lie_where_their_numbers_say(void **state)
{
	char *base = (char *)trace_self->header;

	(void)state;
	for (uint64_t i = 1; i < TRACE_FIRST; i++)
		assert_ptr_equal(trace_block_at(i), base + i * TRACE_BLOCK);
}

static void events_keep_their_order_over_blocks(void **state)
{
	bool ordered;

	(void)state;
	for (unsigned i = 0; i < 100000; i++)
		add(TRACE_SEND, i);
	assert_int_equal(events_of(TRACE_SEND, &ordered), 100000);
	assert_true(ordered);
	assert_int_equal(trace_self->header->full, 0);
}

static volatile uint64_t handled;

static void handler(int number)
{
	(void)number;
	for (int i = 0; i < 40; i++)
		add(TRACE_RECV, handled++);
}

/* A handler that adds events of its own, wherever it comes: nothing is lost or written over. */
static void handlers_come_in_between(void **state)
{
	struct itimerval often = {{0, 50}, {0, 50}}, never = {{0, 0}, {0, 0}};
	struct sigaction action = {.sa_handler = handler, .sa_flags = SA_RESTART};
	uint64_t added = 0;
	bool ordered;

	(void)state;
	sigaction(SIGALRM, &action, NULL);
	setitimer(ITIMER_REAL, &often, NULL);
	while (handled < 40 * 2000 && added < 20000000)
		add(TRACE_WRITE, added++);
	setitimer(ITIMER_REAL, &never, NULL);
	assert_true(handled > 0);
	/* The order may be broken where a handler took a block, but every event is there once. */
	assert_int_equal(events_of(TRACE_WRITE, &ordered), added);
	assert_int_equal(events_of(TRACE_RECV, &ordered), handled);
}

static void large_numbers_saturate(void **state)
{
	struct trace_note note = {.call = TRACE_READ,
		.error = 11,
		.start = 5,
		.end = UINT64_MAX - 5,
		.asked = UINT64_MAX,
		.done = (uint64_t)UINT32_MAX + 1};
	const struct trace_event *found = NULL;

	(void)state;
	trace_add(&note);
	for (uint64_t i = 1; i < trace_self->header->blocks; i++) {
		const struct trace_block *block = block_of(i, BLOCK_EVENTS);
		const struct trace_event *event = (const struct trace_event *)(block + 1);

		for (unsigned k = 0; block && k < TRACE_EVENTS; k++)
			if (event[k].call == TRACE_READ)
				found = &event[k];
	}
	assert_non_null(found);
	assert_int_equal(found->error, 11);
	assert_int_equal(found->asked, UINT32_MAX);
	assert_int_equal(found->done, UINT32_MAX);
	assert_int_equal(
		(uint64_t)found->duration_high << 32 | found->duration, (UINT64_C(1) << 40) - 1);
}

static void names_hash_alike(void **state)
{
	(void)state;
	assert_int_equal(trace_name_hash("localhost", 9), trace_name_hash("localhost", 9));
	assert_int_not_equal(trace_name_hash("localhost", 9), trace_name_hash("localhosu", 9));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(blocks_lie_where_their_numbers_say),
		cmocka_unit_test(events_keep_their_order_over_blocks),
		cmocka_unit_test(handlers_come_in_between),
		cmocka_unit_test(large_numbers_saturate),
		cmocka_unit_test(names_hash_alike),
	};

	return cmocka_run_group_tests_name("trace_write", tests, begin, end);
}
