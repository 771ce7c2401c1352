/* Adds up what the library has published (struct control_map). It is another process's word: what
 * cannot be is refused, texts are bounded, and nothing is written. */
#include "tools/live/inside.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "rules/option.h"
#include "rules/wire.h"
#include "tools/base/harmless.h"
#include "tools/base/memory.h"
#include "tools/live/flows.h"
#include "tools/live/peek.h"

enum { RULES_MOST = WIRE_MOST + 1 };

int inside_map(pid_t pid, const struct library *library, struct control_map *map)
{
	uint64_t at = 0;
	int error = peek(pid, library->page + offsetof(struct control, map), &at, sizeof(at));

	if (error || !at)
		return error ? error : -ENOENT;
	memset(map, 0, sizeof(*map));
	error = peek(pid, at, map, CONTROL_MAP_LEAST);
	if (error)
		return error;
	if (map->size < CONTROL_MAP_LEAST || !flows_map(map))
		return -EPROTO;
	return map->size < sizeof(*map) ? 0 : peek(pid, at, map, sizeof(*map));
}

/* ---- texts ---- */

/* Of the text whose address lies at `at`; "" where there is none. */
static int take_text(pid_t pid, const struct control_map *map, uint64_t at, char *to, size_t most)
{
	uint64_t text = 0;
	int error = peek_address(pid, at, flows_address_size(map), &text);

	*to = '\0';
	if (!error && text)
		error = peek_text(pid, text, to, most);
	if (error)
		*to = '\0';
	return error;
}

static int take_rules(pid_t pid, const struct control_map *map, struct inside *inside)
{
	char *line = memory_take(1, RULES_MOST);
	const int error = take_text(pid, map, map->rules, line, RULES_MOST);

	if (*line)
		inside->rules = memory_print("%s", line);
	free(line);
	return error;
}

/* ---- counts ---- */

static int take_counts(pid_t pid, const struct control_map *map, struct inside *inside)
{
	struct control_counts counts = {.flows = 0};
	const int error = peek(pid, map->counts, &counts, sizeof(counts));

	if (error)
		return error;
	inside->flows = counts.flows;
	inside->late = counts.late;
	inside->late_ns = counts.late_ns;
	for (int why = 0; why < CONTROL_REASONS; why++)
		inside->given_up[why] = counts.given_up[why];
	return 0;
}

static int take_changes(
	pid_t pid, uint64_t page, const struct control_map *map, struct inside *inside)
{
	struct control_taken taken = {.number = 0};
	uint8_t wanted = 0;
	int error = peek(pid, map->taken, &taken, sizeof(taken));

	if (!error)
		error = peek(pid, page + offsetof(struct control, wanted_rules), &wanted,
			sizeof(wanted));
	inside->changed = taken.times;
	inside->waits = wanted;
	return error;
}

struct adding {
	pid_t pid;
	struct inside *inside;
};

static void add_collected(const struct adding *adding, const struct flow_copy *flow)
{
	const uint64_t buffer = flow_copy_get(flow, CONTROL_BUFFER);
	uint32_t collected = 0;

	if (buffer && peek(adding->pid, buffer + flow->map->buffer_collected, &collected,
			      sizeof(collected)) == 0)
		adding->inside->collected += collected;
}

static void add_flow(void *context, const struct flow_copy *flow)
{
	const struct adding *adding = context;
	const uint64_t state = flow_copy_get(flow, CONTROL_STATE);

	adding->inside->held += flow_copy_get(flow, CONTROL_HELD) >> flow->map->held_shift;
	add_collected(adding, flow);
	if (!flow_copy_get(flow, CONTROL_REFS) || !(state & flow->map->settled))
		return;
	if (state & flow->map->listens) {
		adding->inside->listeners++;
		return;
	}
	adding->inside->connections++;
	adding->inside->servers += (state & flow->map->server) != 0;
}

int inside_take(pid_t pid, const struct library *library, struct inside *inside)
{
	struct adding adding = {pid, inside};
	struct control_map map;
	int error = inside_map(pid, library, &map);

	memset(inside, 0, sizeof(*inside));
	if (!error)
		error = take_counts(pid, &map, inside);
	if (!error)
		error = take_rules(pid, &map, inside);
	if (!error)
		error = take_changes(pid, library->page, &map, inside);
	if (!error)
		error = take_text(
			pid, &map, map.directory, inside->directory, sizeof(inside->directory));
	if (!error)
		error = flows_each(pid, &map, add_flow, &adding);
	text_harmless(inside->directory);
	inside->known = !error;
	return error;
}

void inside_free(struct inside *inside)
{
	free(inside->rules);
	inside->rules = NULL;
}
