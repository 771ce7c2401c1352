/* One habit towards many peers is one finding with one rule; a stall beside other work promises
 * nothing. */
#include "tests/unit/report_text.h"

#include <stdlib.h>

/* ---- many peers ---- */

/* Turns of one kind with each of the peers, one after the other. */
static struct found many(const char *const *peer, size_t peers, const char *run)
{
	char text[4000];
	size_t used = (size_t)snprintf(text, sizeof(text), "%s\n", run);

	for (size_t i = 0; i < peers; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"client %zu %s proven=5 tcp.min_rtt_us=50\n", i + 1, peer[i]);
	for (size_t i = 0; i < peers; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"%zu: w9 r9~1ms { w9 w2(proven) r9~44ms probe } x5 close\n", i + 1);
	assert_true(used < sizeof(text));
	return find_text(text);
}

static size_t count(const struct found *found, const char *code)
{
	size_t count = 0;

	for (size_t i = 0; i < found->findings->count; i++)
		count += strcmp(found->findings->finding[i].code->name, code) == 0;
	return count;
}

#define HOSTS "10.0.0.1:143", "10.0.0.2:143", "10.0.0.3:143", "10.0.0.4:143"

static void a_habit_towards_many_is_one_finding(void **state)
{
	static const char *const hosts[] = {HOSTS, "10.0.0.5:143"};
	struct found found = many(hosts, 5, "run wall=5s");
	struct found four = many(hosts, 4, "run wall=5s");
	const struct finding *n01 = assert_found(&found, "N01", SURE_PROVEN, FIX_RULE, 25, 25);

	(void)state;
	assert_int_equal(count(&found, "N01"), 1);
	assert_int_equal(n01->endpoint, UINT32_MAX);
	assert_string_equal(n01->what, "5 peers, 2 small writes, then a read: 25 of 25");
	assert_near(n01->lost_high, 25 * 44 * MS);
	assert_false(n01->minor);
	assert_mends(&n01->mend, "n01-to-port-143", "role = \"client\"; port = 143;",
		"coalesce = \"auto\";", false);
	assert_int_equal(count(&four, "N01"), 4); /* a reader takes these in */
	find_end(found);
	find_end(four);
}

/* Each by itself is under 1 % of the run. */
static void many_trifles_are_none(void **state)
{
	static const char *const hosts[] = {HOSTS, "10.0.0.5:143"};
	struct found found = many(hosts, 5, "run wall=40s");

	(void)state;
	assert_false(finding_of(&found, "N01")->minor);
	find_end(found);
}

static void the_rule_is_for_what_they_share(void **state)
{
	static const char *const ports[] = {
		"10.0.0.1:1", "10.0.0.1:2", "10.0.0.1:3", "10.0.0.1:4", "10.0.0.1:5"};
	static const char *const both[] = {HOSTS, "10.0.0.5:993"};
	struct found found = many(ports, 5, "run wall=5s"), mixed = many(both, 5, "run wall=5s");

	(void)state;
	assert_mends(&finding_of(&found, "N01")->mend, "n01-prog-client",
		"program = \"prog\"; role = \"client\";", "coalesce = \"auto\";", false);
	assert_mends(&finding_of(&mixed, "N01")->mend, "n01-prog-client",
		"program = \"prog\"; role = \"client\";", "coalesce = \"auto\";", false);
	find_end(found);
	find_end(mixed);
}

/* Both ends are of the run: the port is another one the next time. */
static void a_port_of_the_run_itself_is_no_match(void **state)
{
	struct found found =
		find_text("listener 1 11234\nserver 2 11234\n"
			  "client 3 127.0.0.1:11234 proven=50 tcp.min_rtt_us=50\n"
			  "3: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n");

	(void)state;
	assert_mends(&finding_of(&found, "N01")->mend, "n01-prog-client",
		"program = \"prog\"; role = \"client\";", "coalesce = \"auto\";", false);
	find_end(found);
}

