/* Events and counts.
 *
 * The cursor of a thread is the number of its block and the places taken in it, in one word. Must
 * not ask the kernel for anything but time, blocks and its own thread's number. */
#include "shim/record/trace.h"

#include <string.h>

#include "shim/base/kernel.h"
#include "shim/base/page.h"
#include "shim/pure/word.h"
#include "shim/record/early.h"
#include "shim/record/exec.h"
#include "shim/record/room.h"

#define ALL_TAKEN 0xffffu /* of a cursor: no place is left in its block */

_Atomic bool trace_on;
bool trace_names;

/* What a thread has in the file of the process `id`. */
static __thread struct recorder {
	uint32_t id;
	uint32_t tid;
	word64 cursor; /* block << 16 | places taken */
	word64 order;
	struct trace_thread *counts;
	struct trace_note file; /* call 0: none */
} recorder = {.id = UINT32_MAX};

static const char *rules_text;
static bool rules_active;
static uint64_t process_started, name_key;

/* One instruction: a handler that interrupts comes before or after it. Nobody else writes here.
 * place: of a counter of eight bytes, at a multiple of eight. */
static inline uint64_t step(void *place)
{
	word64 *const counter = place;
#if defined(__x86_64__)
	uint64_t one = 1;

	__asm__ volatile("xaddq %0, %1" : "+r"(one), "+m"(*counter) : : "memory");
	return one;
#else
	return __atomic_fetch_add(counter, 1, __ATOMIC_RELAXED);
#endif
}

/* ---- beginning ---- */

/* SOCKFIX_TRACE=DIR[:names][:counters] */
static bool take_setting(const char *setting)
{
	static SELDOM char directory[4096];
	size_t length = strlen(setting);
	char *colon;

	if (length >= sizeof(directory))
		return false;
	memcpy(directory, setting, length + 1);
	while ((colon = strrchr(directory, ':'))) {
		if (strcmp(colon + 1, TRACE_NAMES) == 0)
			trace_names = true;
		else if (strcmp(colon + 1, TRACE_COUNTERS) == 0)
			trace_counters = true;
		else
			break;
		*colon = '\0';
	}
	return trace_file_start(directory);
}

bool trace_start(const char *setting, const char *rules, bool active)
{
	process_started = clock_now();
	rules_text = rules;
	rules_active = active;
	if (!take_setting(setting))
		return false;
	trace_clock_start();
	trace_exec_arrived();
	name_key = trace_room_key();
	trace_file_id();
	atomic_store(&trace_on, true);
	return true;
}

void trace_forked(void)
{
	if (!trace_self)
		return;
	trace_file_forked();
	trace_clock_forked();
	process_started = clock_now();
}

void trace_stop(void)
{
	atomic_store(&trace_on, false);
}

/* FNV-1a, keyed by the directory. */
uint32_t trace_name_hash(const void *name, size_t length)
{
	const unsigned char *bytes = name;
	uint64_t h = name_key;

	for (size_t i = 0; i < length; i++)
		h = (h ^ bytes[i]) * UINT64_C(1099511628211);
	return (uint32_t)(h ^ h >> 32);
}

static uint32_t cost_of_clock(void)
{
	uint64_t began = clock_now(), now = began;

	for (int i = 0; i < 32; i++)
		now = clock_now();
	return (uint32_t)((now - began) * 1000 / 32);
}

static void fill_header(struct trace_header *header)
{
	header->process_started = process_started;
	header->clock_cost = cost_of_clock();
	header->rules_active = rules_active;
	memcpy(header->sockfix, SOCKFIX_VERSION, sizeof(SOCKFIX_VERSION));
	if (rules_text)
		memcpy(header->rules, rules_text, strnlen(rules_text, sizeof(header->rules) - 1));
}

/* ---- threads ---- */

/* The thread's first event in this process's file. */
static bool recorder_begin(void)
{
	if (!trace_file_ready())
		return false;
	recorder.tid = (uint32_t)kernel_call(SYS_gettid);
	recorder.cursor = ALL_TAKEN;
	recorder.counts = trace_early_take(recorder.tid, &recorder.cursor);
	recorder.order = recorder.counts != NULL;
	if (!recorder.counts)
		recorder.counts = trace_counts_take(recorder.tid);
	recorder.file.call = TRACE_NOTHING;
	atomic_signal_fence(memory_order_seq_cst);
	recorder.id = trace_file_id();
	return true;
}

