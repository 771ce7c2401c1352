/* The words with which a connection is described to `which`: one reading each, for its options and
 * for its files of cases. */
#ifndef SOCKFIX_CMD_WHICH_WORDS_H
#define SOCKFIX_CMD_WHICH_WORDS_H

#include <stdint.h>

#include "rules/rule.h"

/* Each returns 0, or -1 for what is none. */

/* From 1 to 65535. */
int which_port(const char *text, uint16_t *port);

/* "192.0.2.7:143", "[2001:db8::7]:143": into peer and peer_port. */
int which_peer(const char *text, struct subject *subject);

/* A number, or a name of /etc/passwd; no name service, as in rule files. */
int which_user(const char *text, uint32_t *uid);

/* What follows from the others: the role, and which port is the service's. listen: the port on
 * which the program is the server; 0: it is a client. */
void which_complete(struct subject *subject, uint16_t listen);

#endif
