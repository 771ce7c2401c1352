/* The descriptor table, the flows behind it, their shadows and the endpoints: alone, and hammered
 * by threads (the case for TSan). */
#include "tests/unit/step.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "rules/option.h"
#include "shim/table/fdtab.h"
#include "shim/table/learners.h"
#include "shim/settle/shadow.h"
#include "shim/flow/thread.h"

static void a_number_never_seen_is_unknown_and_one_out_of_range_is_other(void **state)
{
	(void)state;
	assert_int_equal(fdtab_get(12345), SLOT_UNKNOWN);
	assert_int_equal(fdtab_get(-1), SLOT_OTHER);
	assert_int_equal(fdtab_get((int)FDTAB_LIMIT), SLOT_OTHER);
	fdtab_set(-1, SLOT_UNKNOWN);
	fdtab_set((int)FDTAB_LIMIT, SLOT_UNKNOWN);
	assert_int_equal(fdtab_get(-1), SLOT_OTHER);
}

static void slots_keep_what_is_set_up_to_the_last_number(void **state)
{
	const int last = (int)FDTAB_LIMIT - 1;

	(void)state;
	fdtab_set(3, SLOT_OTHER);
	fdtab_set(last, SLOT_WAITS);
	assert_int_equal(fdtab_get(3), SLOT_OTHER);
	assert_int_equal(fdtab_get(last), SLOT_WAITS);
	assert_int_equal(fdtab_get(last - 1), SLOT_UNKNOWN);
	assert_int_equal(fdtab_end(), last + 1);
}

static void replace_only_changes_what_it_expects(void **state)
{
	(void)state;
	fdtab_set(7, SLOT_OTHER);
	fdtab_replace(7, SLOT_UNKNOWN, SLOT_FILE);
	assert_int_equal(fdtab_get(7), SLOT_OTHER);
	fdtab_replace(7, SLOT_OTHER, SLOT_FILE);
	assert_int_equal(fdtab_get(7), SLOT_FILE);
}

static void a_flow_ends_with_its_last_reference_and_comes_back_clean(void **state)
{
	uintptr_t slot, again, generation;
	struct flow *flow = flow_new(&slot);

	(void)state;
	assert_non_null(flow);
	assert_ptr_equal(fdtab_flow(slot), flow);
	assert_ptr_equal(flow_at(flow->index), flow);
	generation = flow->generation;
	flow->theirs = 42;
	flow->turn.writes = 7;
	flow_ref(flow);
	assert_false(flow_unref(flow));
	assert_int_equal(flow->generation, generation);
	assert_true(flow_unref(flow));
	assert_int_equal(flow->generation, generation + 1);
	assert_ptr_equal(flow_new(&again), flow);
	assert_int_equal(again, slot);
	assert_int_equal(flow->theirs, 0);
	assert_int_equal(flow->turn.writes, 0);
	assert_int_equal(flow->decision, -1);
	flow_unref(flow);
}

static struct flow *reused;
static uint16_t life_before;

static void one_is_there(void)
{
	uintptr_t slot;

	reused = flow_new(&slot);
	reused->learner = learner_of(false, (uint8_t[16]){7}, 7);
	reused->mode = COALESCE_AUTO;
	reused->busy = 1;
	life_before = reused->life;
}

static void it_ends_and_another_comes(void)
{
	uintptr_t slot;

	flow_unref(reused);
	failed |= flow_new(&slot) != reused;
}

/* A thread that began to write on the old one: it may ask the learner, and holds `busy`. */
static void look_at_reused(int number)
{
	(void)number;
	failed |= !reused->learner || reused->busy != 1;
}

static void it_was_told(void)
{
	failed |= reused->learner != &learner_nobodys || reused->life == life_before ||
		  reused->mode != COALESCE_OFF;
}

static void who_still_writes_on_a_flow_that_is_reused_finds_it_whole(void **state)
{
	(void)state;
	interrupt_everywhere(&(struct story){
		one_is_there, it_ends_and_another_comes, it_was_told, look_at_reused});
}

