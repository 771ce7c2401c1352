/* The rules of a process: what they ask about, where their line is read, and that each different
 * decision is kept once. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "shim/settle/decisions.h"

static const char *asked(const char *line)
{
	static char words[80];

	assert_int_equal(decisions_start(line), 0);
	snprintf(words, sizeof(words), "%s%s%s%s%s%s", decisions_ask_for_peer() ? "peer " : "",
		decisions_ask_for_local_port() ? "local_port " : "",
		decisions_ask_at_bind() ? "bind " : "", decisions_undo_buffers() ? "undo " : "",
		decisions_may_collect() ? "collect " : "", decisions_may_watch() ? "watch " : "");
	return words;
}

static void only_what_the_rules_are_about_is_asked(void **state)
{
	char always[60], buffer[60], automatic[60];

	(void)state;
	snprintf(always, sizeof(always), "1:+a@:coalesce=^%d+=1", COALESCE_ALWAYS);
	snprintf(buffer, sizeof(buffer), "1:+a@:ip_tos=8@:coalesce=%d+=1", COALESCE_BUFFER);
	snprintf(automatic, sizeof(automatic), "1:+a@:coalesce=^%d+=1", COALESCE_AUTO);
	assert_string_equal(asked("1:default"), "");
	assert_string_equal(asked(automatic), "");
	assert_string_equal(asked(always), "watch ");
	assert_string_equal(asked("1:+a@:so_sndbuf=~+b@:ip_tos=1+=2"), "undo ");
	assert_string_equal(asked("1:+a@:ip_tos=1+b@:so_rcvbuf=~+=2"), "undo ");
	assert_string_equal(asked("1:+a@:so_linger=~+=1"), "");
	assert_string_equal(asked("1:+a@peer=10.0.0.1/32@:ip_tos=1+=1"), "peer ");
	assert_string_equal(asked("1:+a@local_port=25@:ip_tos=1+=1"), "local_port ");
	assert_string_equal(asked(buffer), "collect watch ");
	/* one that collects goes on until it is used next */
	assert_string_equal(asked("1:default"), "collect ");
}

static void a_line_that_is_none_is_refused(void **state)
{
	(void)state;
	assert_int_equal(decisions_start("1:+a@:ip_tos=1"), -EPROTO);
	assert_int_equal(decisions_start(""), -EPROTO);
	assert_int_equal(decisions_start("@/nothing/here"), -ENOENT);
}

/* What decisions_start() says of a file with those bytes, and then whether it had ip_tos. */
static int start_file(const char *bytes, size_t length, bool *tos)
{
	char path[] = "/tmp/sockfix-decisions-XXXXXX", word[80];
	int fd = mkstemp(path), error;

	assert_int_equal(write(fd, bytes, length), length);
	close(fd);
	snprintf(word, sizeof(word), "@%s", path);
	assert_int_equal(decisions_start("1:default"), 0);
	error = decisions_start(word);
	unlink(path);
	struct subject subject = decisions_subject(false);
	const struct decision *made = decision_at(decisions_make(&subject));
	*tos = made && made->set & OPTION_BIT(OPTION_IP_TOS);
	return error;
}

static void a_file_is_read_without_the_newlines_at_its_end(void **state)
{
	static const char line[] = "1:+a@:ip_tos=4+=1";
	static char large[128 * 1024 + 10];
	bool tos;

	(void)state;
	assert_int_equal(start_file(line, strlen(line), &tos), 0);
	assert_true(tos);
	assert_int_equal(start_file("1:+a@:ip_tos=4+=1\n\n", strlen(line) + 2, &tos), 0);
	assert_true(tos);
	assert_int_equal(start_file("1:+a@:ip_tos=4+=1\n ", strlen(line) + 2, &tos), -EPROTO);
	assert_int_equal(start_file("\n\n\n", 3, &tos), -EPROTO);
	assert_int_equal(start_file("", 0, &tos), -EPROTO);
	memset(large, '\n', sizeof(large));
	memcpy(large, line, strlen(line));
	assert_int_equal(start_file(large, 128 * 1024 - 1, &tos), 0);
	assert_true(tos);
}

/* Only where a rule leaves out some: else nothing is drawn, and nobody asks the kernel. */
static void a_hundred_flows_draw_every_number_once(void **state)
{
	bool drawn[100] = {false};

	(void)state;
	assert_int_equal(decisions_start("1:+a@role=any@holdout=10@:ip_tos=4+=1"), 0);
	for (int i = 0; i < 100; i++) {
		struct subject subject = decisions_subject(i % 2);

		assert_int_equal(subject.role, i % 2 ? ROLE_SERVER : ROLE_CLIENT);
		assert_in_range(subject.draw, 0, 99);
		assert_false(drawn[subject.draw]);
		drawn[subject.draw] = true;
	}
}

/* A server that forks for each connection: its children draw what it would draw, but for their own
 * numbers. */
