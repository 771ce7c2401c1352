/* A thread's list of open turns, also with signal handlers in the middle of its functions. */
#include "tests/unit/step.h"

#include <stdatomic.h>

#include "shim/table/fdtab.h"
#include "shim/flow/thread.h"

static struct flow *first, *second;

static void set_up(void)
{
	uintptr_t slot;

	thread_begin();
	first = flow_new(&slot);
	second = flow_new(&slot);
	assert_true(first && second && first != second);
	atomic_store(&thread.open, 0);
}

static void tear_down(void)
{
	atomic_store(&thread.open, 0);
	flow_unref(first);
	flow_unref(second);
}

static void what_was_put_on_is_taken_off_once(void **state)
{
	(void)state;
	set_up();
	assert_null(thread_take());
	assert_true(thread_add(first));
	assert_true(thread_add(second));
	assert_true(thread_add(first));
	assert_ptr_equal(thread_take(), second);
	assert_ptr_equal(thread_take(), first);
	assert_null(thread_take());
	tear_down();
}

/* Only the last one: what others put on meanwhile stands on top of it. */
static void what_was_put_on_last_can_be_dropped(void **state)
{
	(void)state;
	set_up();
	thread_drop(first);
	assert_true(thread_add(first));
	assert_true(thread_add(second));
	thread_drop(first);
	thread_drop(second);
	assert_ptr_equal(thread_take(), first);
	assert_null(thread_take());
	tear_down();
}

enum { CROWD = 3 * THREAD_FLOWS };

/* What finds no place goes on the chain, once, and comes off like all the rest. */
static void a_crowd_of_flows_is_listed_once_each(void **state)
{
	struct flow *flow[CROWD], *taken;
	int seen = 0;
	uintptr_t slot;

	(void)state;
	set_up();
	for (int i = 0; i < CROWD; i++) {
		flow[i] = flow_new(&slot);
		assert_true(thread_add(flow[i]));
	}
	for (int i = 0; i < CROWD; i++)
		assert_true(thread_add(flow[i]));
	while ((taken = thread_take()))
		for (int i = 0; i < CROWD; i++)
			seen += taken == flow[i];
	assert_int_equal(seen, CROWD);
	thread.epoch++;
	for (int i = 0; i < CROWD; i++)
		assert_true(thread_add(flow[i]));
	assert_ptr_equal(thread_take(), flow[CROWD - 1]);
	for (int i = 0; i < CROWD; i++)
		flow_unref(flow[i]);
	assert_null(thread_take()); /* they have ended */
	tear_down();
}

static int looked_at;

static bool is_second(struct flow *flow)
{
	looked_at++;
	return flow == second;
}

static void all_that_is_listed_can_be_looked_at(void **state)
{
	struct flow *flow[CROWD];
	uintptr_t slot;

	(void)state;
	set_up();
	thread.epoch++;
	for (int i = 0; i < CROWD; i++)
		assert_true(thread_add(flow[i] = flow_new(&slot)));
	looked_at = 0;
	assert_false(thread_any(is_second));
	assert_int_equal(looked_at, CROWD);
	assert_true(thread_add(second));
	assert_true(thread_any(is_second));
	while (thread_take())
		;
	for (int i = 0; i < CROWD; i++)
		flow_unref(flow[i]);
	tear_down();
}

/* A flow that has ended since, even if another one lives in its place now. */
static void what_has_ended_is_not_taken(void **state)
{
	struct flow *gone, *again;
	uintptr_t slot;

	(void)state;
	set_up();
	gone = flow_new(&slot);
	assert_true(thread_add(first));
	assert_true(thread_add(gone));
	assert_true(flow_unref(gone));
	again = flow_new(&slot);
	assert_ptr_equal(again, gone);
	assert_ptr_equal(thread_take(), first);
	assert_null(thread_take());
	/* The old entry does not stand for the new flow. */
	assert_true(thread_add(gone));
	assert_ptr_equal(thread_take(), again);
	flow_unref(again);
	tear_down();
}

/* As a handler finds it between the two halves of thread_add(). */
static void a_place_that_is_not_filled_is_passed_over(void **state)
{
	(void)state;
	set_up();
	thread.flow[0].flow = NULL;
	atomic_store(&thread.open, 1);
	assert_true(thread_add(second));
	assert_ptr_equal(thread_take(), second);
	assert_null(thread_take());
	tear_down();
}