static void a_reused_flow_keeps_its_place_on_the_deadline_list(void **state)
{
	uintptr_t slot;
	struct flow *flow = flow_new(&slot);

	(void)state;
	flow->watched = true;
	flow->watch_next = 9;
	flow_unref(flow);
	assert_ptr_equal(flow_new(&slot), flow);
	assert_true(flow->watched);
	assert_int_equal(flow->watch_next, 9);
	flow->watched = false;
	flow_unref(flow);
}

/* Who waited his turn meanwhile means the one before. */
static void an_end_of_mode_meant_for_one_that_has_ended_does_nothing(void **state)
{
	uintptr_t slot;
	struct flow *flow = flow_new(&slot), *again;
	uint16_t life = flow->life;

	(void)state;
	flow_unref(flow);
	again = flow_new(&slot);
	assert_ptr_equal(again, flow);
	atomic_store(&again->mode, 1);
	assert_false(flow_end_mode(again, life));
	assert_int_equal(again->mode, 1);
	assert_true(flow_end_mode(again, again->life));
	assert_int_equal(again->mode, 0);
	flow_unref(again);
}

/* Cookies that meet in any table whose size is a power of two below a million. */
static uint64_t meeting(unsigned number)
{
	return 5 + ((uint64_t)number << 20);
}

enum { MEETING = 12 };

static void flows_whose_cookies_meet_are_all_known(void **state)
{
	struct flow *flow[MEETING];
	uintptr_t slot;

	(void)state;
	for (unsigned i = 0; i < MEETING; i++) {
		flow[i] = flow_new(&slot);
		flow_set_cookie(flow[i], meeting(i));
	}
	for (unsigned i = 0; i < MEETING; i++) {
		assert_ptr_equal(flow_of_cookie(meeting(i)), flow[i]);
		flow_unref(flow[i]);
	}
	assert_null(flow_of_cookie(meeting(MEETING)));
	assert_null(flow_of_cookie(0));
	flow_unref(flow[3]);
	assert_null(flow_of_cookie(meeting(3)));
	for (unsigned i = 0; i < MEETING; i++)
		if (i != 3)
			flow_unref(flow[i]);
}

/* A place that an ended one had does not make a row full. */
static void a_flow_that_comes_again_is_known_by_its_new_cookie_alone(void **state)
{
	struct flow *flow;
	uintptr_t slot;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		flow = flow_new(&slot);
		flow_set_cookie(flow, meeting(i) + i);
		assert_ptr_equal(flow_of_cookie(meeting(i) + i), flow);
		if (i > 0)
			assert_null(flow_of_cookie(meeting(i - 1) + i - 1));
		flow_unref(flow);
		flow_unref(flow);
	}
}

static void a_shadow_is_found_replaced_copied_and_given_back(void **state)
{
	uintptr_t slot;
	struct flow *one = flow_new(&slot), *two = flow_new(&slot);
	int zero = 0, five = 5;

	(void)state;
	assert_null(shadow_find(one, OPTION_TCP_NODELAY));
	shadow_put(one, OPTION_TCP_NODELAY, &zero, sizeof(zero));
	shadow_put(one, OPTION_SO_SNDBUF, &five, sizeof(five));
	shadow_put(one, OPTION_TCP_NODELAY, &five, sizeof(five));
	assert_memory_equal(shadow_find(one, OPTION_TCP_NODELAY)->value, &five, sizeof(five));
	shadow_copy(two, one);
	shadow_drop(one);
	assert_null(shadow_find(one, OPTION_TCP_NODELAY));
	assert_int_equal(shadow_find(two, OPTION_SO_SNDBUF)->length, sizeof(five));
	shadow_drop(two);
	flow_unref(one);
	flow_unref(two);
}

static void an_endpoint_always_gets_the_same_learner(void **state)
{
	uint8_t peer[16] = {1}, other[16] = {2};
	struct learner *learner = learner_of(false, peer, 143);

	(void)state;
	assert_ptr_equal(learner_of(false, peer, 143), learner);
	assert_ptr_not_equal(learner_of(false, other, 143), learner);
	assert_ptr_not_equal(learner_of(false, peer, 993), learner);
	assert_ptr_not_equal(learner_of(true, peer, 143), learner);
}

