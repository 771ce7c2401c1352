/* Plays each program once with nothing that fails, and counts which of our own calls it makes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "faults.h"
#include "tests/helper/must.h"
#include "workers.h"

void fault_file_make(struct fault_file *file)
{
	int fd;

	file->path = must_print("/tmp/faults-XXXXXX");
	fd = mkostemp(file->path, O_CLOEXEC);
	/* a program that has dropped root counts on it as well */
	MUST(fd >= 0 && ftruncate(fd, sizeof(*file->page)) == 0 && fchmod(fd, 0666) == 0);
	file->page = mmap(NULL, sizeof(*file->page), PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
	MUST(file->page != MAP_FAILED);
	close(fd);
	for (int i = 0; i < FAULT_ORDERS; i++)
		file->page->order[i].point = -1;
	file->variable = must_print("%s=%s", FAULT_FILE, file->path);
}

void fault_file_remove(struct fault_file *file)
{
	munmap(file->page, sizeof(*file->page));
	unlink(file->path);
	free(file->path);
	free(file->variable);
}

static void count(struct census *census, unsigned program, const struct fault_page *page)
{
	MUST(page->points <= FAULT_POINTS);
	if (page->points == 0)
		return;
	census->points = page->points;
	memcpy(census->name, page->name, sizeof(census->name));
	for (unsigned i = 0; i < page->points; i++)
		census->reached[program][i] = page->reached[i];
}

static void count_game(struct census *census, unsigned number)
{
	struct game game = {
		.seed = census->seed + number, .arms = ARMS_ALL, .library = FAULT_LIBRARY};
	struct fault_file file[FAULT_ARMS];

	MUST(list_read("0-119", &game.list));
	for (int i = 0; i < FAULT_ARMS; i++) {
		fault_file_make(&file[i]);
		game.variable[ARM_OFF + i] = file[i].variable;
	}
	census->differs |= !game_play(&game);
	if (game.fault)
		printf("seed %llu, nothing fails, %s: %s\n", (unsigned long long)game.seed,
			arm_name[game.faulty], game.fault);
	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		count(census, number * FAULT_ARMS + i, file[i].page);
		fault_file_remove(&file[i]);
	}
	free(game.list.index);
	game_free(&game);
}

static void count_story(struct census *census, unsigned number)
{
	struct fault_file file;
	char *bare, *with;

	fault_file_make(&file);
	bare = story_play(&fault_story[number], true, NULL, NULL);
	with = story_play(&fault_story[number], false, FAULT_LIBRARY, file.variable);
	MUST(strlen(bare) < sizeof(census->bare[number]));
	strcpy(census->bare[number], bare);
	census->differs |= strcmp(with, bare) != 0;
	if (strcmp(with, bare) != 0)
		printf("%s, nothing fails: %s\nbare: %s\n", fault_story[number].argument[0], with,
			bare);
	count(census, FAULT_GAMES * FAULT_ARMS + number, file.page);
	fault_file_remove(&file);
	free(with);
	free(bare);
}

struct census *census_take(uint64_t seed)
{
	struct census *census = worker_memory(sizeof(*census));

	MUST(fault_stories <= FAULT_STORIES);
	census->seed = seed;
	for (unsigned i = 0; i < FAULT_GAMES + fault_stories; i++) {
		if (!worker_begin())
			continue;
		if (i < FAULT_GAMES)
			count_game(census, i);
		else
			count_story(census, i - FAULT_GAMES);
		worker_end();
	}
	while (worker_wait())
		;
	return census;
}

void census_free(struct census *census)
{
	worker_memory_free(census, sizeof(*census));
}

unsigned census_holes(const struct census *census)
{
	unsigned holes = 0;

	for (unsigned i = 0; i < census->points; i++) {
		const struct fault_row *row = fault_row(census->name[i]);
		uint32_t sum = 0;

		for (unsigned p = 0; p < FAULT_PROGRAMS; p++)
			sum += census->reached[p][i] > 0;
		if (!row)
			printf("no row in the table of faults: %s\n", census->name[i]);
		else if (sum == 0 && !row->never && !row->behind)
			printf("no program comes to: %s\n", census->name[i]);
		else
			continue;
		holes++;
	}
	return holes;
}
