/* A server for scrapes: GET /metrics, and nothing else. */
#ifndef SOCKFIX_METRICS_SERVE_H
#define SOCKFIX_METRICS_SERVE_H

#include <stddef.h>
#include <sys/socket.h>

/* "127.0.0.1:9190", "[::1]:9190", or a port alone, on 127.0.0.1. Names are not looked up. 0, or
 * -EINVAL. */
int serve_address(const char *text, struct sockaddr_storage *address, socklen_t *length);

/* A socket that listens there; -errno. */
int serve_listen(const struct sockaddr_storage *address, socklen_t length);

/* Where that is: "127.0.0.1:9190". */
void serve_name(int listener, char *text, size_t size);

/* Serves until something cannot be waited for: -errno. */
int serve(int listener);

#endif
