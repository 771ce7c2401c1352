/* The moments at which plugins are repointed. Decides when, repoint.c what.
 *
 * The lock of dl_iterate_phdr(3) may be taken where dlopen() itself has just taken it; a signal
 * handler could wait for it for ever. A handler is known by the signals that it blocks. Must keep
 * errno, and leave no state that dlopen() would have to undo: it never comes back here. */
#include "shim/load/loader.h"

#include <dlfcn.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/base/control.h"
#include "shim/base/kernel.h"
#include "shim/base/log.h"
#include "shim/base/maps.h"
#include "shim/base/missing.h"
#include "shim/real.h"
#include "shim/load/repoint.h"
#include "shim/record/around.h"

__thread int loader_due;
static __thread struct opening opening;
static __thread uint64_t blocked; /* signals, as it was noted */

/* ---- where the jumps go ---- */

extern void *loader_dlopen, *loader_dlmopen, *loader_dlsym, *loader_dlvsym, *loader_gmon_start;

struct jump {
	const char *name;
	void **to;
	void *found;
};

struct jumps {
	struct jump jump[5];
	bool is_behind; /* of this library */
};

static bool look(const struct object *object, void *context)
{
	struct jumps *jumps = context;

	for (size_t i = 0; jumps->is_behind && i < 5; i++) {
		struct jump *jump = &jumps->jump[i];
		const ElfW(Sym) *symbol = jump->found ? NULL : object_default(object, jump->name);

		if (symbol)
			jump->found = (void *)object_address(object, symbol);
	}
	jumps->is_behind = jumps->is_behind || maps_is_own(object);
	return true;
}

void loader_bind(void)
{
	struct jumps jumps = {
		{{"dlopen", &loader_dlopen, NULL}, {"dlmopen", &loader_dlmopen, NULL},
			{"dlsym", &loader_dlsym, NULL}, {"dlvsym", &loader_dlvsym, NULL},
			{"__gmon_start__", &loader_gmon_start, NULL}},
		false};

	maps_each(look, &jumps);
	for (size_t i = 0; i < 5; i++)
		__atomic_store_n(jumps.jump[i].to,
			jumps.jump[i].found ? jumps.jump[i].found : (void *)missing_none,
			__ATOMIC_RELEASE);
}

/* ---- the moments ---- */

/* musl binds no object so. */
static bool is_watching(void)
{
	return control_on() && libc()->dlvsym;
}

static uint64_t blocked_now(void)
{
	uint64_t mask = ~UINT64_C(0);

	kernel_call(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, sizeof(mask));
	return mask;
}

static void settle(bool in_loader)
{
	loader_due = 0;
	atomic_signal_fence(memory_order_seq_cst);
	if (!repoint(&opening, in_loader))
		loader_due = 1;
}

void loader_settle(void)
{
	if (is_watching() && blocked_now() == blocked)
		settle(false);
}

void loader_initialising(void)
{
	if (is_watching())
		settle(true);
}

void loader_opening(const char *file, int mode)
{
	if (!is_watching())
		return;
	if (loader_due)
		loader_settle();
	if (!file || !(mode & RTLD_DEEPBIND))
		return;
	repoint_expect(&opening, file);
	blocked = blocked_now();
	atomic_signal_fence(memory_order_seq_cst);
	loader_due = 1;
}

void loader_opening_apart(long space, const char *file, int mode)
{
	if (space == LM_ID_BASE) {
		loader_opening(file, mode);
		return;
	}
	if (!file || !is_watching())
		return;
	log_info("%s is opened in a namespace of its own: what it calls cannot be seen", file);
	trace_around(AROUND_NAMESPACE, object_last_part(file));
}

void loader_forked(void)
{
	loader_due = 0;
}
