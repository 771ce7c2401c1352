/* The events of a thread, one call after the other, read from where they were recorded. */
#ifndef SOCKFIX_EVENTS_H
#define SOCKFIX_EVENTS_H

#include "tools/read/file.h"

/* A thread's calls while they are walked through; zero nothing, begin it. */
struct events {
	struct trace_event event; /* the call: never COVERS or NAME */
	uint64_t ended;		  /* ns: when, where the next one tells better, for durations
				   * saturate after 18 minutes */
	/* The COVERS and NAME events behind it, until the next call. */
	struct trace_event *note;
	size_t notes;
	/* events.c's own */
	const struct run_process *process;
	const struct run_thread *thread;
	size_t block, part; /* the next one's place */
	size_t left;	    /* events of those that were there when the run was read */
	struct trace_event ahead;
	bool more; /* ahead is one */
	struct block_reader reader;
};

void events_begin(
	struct events *events, const struct run_process *process, const struct run_thread *thread);
/* Reads with that descriptor (source_open()), which stays open. */
void events_begin_at(struct events *events, const struct run_process *process,
	const struct run_thread *thread, int fd);
/* The next call; false where there is none. */
bool events_next(struct events *events);
void events_end(struct events *events);

/* Whether the thread made any call of that class, so that it is worth a walk. */
bool thread_called(const struct run_thread *thread, enum trace_class class);

/* How many of the notes right behind the call are of that kind. */
size_t events_notes(const struct events *events, unsigned call);

#endif
