/* What a test needs of the machine, by name: "root", "namespaces" (network namespaces and veth),
 * "mounts" (a mount namespace), "tun" (/dev/net/tun), "bpf" (programs on a
 * cgroup v2).
 *
 * Where it is not there the test fails with one line that says so: a hole must not hide. The
 * environment variable TESTS_WITHOUT, names separated by spaces or commas, leaves such tests out;
 * run.sh then counts them as left out. */
#ifndef TEST_NEED_H
#define TEST_NEED_H

#include <stdbool.h>

/* At the beginning of a test: returns where it can go on. After "mounts" this process has its own
 * (own.h). */
void need(const char *name);

/* In main(), for all the tests of a program: ends the program where they cannot be played. */
void need_for_all(const char *name);

/* Whether TESTS_WITHOUT names it. */
bool need_left_out(const char *name);

#endif
