/* One trace file while it is read: what the parts of process_read() share. */
#ifndef SOCKFIX_FILE_H
#define SOCKFIX_FILE_H

#include "tools/read/run.h"

/* A time that no clock shows: 2^62 ns are 146 years. Sums of two times below it do not overflow. */
#define TIME_NEVER (UINT64_C(1) << 62)

/* No process runs longer: 2^58 ns are nine years. */
#define TIME_LONG (UINT64_C(1) << 58)

/* No time of that process is so late. */
static inline uint64_t time_end(const struct trace_header *header)
{
	return header->process_started ? header->process_started + TIME_LONG : TIME_NEVER;
}

/* No process makes or holds so many of anything: calls, connections, bytes. Sums of 256 of them do
 * not overflow, nor their products with 100. */
#define COUNT_MOST (UINT64_C(1) << 48)
#define BYTES_MOST (UINT64_C(1) << 55)

/* Two threads may read the clock so much out of order, on CPUs whose clocks are not quite one. */
#define TIME_APART UINT64_C(10000)

/* Whether that may be a time after `least`; one that is a little before it is put to it. */
static inline bool time_settle(uint64_t *time, uint64_t least)
{
	if (*time < least && least - *time <= TIME_APART)
		*time = least;
	return *time >= least && *time < TIME_NEVER;
}

struct file_block {
	struct trace_block head;
	size_t number; /* in the file, from 1 on */
};

/* A source while it is read. */
struct block_reader {
	const struct source *source;
	int fd;
	bool borrowed;	       /* somebody else closes it */
	size_t number, length; /* of the block that is in bytes; length 0: none */
	unsigned char bytes[TRACE_BLOCK];
};

/* Opens the file of that name for good. False: there is no descriptor for it; where its inode is
 * known then, it is opened each time. */
bool source_keep(struct source *source);
/* A descriptor for it, to be given to source_close(); below 0: it is in memory, cannot be opened,
 * or is another one now. */
int source_open(const struct source *source);
void source_close(const struct source *source, int fd);
/* Whether it is still the file that it was, and no shorter. */
bool source_is_whole(const struct source *source);

void reader_begin(struct block_reader *reader, const struct source *source);
/* With such a descriptor, which stays open: for many readers at once. */
void reader_begin_at(struct block_reader *reader, const struct source *source, int fd);
void reader_end(struct block_reader *reader);
/* Has that block in reader->bytes, as far as it is there; returns how many bytes are. */
size_t reader_block(struct block_reader *reader, size_t number);

/* The next block from that one on that is not in a hole of the file; behind the last: there is
 * none.
 */
size_t reader_skip(const struct block_reader *reader, size_t number);

void source_free(struct source *source);

struct file {
	struct block_reader reader;
	struct run_process *process; /* filled in, part by part */
};

/* Copies the part'th thing of that size behind the block's head; what was cut off is zeros, and
 * false is returned where nothing of it is there. */
bool file_part(struct block_reader *reader, size_t block, size_t part, void *out, size_t size);

/* Whether the event makes sense; what it covers or says is put right. */
bool event_check(const struct run_process *process, struct trace_event *event);

/* Into process->began and ended, where it is one. */
void process_include(struct run_process *process, uint64_t time);

/* As process_read(), and the process keeps the source, or frees it where it is no good. */
int process_take(struct run_process *process, struct source *source, const char **why);

/* The connections of those blocks, into process->connection; before the events, whose numbers are
 * held against them. */
void connections_read(struct file *file, const struct file_block *block, size_t blocks);

/* Threads and their events, from the blocks of both kinds; sorts block. */
void threads_read(struct file *file, struct file_block *block, size_t blocks);

#endif
