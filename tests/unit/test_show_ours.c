/* What sockfix itself did in a run, on the screen and in JSON, and that no verdict praises what it
 * lost. */
#include "tests/unit/report_text.h"

#include <ctype.h>
#include <jansson.h>
#include <stdlib.h>

#include "tools/find/ours.h"

static void assert_printed(const struct found *found, const char *expected)
{
	char *text = printed(found, ours_print);

	assert_string_equal(text, expected);
	free(text);
}

static void assert_verdict(const struct found *found, enum verdict_word verdict, const char *said)
{
	const struct report report = report_of(found);
	char *text = printed(found, verdict_print);

	assert_int_equal(report.verdict.word, verdict);
	assert_string_equal(text, said);
	free(text);
}

/* ---- the lines ---- */

static void each_thing_it_did_is_said(void **state)
{
	static const struct {
		const char *keys, *said;
	} row[] = {
		{"", ""},
		{"holds=1", "  sockfix held 1 write, 0 late.\n"},
		{"holds=4998 late=2 late_ns=402000000",
			"  sockfix held 4,998 writes, 2 late (0.40 s lost by it).\n"},
		{"holds=9 slow_ns=12000000",
			"  sockfix held 9 writes, 0 late, and 0.012 s by slow ones.\n"},
		{"ours=1", "  sockfix set tcp_nodelay on 1 connection.\n"},
		{"ours=3 holds=2",
			"  sockfix held 2 writes, 0 late; set tcp_nodelay, tcp_quickack on 1 "
			"connection.\n"},
		{"acks_learnt=1 acks_won=1200",
			"  sockfix learnt to send ACKs at once: 1,200 answers came sooner, dropped "
			"0\n  times.\n"},
		{"acks_learnt=2 acks_won=1 acks_dropped=1",
			"  sockfix learnt to send ACKs at once: 1 answer came sooner, dropped 1 "
			"time.\n"},
		{"nagle_kept=3 nagle_waited=1", "  sockfix left Nagle on across waits 3 times, and "
						"1 time somebody waited for "
						"it.\n"},
	};
	char text[300];

	(void)state;
	for (size_t i = 0; i < sizeof(row) / sizeof(*row); i++) {
		snprintf(text, sizeof(text),
			"client 1 10.0.0.1:143 %s\n1: { w9 r9~9ms } x50 close\n", row[i].keys);
		struct found found = find_text(text);

		assert_printed(&found, row[i].said);
		find_end(found);
	}
}

static void what_was_left_alone_is_said_with_its_reason(void **state)
{
	static const char text[] = "process active=1\n"
				   "client 1 10.0.0.1:143 given_up=1\n"
				   "client 2 10.0.0.2:143 given_up=1 holds=3\n"
				   "client 3 10.0.0.2:143 given_up=8\n"
				   "client 4 10.0.0.2:143\n"
				   "1: w9 r9 close\n2: w9 r9 close\n3: w9 r9 close\n4: w9 r9\n";
	struct found found = find_text(text);

	(void)state;
	assert_printed(&found,
		"  sockfix held 3 writes, 0 late.\n"
		"  2 connections were left alone: the program turns TCP_NODELAY on and off\n"
		"  itself.\n"
		"  1 connection was left alone: the kernel refused TCP_NODELAY.\n");
	find_end(found);
	/* Without rules nothing would have been done to them. */
	found = find_text(strchr(text, '\n') + 1);
	assert_printed(&found, "  sockfix held 3 writes, 0 late.\n");
	find_end(found);
}

static void every_reason_has_its_line(void **state)
{
	char text[200], said[200];

	(void)state;
	for (unsigned why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++) {
		const char *reason = given_up_reason(why);

		snprintf(text, sizeof(text),
			"process active=1\nclient 1 10.0.0.1:143 given_up=%u\n1: w9 r9 close\n",
			why);
		struct found found = find_text(text);
		char *line = printed(&found, ours_print);

		for (char *at = line; (at = strstr(at, "\n  "));) /* wrapped */
			memmove(at, at + 2, strlen(at + 2) + 1), *at = ' ';
		snprintf(said, sizeof(said), "  1 connection was left alone: %s%s.\n",
			strncmp(reason, "it ", 3) ? "" : "the program ",
			strncmp(reason, "it ", 3) ? reason : reason + 3);
		assert_string_equal(line, said);
		free(line);
		find_end(found);
	}
}