static void children_draw_their_own(void **state)
{
	bool drawn[100] = {false};
	int status, different = 0;
	pid_t child;

	(void)state;
	assert_int_equal(decisions_start("1:+a@role=any@holdout=10@:ip_tos=4+=1"), 0);
	for (int i = 0; i < 60; i++) {
		child = fork();
		if (child == 0)
			_exit(decisions_subject(false).draw);
		assert_true(child > 0 && waitpid(child, &status, 0) == child);
		assert_true(WIFEXITED(status) && WEXITSTATUS(status) < 100);
		different += !drawn[WEXITSTATUS(status)];
		drawn[WEXITSTATUS(status)] = true;
	}
	assert_in_range(different, 25, 60); /* of sixty by chance about 45 */
}

static void nothing_and_a_veto_are_no_decision(void **state)
{
	struct subject subject = decisions_subject(false);

	(void)state;
	assert_int_equal(decisions_start("1:+a@port=25@:ip_tos=4+no@port=26@veto+=2"), 0);
	subject.port = 24;
	assert_int_equal(decisions_make(&subject), -1);
	subject.port = 26;
	assert_int_equal(decisions_make(&subject), -1);
	assert_null(decision_at(-1));
	assert_string_equal(decision_summary(-1), "nothing");
	subject.port = 25;
	const int16_t number = decisions_make(&subject);
	assert_true(number >= 0);
	assert_int_equal(decision_at(number)->value[OPTION_IP_TOS].number, 4);
	assert_string_equal(decision_summary(number), "ip_tos (a)");
}

static void a_summary_names_every_option_and_its_rule(void **state)
{
	struct subject subject = decisions_subject(true);

	(void)state;
	assert_int_equal(decisions_start("1:+a@:ip_tos=4@:tcp_keepcnt=3+b@:ip_tos=5+=2"), 0);
	assert_string_equal(
		decision_summary(decisions_make(&subject)), "tcp_keepcnt (a), ip_tos (b)");
}

/* Rules that come in others' place; decisions of the old ones stay what they were. */
static void changed_rules_leave_what_was_decided(void **state)
{
	enum { MANY = 300 };
	struct subject subject = decisions_subject(false);
	int16_t number[MANY], again;
	char line[80];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		sprintf(line, "1:+rule%d@:ip_tos=%d+=1", i, i % 200);
		assert_int_equal(decisions_change(line), 0);
		assert_string_equal(decisions_text, line);
		number[i] = decisions_make(&subject);
		assert_true(number[i] >= 0);
	}
	for (int i = 0; i < MANY; i++) {
		sprintf(line, "ip_tos (rule%d)", i);
		assert_int_equal(decision_at(number[i])->value[OPTION_IP_TOS].number, i % 200);
		assert_string_equal(decision_summary(number[i]), line);
		for (int k = 0; k < i; k++)
			assert_int_not_equal(number[k], number[i]);
	}
	/* the same line has the same decisions again */
	assert_int_equal(decisions_change("1:+rule7@:ip_tos=7+=1"), 0);
	again = decisions_make(&subject);
	assert_int_equal(again, number[7]);
	/* and one that cannot be used changes nothing */
	assert_int_equal(decisions_change("1:+rule8@:ip_tos=8"), -EPROTO);
	assert_int_equal(decisions_change("@/etc/passwd"), -EPROTO);
	assert_string_equal(decisions_text, "1:+rule7@:ip_tos=7+=1");
	assert_int_equal(decisions_make(&subject), number[7]);
}

static void each_decision_is_kept_once_as_long_as_there_is_room(void **state)
{
	enum { MANY = 200, PLACES = 128 };
	static char line[MANY * 40];
	struct subject subject = decisions_subject(false);
	int16_t number[MANY];
	size_t used = (size_t)sprintf(line, "1:");
	int kept = 0;

	(void)state;
	for (int i = 0; i < MANY; i++)
		used += (size_t)sprintf(line + used, "+r%d@port=%d@:ip_tos=%d", i, 1000 + i, i);
	sprintf(line + used, "+=%d", MANY);
	assert_int_equal(decisions_start(line), 0);
	for (int again = 0; again < 2; again++)
		for (int i = 0; i < MANY; i++) {
			subject.port = (uint16_t)(1000 + i);
			const int16_t got = decisions_make(&subject);

			if (again)
				assert_int_equal(got, number[i]);
			number[i] = got;
			kept += got >= 0 && !again;
			if (got >= 0)
				assert_int_equal(decision_at(got)->value[OPTION_IP_TOS].number, i);
		}
	for (int i = 0; i < MANY; i++)
		for (int k = 0; k < i; k++)
			assert_true(number[i] < 0 || number[i] != number[k]);
	assert_int_equal(kept, PLACES);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_what_the_rules_are_about_is_asked),
		cmocka_unit_test(a_line_that_is_none_is_refused),
		cmocka_unit_test(a_file_is_read_without_the_newlines_at_its_end),
		cmocka_unit_test(a_hundred_flows_draw_every_number_once),
		cmocka_unit_test(children_draw_their_own),
		cmocka_unit_test(nothing_and_a_veto_are_no_decision),
		cmocka_unit_test(a_summary_names_every_option_and_its_rule),
		cmocka_unit_test(changed_rules_leave_what_was_decided),
		cmocka_unit_test(each_decision_is_kept_once_as_long_as_there_is_room),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
