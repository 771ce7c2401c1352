/* Which connection of the client's recording is which of the server's: by addresses and ports, and
 * where the same ports served again and again, by bytes and times. The clocks of two hosts may be
 * hours apart: then the intervals tell, and where they do not either, nothing is paired. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/numbers.h"
#include "tools/both/both_parts.h"

/* A host that is busy notes a time so much too late, ns. */
#define TELLS UINT64_C(50000000)
/* How many places two rows of connections on the same ports are moved against each other. */
#define SHIFTS 256

/* Rows of both sides that may be the same. */
struct rows {
	struct both_end **end[BOTH_SIDES];
	long ends[BOTH_SIDES];
};

/* A place of the rows against each other: server's = client's + by. */
struct shift {
	long by;
	uint64_t agree, equal; /* pairs that may be, that moved the same bytes */
	uint64_t distance;     /* ns, of the clocks' guess, in the mean; and a price (price_of()) */
	uint64_t spread;       /* ns: intervals of one side that are not the other's */
};

void pairs_add(struct both_match *match, struct both_end *client, struct both_end *server)
{
	match->found = memory_grow(match->found, match->count, sizeof(*match->found));
	match->found[match->count++] = (struct both_found){{client, server}};
	client->paired = server->paired = true;
}

int64_t ends_apart(const struct both_end *client, const struct both_end *server)
{
	return (int64_t)(server->began - client->began);
}

bool ends_equal(const struct both_end *client, const struct both_end *server)
{
	return client->written == server->read && client->read == server->written;
}

int64_t match_by_wall(struct both_list *list[BOTH_SIDES])
{
	const struct run *client = list[BOTH_CLIENT]->run, *server = list[BOTH_SERVER]->run;

	if (!client->started_wall || !server->started_wall)
		return NOT_KNOWN;
	return (int64_t)(client->started_wall - client->began) -
	       (int64_t)(server->started_wall - server->began);
}

uint64_t match_distance(int64_t one, int64_t other)
{
	return one > other ? (uint64_t)one - (uint64_t)other : (uint64_t)other - (uint64_t)one;
}

/* Of bytes that differ, and of connections that are left over at both ends though one recording may
 * have all of the other's: up to so many ns as clocks may be wrong by before that counts more. */
static uint64_t price_of(const struct rows *rows, const struct shift *shift)
{
	const uint64_t clients = (uint64_t)rows->ends[BOTH_CLIENT];
	const uint64_t servers = (uint64_t)rows->ends[BOTH_SERVER];
	const uint64_t most = 2 * (clients < servers ? clients : servers);

	return (uint64_t)NEAR / 5 * (most - shift->agree - shift->equal) / most;
}

static struct shift shift_measure(const struct rows *rows, long by, int64_t guess)
{
	struct shift shift = {.by = by};
	int64_t low = INT64_MAX, high = INT64_MIN;
	uint64_t sum = 0;

	for (long c = by < 0 ? -by : 0;
		c < rows->ends[BOTH_CLIENT] && c + by < rows->ends[BOTH_SERVER]; c++) {
		const struct both_end *client = rows->end[BOTH_CLIENT][c];
		const struct both_end *server = rows->end[BOTH_SERVER][c + by];
		const int64_t here = ends_apart(client, server);

		if (!ends_agree(client, server))
			continue;
		shift.agree++;
		shift.equal += ends_equal(client, server);
		low = here < low ? here : low;
		high = here > high ? here : high;
		sum += guess == NOT_KNOWN ? 0 : match_distance(here, guess) / 1000;
	}
	shift.distance = !shift.agree || guess == NOT_KNOWN
				 ? UINT64_MAX
				 : sum / shift.agree * 1000 + price_of(rows, &shift);
	shift.spread = shift.agree > 1 ? match_distance(high, low) : UINT64_MAX;
	return shift;
}

/* Whether one time is so much shorter that it is no accident of a busy host. */
static bool is_shorter(uint64_t one, uint64_t other)
{
	return other > one && other - one > TELLS && other / 2 > one;
}

/* By the clocks where these are right; else by bytes. Then by the intervals. */
static bool is_better(const struct shift *one, const struct shift *other)
{
	const bool near = one->distance < (uint64_t)NEAR;

	if (near || other->distance < (uint64_t)NEAR) {
		if (is_shorter(one->distance, other->distance))
			return true;
		if (is_shorter(other->distance, one->distance))
			return false;
	} else {
		if (one->equal != other->equal)
			return one->equal > other->equal;
		if (one->agree != other->agree)
			return one->agree > other->agree;
	}
	return is_shorter(one->spread, other->spread);
}

/* Neither is better by anything that tells. */
static bool is_level(const struct shift *one, const struct shift *other)
{
	return !is_better(one, other) && !is_better(other, one);
}

