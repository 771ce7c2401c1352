/* Options: what a rule may set on a socket, by number and by name.
 *
 * The table is option_table.h. This header and option.c are linked into the victim too, so they
 * need libc alone, allocate nothing and touch no descriptor. Text with units lives in
 * option_text.h, for the tools. */
#ifndef SOCKFIX_OPTION_H
#define SOCKFIX_OPTION_H

#include <stddef.h>
#include <stdint.h>

enum option_id {
#define OPTION(id, ...) OPTION_##id,
#include "option_table.h"
#undef OPTION
	OPTION_COUNT
};

/* A decision keeps one bit an option in a uint64_t. */
_Static_assert(OPTION_COUNT <= 64, "options must fit a 64-bit set");
#define OPTION_BIT(id) (UINT64_C(1) << (id))

/* The level of options that are sockfix's own and never reach setsockopt(). */
#define OPTION_OURS (-1)

enum option_type {
	TYPE_SWITCH, /* int, 0 or 1 */
	TYPE_NUMBER, /* int */
	TYPE_BUFFER, /* int; or undone with "auto" */
	TYPE_LINGER, /* struct linger; or undone with "off" */
	TYPE_TIME,   /* struct timeval; the number is in milliseconds */
	TYPE_RATE,   /* 64-bit bytes a second (SO_MAX_PACING_RATE, Linux 4.20; 32 bits before) */
	TYPE_WORD,   /* at most 15 bytes of text */
	TYPE_MODE,   /* enum coalesce */
};

enum option_when {
	AT_BIND = 1,
	AT_CONNECT = 2,
	AT_LISTEN = 4,
	AT_ACCEPT = 8,
	AT_READ = 16,
	AT_WRITE = 32,
};

enum option_risk { RISK_NONE, RISK_SEEN, RISK_BREAKS };

enum coalesce { COALESCE_OFF, COALESCE_AUTO, COALESCE_ALWAYS, COALESCE_BUFFER, COALESCE_COUNT };

struct option {
	const char *name; /* the kernel's, in lower case */
	int level;	  /* OPTION_OURS or the first argument to setsockopt */
	int optname;
	enum option_type type;
	const char *unit;
	int64_t low, high;
	unsigned when; /* enum option_when, or'ed */
	enum option_risk risk;
	const char *man;
	const char *summary;
};

/* What the kernel takes on an established connection with effect (tcp(7), socket(7), ip(7)). Others
 * speak of its beginning, of a listener, or would change what the program's calls return. */
#define OPTIONS_LIVE                                                                               \
	(OPTION_BIT(OPTION_TCP_NODELAY) | OPTION_BIT(OPTION_TCP_QUICKACK) |                        \
		OPTION_BIT(OPTION_SO_KEEPALIVE) | OPTION_BIT(OPTION_TCP_KEEPIDLE) |                \
		OPTION_BIT(OPTION_TCP_KEEPINTVL) | OPTION_BIT(OPTION_TCP_KEEPCNT) |                \
		OPTION_BIT(OPTION_TCP_USER_TIMEOUT) | OPTION_BIT(OPTION_SO_LINGER) |               \
		OPTION_BIT(OPTION_TCP_NOTSENT_LOWAT) | OPTION_BIT(OPTION_SO_SNDBUF) |              \
		OPTION_BIT(OPTION_SO_RCVBUF) | OPTION_BIT(OPTION_TCP_CONGESTION) |                 \
		OPTION_BIT(OPTION_SO_MAX_PACING_RATE) | OPTION_BIT(OPTION_IP_TOS) |                \
		OPTION_BIT(OPTION_SO_PRIORITY))

/* Indexed by enum option_id. */
extern const struct option option_table[OPTION_COUNT];

/* What a rule gives an option. */
enum value_kind {
	VALUE_NUMBER, /* .number, in the kernel's unit; TYPE_MODE: enum coalesce */
	VALUE_WORD,   /* .word */
	VALUE_UNDO,   /* "auto" of a buffer, "off" of linger: as if the program had not set it */
	VALUE_KEEP,   /* "keep": as the program has it; takes back what an earlier rule said */
};

struct value {
	enum value_kind kind;
	int64_t number;
	char word[16]; /* ends in NUL; IFNAMSIZ and TCP_CA_NAME_MAX are 16 */
};

/* The option of that name (exact, lower case), or -1. */
int option_by_name(const char *name);

/* The option that setsockopt(level, optname) is about, or -1. IPV6_TCLASS is answered with
 * OPTION_IP_TOS: on an IPv6 socket that is what carries it (ipv6(7)). */
int option_by_number(int level, int optname);

/* The bytes that setsockopt() takes for value: at most 16, written to out. Returns their count;
 * 0 for an option of ours and for kinds that have no bytes (VALUE_UNDO, VALUE_KEEP). */
size_t option_encode(int id, const struct value *value, unsigned char out[16]);

/* "off", "auto", "always", "buffer". */
extern const char *const coalesce_name[COALESCE_COUNT];

#endif
