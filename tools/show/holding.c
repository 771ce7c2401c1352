/* Prints what rules_decide() answers for a socket that is there, and what the library does with it,
 * which may be less: it learns, it leaves alone what the program manages itself. */
#include "tools/show/holding.h"

#include <stdlib.h>

#include "rules/text/option_text.h"
#include "tools/base/harmless.h"
#include "tools/base/ip_text.h"
#include "tools/base/memory.h"
#include "tools/base/plural.h"
#include "tools/base/text.h"
#include "tools/base/units.h"
#include "tools/find/ours.h"

enum { INDENT = 9 };

static void show_socket(FILE *out, const struct holding *holding)
{
	char fd[16], local[IP_TEXT_ENDPOINT], peer[IP_TEXT_ENDPOINT], *line;

	ip_text_endpoint(local, holding->socket.local, holding->socket.local_port);
	ip_text_endpoint(peer, holding->socket.peer, holding->socket.peer_port);
	snprintf(fd, sizeof(fd), "fd %d", holding->fd);
	line = holding->listens	 ? memory_print("listens on %s", local)
	       : holding->server ? memory_print("accepted from %s on %s", peer, local)
				 : memory_print("client of %s", peer);
	text_item(out, fd, INDENT, line);
	free(line);
}

/* ---- what the rules say ---- */

static void show_says(FILE *out, const struct ruleset *rules, const struct decision *decision)
{
	char *line = memory_print("%s", ""), value[64];

	for (int id = 0; id < OPTION_COUNT; id++) {
		char *more;

		if (!(decision->set & OPTION_BIT(id)))
			continue;
		option_print(id, &decision->value[id], value, sizeof(value));
		more = memory_print("%s%s%s = %s (%s)", line, *line ? ", " : "",
			option_table[id].name, value, rules->rule[decision->rule[id]].name);
		free(line);
		line = more;
	}
	text_harmless(line);
	text_wrap(out, INDENT, *line ? line : "no rule sets anything here");
	free(line);
}

static void show_decision(FILE *out, const struct holding *holding, const struct ruleset *rules,
	const struct process_subject *process)
{
	struct subject subject = subject_of_socket(process, &holding->socket,
		holding->server || holding->listens ? ROLE_SERVER : ROLE_CLIENT);
	struct decision decision;
	char *line;

	subject.peer_known = !holding->listens;
	rules_decide(rules, &subject, &decision);
	if (decision.veto == NO_RULE) {
		show_says(out, rules, &decision);
		return;
	}
	line = memory_print("%s: nothing applies to it", rules->rule[decision.veto].name);
	text_harmless(line);
	text_wrap(out, INDENT, line);
	free(line);
}

/* ---- what is so ---- */

static void show_set(FILE *out, const struct holding *holding)
{
	char *line = memory_print("%s", "");

	for (int id = 0; id < OPTION_COUNT; id++) {
		char *more;

		if (!(holding->ours & OPTION_BIT(id)))
			continue;
		more = memory_print(
			"%s%s%s", line, *line ? ", " : "now set: ", option_table[id].name);
		free(line);
		line = more;
	}
	if (*line)
		text_wrap(out, INDENT, line);
	free(line);
}

static void show_writes(FILE *out, const struct holding *holding)
{
	const char *mode = holding->mode < COALESCE_COUNT ? coalesce_name[holding->mode] : "off";
	char held[UNITS], late[UNITS], *line;

	if (holding->given_up > GIVEN_UP_NOT && holding->given_up < GIVEN_UP_COUNT)
		line = memory_print("now its writes are left as they are: %s",
			given_up_reason((enum trace_given_up)holding->given_up));
	else
		line = memory_print("now coalesce is %s: %s write%s held, %s late", mode,
			units_count(held, holding->held), plural(holding->held),
			units_count(late, holding->late));
	text_wrap(out, INDENT, line);
	free(line);
}

void holding_show(FILE *out, const struct holding *holding, const struct ruleset *rules,
	const struct process_subject *process)
{
	show_socket(out, holding);
	show_decision(out, holding, rules, process);
	if (!holding->known) {
		text_wrap(out, INDENT, "the library has not seen it: nothing is done on it yet");
		return;
	}
	if (holding->waits && !holding->listens)
		text_wrap(out, INDENT,
			"the rules are new: until its next read or write the old "
			"ones hold");
	if (!holding->listens)
		show_writes(out, holding);
	show_set(out, holding);
}
