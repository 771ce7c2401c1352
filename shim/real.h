/* libc's own functions, behind the names that we export: real()->write is the plain call.
 *
 * Hooks call by way of real(), for the program: where this libc lacks a name, it answers as calls.h
 * says. What the library asks for itself goes by way of libc(), which says what is lacking. */
#ifndef SOCKFIX_REAL_H
#define SOCKFIX_REAL_H

#include <stdatomic.h>
#include <stdbool.h>

#include "shim/export.h"
#include "shim/prototypes.h"

struct real {
#define CALL(name, ...) __typeof__(name) *name;
#include "shim/calls.h"
#undef CALL
};

extern struct real real_table HIDDEN, libc_table HIDDEN;
extern _Atomic bool real_bound HIDDEN;

/* Binds every row of calls.h. May run twice, in two threads; both write the same. Nothing is
 * allocated and no lock taken: an allocator may call us as it begins. */
void real_bind(void);

/* What calls.h says of a name. False: it is not in the list, or this libc lacks it. */
struct real_row {
	const void *libcs;   /* what stands behind us */
	const char *version; /* NULL: there is only one */
};
bool real_row(const char *name, struct real_row *row);

/* Names that this libc lacks are none of ours any more: dlsym() and libraries that come later find
 * them no more than without us. Where that cannot be done, they answer as calls.h says. */
void real_hide_missing(void);

/* Never NULL. Binds lazily: the constructor of a library may call before ours ran. */
static inline const struct real *real(void)
{
	if (__builtin_expect(!atomic_load_explicit(&real_bound, memory_order_acquire), 0))
		real_bind();
	return &real_table;
}

/* NULL in rows that this libc lacks. */
static inline const struct real *libc(void)
{
	real();
	return &libc_table;
}

#endif
