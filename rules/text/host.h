/* What the host knows by a name: users, services, addresses. */
#ifndef SOCKFIX_HOST_H
#define SOCKFIX_HOST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

bool host_user(const char *name, uint32_t *uid);

/* The TCP port of a service. */
bool host_service(const char *name, uint16_t *port);

/* "192.0.2.7, 2001:db8::7", as many as fit. False: it does not resolve, or nobody answers in time.
 */
bool host_addresses(const char *name, char *out, size_t size);

#endif
