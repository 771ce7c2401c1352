/* The first word of the screen and its sentence, for runs where it is easily wrong. */
#include <stdlib.h>

#include "tests/unit/report_text.h"

/* The verdict's word, and in *sentence what is printed of it, to be freed. */
static const char *verdict_of(const struct found *found, char **sentence)
{
	const struct report report = report_of(found);
	size_t size;
	FILE *out = open_memstream(sentence, &size);

	verdict_print(out, &report);
	fclose(out);
	return verdict_name(report.verdict.word);
}

/* A few milliseconds that may be lost are no doubt, however short the run was; nor is what only the
 * author could change; nor CPU. */
static void what_no_rule_wins_leaves_no_doubt(void **state)
{
	struct found minor = find_text("client 1 127.0.0.1:6379 tcp.min_rtt_us=20\n"
				       "1: { w20 r20~21us } x300 close\n");
	struct found major = find_text("client 1 10.0.0.9:6379 tcp.min_rtt_us=2000\n"
				       "1: { w20 r20~2.1ms } x300 close\n");
	struct found small = find_text("client 1 10.0.0.9:8125 tcp.data_segs_out=20000\n"
				       "1: { w50 } x20000 close\n");
	char *sentence;

	(void)state;
	assert_true(finding_of(&minor, "R04")->minor);
	assert_true(finding_of(&minor, "R04")->lost_high * 20 > minor.fold->split.wall);
	assert_string_equal(verdict_of(&minor, &sentence), "IT IS NOT THE SOCKETS");
	free(sentence);
	assert_false(finding_of(&major, "R04")->minor);
	assert_string_equal(verdict_of(&major, &sentence), "IT IS NOT THE SOCKETS");
	free(sentence);
	assert_string_equal(verdict_of(&small, &sentence), "IT IS NOT THE SOCKETS");
	assert_non_null(finding_of(&small, "N03"));
	free(sentence);
	find_end(minor);
	find_end(major);
	find_end(small);
}

/* Waits that nobody could ask the kernel about are no 'no', however little is known of them. */
static void what_may_be_most_of_the_run_is_not_sure(void **state)
{
	struct found found = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 w8000 r82~44ms } x50 close\n");
	struct found asked = find_text("client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
				       "1: { w20 r6~1ms w100 w2 r82~44ms } x50 close\n");
	char *sentence;

	(void)state;
	assert_string_equal(verdict_of(&found, &sentence), "NOT SURE");
	assert_non_null(strstr(sentence, "  NOT SURE. Between 0 s and 2.1 s of 2.3 s look like"));
	free(sentence);
	assert_string_equal(verdict_of(&asked, &sentence), "IT IS NOT THE SOCKETS");
	free(sentence);
	find_end(found);
	find_end(asked);
}

/* A connection for every two turns: all are its first, and count with the connect before them. */
static void spikes_are_of_transactions(void **state)
{
	char text[60 * 120] = "", *sentence;
	size_t used = 0;
	struct found found;

	(void)state;
	for (int n = 1; n <= 60; n++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
			"client %d 10.0.0.7:3306%s\n%d: connect~%sms { w20 r20~1ms } x2 close\n", n,
			n == 9 ? " syn.total_retrans=1" : "", n, n == 9 ? "1020" : "0.2");
	found = find_text(text);
	assert_string_equal(verdict_of(&found, &sentence), "SPIKES");
	assert_non_null(strstr(
		sentence, "  SPIKES. 120 transactions: p50 1.00 ms, p99 1.20, max 1,021 ms.\n"));
	free(sentence);
	find_end(found);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_no_rule_wins_leaves_no_doubt),
		cmocka_unit_test(what_may_be_most_of_the_run_is_not_sure),
		cmocka_unit_test(spikes_are_of_transactions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
