/* Plays a victim bare and with the library, and keeps what can be counted. */
#include "counted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"
#include "peer.h"

#define TRACE_BYTES (1 << 24)

struct arm {
	enum mode mode;
	const char *directory; /* of the trace; NULL: none */
	struct outcome *outcome;
	struct calls *calls;
	struct way_count *way;
	char *bytes; /* that the peer had */
	enum peer_end end;
};

/* Between the namespaces of a link, in place of loopback. */
static void take_ends(const struct link *link, struct peer_plan *plan, struct launch *launch)
{
	plan->netns = link_ends(link)->server;
	launch->netns = link_ends(link)->client;
	plan->address = launch->address = NETNS_SERVER_ADDRESS;
}

static struct peer *meet(
	const struct counted *counted, struct peer_plan *plan, struct launch *launch)
{
	struct peer *peer;

	if (counted->link) {
		take_ends(counted->link, plan, launch);
		link_begin(counted->link, NULL);
	}
	plan->page = page_make(&launch->page);
	peer = peer_start(plan);
	launch->port = peer_port(peer);
	return peer;
}

/* What came of it at the peer, which ends. */
static void take_peer(const struct counted *counted, struct peer *peer, struct arm *arm)
{
	size_t length;

	arm->end = peer_wait_end(peer, 0);
	for (enum link_way i = LINK_THERE; counted->link && i < LINK_WAYS; i++)
		arm->way[i] = link_count(counted->link, i);
	arm->bytes = must_print("%s", peer_bytes(peer, 0, &length));
	peer_stop(peer);
}

static void play(const struct counted *counted, struct arm *arm)
{
	struct peer_plan plan = {.address = counted->at,
		.answer_lines = !counted->silent && !counted->answer,
		.answer_every = counted->answer,
		.pause_us = counted->pause_us};
	char *path = counted->watch ? calls_path() : NULL;
	char *log = must_print("SOCKFIX_LOG=%s", counted->log ? counted->log : "");
	char *trace = must_print("SOCKFIX_TRACE=%s:counters", arm->directory ? arm->directory : "");
	struct launch launch = {.program = counted->program,
		.mode = arm->mode,
		.address = counted->to,
		.rules = counted->rules,
		.trace = path,
		.calls = counted->watch,
		.inject = counted->inject};
	size_t variables = 0;
	struct peer *peer;

	memcpy(launch.argument, counted->argument, sizeof(launch.argument));
	if (counted->log)
		launch.variable[variables++] = log;
	if (arm->directory)
		launch.variable[variables++] = trace;
	peer = meet(counted, &plan, &launch);
	run_whole(&launch, arm->outcome);
	close(launch.page);
	take_peer(counted, peer, arm);
	munmap(plan.page, sizeof(*plan.page));
	if (path)
		calls_read(path, arm->calls);
	free(path);
	free(log);
	free(trace);
}

static void take_connection(struct counted *counted, const char *directory)
{
	static struct trace traces[TRACES];
	size_t count = traces_read(directory, traces);

	for (size_t i = 0; i < count; i++)
		for (uint32_t number = 1; number < 8; number++) {
			const struct trace_connection *one = trace_connection(&traces[i], number);

			if (one && one->role != ROLE_OF_LISTENER && !counted->connection.number)
				memcpy(&counted->connection, one, sizeof(*one));
		}
	traces_free(traces, count);
}

static void compare(const struct counted *counted, const struct arm *bare, const struct arm *with)
{
	struct outcome silent = counted->with;

	assert_string_equal(counted->bare.err, "");
	if (counted->log)
		silent.err = counted->bare.err;
	assert_same_outcome(counted->argument[0], &counted->bare, &silent);
	assert_int_equal(counted->bare.status, 0);
	assert_string_equal(bare->bytes, with->bytes);
	assert_int_equal(bare->end, with->end);
}

void counted_play(struct counted *counted)
{
	char *directory = traces_new("/tmp", TRACE_BYTES);
	struct arm bare = {.mode = MODE_BARE,
		.outcome = &counted->bare,
		.calls = &counted->bare_calls,
		.way = counted->bare_way};
	struct arm with = {.mode = counted->mode,
		.directory = directory,
		.outcome = &counted->with,
		.calls = &counted->with_calls,
		.way = counted->with_way};

	play(counted, &bare);
	play(counted, &with);
	take_connection(counted, directory);
	traces_remove(directory);
	compare(counted, &bare, &with);
	counted->end = with.end;
	free(bare.bytes);
	free(with.bytes);
}

void counted_free(struct counted *counted)
{
	outcome_free(&counted->bare);
	outcome_free(&counted->with);
	if (counted->watch) {
		calls_free(&counted->bare_calls);
		calls_free(&counted->with_calls);
	}
}

int counted_note(const struct outcome *outcome, const char *word)
{
	const char *at = strstr(outcome->notes, word);
	int value;

	if (!at || sscanf(at + strlen(word), "%d", &value) != 1)
		fail_msg("no '%s' in the victim's notes:\n%s", word, outcome->notes);
	return value;
}