static int firsts, seconds;

static void drain(void)
{
	struct flow *flow;

	while ((flow = thread_take())) {
		firsts += flow == first;
		seconds += flow == second;
		failed |= flow != first && flow != second;
	}
}

static void add_first(void)
{
	failed |= !thread_add(first);
}

static void handler_adds(int number)
{
	(void)number;
	failed |= !thread_add(second);
}

/* As flow_wait_slow() does: a wait of the thread's own is over. */
static void handler_waits(int number)
{
	(void)number;
	thread.epoch++;
	while (thread_take())
		;
}

static void both_once(void)
{
	drain();
	failed |= firsts != 1 || seconds != 1;
}

/* Whatever the handler took or left: a second thread_add(), as flow_write_end() makes it, puts the
 * flow on the list once. */
static void first_once(void)
{
	add_first();
	drain();
	failed |= firsts != 1 || seconds != 0;
}

static void nothing(void)
{
}

static void run(const struct story *story)
{
	set_up();
	interrupt_everywhere(story);
	tear_down();
}

static void a_handler_adds_while_a_flow_is_added(void **state)
{
	(void)state;
	run(&(struct story){nothing, add_first, both_once, handler_adds});
}

static void a_handler_adds_while_the_list_is_emptied(void **state)
{
	(void)state;
	run(&(struct story){add_first, drain, both_once, handler_adds});
}

static void a_handler_empties_the_list_while_a_flow_is_added(void **state)
{
	(void)state;
	run(&(struct story){nothing, add_first, first_once, handler_waits});
}

/* The same with all places taken, so that both go on the chain. */
static struct flow *others[THREAD_FLOWS];

static void fill_places(void)
{
	uintptr_t slot;

	thread.epoch++;
	for (int i = 0; i < THREAD_FLOWS; i++)
		failed |= !thread_add(others[i] = flow_new(&slot));
}

static void fill_and_add_first(void)
{
	fill_places();
	add_first();
}

static void drain_crowd(void)
{
	struct flow *flow;

	while ((flow = thread_take())) {
		firsts += flow == first;
		seconds += flow == second;
	}
}

static void crowd_both_once(void)
{
	drain_crowd();
	failed |= firsts != 1 || seconds != 1;
}

/* Twice does no harm: its turn is over when it comes off again. Never is what must not be. */
static void crowd_first_at_all(void)
{
	add_first();
	drain_crowd();
	failed |= firsts < 1 || firsts > 2 || seconds != 0;
}

static void a_handler_adds_to_the_chain_while_a_flow_is_added(void **state)
{
	(void)state;
	run(&(struct story){fill_places, add_first, crowd_both_once, handler_adds});
}

static void a_handler_adds_to_the_chain_while_it_is_emptied(void **state)
{
	(void)state;
	run(&(struct story){fill_and_add_first, drain_crowd, crowd_both_once, handler_adds});
}

static void a_handler_empties_the_chain_while_a_flow_is_added(void **state)
{
	(void)state;
	run(&(struct story){fill_places, add_first, crowd_first_at_all, handler_waits});
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_on_is_taken_off_once),
		cmocka_unit_test(what_was_put_on_last_can_be_dropped),
		cmocka_unit_test(a_crowd_of_flows_is_listed_once_each),
		cmocka_unit_test(all_that_is_listed_can_be_looked_at),
		cmocka_unit_test(what_has_ended_is_not_taken),
		cmocka_unit_test(a_place_that_is_not_filled_is_passed_over),
		cmocka_unit_test(a_handler_adds_while_a_flow_is_added),
		cmocka_unit_test(a_handler_adds_while_the_list_is_emptied),
		cmocka_unit_test(a_handler_empties_the_list_while_a_flow_is_added),
		cmocka_unit_test(a_handler_adds_to_the_chain_while_a_flow_is_added),
		cmocka_unit_test(a_handler_adds_to_the_chain_while_it_is_emptied),
		cmocka_unit_test(a_handler_empties_the_chain_while_a_flow_is_added),
	};

	return cmocka_run_group_tests_name("thread", tests, NULL, NULL);
}