/* A place in a new block. */
static struct trace_event *place_in_next(void)
{
	uint64_t block = trace_block_take(BLOCK_EVENTS, recorder.tid, step(&recorder.order));

	if (!block) {
		recorder.cursor = ALL_TAKEN;
		step(&recorder.counts->lost);
		return NULL;
	}
	recorder.cursor = block << 16 | 1;
	return block_events(block);
}

static inline struct trace_event *place_take(void)
{
	uint64_t cursor = recorder.cursor & ALL_TAKEN;

	if (cursor < TRACE_EVENTS) {
		cursor = step(&recorder.cursor);
		if ((cursor & ALL_TAKEN) < TRACE_EVENTS)
			return &block_events(cursor >> 16)[cursor & ALL_TAKEN];
	}
	return place_in_next();
}

bool trace_begin(void)
{
	trace_file_id();
	return trace_file_ready() || trace_file_make(fill_header);
}

/* ---- adding ---- */

/* A read of a file is worth an event only where a write to a flow passes its bytes on. */
static void add_file(const struct trace_note *next)
{
	struct trace_note file = recorder.file;
	struct trace_event *event;

	recorder.file.call = TRACE_NOTHING;
	if (!next->flow || next->call < TRACE_WRITE || next->call > TRACE_DPRINTF || next->error ||
		next->done > file.done)
		return;
	step(&recorder.counts->calls[file.call]);
	event = place_take();
	if (event)
		event_write(event, &file);
}

static struct trace_event *place_of_note(unsigned call)
{
	if (trace_counters || recorder.id != atomic_load(&trace_self->id))
		return NULL;
	step(&recorder.counts->calls[call]);
	return place_take();
}

static void add_name(const char *name)
{
	while (*name) {
		struct trace_event *event = place_of_note(TRACE_NAME);

		if (!event)
			return;
		name = event_write_name(event, name);
	}
}

static inline bool has_begun(void)
{
	return __builtin_expect(
		       recorder.id == atomic_load_explicit(&trace_self->id, memory_order_relaxed),
		       1) ||
	       recorder_begin();
}

bool trace_count(unsigned call, bool failed)
{
	if (!has_begun())
		return false;
	step(&recorder.counts->calls[call]);
	if (failed)
		step(&recorder.counts->failed[call]);
	return true;
}

void trace_add(const struct trace_note *note)
{
	struct trace_event *event;

	if (!trace_count(note->call, note->error != 0)) {
		trace_early_keep(note);
		return;
	}
	if (trace_counters)
		return;
	if (recorder.file.call)
		add_file(note);
	event = place_take();
	if (event)
		event_write(event, note);
	if (note->name)
		add_name(note->name);
}

/* The time last: a process that is killed in between has waited since the call before. */
void trace_waits(unsigned call, uint32_t flow, int set, uint64_t start)
{
	struct trace_thread *counts = recorder.counts;

	if (trace_counters || recorder.id != atomic_load(&trace_self->id))
		return;
	counts->waits_call = (uint8_t)call;
	counts->waits_flow = flow;
	counts->waits_set = (uint16_t)set;
	atomic_signal_fence(memory_order_seq_cst);
	counts->waits_since = start;
}

void trace_add_covers(const uint32_t *flow, unsigned count)
{
	const unsigned each = sizeof(((struct trace_event *)0)->covered) / sizeof(*flow);

	for (unsigned from = 0; from < count; from += each) {
		struct trace_event *event = place_of_note(TRACE_COVERS);

		for (unsigned i = 0; event && i < each; i++)
			event->covered[i] = from + i < count ? flow[from + i] : 0;
		if (event)
			atomic_store_explicit(&event->call, TRACE_COVERS, memory_order_release);
	}
}

void trace_keep_file(const struct trace_note *note)
{
	if (recorder.id == atomic_load(&trace_self->id))
		recorder.file = *note;
}

void trace_mark_end(enum trace_end end)
{
	struct trace_header *header = trace_self->header;

	if (!trace_file_ready())
		return;
	atomic_store(&header->ended, end == END_NOT_SEEN ? 0 : clock_now());
	header->end = end;
	if (recorder.id == trace_file_id() && end == END_EXIT)
		recorder.counts->ended = clock_now();
}
