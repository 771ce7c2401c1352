/* Marks an intercepted symbol. Hooks are thin: guard, flow_*, the real call, return. */
#ifndef SOCKFIX_EXPORT_H
#define SOCKFIX_EXPORT_H

#define EXPORT __attribute__((visibility("default")))

#endif
