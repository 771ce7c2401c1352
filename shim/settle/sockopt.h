/* Applying options to a descriptor and reading them back. Decides nothing. */
#ifndef SOCKFIX_SOCKOPT_H
#define SOCKFIX_SOCKOPT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "rules/option.h"

/* Sets option id of fd. v6: the socket's family is AF_INET6 (ip_tos is its traffic class there).
 * Returns 0 or -errno. Keeps errno. */
int sockopt_set(int fd, bool v6, int id, const struct value *value);

/* Reads it, at most 16 bytes. Returns their count or -errno. Keeps errno. */
int sockopt_get(int fd, bool v6, int id, unsigned char out[16]);

/* Puts bytes that sockopt_get() has read back. Returns 0 or -errno. */
int sockopt_restore(int fd, bool v6, int id, const void *bytes, uint32_t length);

/* Lets everything go that is held back: TCP_CORK off. On a socket with TCP_NODELAY the tail leaves
 * at once; no option changes (net/ipv4/tcp.c, __tcp_sock_set_cork). Returns 0 or -errno. */
int sockopt_push(int fd);

/* Whether fd is a TCP socket: TCP_CORK can be read. */
bool sockopt_is_tcp(int fd);

/* TCP_CORK on again, after such a push. */
void sockopt_cork(int fd);

/* TCP_NODELAY on or off; on pushes too. Returns 0 or -errno. */
int sockopt_nodelay(int fd, int on);

/* Arms TCP_QUICKACK: the kernel forgets it by itself (tcp(7)). */
void sockopt_quickack(int fd);

/* The socket's number, the same by whatever descriptor (SO_COOKIE, Linux 4.6); 0: it is not told.
 */
uint64_t sockopt_cookie(int fd);
/* The same of a TCP socket, where it matters why it is not told. Returns 0, or the errno of a
 * kernel that has told others: something has come between, for it tells all or none. */
int sockopt_cookie_again(int fd, uint64_t *cookie);

/* Whether it answers what a socket of every kind answers (SO_TYPE, socket(7)). */
bool sockopt_answers(int fd);

/* The path's smallest round trip in nanoseconds, 0 if unknown. */
uint64_t sockopt_min_rtt(int fd);

struct tcp_info;
/* TCP_INFO (linux/tcp.h) as far as the kernel has it, zeros behind; by a raw call. Returns how many
 * bytes it gave, 0: no answer. */
size_t sockopt_info(int fd, struct tcp_info *info);

#endif
