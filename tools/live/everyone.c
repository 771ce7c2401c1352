/* A list of each network namespace says which sockets there are, a walk over /proc whose they are.
 * Lists are made once a second, walks where a list has a socket that is new, both as seldom as is
 * cheap; in between those are asked for one by one that moved bytes. Must not keep a namespace
 * alive whose processes have ended. */
#include "tools/live/everyone.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/cost.h"
#include "tools/live/listening.h"
#include "tools/live/sockets.h"

#define SECOND UINT64_C(1000000000)
/* Of a processor lists take at most a hundredth, walks less: what is left of what all may take
 * (pace.h) is for looks. A walk over 10,000 sockets takes 40 ms. */
enum { LIST_SELDOM = 100, WALK_SELDOM = 150, OVER_SELDOM = 300 };
/* Without a new socket: somebody may have begun in a namespace that is not known. */
#define WALK_AT_LAST (10 * SECOND)
/* As in observed.c: what a list costs, and until when idle connections are asked for, too. */
enum { WALK = 500, DEARER = 3, FEW = 100 };

static uint64_t later(uint64_t now, uint64_t pause)
{
	return now + (pause > SECOND ? pause : SECOND);
}

/* ---- who there is ---- */

static struct party *add_party(struct everyone *everyone, pid_t pid)
{
	struct party *party = memory_take(1, sizeof(*party));

	party->observed = (struct observed){
		.process = -1, .kernel = -1, .who = {.pid = pid}, .together = true};
	party->began = who_began(pid);
	everyone->process =
		memory_grow(everyone->process, everyone->processes, sizeof(*everyone->process));
	everyone->process[everyone->processes++] = party;
	return party;
}

/* The process that has it, which is made known where it was not. */
static struct party *party_of(struct everyone *everyone, const struct owner *owner)
{
	struct holder *holder = &everyone->owners.holder[owner->holder];
	struct party *party = holder->known;

	if (party)
		return party;
	party = holder->known = add_party(everyone, holder->pid);
	if (who_take(&party->observed.who, holder->pid) != 0)
		party->observed.ended = true;
	return party;
}

static void find_ended(struct everyone *everyone)
{
	for (size_t i = 0; i < everyone->processes; i++) {
		struct party *party = everyone->process[i];

		party->observed.ended |= who_began(party->observed.who.pid) != party->began;
	}
}

/* Those that were known are found again in the new walk. */
static void match_known(struct everyone *everyone)
{
	for (size_t i = 0; i < everyone->processes; i++) {
		struct party *party = everyone->process[i];
		struct holder *holder = owners_of(&everyone->owners, party->observed.who.pid);

		if (holder && !party->observed.ended)
			holder->known = party;
	}
}

/* In a namespace that may not be entered each descriptor is borrowed, as by -p. */
static void take_apart(struct everyone *everyone, struct holder *holder)
{
	struct party *party = holder->known;

	if (!party) {
		party = holder->known = add_party(everyone, holder->pid);
		party->apart = true;
		observed_open(&party->observed, holder->pid);
	}
	everyone->shut += party->observed.unseen > UNSEEN_ENDED;
}

static void take_surroundings(const struct everyone *everyone, struct party *party)
{
	const struct netspace *from;

	if (party->apart || party->netspace == NETSPACE_NONE)
		return;
	from = &everyone->netspaces.of[party->netspace];
	memcpy(party->observed.listening, from->listening, sizeof(from->listening));
	party->observed.over = &from->overs;
}

/* Those that were in a namespace which is forgotten keep who listened there. */
static void leave_unused(struct everyone *everyone)
{
	for (size_t i = 0; i < everyone->processes; i++) {
		struct party *party = everyone->process[i];

		if (party->netspace == NETSPACE_NONE || !party->netspace ||
			everyone->netspaces.of[party->netspace].used)
			continue;
		take_surroundings(everyone, party);
		party->observed.over = NULL;
		party->netspace = NETSPACE_NONE;
	}
}

