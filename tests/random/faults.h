/* Programs whose library is refused its own system calls, one after the other: a census of who
 * reaches which call, then jobs, each a call that fails in a program, played until all are done. */
#ifndef RANDOM_FAULTS_H
#define RANDOM_FAULTS_H

#include <stdbool.h>
#include <stdint.h>

#include "fault_page.h"
#include "fault_table.h"
#include "game.h"

#define FAULT_LIBRARY "faults/libsockfix.so"

/* Random programs, each in all modes but bare; then the stories. */
#define FAULT_GAMES    16
#define FAULT_ARMS     (ARM_COUNT - 1)
#define FAULT_STORIES  32
#define FAULT_PROGRAMS (FAULT_GAMES * FAULT_ARMS + FAULT_STORIES)

struct census {
	uint64_t seed; /* of the first random program */
	uint32_t points;
	char name[FAULT_POINTS][FAULT_NAME];
	uint32_t reached[FAULT_PROGRAMS][FAULT_POINTS];
	char bare[FAULT_STORIES][4096]; /* what each says without a library */
	bool differs;
};

/* .differs, and it is printed, where a program is not as bare although nothing fails. */
struct census *census_take(uint64_t seed);
void census_free(struct census *census);
/* Prints each point that must be reached and is not, and each that has no row. Their number. */
unsigned census_holes(const struct census *census);

#define FAULT_ALWAYS UINT32_MAX

struct fault_job {
	unsigned point;
	uint32_t time;		/* the how manieth call fails; 0: the last; FAULT_ALWAYS: each */
	int error;		/* 0: it is only late */
	int behind;		/* the point that fails before; -1: none */
	unsigned tries;		/* runs in which no program came to that call */
	_Atomic uint32_t state; /* enum fault_state */
};

enum fault_state {
	FAULT_WAITS, /* to be played */
	FAULT_TAKEN, /* being played */
	FAULT_RIGHT, /* the program was as bare */
	FAULT_WRONG,
	FAULT_MISSED, /* no program came to that call again */
	FAULT_STATES
};

#define FAULT_JOBS 4096

struct fault_jobs {
	struct fault_job *job;
	unsigned count;
	unsigned ended[FAULT_STATES]; /* how many are so, after faults_play() */
};

/* thorough: each errno, and the first, the second, the last and each call. */
void faults_plan(const struct census *census, bool thorough, struct fault_jobs *jobs);
/* The same calls, which succeed, but late. */
void faults_plan_late(const struct census *census, struct fault_jobs *jobs);
/* The first point with that in its name; -1: none, where part is NULL. */
int fault_point_of(const struct census *census, const char *part);
void faults_play(const struct census *census, struct fault_jobs *jobs);
void faults_free(struct fault_jobs *jobs);

/* ---- between the files ---- */

/* A page in a file of its own. */
struct fault_file {
	struct fault_page *page;
	char *path, *variable;
};
void fault_file_make(struct fault_file *file);
void fault_file_remove(struct fault_file *file);

#endif
