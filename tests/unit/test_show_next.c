/* The last lines of the screen and the comments of suggested rules: what is proven may be run, what
 * is not is proved first. */
#include "tests/unit/find_text.h"

#include <stdlib.h>

#include "tools/show/report.h"

#define PROVEN                                                                                     \
	"run command=import\nclient 1 10.0.0.1:143 proven=50 tcp.min_rtt_us=50\n"                  \
	"1: { w9 r9~1ms } x3 { w9 w2(proven) r9~44ms probe } x50 close\n"
#define LIKELY                                                                                     \
	"run command=import\nclient 1 10.0.0.1:8000 tcp.min_rtt_us=10\n"                           \
	"1: { w73 r199~0.5ms r6~43ms } x50\n"

/* What `print` prints of the run, to be freed. */
static char *printed(const char *text, void (*print)(FILE *out, const struct report *report))
{
	struct found found = find_text(text);
	const struct report report = {.run = found.run,
		.fold = found.fold,
		.findings = found.findings,
		.verdict = verdict_take(found.fold, found.findings),
		.directory = "it"};
	char *all;
	size_t size;
	FILE *out = open_memstream(&all, &size);

	print(out, &report);
	fclose(out);
	find_end(found);
	return all;
}

static void print_suggested(FILE *out, const struct report *report)
{
	assert_int_equal(suggest_print(out, report), 1);
}

static void what_is_proven_is_run(void **state)
{
	char *next = printed(PROVEN, next_print), *rules = printed(PROVEN, print_suggested);

	(void)state;
	assert_string_equal(next,
		"  next  sockfix suggest it > my.conf        write the rule (1, commented)\n"
		"        sockfix run -r my.conf -- import\n"
		"        sockfix report N01 it               the evidence, one turn in full\n");
	assert_null(strstr(rules, "prove first"));
	free(rules);
	free(next);
}

static void what_is_likely_is_proved_first(void **state)
{
	char *next = printed(LIKELY, next_print), *rules = printed(LIKELY, print_suggested);

	(void)state;
	assert_string_equal(next,
		"  next  sockfix suggest it > my.conf        write the rule (1, commented)\n"
		"        sockfix prove -r my.conf -- import  first: half of it mended, to be sure\n"
		"        sockfix run -r my.conf -- import\n"
		"        sockfix report N11 it               the evidence, one turn in full\n");
	assert_non_null(strstr(rules, "\n# likely, not proven: try it with sockfix prove first\n"));
	free(rules);
	free(next);
}

static void print_none(FILE *out, const struct report *report)
{
	assert_int_equal(suggest_print(out, report), 0);
}

/* The file of a run that leaves nothing to mend: comments that say why, from the head on. */
static void expect_none(const char *text, const char *comments)
{
	char *rules = printed(text, print_none), *head = strstr(rules, "\n#  ");

	assert_non_null(head);
	assert_string_equal(strchr(head + 1, '\n') + 1, comments);
	for (const char *line = rules; *line; line += strcspn(line, "\n") + 1)
		assert_true(*line == '#' || *line == '\n');
	free(rules);
}

static void where_there_is_no_rule_the_comments_say_why(void **state)
{
	(void)state;
	expect_none("client 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n",
		"\n# no rule: nothing was found that a rule mends\n");
	expect_none("run rules=1:+imap@role=client@:coalesce=1@:tcp_keepidle=60+off~0A@:tcp_"
		    "nodelay=0+leave_alone~5B1~5D@veto@port=502+=3\n"
		    "client 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n",
		"# rules in force in that run, not repeated here:\n"
		"#   imap: coalesce=auto tcp_keepidle=60s\n#   off?: tcp_nodelay=false\n"
		"#   leave_alone[1]: left as it is\n\n"
		"# no rule: beside them, nothing was found that a rule mends\n");
	expect_none("run rules=2:nonsense\nclient 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n",
		"# rules: there were some, but this version of sockfix cannot read them.\n\n"
		"# no rule: beside them, nothing was found that a rule mends\n");
	expect_none("run refused=1\nclient 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n",
		"\n# no rule: nothing was found that a rule mends\n"
		"# but that is not sure: sockfix report it says why\n");
	expect_none("client 1 10.0.0.1:143 opt.keepalive=0\n"
		    "1: { w9 r9~1ms } x50 +400s w9 r9 close\n",
		"\n# no rule: nothing was found that a rule mends\n"
		"# for what is minor: sockfix suggest --all it\n");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_proven_is_run),
		cmocka_unit_test(what_is_likely_is_proved_first),
		cmocka_unit_test(where_there_is_no_rule_the_comments_say_why),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
