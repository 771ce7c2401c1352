/* What rules say of a connection that is made. Must not look at it: what is seen is mend.c's. */
#include <string.h>

#include "tools/live/mend_parts.h"

static void tell_beyond(struct mending *mending, const struct mended *mended, int id,
	const struct connection *connection)
{
	struct mend_event event = {.kind = MEND_BEYOND, .connection = connection, .option = id};

	if (mending->told & OPTION_BIT(id))
		return;
	mending->told |= OPTION_BIT(id);
	mend_tell(mending, mended, &event);
}

static void tell_library(struct mending *mending, const struct mended *mended,
	const struct value *mode, const struct connection *connection)
{
	struct mend_event event = {.kind = MEND_LIBRARY,
		.connection = connection,
		.option = OPTION_COALESCE,
		.value = mode};

	if (mending->modes & 1u << mode->number)
		return;
	mending->modes |= 1u << mode->number;
	mend_tell(mending, mended, &event);
}

static void tell_left(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct rule *rule)
{
	const struct mend_event event = {.kind = MEND_LEFT,
		.connection = connection,
		.role = mend_role(mending, connection),
		.rule = rule};

	mended->alone = true;
	mending->tell(mending->context, &event);
}

/* What coalesce does of itself on a socket that stalls, unless a rule speaks of TCP_NODELAY. */
static void take_mode(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct decision *decision)
{
	const struct value *mode = &decision->value[OPTION_COALESCE];

	if (!(decision->set & OPTION_BIT(OPTION_COALESCE)) || mode->number == COALESCE_OFF)
		return;
	if (decision->rule[OPTION_TCP_NODELAY] == NO_RULE) {
		mended->cures = true;
		mended->rule[OPTION_TCP_NODELAY] = decision->rule[OPTION_COALESCE];
	}
	if (mode->number != COALESCE_AUTO ||
		strcmp(mending->rules->rule[decision->rule[OPTION_COALESCE]].file, "built-in") != 0)
		tell_library(mending, mended, mode, connection);
}

static bool is_named(const struct mending *mending, const struct decision *decision, uint16_t port)
{
	for (int id = 0; id < OPTION_COUNT; id++)
		if (decision->set & OPTION_BIT(id) &&
			!rule_names_port(&mending->rules->rule[decision->rule[id]].match, port))
			return false;
	return true;
}

static void take_decision(struct mending *mending, struct mended *mended,
	const struct connection *connection, const struct decision *decision)
{
	memcpy(mended->rule, decision->rule, sizeof(mended->rule));
	for (int id = 0; id < OPTION_COUNT; id++) {
		if (!(decision->set & OPTION_BIT(id)))
			continue;
		if (touch_takes(id))
			mended->wanted |= OPTION_BIT(id);
		else if (option_table[id].level != OPTION_OURS || id == OPTION_LISTEN_BACKLOG)
			tell_beyond(mending, mended, id, connection);
	}
	take_mode(mending, mended, connection, decision);
}

/* Which end is the server's is a guess once its listener is closed, or where somebody else listens
 * on the client's port, so that either may be the port. 0: neither is. */
static uint16_t delicate_port(const struct subject *subject)
{
	if (one_message_a_segment(subject->local_port))
		return subject->local_port;
	return one_message_a_segment(subject->peer_port) ? subject->peer_port : 0;
}

void mend_decide(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	const struct subject subject = subject_of_socket(
		&mending->subject, &connection->looks.last, mend_role(mending, connection));
	const uint16_t delicate = delicate_port(&subject);
	struct decision decision;

	rules_decide(mending->rules, &subject, &decision);
	mended->decided = true;
	mended->wanted = 0;
	mending->seen += !mended->seen;
	mended->seen = true;
	if (decision.veto != NO_RULE)
		tell_left(mending, mended, connection, &mending->rules->rule[decision.veto]);
	else if (delicate && (!decision.set || !is_named(mending, &decision, delicate)))
		tell_left(mending, mended, connection, NULL);
	else
		take_decision(mending, mended, connection, &decision);
}

static const struct value *value_of(const struct mending *mending, int rule, int id)
{
	const struct rule *winner = &mending->rules->rule[rule];
	const struct value *value = NULL;

	for (size_t i = 0; i < winner->settings; i++)
		if (winner->setting[i].option == id)
			value = &winner->setting[i].value;
	return value;
}

void mend_wanted(
	struct mending *mending, struct mended *mended, const struct connection *connection)
{
	for (int id = 0; id < OPTION_COUNT && !mending->error; id++) {
		struct mend_event event = {.connection = connection, .option = id};

		if (!(mended->wanted & OPTION_BIT(id)))
			continue;
		event.value = value_of(mending, mended->rule[id], id);
		if (mend_option(mending, mended, &event))
			mended->wanted &= ~OPTION_BIT(id);
	}
}
