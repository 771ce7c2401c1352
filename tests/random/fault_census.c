/* Plays each program once with nothing that fails, and counts which of our own calls it makes. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "faults.h"
#include "tests/helper/must.h"

void fault_file_make(struct fault_file *file)
{
	int fd;

	file->path = must_print("/tmp/faults-XXXXXX");
	fd = mkostemp(file->path, O_CLOEXEC);
	MUST(fd >= 0 && ftruncate(fd, sizeof(*file->page)) == 0);
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

static bool count_game(struct census *census, unsigned number)
{
	struct game game = {
		.seed = census->seed + number, .arms = ARMS_ALL, .library = FAULT_LIBRARY};
	struct fault_file file[FAULT_ARMS];
	bool same;

	MUST(list_read("0-119", &game.list));
	for (int i = 0; i < FAULT_ARMS; i++) {
		fault_file_make(&file[i]);
		game.variable[ARM_OFF + i] = file[i].variable;
	}
	same = game_play(&game);
	if (!same)
		printf("seed %llu, nothing fails, %s: %s\n", (unsigned long long)game.seed,
			arm_name[game.faulty], game.fault);
	for (unsigned i = 0; i < FAULT_ARMS; i++) {
		count(census, number * FAULT_ARMS + i, file[i].page);
		fault_file_remove(&file[i]);
	}
	free(game.list.index);
	game_free(&game);
	return same;
}

static bool count_story(struct census *census, unsigned number)
{
	struct fault_file file;
	char *with;
	bool same;

	fault_file_make(&file);
	census->bare[number] = story_play(&fault_story[number], true, NULL, NULL);
	with = story_play(&fault_story[number], false, FAULT_LIBRARY, file.variable);
	same = strcmp(with, census->bare[number]) == 0;
	if (!same)
		printf("%s, nothing fails: %s\nbare: %s\n", fault_story[number].argument[0], with,
			census->bare[number]);
	count(census, FAULT_GAMES * FAULT_ARMS + number, file.page);
	fault_file_remove(&file);
	free(with);
	return same;
}

bool census_take(struct census *census, uint64_t seed)
{
	bool same = true;

	census->seed = seed;
	for (unsigned i = 0; i < FAULT_GAMES; i++)
		same &= count_game(census, i);
	for (unsigned i = 0; i < fault_stories; i++)
		same &= count_story(census, i);
	return same;
}

void census_free(struct census *census)
{
	for (unsigned i = 0; i < fault_stories; i++)
		free(census->bare[i]);
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
