/* Addresses of sockets in the form that rules compare: 16 bytes, IPv4 as ::ffff:a.b.c.d, ports in
 * host order. All keep errno. */
#ifndef SOCKFIX_ADDRESS_H
#define SOCKFIX_ADDRESS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* False for other families and for lengths that are too short; nothing is written then. */
bool address_parse(
	const struct sockaddr *address, socklen_t length, uint8_t out[16], uint16_t *port);

/* getpeername(2). False when fd is not connected. */
bool address_peer(int fd, uint8_t out[16], uint16_t *port);

/* getsockname(2). False where it has none. */
bool address_own(int fd, uint8_t out[16], uint16_t *port);

/* The local port of fd by getsockname(2), 0 if it has none. */
uint16_t address_port(int fd);

bool address_is_v6(int fd);

#endif
