/* Marks an intercepted symbol. Hooks are thin: guard, flow_*, the real call, return. */
#ifndef SOCKFIX_EXPORT_H
#define SOCKFIX_EXPORT_H

#define EXPORT __attribute__((visibility("default")))

/* What every call looks at: found without the table that names of other objects have. */
#define HIDDEN __attribute__((visibility("hidden")))

/* The rare half of a function, which is not to save registers for the other one. */
#define APART __attribute__((noinline))

#endif