static void find_netspaces(struct everyone *everyone)
{
	netspaces_forget(&everyone->netspaces);
	everyone->shut = 0;
	for (size_t i = 0; i < everyone->owners.holders; i++) {
		struct holder *holder = &everyone->owners.holder[i];
		size_t netspace;

		if (!holder->number)
			continue;
		netspace = netspaces_find(
			&everyone->netspaces, holder->device, holder->number, holder->pid);
		if (netspace && everyone->netspaces.of[netspace].kernel < 0)
			take_apart(everyone, holder);
	}
	leave_unused(everyone);
	netspaces_close_unused(&everyone->netspaces);
}

/* A process that is seen first now was there since the walk before, at most. */
static void begin_party(const struct everyone *everyone, struct observed *observed)
{
	const struct observed *nameless = &everyone->nameless.observed;
	const uint32_t looks = everyone->looks - everyone->looks_at_walk;

	if (observed->looks)
		return;
	observed->looks = looks < nameless->looks ? looks : nameless->looks;
	observed->began = everyone->walked;
	observed->end = nameless->end;
}

/* With what was seen of it, by the looks at its process; what is older than that is found anew. */
static void name_one(struct everyone *everyone, struct observed *to, size_t number)
{
	struct observed *from = &everyone->nameless.observed;
	struct connection *connection = &from->connections.of[number];

	begin_party(everyone, to);
	if (connection->looks.looks > to->looks || to->looks > from->looks) {
		connection->left_out = connection->gone = true;
		return;
	}
	connection_forget_looks(connection, from->looks - to->looks);
	connections_move(&to->connections, &from->connections, number);
}

/* Sockets that had no name, and have one now: they are younger than the walk before. */
static void name_nameless(struct everyone *everyone)
{
	struct connections *nameless = &everyone->nameless.observed.connections;

	for (size_t i = 0; i < nameless->count; i++) {
		const struct connection *connection = &nameless->of[i];
		const struct owner *owner =
			owners_find(&everyone->owners, connection->looks.last.inode);

		if (connection->gone || !owner)
			continue;
		name_one(everyone, &party_of(everyone, owner)->observed, i);
	}
}

static int walk(struct everyone *everyone, uint64_t now)
{
	const uint64_t before = cost_so_far();
	const int error = owners_take(&everyone->owners);

	if (error)
		return error;
	everyone->walks++;
	find_ended(everyone);
	match_known(everyone);
	find_netspaces(everyone);
	name_nameless(everyone);
	everyone->walked = now;
	everyone->looks_at_walk = everyone->looks;
	everyone->walk_due = later(now, (cost_so_far() - before) * WALK_SELDOM);
	return 0;
}

/* ---- what the kernel says ---- */

/* What take_listed() is given. */
struct listing {
	struct everyone *everyone;
	struct netspace *netspace;
	size_t number, known_before;
};

static void choose(struct netspace *netspace, struct observed *observed, uint32_t number)
{
	netspace->chosen =
		memory_grow(netspace->chosen, netspace->choice, sizeof(*netspace->chosen));
	netspace->chosen[netspace->choice++] = (struct chosen){observed, number};
}

static void take_connection(struct listing *listing, struct party *party, const struct owner *owner,
	const struct socket_state *socket)
{
	struct observed *observed = &party->observed;
	struct connection *connection = connections_find(&observed->connections, socket->cookie);
	const struct everyone *everyone = listing->everyone;

	party->netspace = listing->number;
	if (!connection->looks.looks)
		connection->since = everyone->walks;
	listing->everyone->unknown += !owner && connection->since == everyone->walks;
	connection->listed = everyone->lists;
	connection->fd = owner ? owner->fd : -1;
	connection_listed(connection, socket);
	if (!connection->idle || listing->known_before <= FEW)
		choose(listing->netspace, observed,
			(uint32_t)(connection - observed->connections.of));
	observed_take(observed, connection, socket);
}

static void take_listed(void *context, const struct socket_state *socket)
{
	struct listing *listing = context;
	struct everyone *everyone = listing->everyone;
	struct netspace *netspace = listing->netspace;
	const struct owner *owner = owners_find(&everyone->owners, socket->inode);
	struct party *party;

	netspace->listed++;
	listening_take(netspace->listening, socket);
	if (!socket->inode)
		return;
	party = owner ? party_of(everyone, owner) : NULL;
	if (party && party->apart)
		return;
	if (!party || party->observed.ended) { /* then somebody else has it */
		party = &everyone->nameless;
		owner = NULL;
	}
	netspace->known++;
	take_connection(listing, party, owner, socket);
}

