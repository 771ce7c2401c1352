/* What run_read() reads beside the trace files: inside tools/read only. */
#ifndef SOCKFIX_DIRECTORY_H
#define SOCKFIX_DIRECTORY_H

#include "tools/read/guests.h"
#include "tools/read/run.h"

/* The whole file, as far as it is there while it is read, or NULL and *why, half a sentence to be
 * freed. Only plain files, and not larger than most bytes. guests: one of another user is read only
 * where it is taken; NULL: whoever made it. */
unsigned char *file_read(int directory, const char *name, size_t most, struct guests *guests,
	size_t *length, char **why);

/* Likewise, its size alone; false where it cannot be read. */
bool file_size(int directory, const char *name, size_t most, struct guests *guests, size_t *size,
	char **why);

/* What is in the run's pool (shim/trace_format.h); never NULL. */
struct pool;
struct pool *pool_read(int directory, struct guests *guests);
void pool_free(struct pool *pool);
/* Who has a whole file there, one after the other from *next = 0 on; 0: no more. */
uint64_t pool_owner(const struct pool *pool, size_t *next);
/* Whether it holds more of a file of that owner that is so long. */
bool pool_goes_on(const struct pool *pool, uint64_t owner, size_t length);
/* Adds to the bytes of owner's file what of it is in the pool; returns them where they are then. */
unsigned char *pool_extend(struct pool *pool, uint64_t owner, unsigned char *bytes, size_t *length);

/* What the budget says, put into run; after its processes. Without a budget they stay as they are.
 */
void budget_read(struct run *run, int directory, struct guests *guests);

/* What run.json says, put into run; members that it lacks stay as they are. 0; or -1 and *why, a
 * sentence without the directory's name ("run.json:3: ..."), to be freed. */
int run_json_read(struct run *run, const unsigned char *text, size_t length, char **why);

#endif
