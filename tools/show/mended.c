/* Words for the events of a mend. Must not decide anything. */
#include "tools/show/mended.h"

#include <string.h>

#include "rules/text/option_text.h"
#include "tools/base/ip_text.h"
#include "tools/base/text.h"

enum { WHERE = 24, VALUE = 64 };

void mended_where(char text[MENDED_WHERE], const struct socket_state *socket, enum role role)
{
	char peer[IP_TEXT_ENDPOINT];

	ip_text_endpoint(peer, socket->peer, socket->peer_port);
	if (role == ROLE_SERVER)
		snprintf(text, MENDED_WHERE, ":%u from %s", (unsigned)socket->local_port, peer);
	else
		snprintf(text, MENDED_WHERE, "%s", peer);
}

static void print_reason(FILE *out, const struct mend_event *event)
{
	if (event->stalled)
		fprintf(out, "it stalled\n");
	else if (event->rule)
		fprintf(out, "rule %s\n", event->rule->name);
}

static void print_set(FILE *out, const struct mend_event *event)
{
	char was[VALUE], is[VALUE];

	option_state_print(event->option, &event->was, was, sizeof(was));
	if (event->kind == MEND_SET && event->option != OPTION_TCP_QUICKACK)
		option_state_print(event->option, &event->left, is, sizeof(is));
	else
		option_print(event->option, event->value, is, sizeof(is));
	fprintf(out, "%s %s -> %s%s   ", option_table[event->option].name, was, is,
		event->kind == MEND_WOULD ? " (would be set)" : "");
	print_reason(out, event);
}

static void print_refused(FILE *out, const struct mend_event *event)
{
	fprintf(out, "%s was refused: %s   ", option_table[event->option].name,
		strerror(event->error));
	print_reason(out, event);
}

static void print_left(FILE *out, const struct mend_event *event)
{
	const struct socket_state *socket = &event->connection->looks.last;

	if (event->rule)
		fprintf(out, "left as it is: leave_alone, %s:%d\n", event->rule->file,
			event->rule->line);
	else
		fprintf(out,
			"left as it is: no rule names port %u, where one message is one "
			"segment\n",
			(unsigned)(one_message_a_segment(socket->local_port) ? socket->local_port
									     : socket->peer_port));
}

static void print_beyond(FILE *out, const struct mend_event *event)
{
	fprintf(out, "%s: no connection takes that once it is made   ",
		option_table[event->option].name);
	print_reason(out, event);
}

static void print_library(FILE *out, const struct mend_event *event)
{
	const bool joins =
		event->value->number == COALESCE_AUTO || event->value->number == COALESCE_ALWAYS;

	fprintf(out, "coalesce = \"%s\" needs the library%s   ",
		coalesce_name[event->value->number],
		joins ? ": instead, what stalls gets tcp_nodelay" : "");
	print_reason(out, event);
}

static void print_back(FILE *out, const struct mend_event *event)
{
	char was[VALUE], is[VALUE];

	option_state_print(event->option, &event->was, was, sizeof(was));
	option_state_print(event->option, &event->left, is, sizeof(is));
	fprintf(out, "%s %s -> %s   it sends one way now\n", option_table[event->option].name, was,
		is);
}

static void print_after(FILE *out, const struct mend_event *event)
{
	fprintf(out, "%.0f answers a second before, %.0f after\n", event->answers[0],
		event->answers[1]);
}

void mended_print(FILE *out, const struct mend_event *event)
{
	static void (*const print[])(FILE *, const struct mend_event *) = {
		[MEND_SET] = print_set,
		[MEND_WOULD] = print_set,
		[MEND_REFUSED] = print_refused,
		[MEND_LEFT] = print_left,
		[MEND_BEYOND] = print_beyond,
		[MEND_LIBRARY] = print_library,
		[MEND_BACK] = print_back,
		[MEND_AFTER] = print_after,
	};
	char where[MENDED_WHERE];

	mended_where(where, &event->connection->looks.last, event->role);
	fprintf(out, "  %-*s  ", WHERE, where);
	print[event->kind](out, event);
}

void mended_print_who(FILE *out, const struct who *who)
{
	fprintf(out, "%s%d %s%s   user %s%s%s\n", text_bold(out), (int)who->pid, who->command,
		text_plain(out), who->user, *who->unit ? "   " : "", who->unit);
}
