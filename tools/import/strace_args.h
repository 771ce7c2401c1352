/* The arguments of a call, as strace prints them. */
#ifndef SOCKFIX_STRACE_ARGS_H
#define SOCKFIX_STRACE_ARGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ARGS_MOST 12u

struct args {
	char *arg[ARGS_MOST]; /* those that are not there: "" */
	unsigned count;
};

/* Splits the text, which is changed, at its outermost commas. */
void args_split(char *text, struct args *args);

/* A descriptor, with what -y and -yy say of it: "5<TCP:[1.2.3.4:5->6.7.8.9:10]>". note: behind the
 * '<', or NULL. False: it is none. */
bool arg_fd(const char *text, int *fd, const char **note);
/* Behind it and what -y says of it. */
const char *arg_behind_fd(const char *text);
/* A number, also one of several in "{tv_sec=1, tv_nsec=5}" (the index'th), "[8]" and "16*1024".
 * False: there is none. */
bool arg_number(const char *text, unsigned index, int64_t *number);
/* Whether a word of it is that flag, outside of strings. */
bool arg_has(const char *text, const char *flag);
/* The sum of all that stand behind that key ("iov_len="), outside of strings. more: true where the
 * list was cut off ("..."). */
uint64_t arg_sum(const char *text, const char *key, bool *more);
/* The next place behind that key from *at on, outside of strings; NULL: none. */
const char *arg_next(const char *text, const char *key);

/* The string at its begin, in quotes, with escapes undone: its bytes, at most size of them. */
size_t arg_string(const char *text, void *out, size_t size);

/* {sa_family=AF_INET, sin_port=htons(80), sin_addr=inet_addr("10.0.0.1")}, IPv4 as ::ffff:. False:
 * of another family. */
bool arg_address(const char *text, uint8_t address[16], uint16_t *port, uint8_t *family);

/* What -yy says of a TCP socket: "TCP:[1.2.3.4:5->6.7.8.9:10]>", "TCPv6:[[::1]:80]>", "TCP:[123]>".
 * False: it is none. Ends that it does not say stay as they are. */
struct ends {
	uint8_t local[16], peer[16], family;
	uint16_t local_port, peer_port;
	bool connected;
};
bool note_tcp(const char *note, struct ends *ends);

#endif