/* Each name stands once in a file, and is one that `check` takes. */
static void rules_have_names_of_their_own(void **state)
{
	struct found found = find_text(
		"listener 1 11234\nserver 2 11234 proven=50\nlistener 3 11235\n"
		"server 4 11235 proven=50 opt.nodelay=0\n"
		"4: setsockopt(asked=0x60001,done=0)\n"
		"2: { r9~44ms probe w9 w2(proven) } x50 r0 close\n"
		"4: { r9~44ms probe w9 w2(proven) } x50 r0 close\n"
		"client 5 127.0.0.1:11234\nclient 6 127.0.0.1:11235 theirs=1 given_up=1 proven=9\n"
		"6: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"
		"client 7 127.0.0.1:11234 proven=9 tcp.min_rtt_us=50\n"
		"7: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n");
	size_t rules = 0;

	(void)state;
	for (size_t i = 0; i < found.findings->count; i++)
		for (size_t j = 0; *found.findings->finding[i].mend.set && j < i; j++) {
			const struct mend *a = &found.findings->finding[i].mend;
			const struct mend *b = &found.findings->finding[j].mend;

			if (!*b->set)
				continue;
			rules++;
			assert_true(strcmp(a->name, b->name) != 0 ||
				    (strcmp(a->match, b->match) == 0 &&
					    strcmp(a->set, b->set) == 0 && a->force == b->force));
		}
	assert_true(rules > 1);
	find_end(found);
}

/* ---- other threads ---- */

#define STALLS                                                                                     \
	"run wall=2.5s\nclient 1 10.0.0.1:143 proven=40 tcp.min_rtt_us=50\nclient 2 10.0.0.2:80\n" \
	"1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x40\n"

static void a_thread_that_works_as_long_bounds_the_run(void **state)
{
	struct found found = find_text(STALLS "thread 9\n2: @0s { w20 r20~3ms } x700\n");
	char *text = printed(&found, verdict_print);

	(void)state;
	assert_true(found.findings->win < 10 * MS);
	assert_non_null(
		strstr(text, "One rule mends it, but another thread is at work as long: the "
			     "run may end no\n  sooner.\n"));
	free(text);
	find_end(found);
}

static void one_that_ends_before_bounds_the_rest(void **state)
{
	struct found found = find_text(STALLS "thread 9\n2: @0s { w20 r20~3ms } x300\n");
	char *text = printed(&found, verdict_print);

	(void)state;
	assert_in_range(found.findings->win, 840 * MS, 880 * MS);
	assert_non_null(strstr(text, "One rule mends it, but another thread is at work for most of "
				     "it: the run may\n  end 0.8"));
	free(text);
	find_end(found);
}

static void one_that_sleeps_or_shares_bounds_nothing(void **state)
{
	/* heartbeats; and a reader and a writer of one connection, which wait for each other */
	struct found beats = find_text(STALLS "thread 9\n2: @0s { w20 r20~3ms +400ms } x6\n");
	struct found shares = find_text(STALLS "2: w9\nthread 9\n2: @0s { w20 r20~3ms } x700\n");
	struct found alone = find_text(STALLS);
	char *text = printed(&beats, verdict_print);

	(void)state;
	assert_true(beats.findings->win > 1700 * MS);
	assert_true(shares.findings->win > 1700 * MS);
	assert_true(alone.findings->win == UINT64_MAX);
	assert_non_null(strstr(text, "One rule mends it; expect about "));
	free(text);
	find_end(beats);
	find_end(shares);
	find_end(alone);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_habit_towards_many_is_one_finding),
		cmocka_unit_test(many_trifles_are_none),
		cmocka_unit_test(the_rule_is_for_what_they_share),
		cmocka_unit_test(a_port_of_the_run_itself_is_no_match),
		cmocka_unit_test(rules_have_names_of_their_own),
		cmocka_unit_test(a_thread_that_works_as_long_bounds_the_run),
		cmocka_unit_test(one_that_ends_before_bounds_the_rest),
		cmocka_unit_test(one_that_sleeps_or_shares_bounds_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