static void rows_pair(struct both_match *match, const struct rows *rows, int64_t guess)
{
	const long clients = rows->ends[BOTH_CLIENT], servers = rows->ends[BOTH_SERVER];
	const long least = clients - 1 > SHIFTS ? SHIFTS : clients - 1;
	const long most = servers - 1 > SHIFTS ? SHIFTS : servers - 1;
	struct shift best = {0}, now;
	bool level = false;

	for (long by = -least; by <= most; by++) {
		now = shift_measure(rows, by, guess);
		if (!now.agree)
			continue;
		level = best.agree && (level ? !is_better(&now, &best) : is_level(&now, &best));
		if (!best.agree || is_better(&now, &best))
			best = now;
	}
	if (level)
		match->unsure += (size_t)(clients < servers ? clients : servers);
	for (long c = 0; c < clients && best.agree && !level; c++) {
		const long s = c + best.by;
		if (s >= 0 && s < servers &&
			ends_agree(rows->end[BOTH_CLIENT][c], rows->end[BOTH_SERVER][s]))
			pairs_add(match, rows->end[BOTH_CLIENT][c], rows->end[BOTH_SERVER][s]);
	}
}

/* ---- the same addresses ---- */

static size_t count_same(const struct both_list *list, size_t from)
{
	size_t to = from;

	while (to < list->ends && ends_compare(&list->end[from], &list->end[to]) == 0)
		to++;
	return to - from;
}

/* Calls each() for what both lists have. */
static void walk_same(struct both_list *list[BOTH_SIDES], struct both_match *match, int64_t guess,
	void (*each)(struct both_match *match, struct both_end *client, size_t clients,
		struct both_end *server, size_t servers, int64_t guess))
{
	struct both_list *client = list[BOTH_CLIENT], *server = list[BOTH_SERVER];
	size_t c = 0, s = 0;

	while (c < client->ends && s < server->ends) {
		const int order = ends_compare(&client->end[c], &server->end[s]);
		const size_t clients = count_same(client, c), servers = count_same(server, s);

		if (order == 0)
			each(match, &client->end[c], clients, &server->end[s], servers, guess);
		c += order <= 0 ? clients : 0;
		s += order >= 0 ? servers : 0;
	}
}

static void pair_single(struct both_match *match, struct both_end *client, size_t clients,
	struct both_end *server, size_t servers, int64_t guess)
{
	(void)guess;
	/* Bytes that one end did not see make it no other connection. */
	if (clients == 1 && servers == 1 && ends_know(client, server))
		pairs_add(match, client, server);
}

static void pair_several(struct both_match *match, struct both_end *client, size_t clients,
	struct both_end *server, size_t servers, int64_t guess)
{
	struct rows rows = {
		{memory_take(clients, sizeof(client)), memory_take(servers, sizeof(server))},
		{(long)clients, (long)servers}};

	for (size_t i = 0; i < clients; i++)
		rows.end[BOTH_CLIENT][i] = &client[i];
	for (size_t i = 0; i < servers; i++)
		rows.end[BOTH_SERVER][i] = &server[i];
	if (clients > 1 || servers > 1)
		rows_pair(match, &rows, guess);
	free(rows.end[BOTH_CLIENT]);
	free(rows.end[BOTH_SERVER]);
}

static int compare_apart(const void *left, const void *right)
{
	const int64_t one = *(const int64_t *)left, other = *(const int64_t *)right;

	return (one > other) - (one < other);
}

/* What those that are sure say of the clocks, in the middle. */
static int64_t guess_by_found(const struct both_match *match)
{
	int64_t *all = memory_take(match->count, sizeof(*all)), middle;

	for (size_t i = 0; i < match->count; i++)
		all[i] = ends_apart(
			match->found[i].end[BOTH_CLIENT], match->found[i].end[BOTH_SERVER]);
	qsort(all, match->count, sizeof(*all), compare_apart);
	middle = all[match->count / 2];
	free(all);
	return middle;
}

/* Each has read what the other wrote: two of them are no chance. */
static bool is_alike(const struct both_match *match)
{
	for (size_t i = 0; i < match->count; i++)
		if (!ends_agree(match->found[i].end[BOTH_CLIENT], match->found[i].end[BOTH_SERVER]))
			return false;
	return true;
}

/* Keeps what began at one time by that guess, and returns how much that is. */
static size_t keep_near(struct both_match *match, int64_t guess, bool count_only)
{
	size_t kept = 0;

	for (size_t i = 0; i < match->count; i++) {
		struct both_end *const *end = match->found[i].end;
		const bool near = guess != NOT_KNOWN &&
				  match_distance(ends_apart(end[BOTH_CLIENT], end[BOTH_SERVER]),
					  guess) < (uint64_t)NEAR;
		if (near && !count_only)
			match->found[kept] = match->found[i];
		else if (!count_only)
			end[BOTH_CLIENT]->paired = end[BOTH_SERVER]->paired = false;
		kept += near;
	}
	if (!count_only)
		match->count = kept;
	return kept;
}

/* Runs of other days have some addresses and ports in common, too, by chance. Those of one day
 * agree on how the clocks stand; else the time of day must. */
static void drop_strangers(struct both_match *match, int64_t wall)
{
	const int64_t middle = match->count ? guess_by_found(match) : 0;

	if (match->count && keep_near(match, middle, true) * 2 > match->count &&
		(match->count > 2 || is_alike(match)))
		keep_near(match, middle, false);
	else
		keep_near(match, wall, false);
}

void match_take(struct both_match *match, struct both_list *list[BOTH_SIDES])
{
	const int64_t wall = match_by_wall(list);

	*match = (struct both_match){0};
	walk_same(list, match, NOT_KNOWN, pair_single);
	drop_strangers(match, wall);
	walk_same(list, match, match->count ? guess_by_found(match) : wall, pair_several);
}
