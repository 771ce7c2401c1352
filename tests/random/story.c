/* Plays one story. Notes and what the library logs may differ and are left out. */
#include "story.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/helper/must.h"
#include "tests/helper/peer.h"
#include "tests/helper/run.h"
#include "tests/helper/trace.h"

#define TRACE_ROOM (16 << 20)

static const char *argument_of(const char *word)
{
	char *name, *path;

	if (!word || strncmp(word, "PLUGIN:", 7) != 0)
		return word;
	name = must_print("plugins/%s", word + 7);
	path = build_path(name);
	free(name);
	return path;
}

/* A file of rules that lasts as long as the program runs. */
static char *rules_file(void)
{
	char *path = must_print("/tmp/rules-%d", (int)getpid());
	FILE *file = fopen(path, "w");

	MUST(file && fputs("1:default", file) >= 0 && fclose(file) == 0);
	return path;
}

/* What came, by a sum that tells the order, too. */
static char *bytes_text(struct peer *peer, int connections)
{
	char *text = must_print("%s", ""), *longer;

	for (int i = 0; i < connections; i++) {
		size_t length;
		const char *bytes;
		uint64_t sum = 0;

		peer_wait_end(peer, i);
		bytes = peer_bytes(peer, i, &length);
		for (size_t at = 0; at < length; at++)
			sum = sum * 31 + (unsigned char)bytes[at];
		longer = must_print("%sconnection %d: %zu bytes, %016llx\n", text, i, length,
			(unsigned long long)sum);
		free(text);
		text = longer;
	}
	return text;
}

static char *outcome_text(struct outcome *outcome, struct peer *peer, int connections)
{
	char *bytes = bytes_text(peer, connections),
	     *text = must_print("status %#x\n%s%s%s", (unsigned)outcome->status, outcome->out,
		     outcome->err, bytes);

	free(bytes);
	outcome_free(outcome);
	return text;
}

static void launch_of(const struct story *story, bool bare, struct launch *launch)
{
	launch->program = story->program;
	launch->mode = bare ? MODE_BARE : story->mode;
	for (int i = 0; i < 4; i++)
		launch->argument[i] = argument_of(story->argument[i]);
	launch->variable[0] = story->variable;
}

char *story_play(const struct story *story, bool bare, const char *library, const char *more)
{
	struct peer_plan plan = {.answer_lines = !story->answer, .answer_every = story->answer};
	struct launch launch = {.library = library, .rules = story->rules};
	char *traces = story->records && !bare ? traces_new("/tmp", TRACE_ROOM) : NULL;
	char *file = story->rules && strcmp(story->rules, "@") == 0 ? rules_file() : NULL, *text;
	struct outcome outcome;
	struct peer *peer;
	int variables = story->variable ? 1 : 0;

	launch_of(story, bare, &launch);
	if (file)
		launch.rules = must_print("@%s", file);
	if (traces) {
		traces_pool(traces);
		traces_let_guests_in(traces);
		launch.variable[variables++] = must_print("SOCKFIX_TRACE=%s", traces);
	}
	if (more)
		launch.variable[variables++] = more;
	plan.page = page_make(&launch.page);
	peer = peer_start(&plan);
	launch.port = peer_port(peer);
	run_whole(&launch, &outcome);
	close(launch.page);
	text = outcome_text(&outcome, peer, story->connections);
	peer_stop(peer);
	if (traces)
		traces_remove(traces);
	if (file)
		unlink(file);
	free(file);
	return text;
}