/* ---- the verdict ---- */

/* Once it was: MENDED, 200 late, and no rule could win more than 0.000 s of 41.8 s. */
static void what_was_lost_by_late_holds_is_not_called_mended(void **state)
{
	struct found found = find_text(
		"run wall=41.8s\nclient 1 10.0.0.1:143 late=200 late_ns=41600000000 opt.nodelay=1 "
		"ours=1\n1: { w27(held) +208ms w3 r9~0.3ms } x200 close\n");

	(void)state;
	assert_verdict(&found, VERDICT_STALLED,
		"  STALLED. 41.6 s of 41.8 s (100 %) go to sockfix: it held writes too long.\n"
		"  One rule mends it; expect 0.20 s at best, instead of 41.8 s.\n"
		"  sockfix held 200 writes, 200 late (41.6 s lost by it); set tcp_nodelay on 1\n"
		"  connection.\n\n");
	find_end(found);
}

static void a_run_that_was_mended_says_what_that_cost(void **state)
{
	struct found found = find_text(
		"run wall=41.8s\nclient 1 10.0.0.1:143 late=1 late_ns=208000000 opt.nodelay=1 "
		"ours=1\n1: { w27(held) w3 r9~1ms } x4000 close\n");

	(void)state;
	assert_verdict(&found, VERDICT_MENDED,
		"  MENDED. 4,000 turns, p50 1.00 ms.\n"
		"  No rule can win more than 0.21 s of 41.8 s (0.5 %) again.\n"
		"  sockfix held 4,000 writes, 1 late (0.21 s lost by it); set tcp_nodelay on 1\n"
		"  connection.\n\n");
	find_end(found);
}

/* However short the run: what is minor is known, and no doubt. */
static void a_little_late_is_no_doubt(void **state)
{
	struct found found = find_text("run wall=20ms\nclient 1 10.0.0.1:143 late=1 "
				       "late_ns=9000000 opt.nodelay=1 ours=1\n"
				       "1: { w27(held) w3 r9~1ms } x15 close\n");
	const struct report report = report_of(&found);

	(void)state;
	assert_int_equal(report.verdict.word, VERDICT_MENDED);
	find_end(found);
}

/* Beside the program's own habit. */
static void its_part_of_the_loss_is_told_apart(void **state)
{
	struct found found =
		find_text("run wall=3s\nclient 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"
			  "client 2 10.0.0.2:25 late=2 late_ns=416000000 opt.nodelay=1\n"
			  "1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"
			  "2: { w27(held) w3 r9~0.3ms } x9 +500ms close\n");
	char *text = printed(&found, verdict_print);

	(void)state;
	assert_non_null(strstr(text, "  STALLED. Up to 2.6 s of 3.0 s (86 %) go to the habits "
				     "below.\n  Of that, 0.42 s go to sockfix: it held writes too "
				     "long (X01).\n  Rules mend it; expect "));
	free(text);
	find_end(found);
}

/* That some transactions took very long need not have been the late hold. */
static void late_holds_are_no_spikes(void **state)
{
	struct found found = find_text(
		"run wall=3s\nclient 1 10.0.0.1:143 late=1 late_ns=208000000 opt.nodelay=1\n"
		"1: { w27(held) w3 r9~0.3ms } x900 w27(held) w3 r9~400ms close\n");
	const struct report report = report_of(&found);
	struct transactions all = transactions_take(found.fold, 0);

	(void)state;
	assert_true(all.spikes);
	assert_int_equal(report.verdict.word, VERDICT_STALLED);
	transactions_free(&all);
	find_end(found);
}

/* ---- JSON ---- */

static json_t *json_of(const struct found *found)
{
	const struct report report = report_of(found);
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);
	json_t *root;

	assert_non_null(out);
	assert_true(json_print(out, &report));
	fclose(out);
	root = json_loads(text, 0, NULL);
	assert_non_null(root);
	free(text);
	return root;
}

