/* Whether another connection got on during a stall is what a look at each single call says,
 * whichever block of packed moments the stall begins and ends in. */
#include "tests/unit/unit.h"

#include <stdlib.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/find/judge.h"
#include "tools/fold/fold_parts.h"

#define MOST 4000u

static struct moment {
	uint64_t time;
	uint32_t process, flow;
} list[MOST];
static size_t count;

static void list_moments(const struct run *run)
{
	count = 0;
	for (uint32_t p = 0; p < run->processes; p++) {
		struct merge *merge = merge_by_ends(&run->process[p]);
		const struct happening *next;

		while ((next = merge_next(merge)) != NULL) {
			assert_in_range(count, 0, MOST - 1);
			if (!next->probe && step_has_data(&next->step))
				list[count++] = (struct moment){next->step.end, p, next->flow};
		}
		merge_end(merge);
	}
}

static bool other(uint32_t process, uint32_t flow, uint64_t from, uint64_t to)
{
	for (size_t i = 0; i < count; i++)
		if (list[i].process == process && list[i].flow != flow && list[i].time > from &&
			list[i].time < to)
			return true;
	return false;
}

static void as_each_call_says(void **state)
{
	struct run *run = trace_text("client 1 10.0.0.1:143\n"
				     "client 2 10.0.0.2:80\n"
				     "client 3 10.0.0.2:80\n"
				     "1: { w20 r30~1ms } x300\n"
				     "thread 8\n"
				     "2: { w20 r30~7ms +11ms read(error=11,nonblock) } x40\n"
				     "thread 9\n"
				     "3: +300ms { w1 } x100 r7~90ms\n"
				     "process pid=77 at=50ms\n"
				     "client 1 10.0.0.1:143\n"
				     "1: { w20 r30~3ms } x50\n");
	struct moments *moments = moments_take(run);
	size_t said = 0;

	(void)state;
	list_moments(run);
	srandom(20261128);
	for (size_t i = 0; i < 20000; i++) {
		const struct moment *from = &list[(size_t)random() % count];
		const uint64_t begin = from->time - (uint64_t)random() % 3;
		const uint64_t end = begin + (uint64_t)random() % 9000000;
		const uint32_t process = (uint32_t)random() % 2, flow = 1 + (uint32_t)random() % 3;
		const bool is = moments_other(moments, process, flow, begin, end);

		assert_int_equal(is, other(process, flow, begin, end));
		said += is;
	}
	assert_in_range(said, 2000, 18000); /* both were asked about */
	moments_free(moments);
	run_free(run);
}

static void before_the_first_and_behind_the_last_there_is_none(void **state)
{
	struct run *run = trace_text("client 1 10.0.0.1:143\n"
				     "client 2 10.0.0.1:143\n"
				     "1: w20 r30~1ms\n"
				     "2: w20 r30~1ms\n");
	struct moments *moments = moments_take(run);

	(void)state;
	list_moments(run);
	assert_int_equal(count, 4);
	assert_false(moments_other(moments, 0, 2, 0, list[0].time));
	assert_true(moments_other(moments, 0, 2, 0, list[0].time + 1));
	assert_true(moments_other(moments, 0, 1, list[3].time - 1, UINT64_MAX));
	assert_false(moments_other(moments, 0, 1, list[3].time, UINT64_MAX));
	assert_false(moments_other(moments, 1, 1, 0, UINT64_MAX));
	moments_free(moments);
	run_free(run);
}

static void of_a_run_without_calls_there_is_none(void **state)
{
	struct run *run = trace_text("client 1 10.0.0.1:143\n");
	struct moments *moments = moments_take(run);

	(void)state;
	assert_false(moments_other(moments, 0, 1, 0, UINT64_MAX));
	moments_free(moments);
	moments_free(NULL);
	run_free(run);
}

int main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(as_each_call_says),
		cmocka_unit_test(before_the_first_and_behind_the_last_there_is_none),
		cmocka_unit_test(of_a_run_without_calls_there_is_none),
	};

	return cmocka_run_group_tests_name("moments", tests, NULL, NULL);
}