static void when_all_places_are_taken_the_last_learner_never_predicts(void **state)
{
	struct learner *last = NULL;
	struct turn turn = {0};
	uint8_t peer[16] = {0};

	(void)state;
	for (uint32_t i = 0; i < 20000; i++) {
		memcpy(peer, &i, sizeof(i));
		last = learner_of(false, peer, 99);
	}
	for (uint64_t epoch = 1; epoch < 50; epoch++) {
		turn_open(&turn, last, epoch);
		for (uint64_t i = 0; i < 2; i++) {
			assert_int_equal(turn_next(&turn, epoch * 1000 + i), VERDICT_THROUGH);
			turn_wrote(&turn, last, 1, 1);
		}
		turn_close(&turn, last, epoch * 1000 + 2, false);
	}
}

static void a_thread_lists_a_flow_once(void **state)
{
	struct flow *flow[THREAD_FLOWS];
	uintptr_t slot;

	(void)state;
	thread_begin();
	assert_true(thread_number() > 0);
	for (int i = 0; i < THREAD_FLOWS; i++)
		assert_true(thread_add(flow[i] = flow_new(&slot)));
	assert_true(thread_add(flow[0]));
	assert_int_equal(thread.open, THREAD_FLOWS);
	thread.open = 0;
	for (int i = 0; i < THREAD_FLOWS; i++)
		flow_unref(flow[i]);
}

#define THREADS 4
#define ROUNDS	20000

/* Each thread makes, marks and ends flows; a flow that two threads get at once shows in its mark.
 */
static void *make_and_end(void *argument)
{
	uint64_t me = (uint64_t)(uintptr_t)argument;
	uintptr_t wrong = 0;

	for (int i = 0; i < ROUNDS; i++) {
		uintptr_t slot;
		struct flow *flow = flow_new(&slot);
		int value = i;

		atomic_store(&flow->theirs, me);
		shadow_put(flow, OPTION_SO_MARK, &value, sizeof(value));
		fdtab_set((int)(me * 100 + (uint64_t)i % 50), slot);
		if (atomic_load(&flow->theirs) != me || !shadow_find(flow, OPTION_SO_MARK) ||
			memcmp(shadow_find(flow, OPTION_SO_MARK)->value, &value, sizeof(value)) !=
				0)
			wrong++;
		fdtab_set((int)(me * 100 + (uint64_t)i % 50), SLOT_OTHER);
		shadow_drop(flow);
		flow_unref(flow);
	}
	return (void *)wrong;
}

static void threads_never_get_the_same_flow_at_once(void **state)
{
	pthread_t thread_id[THREADS];
	void *wrong;

	(void)state;
	for (uintptr_t i = 0; i < THREADS; i++)
		assert_int_equal(
			pthread_create(&thread_id[i], NULL, make_and_end, (void *)(i + 1)), 0);
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(pthread_join(thread_id[i], &wrong), 0);
		assert_null(wrong);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_never_seen_is_unknown_and_one_out_of_range_is_other),
		cmocka_unit_test(slots_keep_what_is_set_up_to_the_last_number),
		cmocka_unit_test(replace_only_changes_what_it_expects),
		cmocka_unit_test(a_flow_ends_with_its_last_reference_and_comes_back_clean),
		cmocka_unit_test(who_still_writes_on_a_flow_that_is_reused_finds_it_whole),
		cmocka_unit_test(a_reused_flow_keeps_its_place_on_the_deadline_list),
		cmocka_unit_test(an_end_of_mode_meant_for_one_that_has_ended_does_nothing),
		cmocka_unit_test(flows_whose_cookies_meet_are_all_known),
		cmocka_unit_test(a_flow_that_comes_again_is_known_by_its_new_cookie_alone),
		cmocka_unit_test(a_shadow_is_found_replaced_copied_and_given_back),
		cmocka_unit_test(an_endpoint_always_gets_the_same_learner),
		cmocka_unit_test(when_all_places_are_taken_the_last_learner_never_predicts),
		cmocka_unit_test(a_thread_lists_a_flow_once),
		cmocka_unit_test(threads_never_get_the_same_flow_at_once),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
