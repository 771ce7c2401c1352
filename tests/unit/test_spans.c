/* What a wait was for, where its own event does not say: other sets of epoll, servers that nobody
 * is connected to, and the call that a process was in when it ended. */
#include "tests/unit/unit.h"

#include <stdio.h>

#include "tests/unit/helper/trace_text.h"
#include "tools/fold/fold.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

/* The seconds of the split for peers; killed: the first process's end was not seen. */
static uint64_t thinking(const char *text, bool killed)
{
	struct run *run = trace_text(text);
	struct fold *fold;
	uint64_t found;

	assert_int_equal(run->process[0].damaged, 0);
	if (killed)
		run->process[0].header.ended = 0;
	fold = fold_run(run);
	found = fold->split.thinking;
	assert_int_equal(found + fold->split.program + fold->split.other + fold->split.unseen,
		fold->split.wall);
	fold_free(fold);
	run_free(run);
	return found;
}

/* As postgres waits: for its client by one set, in pg_sleep() by another. */
static void a_set_without_flows_is_not_for_peers(void **state)
{
	(void)state;
	assert_int_equal(thinking("run wall=3s\nclient 1 10.0.0.1:80\n"
				  "1: @0s w9 epoll_wait(set=7,covers=1,done=1)~100ms r9(nonblock)\n"
				  "0: epoll_wait(set=8)~300ms epoll_wait(set=7)~500ms\n",
				 false),
		600 * MS);
}

/* As nginx ends: a word of its master comes by a socket that is no flow. */
static void a_server_without_a_connection_waits_for_one(void **state)
{
	static const char served[] =
		"run wall=9s\nlistener 1 80\nserver 2 80 opened=1000001000000\n"
		"1: listen @1ms epoll_wait(set=7,covers=1,done=1) accept(done=2,nonblock)\n"
		"2: r9(nonblock) w9 @2s close\n";
	static const char open[] = "run wall=9s\nlistener 1 80\nserver 2 80 opened=1000001000000\n"
				   "1: listen @1ms epoll_wait(set=7,covers=1,done=1) "
				   "accept(done=2,nonblock)\n"
				   "2: r9(nonblock) w9 @2s\n";
	char text[512];

	(void)state;
	snprintf(text, sizeof(text), "%s0: @3s epoll_wait(set=7,done=1)~5s\n", served);
	assert_int_equal(thinking(text, false), 5 * S + US);
	/* what it waits for may be the answer to somebody */
	snprintf(text, sizeof(text), "%s0: @3s epoll_wait(set=7,done=1)~5s\n", open);
	assert_int_equal(thinking(text, false), US);
	/* it looked at a set that is not for connections */
	snprintf(text, sizeof(text), "%s0: @3s epoll_wait(set=9,done=1)~5s\n", served);
	assert_int_equal(thinking(text, false), US);
}

static void a_client_without_a_connection_waits_for_something_else(void **state)
{
	(void)state;
	assert_int_equal(
		thinking("run wall=9s\nclient 1 10.0.0.1:80\n"
			 "1: connect epoll_wait(set=7,covers=1,done=1) r9(nonblock) close\n"
			 "0: @3s epoll_wait(set=7,done=1)~5s\n",
			false),
		US);
}

#define READS "1: @1s w9 recv(lasts)~1s\n"

static void a_call_that_never_came_back_lasts_to_the_end(void **state)
{
	static const char killed[] = "run wall=9s status=9\nclient 1 10.0.0.1:80\n" READS;
	static const char alone[] = "run wall=9s status=0\nclient 1 10.0.0.1:80\n" READS;
	static const char server[] = "run wall=9s status=0\nserver 1 80\nlistener 2 80\n" READS;

	(void)state;
	assert_int_equal(thinking(killed, true), 8 * S - 3 * US);
	/* as timeout(1) does it: the run goes on without it */
	assert_int_equal(thinking(alone, true), 0);
	assert_int_equal(thinking(server, true), 8 * S - 3 * US);
	/* another thread ended the process, after a second */
	assert_int_equal(thinking(killed, false), S);
}

static void a_call_of_which_there_is_an_event_came_back(void **state)
{
	(void)state;
	assert_int_equal(thinking("run wall=9s status=9\nclient 1 10.0.0.1:80\n"
				  "1: @1s w9 recv(lasts)~1s r9~10us\n",
				 true),
		10 * US);
	assert_int_equal(thinking("run wall=9s\nprocess full=1\nclient 1 10.0.0.1:80\n"
				  "1: @1s w9 recv(lasts)~1s\n",
				 false),
		0);
}

static void a_last_wait_is_for_what_the_ones_before_were(void **state)
{
	static const char polls[] = "run wall=9s status=9\nclient 1 10.0.0.1:80\n"
				    "1: @1s w9 poll(covers=1,done=1) r9(nonblock) poll(lasts)\n";
	static const char sleeps[] = "run wall=9s status=9\nclient 1 10.0.0.1:80\n"
				     "1: @1s w9 poll(covers=1,done=1) r9(nonblock) poll(done=0) "
				     "poll(lasts)\n";
	static const char epolls[] = "run wall=9s status=9\nclient 1 10.0.0.1:80\n"
				     "1: @1s w9 epoll_wait(set=7,covers=1,done=1) r9(nonblock) "
				     "epoll_wait(set=%d,lasts)\n";
	char text[256];

	(void)state;
	assert_in_range(thinking(polls, true), 7 * S, 8 * S);
	assert_int_equal(thinking(sleeps, true), US);
	snprintf(text, sizeof(text), epolls, 7);
	assert_in_range(thinking(text, true), 7 * S, 8 * S);
	snprintf(text, sizeof(text), epolls, 8);
	assert_int_equal(thinking(text, true), US);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_set_without_flows_is_not_for_peers),
		cmocka_unit_test(a_server_without_a_connection_waits_for_one),
		cmocka_unit_test(a_client_without_a_connection_waits_for_something_else),
		cmocka_unit_test(a_call_that_never_came_back_lasts_to_the_end),
		cmocka_unit_test(a_call_of_which_there_is_an_event_came_back),
		cmocka_unit_test(a_last_wait_is_for_what_the_ones_before_were),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
