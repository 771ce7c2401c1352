/* What a test program has for itself alone, and its children with it: nothing of the machine's is
 * taken or changed. For main(), before there are threads; see need.h for what they need. */
#ifndef TEST_OWN_H
#define TEST_OWN_H

/* A network in which there is loopback and nothing else. */
void own_network(void);

/* Mounts: what is mounted from here on is nobody else's. */
void own_mounts(void);

#endif
