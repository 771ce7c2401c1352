/* Writes the line, then what says that it is there, then the word that the process looks at:
 * whoever is killed in between has changed nothing that anybody reads. */
#include "tools/live/give.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <time.h>

#include "rules/wire.h"
#include "tools/base/memory.h"
#include "tools/live/flows.h"
#include "tools/live/inside.h"
#include "tools/live/peek.h"

enum { LOOKS = 100, EVERY_NS = 2000000 };

static int check(const char *line)
{
	const size_t size = wire_room(line);
	void *room = memory_take(1, size);
	struct ruleset set;
	const int error = wire_decode(line, room, size, &set);

	free(room);
	if (error)
		return error;
	return strlen(line) < sizeof(((struct control_given *)0)->line) ? 0 : -E2BIG;
}

/* Whether the process has rules, and so all that rules need, and they may change. */
static int has_rules(pid_t pid, const struct library *library, const struct control_map *map)
{
	uint64_t text = 0;
	uint32_t proves = 0;
	int error = peek_address(pid, map->rules, flows_address_size(map), &text);

	if (!error)
		error = peek(pid, map->proves, &proves, sizeof(proves));
	if (error)
		return error;
	if (!text || (library->state != LIBRARY_ON && library->state != LIBRARY_OFF))
		return -ENODATA;
	return proves ? -EBUSY : 0;
}

/* One that no other command chooses. */
static uint64_t new_number(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static int ask(pid_t pid, const struct library *library)
{
	const uint8_t news = 1;

	return poke(
		pid, library->page + offsetof(struct control, wanted_rules), &news, sizeof(news));
}

static int write_all(pid_t pid, const struct library *library, const struct control_map *map,
	const char *line, uint64_t number)
{
	const uint64_t head[] = {number, control_hash(line)};
	int error;

	_Static_assert(offsetof(struct control_given, hash) == 8, "they are written together");
	error = poke(
		pid, map->given + offsetof(struct control_given, line), line, strlen(line) + 1);
	if (!error)
		error = poke(pid, map->given, head, sizeof(head));
	return error ? error : ask(pid, library);
}

/* 1: it has not looked yet. */
static int look(pid_t pid, const struct control_map *map, uint64_t number)
{
	struct control_taken taken = {.number = 0};
	uint64_t given = 0;
	int error = peek(pid, map->taken, &taken, sizeof(taken));

	if (!error)
		error = peek(pid, map->given, &given, sizeof(given));
	if (error)
		return error;
	if (taken.number != number)
		return given != number ? -EAGAIN : 1;
	return taken.error ? -taken.error : 0;
}

/* Asked again each time: a call that was in the middle may have cleared the word for an older line.
 */
static int wait_for(
	pid_t pid, const struct library *library, const struct control_map *map, uint64_t number)
{
	const struct timespec moment = {.tv_nsec = EVERY_NS};
	int result = 1, error = 0;

	for (int i = 0; i < LOOKS && result == 1 && !error; i++) {
		result = look(pid, map, number);
		if (result != 1)
			break;
		error = ask(pid, library);
		nanosleep(&moment, NULL);
	}
	if (result == 1)
		return error ? error : GIVEN_WAITING;
	return result ? result : GIVEN_TAKEN;
}

int give_rules(pid_t pid, const struct library *library, const char *line)
{
	const uint64_t number = new_number();
	struct control_map map;
	int error = check(line);

	if (!error)
		error = inside_map(pid, library, &map);
	if (error)
		return error == -ENOENT ? -ENODATA : error;
	error = has_rules(pid, library, &map);
	if (!error)
		error = write_all(pid, library, &map, line, number);
	return error ? error : wait_for(pid, library, &map, number);
}