static void assert_json(const json_t *value, const char *expected)
{
	json_t *wanted = json_loads(expected, 0, NULL);

	assert_non_null(wanted);
	if (!json_equal(value, wanted))
		fail_msg("%s", json_dumps(value, 0));
	json_decref(wanted);
}

static void json_has_it_of_the_run_and_of_each_endpoint(void **state)
{
	struct found found = find_text(
		"process active=1\n"
		"client 1 10.0.0.1:143 holds=5 late=1 late_ns=3000000 slow_ns=2000000 ours=1 "
		"acks_learnt=2 acks_dropped=1 acks_won=70 nagle_kept=4 nagle_waited=3\n"
		"client 2 10.0.0.2:25 holds=6 given_up=1 ours=1\n"
		"client 3 10.0.0.2:25 given_up=4 ours=16\n"
		"1: w9 r9~9ms close\n2: w9 r9~9ms close\n3: w9 r9~9ms close\n");
	json_t *root = json_of(&found);
	const json_t *endpoints = json_object_get(root, "endpoints");

	(void)state;
	assert_json(json_object_get(root, "ours"),
		"{\"held\": 11, \"late\": 1, \"late_ns\": 3000000, \"slow_ns\": 2000000,"
		"\"acks\": {\"learnt\": 2, \"dropped\": 1, \"won\": 70},"
		"\"nagle\": {\"kept\": 4, \"waited\": 3},"
		"\"set\": [{\"option\": \"tcp_nodelay\", \"connections\": 2},"
		"{\"option\": \"so_rcvbuf\", \"connections\": 1}], \"given_up\": ["
		"{\"reason\": \"nodelay\", \"why\": \"it turns TCP_NODELAY on and off itself\","
		"\"connections\": 1}, {\"reason\": \"linger\","
		"\"why\": \"it closes with a linger of 0 seconds\", \"connections\": 1}]}");
	assert_int_equal(json_array_size(endpoints), 2);
	assert_json(json_object_get(json_array_get(endpoints, 0), "ours"),
		"{\"held\": 5, \"late\": 1, \"late_ns\": 3000000, \"slow_ns\": 2000000,"
		"\"acks\": {\"learnt\": 2, \"dropped\": 1, \"won\": 70},"
		"\"nagle\": {\"kept\": 4, \"waited\": 3},"
		"\"set\": [{\"option\": \"tcp_nodelay\", \"connections\": 1}], \"given_up\": []}");
	json_decref(root);
	find_end(found);
}

/* All reasons, and no others. */
static void the_schema_knows_every_reason(void **state)
{
	json_t *schema = json_load_file("tools/show/report.schema.json", 0, NULL);
	json_t *definitions = json_object_get(schema, "definitions"), *words;
	char word[32];

	(void)state;
	assert_int_equal(
		json_unpack(definitions, "{s:{s:{s:{s:{s:{s:{s:o}}}}}}}", "ours", "properties",
			"given_up", "items", "properties", "reason", "enum", &words),
		0);
	assert_int_equal(json_array_size(words), GIVEN_UP_COUNT - 1);
	for (unsigned why = GIVEN_UP_NOT + 1; why < GIVEN_UP_COUNT; why++) {
		snprintf(word, sizeof(word), "%s", given_up_word(why));
		for (char *at = word; *at; at++)
			*at = (char)tolower((unsigned char)*at);
		assert_string_equal(json_string_value(json_array_get(words, why - 1)), word);
	}
	json_decref(schema);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_thing_it_did_is_said),
		cmocka_unit_test(what_was_left_alone_is_said_with_its_reason),
		cmocka_unit_test(every_reason_has_its_line),
		cmocka_unit_test(what_was_lost_by_late_holds_is_not_called_mended),
		cmocka_unit_test(a_run_that_was_mended_says_what_that_cost),
		cmocka_unit_test(a_little_late_is_no_doubt),
		cmocka_unit_test(its_part_of_the_loss_is_told_apart),
		cmocka_unit_test(late_holds_are_no_spikes),
		cmocka_unit_test(json_has_it_of_the_run_and_of_each_endpoint),
		cmocka_unit_test(the_schema_knows_every_reason),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
