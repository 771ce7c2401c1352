/* The switch and the settings that may be flipped while the program runs. Read by every hook,
 * written by life.c and by inert(); and by `sockfix off` and `on`, from outside. */
#ifndef SOCKFIX_CONTROL_H
#define SOCKFIX_CONTROL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "shim/control_page.h"
#include "shim/pure/word.h"
#include "shim/export.h"

extern struct control control HIDDEN;
extern struct control_counts control_counts HIDDEN;

/* What control_on() says while there may be vfork children: false in one. */
bool control_ask(void);

static inline bool control_on(void)
{
	uint32_t on = atomic_load_explicit(&control.on, memory_order_relaxed);

	return __builtin_expect(on == 1, 1) || (on && control_ask());
}

/* This thread is about to make a child that runs on its memory (vfork(2), clone(2) with CLONE_VM),
 * but has descriptors of its own: every hook is the plain call there. With `waits` the thread goes
 * on only when the child is gone from its memory. */
void control_vforks(bool waits);

/* Whether we run in such a child. */
bool control_in_child(void);

/* In the child of a fork: threads that had such children are its parent's. */
void control_forked(void);

/* Whether this is the process that began to use the library, or a child of a fork: to be set. */
extern bool (*control_is_ours)(void);

static inline bool control_holds(void)
{
	return !atomic_load_explicit(&control.bars, memory_order_relaxed);
}

/* `sockfix off`, until `sockfix on`: nothing is held, collected or set that is not yet. The table
 * of descriptors is kept, and what is held goes as ever, so control_on() says nothing of it. */
static inline bool control_is_switched_off(void)
{
	return atomic_load_explicit(&control.wanted_off, memory_order_relaxed);
}

/* Somebody outside has given rules that nobody has looked at. */
static inline bool control_has_rules(void)
{
	return atomic_load_explicit(&control.wanted_rules, memory_order_relaxed);
}

/* On, and nothing else, in one look. */
static inline bool control_is_plain(void)
{
	_Static_assert(offsetof(struct control, magic) == sizeof(uint64_t), "one look");
	return __atomic_load_n((const word64 *)(const void *)&control, __ATOMIC_RELAXED) == 1;
}

/* Nothing is held from here on. False: it was so already. */
static inline bool control_bar(void)
{
	return !atomic_exchange(&control.bars, 1);
}

/* Every hook is the plain call from here on, for good. False: it was so already, or is about to. */
bool control_off(void);

/* A page that the kernel empties in every child of a fork, and what such a child does once: for
 * children that came by a way without fork handlers (clone, _Fork). NULL where it cannot be had. To
 * be set. */
extern _Atomic uint32_t *control_same_process;
extern void (*control_becoming)(void);

/* Such a child becomes itself. */
static inline void control_check_fork(void)
{
	if (control_same_process &&
		!atomic_load_explicit(control_same_process, memory_order_relaxed))
		control_becoming();
}

/* Called once when that happens: the one while hooks still do their work, to let go of what is
 * held; the other when it is done. NULL: nobody wants to know. */
extern void (*control_ending)(void);
extern void (*control_ended)(void);

/* A call of ours was refused with that errno, by a sandbox and nobody else: control_off(). */
void control_confined(int error);
/* The same for EPERM and ENOSYS, which no call of ours has from the kernel itself; other values
 * change nothing. */
void control_refused(int error);

#endif
