/* For the tests of rules/: rules from a text, and the decision for a flow as one line of text. */
#ifndef SOCKFIX_TEST_RULES_TEXT_H
#define SOCKFIX_TEST_RULES_TEXT_H

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "rules/book.h"
#include "rules/text/option_text.h"
#include "tests/unit/unit.h"

static inline void set_peer(struct subject *subject, const char *address)
{
	memset(subject->peer, 0, sizeof(subject->peer));
	subject->peer_known = true;
	if (inet_pton(AF_INET, address, subject->peer + 12) == 1)
		memset(subject->peer + 10, 0xff, 2);
	else
		assert_int_equal(inet_pton(AF_INET6, address, subject->peer), 1);
}

/* A client's flow to 192.0.2.1 and port. */
static inline struct subject client_to(uint16_t port)
{
	struct subject subject = {
		.program = "prog",
		.argv0 = "prog",
		.script = "",
		.args = "",
		.uid = 1000,
		.role = ROLE_CLIENT,
		.port = port,
		.local_port = 40000,
		.peer_port = port,
		.draw = 99,
	};

	set_peer(&subject, "192.0.2.1");
	return subject;
}

/* A flow accepted on port from 192.0.2.1. */
static inline struct subject server_on(uint16_t port)
{
	struct subject subject = client_to(port);

	subject.role = ROLE_SERVER;
	subject.local_port = port;
	subject.peer_port = 50000;
	return subject;
}

/* "tcp_nodelay=true(b) coalesce=!off(a)": what holds, "!" where forced, and whose word it is; or
 * "veto(leave_alone[1])". */
static inline const char *decide(const struct ruleset *set, struct subject subject)
{
	static char line[2000];
	struct decision decision;
	size_t used = 0;

	memset(&decision, 0xa5, sizeof(decision));
	rules_decide(set, &subject, &decision);
	line[0] = '\0';
	if (decision.veto != NO_RULE) {
		assert_int_equal(decision.set, 0);
		assert_int_equal(decision.force, 0);
		snprintf(line, sizeof(line), "veto(%s)", set->rule[decision.veto].name);
		return line;
	}
	for (int id = 0; id < OPTION_COUNT; id++) {
		char value[40];

		if (!(decision.set & OPTION_BIT(id))) {
			assert_false(decision.force & OPTION_BIT(id));
			continue;
		}
		option_print(id, &decision.value[id], value, sizeof(value));
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%s%s=%s%s(%s)",
			used ? " " : "", option_table[id].name,
			decision.force & OPTION_BIT(id) ? "!" : "", value,
			set->rule[decision.rule[id]].name);
	}
	return line;
}

/* A book of one text that must be right. */
static inline struct book *book_of(const char *text)
{
	struct book *book = book_new();

	assert_non_null(book);
	if (book_add_text(book, "test.conf", text, strlen(text)) != 0)
		fail_msg("line %d: %s", book->problem[0].line, book->problem[0].text);
	return book;
}

/* Appends "LINE: sentence\n   hint\n". */
static inline void show_problem(const struct problem *problem, char *out, size_t size)
{
	const size_t used = strlen(out);

	snprintf(out + used, size - used, "%d: %s%s%s%s\n", problem->line, problem->text,
		problem->kind == PROBLEM_NOTE ? " (note)" : "", problem->hint ? "\n   " : "",
		problem->hint ? problem->hint : "");
}

#endif
