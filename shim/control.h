/* The switch and the settings that may be flipped while the program runs, in a page of their own so
 * that another process can later share it. Read by every hook, written by life.c and by inert(). */
#ifndef SOCKFIX_CONTROL_H
#define SOCKFIX_CONTROL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

struct control {
	_Atomic uint32_t on;	/* 0: every hook is the plain call */
	_Atomic uint32_t holds; /* 0: nothing is held any more; options still apply */
};

extern struct control control;

static inline bool control_on(void)
{
	return __builtin_expect(atomic_load_explicit(&control.on, memory_order_relaxed), 1);
}

static inline bool control_holds(void)
{
	return atomic_load_explicit(&control.holds, memory_order_relaxed);
}

/* Every hook is the plain call from here on, for good. False: it was so already. */
bool control_off(void);

/* Called once when that happens; NULL: nobody wants to know. */
extern void (*control_ended)(void);

/* A call of ours was refused with EPERM or ENOSYS: a sandbox. From now on every hook is the plain
 * call. Takes the errno; other values change nothing. */
void control_refused(int error);

#endif
