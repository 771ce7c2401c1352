/* The trace file: made at the first connection, grown ahead of need, never cut or unmapped.
 *
 * Must not keep a descriptor, must not wait for long, and must not fail the program: where
 * something cannot be had, the file is full. */
#include "shim/record/file.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "shim/base/clock.h"
#include "shim/base/control.h"
#include "shim/base/kernel.h"
#include "shim/base/page.h"
#include "shim/base/proc.h"
#include "shim/record/pool.h"
#include "shim/record/directory.h"
#include "shim/record/room.h"

#define PAGE_MOST 65536u /* what some kernels take for a page: a file is mapped from there on */
#define PATIENCE  10000	 /* looks at what another thread does before going on without */

_Static_assert(TRACE_FIRST == 4, "trace_segment_of() counts on it");
_Static_assert(sizeof(struct trace_self) <= 4096, "it has a page");

struct trace_self *trace_self;
static _Atomic uint32_t lineage;
static SELDOM struct trace_thread lost_counts;
static bool wipes; /* the kernel does it */

/* From here on nothing is recorded of this process; a system call to say so might be its end. */
static void tell_confined(void)
{
	atomic_fetch_add(&trace_budget->confined, 1);
}

bool trace_file_start(const char *where)
{
	if (!trace_room_open(where))
		return false;
	trace_pool_open();
	trace_self = page_map(sizeof(*trace_self));
	if (!trace_self)
		return false;
	/* A kernel that does not know it (before 4.14) leaves the page to trace_file_forked(). */
	wipes = page_wipe_on_fork(trace_self, 4096);
	atomic_fetch_add(&trace_budget->processes, 1);
	control_ended = tell_confined;
	return true;
}

uint32_t trace_file_id(void)
{
	uint32_t id = atomic_load(&trace_self->id);

	if (id == 0) {
		uint32_t next = atomic_fetch_add(&lineage, 1) + 1;

		if (atomic_compare_exchange_strong(&trace_self->id, &id, next))
			id = next;
	}
	return id;
}

void trace_file_forked(void)
{
	if (!wipes)
		memset(trace_self, 0, sizeof(*trace_self));
}

/* ---- making ---- */

static uint64_t draw(void)
{
	uint64_t random = 0;

	if (kernel_call(SYS_getrandom, &random, sizeof(random), 1) != sizeof(random))
		random = clock_now() * UINT64_C(0x9e3779b97f4a7c15) ^ (uintptr_t)&random;
	return random;
}

static void fill_header(struct trace_header *header, uint64_t random)
{
	struct timespec wall;

	header->version = TRACE_VERSION;
	header->block = TRACE_BLOCK;
	header->event = sizeof(struct trace_event);
	header->connection = TRACE_CONNECTION;
	header->thread = sizeof(struct trace_thread);
	header->pid = (int32_t)kernel_call(SYS_getpid);
	header->parent = (int32_t)kernel_call(SYS_getppid);
	header->uid = (uint32_t)kernel_call(SYS_getuid);
	header->random = random;
	clock_gettime(CLOCK_REALTIME, &wall);
	header->started = clock_now();
	header->started_wall = (uint64_t)wall.tv_sec * 1000000000u + (uint64_t)wall.tv_nsec;
	kernel_call(SYS_readlinkat, AT_FDCWD, "/proc/self/exe", header->program,
		sizeof(header->program) - 1);
	proc_read("/proc/self/cmdline", header->command, sizeof(header->command) - 1);
	atomic_store(&header->blocks, 1);
	atomic_store(&header->capacity, TRACE_FIRST);
}

static bool remember(long fd)
{
	struct kernel_stat status;

	if (kernel_call(SYS_fstat, fd, &status) != 0)
		return false;
	trace_self->device = status.st_dev;
	trace_self->inode = status.st_ino;
	return true;
}

/* Whoever reads the magic number finds the header whole. */
static void show(struct trace_header *header)
{
	uint64_t word;

	memcpy(&word, TRACE_MAGIC, sizeof(word));
	__atomic_store_n(
		(uint64_t __attribute__((may_alias)) *)header->magic, word, __ATOMIC_RELEASE);
}

static void begin(
	struct trace_header *header, uint64_t random, void (*fill)(struct trace_header *header))
{
	fill_header(header, random);
	fill(header);
	show(header);
	trace_self->header = header;
	trace_self->origin[0] = (char *)header;
}

static bool begin_file(long fd, uint64_t random, void (*fill)(struct trace_header *header))
{
	uint64_t size = (uint64_t)TRACE_FIRST * TRACE_BLOCK;
	struct trace_header *header;

	if (!remember(fd) || !trace_room_allocate(fd, 0, size))
		return false;
	header = trace_room_map(fd, size, 0);
	if (header)
		begin(header, random, fill);
	return header;
}

static bool make_in_pool(void (*fill)(struct trace_header *header))
{
	const uint64_t random = draw() | 1; /* 0 is nobody's */
	struct trace_header *header = trace_pool_take(random, 0, TRACE_FIRST);

	if (!header)
		return false;
	trace_self->pooled = true;
	begin(header, random, fill);
	return true;
}

