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
	char *bytes; /* that the peer had */
};

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
	size_t variables = 0, length;
	struct peer *peer;

	memcpy(launch.argument, counted->argument, sizeof(launch.argument));
	if (counted->log)
		launch.variable[variables++] = log;
	if (arm->directory)
		launch.variable[variables++] = trace;
	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	run_whole(&launch, arm->outcome);
	close(launch.page);
	peer_wait_end(peer, 0);
	arm->bytes = must_print("%s", peer_bytes(peer, 0, &length));
	peer_stop(peer);
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
}

void counted_play(struct counted *counted)
{
	char *directory = traces_new("/tmp", TRACE_BYTES);
	struct arm bare = {
		.mode = MODE_BARE, .outcome = &counted->bare, .calls = &counted->bare_calls};
	struct arm with = {.mode = counted->mode,
		.directory = directory,
		.outcome = &counted->with,
		.calls = &counted->with_calls};

	play(counted, &bare);
	play(counted, &with);
	take_connection(counted, directory);
	traces_remove(directory);
	compare(counted, &bare, &with);
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
