/* Whom a rule is for: the endpoint that a finding was made at, or the program. */
#include <stdio.h>
#include <string.h>

#include "tools/find/judge.h"
#include "tools/base/ip_text.h"
#include "tools/base/text.h"

const char *mend_name_of(const struct run_process *process)
{
	return text_base_name(process->header.program);
}

/* Whether a rule can name it: what else a name may have is a list, a pattern or a quote there. */
static bool is_nameable(const char *program)
{
	return *program && strlen(program) <= 60 &&
	       !program[strspn(program, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
					"0123456789._+-")];
}

bool mend_can_name(const struct run_process *process)
{
	return is_nameable(mend_name_of(process));
}

void mend_program(struct mend *mend, const struct run_process *process)
{
	char name[sizeof(mend->name)], match[sizeof(mend->match)];
	const char *role = strstr(mend->match, "role = ");
	const int length = role ? (int)strcspn(role, ";") + 1 : 0;

	if (!mend_can_name(process))
		return;
	snprintf(match, sizeof(match), "program = \"%.100s\"; %.*s", mend_name_of(process), length,
		role ? role : "");
	snprintf(mend->match, sizeof(mend->match), "%s", match);
	/* A program may be both sides. */
	snprintf(name, sizeof(name), "%.3s-%.40s-%s", mend->name, mend_name_of(process),
		role && strncmp(role + 8, "server", 6) == 0 ? "server" : "client");
	for (char *c = name; *c; c++)
		*c = *c >= 'A' && *c <= 'Z'				    ? *c + 32
		     : (*c >= 'a' && *c <= 'z') || (*c >= '0' && *c <= '9') ? *c
									    : '-';
	snprintf(mend->name, sizeof(mend->name), "%s", name);
}

/* Its two ends are of this run: such a port is another one the next time, as often as not. */
static bool is_port_of_run(const struct fold *fold, const struct endpoint *endpoint)
{
	bool listens = false, dials = false;

	for (size_t f = 0; f < fold->flows; f++) {
		const struct trace_connection *connection = fold->flow[f].connection;
		if (connection->port != endpoint->port)
			continue;
		listens = listens || connection->role == ROLE_OF_SERVER ||
			  connection->role == ROLE_OF_LISTENER;
		dials = dials || connection->role == ROLE_OF_CLIENT;
	}
	return listens && dials;
}

void mend_endpoint(struct mend *mend, const struct judge *judge, const struct finding *finding,
	const char *set, bool force)
{
	const struct endpoint *endpoint = &judge->fold->endpoint[finding->endpoint];
	char peer[INET6_ADDRSTRLEN] = "", name[sizeof(mend->name)];
	bool client = endpoint->role == ROLE_OF_CLIENT || endpoint->role == ROLE_OF_UNKNOWN;

	snprintf(mend->set, sizeof(mend->set), "%s", set);
	mend->force = force;
	if (client) {
		ip_text(peer, endpoint->peer);
		snprintf(mend->match, sizeof(mend->match),
			"role = \"client\"; peer = \"%s\"; port = %u;", peer, endpoint->port);
		snprintf(name, sizeof(name), "%s-%s-%u", finding->code->name, peer, endpoint->port);
	} else {
		snprintf(mend->match, sizeof(mend->match), "role = \"server\"; port = %u;",
			endpoint->port);
		snprintf(name, sizeof(name), "%s-port-%u", finding->code->name, endpoint->port);
	}
	for (char *c = name; *c; c++)
		*c = *c == '.' || *c == ':' ? '-' : *c >= 'A' && *c <= 'Z' ? *c + 32 : *c;
	snprintf(mend->name, sizeof(mend->name), "%s", name);
	if (finding->flow && is_port_of_run(judge->fold, endpoint))
		mend_program(mend, finding->flow->process);
}
