/* One habit towards many peers is one finding, with one rule for all of them: 120 peers that cost
 * half a second each are no 120 trifles. Judges no turn: it puts together what detectors found. */
#include <stdio.h>
#include <string.h>

#include "tools/find/judge.h"

/* So many rows of one kind a reader still takes in one by one. */
#define ROWS_MOST 4

/* Whether they are of one kind: one code, one cure, one side. */
static bool is_alike(const struct judge *judge, const struct finding *a, const struct finding *b)
{
	const struct endpoint *endpoint = judge->fold->endpoint;

	return a->code == b->code && a->endpoint < judge->fold->endpoints &&
	       b->endpoint < judge->fold->endpoints &&
	       endpoint[a->endpoint].role == endpoint[b->endpoint].role &&
	       strcmp(a->mend.set, b->mend.set) == 0 && a->fix == b->fix && a->others == b->others;
}

/* ---- the rule for all of them ---- */

struct common {
	bool peer, port;
	const struct run_process *process; /* NULL: of several programs */
	bool any;
};

static void take_common(struct common *common, const struct judge *judge,
	const struct finding *first, const struct finding *finding)
{
	const struct endpoint *a = &judge->fold->endpoint[first->endpoint];
	const struct endpoint *b = &judge->fold->endpoint[finding->endpoint];
	const struct run_process *process = finding->flow ? finding->flow->process : NULL;

	common->peer = common->peer && memcmp(a->peer, b->peer, sizeof(a->peer)) == 0;
	common->port = common->port && a->port == b->port;
	if (!common->any)
		common->process = process;
	else if (common->process && process &&
		 strcmp(mend_name_of(common->process), mend_name_of(process)) != 0)
		common->process = NULL;
	common->any = true;
}

/* The narrowest match that has them all. */
static void mend_all(struct mend *mend, const struct common *common)
{
	const char *role = strstr(mend->match, "role = \"client\";"), *rest;
	char match[sizeof(mend->match)], port[16];

	if (!*mend->set || (common->peer && common->port))
		return;
	if (role && common->port && (rest = strstr(mend->match, "port = ")) != NULL) {
		snprintf(port, sizeof(port), "%.*s", (int)strcspn(rest + 7, ";"), rest + 7);
		snprintf(match, sizeof(match), "role = \"client\"; port = %s;", port);
		snprintf(mend->match, sizeof(mend->match), "%s", match);
		snprintf(mend->name + 3, sizeof(mend->name) - 3, "-to-port-%s", port);
	} else if (common->process && mend_can_name(common->process)) {
		mend_program(mend, common->process);
	} else {
		snprintf(mend->match, sizeof(mend->match), "role = \"%s\";",
			role ? "client" : "server");
		snprintf(mend->name + 3, sizeof(mend->name) - 3, "-all-%s",
			role ? "client" : "server");
	}
}

/* ---- putting together ---- */

static void add_up(struct finding *into, const struct finding *one)
{
	into->lost_low += one->lost_low;
	into->lost_high += one->lost_high;
	into->hits += one->hits;
	into->of += one->of;
	into->others_ns += one->others_ns;
	into->saved_segments += one->saved_segments;
	into->saved_calls += one->saved_calls;
	into->max = into->max > one->max ? into->max : one->max;
	into->mend.force = into->mend.force || one->mend.force;
	if (one->sure > into->sure)
		into->sure = one->sure;
}

/* What waits of several peers overlap is not known here: never more than the run waited. */
static void cut_to_run(const struct judge *judge, struct finding *finding)
{
	const struct split *split = &judge->fold->split;
	const uint64_t most = split->waited ? split->waited : split->wall;

	if (judge->fold->run->processes > 1)
		return;
	finding->lost_high = least(finding->lost_high, most);
	finding->lost_low = least(finding->lost_low, finding->lost_high);
}

/* The endpoint that stands for them says how many there are. */
static void say_many(const struct judge *judge, struct finding *finding, size_t peers)
{
	const char *colon = strrchr(finding->what, ':');
	const int length = colon ? (int)(colon - finding->what) : (int)strlen(finding->what);
	char what[sizeof(finding->what)];

	snprintf(what, sizeof(what), "%zu %s, %.*s: %llu of %llu", peers,
		judge->fold->endpoint[finding->endpoint].role == ROLE_OF_CLIENT ? "peers" : "ports",
		length > 90 ? 90 : length, finding->what, (unsigned long long)finding->hits,
		(unsigned long long)finding->of);
	finding_put(finding, what, "%s", what);
	finding->endpoint = UINT32_MAX;
}

static size_t count_alike(const struct judge *judge, size_t first)
{
	const struct findings *out = judge->out;
	size_t count = 1;

	for (size_t i = first + 1; i < out->count; i++)
		count += is_alike(judge, &out->finding[first], &out->finding[i]);
	return count;
}

/* Puts into the finding at `first` all that are like it. */
static void join_alike(struct judge *judge, size_t first, size_t peers)
{
	struct findings *out = judge->out;
	struct finding *finding = &out->finding[first];
	const struct finding begun = *finding;
	struct common common = {.peer = true, .port = true};
	size_t kept = first + 1;

	take_common(&common, judge, &begun, &begun);
	for (size_t i = first + 1; i < out->count; i++) {
		if (!is_alike(judge, &begun, &out->finding[i])) {
			out->finding[kept++] = out->finding[i];
			continue;
		}
		take_common(&common, judge, &begun, &out->finding[i]);
		add_up(finding, &out->finding[i]);
	}
	out->count = kept;
	cut_to_run(judge, finding);
	mend_all(&finding->mend, &common);
	mend_all(&finding->second, &common);
	say_many(judge, finding, peers);
	finding->minor = judge_is_minor(judge, finding);
}

/* ---- names ---- */

bool mend_is_same(const struct mend *a, const struct mend *b)
{
	return strcmp(a->match, b->match) == 0 && strcmp(a->set, b->set) == 0 &&
	       a->force == b->force;
}

/* A file has each name once. */
static void name_anew(struct finding *finding, size_t number)
{
	char name[sizeof(finding->mend.name)];

	snprintf(name, sizeof(name), "%.50s-%u", finding->mend.name, (unsigned)number);
	snprintf(finding->mend.name, sizeof(finding->mend.name), "%s", name);
	if (*finding->second.set)
		snprintf(finding->second.name, sizeof(finding->second.name), "%s", name);
}

static void part_names(struct findings *out)
{
	for (size_t i = 0; i < out->count; i++)
		for (size_t j = 0; *out->finding[i].mend.set && j < i; j++) {
			const struct mend *other = &out->finding[j].mend;

			if (*other->set && strcmp(other->name, out->finding[i].mend.name) == 0 &&
				!mend_is_same(other, &out->finding[i].mend))
				name_anew(&out->finding[i], i);
		}
}

void find_many(struct judge *judge)
{
	for (size_t i = 0; i < judge->out->count; i++) {
		const size_t peers = count_alike(judge, i);

		if (peers > ROWS_MOST)
			join_alike(judge, i, peers);
	}
	part_names(judge->out);
}
