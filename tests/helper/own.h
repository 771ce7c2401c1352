/* What a test program has for itself alone, and its children with it: nothing of the machine's is
 * taken or changed. For main(), before there are threads; see need.h for what they need. */
#ifndef TEST_OWN_H
#define TEST_OWN_H

#include <stdbool.h>

/* A network in which there is loopback and nothing else. */
void own_network(void);

/* Mounts: what is mounted from here on is nobody else's, also where / is no mount point (a chroot
 * into a folder). False: it may not (errno). */
bool own_mounts_try(void);
void own_mounts(void);

/* After that, of a command line: as unshare(1) does by itself where / is a mount point. */
#define OWN_MOUNTS "unshare --mount --propagation unchanged "

#endif