static bool make(void (*fill)(struct trace_header *header))
{
	uint64_t random = draw() | 1; /* 0 is nobody's */
	long fd;
	bool made;

	if (trace_pool_has_moved())
		return make_in_pool(fill);

	snprintf(trace_self->name, sizeof(trace_self->name), "%d-%016llx.trace",
		(int)kernel_call(SYS_getpid), (unsigned long long)random);
	fd = trace_directory_file(trace_self->name, O_RDWR | O_CREAT | O_EXCL);
	if (fd < 0)
		return false;
	made = begin_file(fd, random, fill);
	kernel_call(SYS_close, fd);
	if (!made)
		trace_directory_remove(trace_self->name);
	return made;
}

/* Until another thread is done; a signal handler above that thread's own work does not wait. */
static void wait_for(_Atomic uint32_t *word, uint32_t value, uint32_t tid)
{
	for (int looks = 0; looks < PATIENCE && atomic_load(word) == value; looks++) {
		if (atomic_load(&trace_self->busy) == tid)
			return;
		kernel_call(SYS_sched_yield);
	}
}

static void tell_made(bool made)
{
	atomic_fetch_add(made			  ? &trace_budget->files
			 : trace_pool_is_missed() ? &trace_budget->barred
						  : &trace_budget->refused,
		1);
}

bool trace_file_make(void (*fill)(struct trace_header *header))
{
	uint32_t state = TRACE_NONE, tid = (uint32_t)kernel_call(SYS_gettid);
	bool made;

	if (atomic_compare_exchange_strong(&trace_self->state, &state, TRACE_MAKING)) {
		atomic_store(&trace_self->busy, tid);
		made = make(fill);
		tell_made(made);
		atomic_store(&trace_self->busy, 0);
		atomic_store(&trace_self->state, made ? TRACE_READY : TRACE_REFUSED);
		return made;
	}
	if (state == TRACE_MAKING)
		wait_for(&trace_self->state, TRACE_MAKING, tid);
	return trace_file_ready();
}

/* ---- growing ---- */

static bool is_ours(long fd)
{
	struct kernel_stat status;

	return kernel_call(SYS_fstat, fd, &status) == 0 && status.st_dev == trace_self->device &&
	       status.st_ino == trace_self->inode;
}

/* As many bytes as the file has, behind it; NULL: there is no room. */
static char *more_of_file(uint64_t from)
{
	const uint64_t before = from % PAGE_MOST;
	char *at = NULL;
	long fd = trace_directory_file(trace_self->name, O_RDWR);

	if (fd < 0)
		return NULL;
	if (is_ours(fd) && trace_room_allocate(fd, from, 2 * from))
		at = trace_room_map(fd, before + from, from - before);
	kernel_call(SYS_close, fd);
	return at ? at + before : NULL;
}

/* Doubles the file. One that is made in time may have to grow in the pool, from then on for good:
 * its reader puts both together. */
static bool grow(uint64_t capacity)
{
	unsigned segment = trace_segment_of(capacity);
	uint64_t from = capacity * TRACE_BLOCK;
	char *at;

	if (segment >= TRACE_SEGMENTS)
		return false;
	trace_self->pooled = trace_self->pooled || trace_pool_has_moved();
	at = trace_self->pooled ? trace_pool_take(trace_self->header->random, (uint32_t)capacity,
					  (uint32_t)capacity)
				: more_of_file(from);
	if (!at)
		return false;
	trace_self->origin[segment] = at - from;
	atomic_store(&trace_self->header->capacity, 2 * capacity);
	return true;
}

/* Ahead of need, so that few wait; but most short children never need more than the first piece. */
static uint64_t grows_at(uint64_t capacity)
{
	return capacity > TRACE_FIRST ? capacity / 4 * 3 : capacity;
}

/* One thread at a time; `number` is to have room, and some more is to stay. */
static void grow_for(uint64_t number)
{
	uint32_t nobody = 0, tid = (uint32_t)kernel_call(SYS_gettid);
	uint64_t capacity;

	if (!atomic_compare_exchange_strong(&trace_self->busy, &nobody, tid)) {
		if (number >= atomic_load(&trace_self->header->capacity))
			wait_for(&trace_self->busy, nobody, tid);
		return;
	}
	while (number >= grows_at(capacity = atomic_load(&trace_self->header->capacity)))
		if (!grow(capacity)) {
			atomic_store(&trace_self->stuck, 1);
			break;
		}
	atomic_store(&trace_self->busy, 0);
}

uint64_t trace_block_take(enum trace_kind kind, uint32_t tid, uint64_t order)
{
	struct trace_header *header = trace_self->header;
	struct trace_block *block;
	uint64_t number;

	if (header->full)
		return 0;
	number = atomic_fetch_add(&header->blocks, 1);
	for (int tries = 0; tries < 3; tries++)
		if (number >= grows_at(atomic_load(&header->capacity)) &&
			!atomic_load(&trace_self->stuck))
			grow_for(number);
	if (number >= atomic_load(&header->capacity)) {
		/* A handler above its own thread's growing: there will be room. */
		if (atomic_load(&trace_self->busy) != tid)
			header->full = 1;
		return 0;
	}
	block = trace_block_at(number);
	block->tid = tid;
	block->order = order;
	atomic_store_explicit(&block->kind, kind, memory_order_release);
	return number;
}

struct trace_thread *trace_counts_take(uint32_t tid)
{
	uint64_t block = trace_block_take(BLOCK_THREAD, tid, 0);
	struct trace_thread *counts;

	if (!block)
		return &lost_counts;
	counts = (struct trace_thread *)(trace_block_at(block) + 1);
	counts->began = clock_now();
	return counts;
}