static int list(struct everyone *everyone, size_t number)
{
	struct netspace *netspace = &everyone->netspaces.of[number];
	struct listing listing = {everyone, netspace, number, netspace->known};

	netspace->listed = netspace->known = netspace->choice = 0;
	if (netspace->fades)
		memset(netspace->listening, 0, sizeof(netspace->listening));
	netspace->fades = false;
	return sockets_each_and_listeners(netspace->kernel, take_listed, &listing);
}

static void ask_chosen(struct netspace *netspace)
{
	size_t kept = 0;

	for (size_t i = 0; i < netspace->choice; i++) {
		const struct chosen chosen = netspace->chosen[i];
		struct connection *connection = &chosen.of->connections.of[chosen.number];
		struct socket_state socket = connection->looks.last;

		if (sockets_again(netspace->kernel, &socket) == 0) {
			observed_take(chosen.of, connection, &socket);
			netspace->chosen[kept++] = chosen;
		} else {
			connection->gone = true;
		}
	}
	netspace->choice = kept;
}

/* ---- one look ---- */

static bool is_list_cheaper(const struct netspace *netspace)
{
	return netspace->choice > WALK && (netspace->choice - WALK) * DEARER > netspace->listed;
}

static int look_at_netspace(struct everyone *everyone, size_t number, bool anew)
{
	struct netspace *netspace = &everyone->netspaces.of[number];

	if (netspace->kernel < 0)
		return number ? 0 : netspace->kernel;
	if (anew || is_list_cheaper(netspace))
		return list(everyone, number);
	ask_chosen(netspace);
	return 0;
}

/* A namespace that ends meanwhile is no error of the whole. */
static int look_at_netspaces(struct everyone *everyone, bool anew)
{
	int error = 0;

	everyone->lists += anew;
	for (size_t i = 0; i < everyone->netspaces.count; i++) {
		const int of_this = look_at_netspace(everyone, i, anew);

		error = i ? error : of_this;
	}
	return error;
}

static void count_look(struct party *party, uint64_t now)
{
	struct observed *observed = &party->observed;

	if (observed->ended || observed->unseen)
		return;
	if (party->apart) {
		observed_look(observed, now);
		return;
	}
	if (!observed->looks++)
		observed->began = now;
	observed->end = now;
}

/* There may be tens of thousands. */
static void count_over(struct everyone *everyone, uint64_t now)
{
	const struct observed *all = &everyone->nameless.observed;
	const uint64_t before = cost_so_far(), within = (all->end - all->began) / 1000000;

	for (size_t i = 0; i < everyone->netspaces.count; i++) {
		struct netspace *netspace = &everyone->netspaces.of[i];

		if (netspace->kernel >= 0)
			overs_take(&netspace->overs, netspace->kernel, netspace->listening, within);
	}
	everyone->over_due = later(now, (cost_so_far() - before) * OVER_SELDOM);
}

static bool is_walk_due(const struct everyone *everyone, uint64_t now)
{
	return now >= everyone->walk_due &&
	       (everyone->unknown || now >= everyone->walked + WALK_AT_LAST);
}

static int look_anew(struct everyone *everyone, uint64_t now)
{
	int error = 0;
	uint64_t before;

	if (!everyone->walks || is_walk_due(everyone, now))
		error = walk(everyone, now);
	else
		find_ended(everyone);
	if (error)
		return error;
	before = cost_so_far();
	everyone->unknown = 0;
	error = look_at_netspaces(everyone, true);
	everyone->list_due = later(now, (cost_so_far() - before) * LIST_SELDOM);
	return error;
}

bool everyone_look(struct everyone *everyone, uint64_t now)
{
	const int error = now >= everyone->list_due ? look_anew(everyone, now)
						    : look_at_netspaces(everyone, false);

	if (error)
		return false;
	if (everyone->looks && now >= everyone->over_due)
		count_over(everyone, now);
	for (size_t i = 0; i < everyone->processes; i++)
		count_look(everyone->process[i], now);
	count_look(&everyone->nameless, now);
	everyone->looks++;
	return true;
}

/* ---- its end ---- */

/* Nobody's are those that stood there before a walk and after it, and it did not find them. */
static void leave_out_doubtful(struct everyone *everyone)
{
	struct connections *nameless = &everyone->nameless.observed.connections;

	for (size_t i = 0; i < nameless->count; i++)
		nameless->of[i].left_out = nameless->of[i].since == everyone->walks ||
					   nameless->of[i].listed != everyone->lists;
}

void everyone_settle(struct everyone *everyone)
{
	leave_out_doubtful(everyone);
	for (size_t i = 0; i < everyone->processes; i++)
		take_surroundings(everyone, everyone->process[i]);
	take_surroundings(everyone, &everyone->nameless);
}

/* Whether it is worth to know whose it is. */
static bool is_suspect(const struct everyone *everyone, const struct connection *connection)
{
	const struct looks *looks = &connection->looks;

	return connection->since == everyone->walks && !connection->gone &&
	       (looks->held > 0 || looks->calling > 0 || looks->full > 0);
}

static bool has_suspects(const struct everyone *everyone)
{
	const struct connections *nameless = &everyone->nameless.observed.connections;

	for (size_t i = 0; i < nameless->count; i++)
		if (is_suspect(everyone, &nameless->of[i]))
			return true;
	return false;
}

void everyone_finish(struct everyone *everyone, uint64_t now)
{
	if (has_suspects(everyone)) {
		everyone->walk_due = everyone->list_due = now;
		everyone_look(everyone, now);
	}
	count_over(everyone, now);
	everyone_settle(everyone);
}

static bool is_listed(const struct connection *connection, const void *context)
{
	const struct everyone *everyone = context;

	return !connection->gone && connection->listed == everyone->lists;
}

static void fade(const struct everyone *everyone, struct party *party)
{
	struct observed *observed = &party->observed;

	connections_keep(&observed->connections, party->apart ? connection_is_there : is_listed,
		everyone, NULL);
	for (size_t i = 0; i < observed->connections.count; i++) {
		struct connection *connection = &observed->connections.of[i];

		looks_fade(&connection->looks);
		connection_forget_looks(connection, observed->looks / 2);
	}
	observed->looks -= observed->looks / 2;
	observed->began += (observed->end - observed->began) / 2;
}

static void free_party(struct everyone *everyone, struct party *party)
{
	struct holder *holder = owners_of(&everyone->owners, party->observed.who.pid);

	if (holder && holder->known == party)
		holder->known = NULL;
	observed_close(&party->observed);
	free(party);
}

void everyone_fade(struct everyone *everyone)
{
	size_t kept = 0;

	for (size_t i = 0; i < everyone->processes; i++) {
		struct party *party = everyone->process[i];

		if (party->observed.ended) {
			free_party(everyone, party);
			continue;
		}
		fade(everyone, party);
		everyone->process[kept++] = party;
	}
	everyone->processes = kept;
	fade(everyone, &everyone->nameless);
	/* what was chosen has other numbers now */
	for (size_t i = 0; i < everyone->netspaces.count; i++) {
		everyone->netspaces.of[i].choice = 0;
		everyone->netspaces.of[i].fades = true;
	}
	everyone->list_due = 0;
}

int everyone_open(struct everyone *everyone)
{
	struct who self;
	int error;

	*everyone = (struct everyone){
		.nameless = {.observed = {.process = -1, .kernel = -1, .together = true}}};
	if (who_take(&self, getpid()) != 0)
		return -ENOENT;
	error = netspaces_begin(&everyone->netspaces);
	if (error)
		return error;
	return everyone->netspaces.of[0].kernel < 0 ? everyone->netspaces.of[0].kernel : 0;
}

void everyone_close(struct everyone *everyone)
{
	for (size_t i = 0; i < everyone->processes; i++) {
		observed_close(&everyone->process[i]->observed);
		free(everyone->process[i]);
	}
	free(everyone->process);
	observed_close(&everyone->nameless.observed);
	owners_free(&everyone->owners);
	netspaces_free(&everyone->netspaces);
	*everyone = (struct everyone){.processes = 0};
}
