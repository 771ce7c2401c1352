/* Rules as plain data, and the decision over them: which options hold for one flow.
 *
 * Pure: no descriptor, no allocation, no I/O, no clock, no environment. The tools fill these
 * structs from files (book.h), the shim from one line of text (wire.h); both ask rules_decide().
 * All memory belongs to whoever filled the ruleset and must outlive it. */
#ifndef SOCKFIX_RULE_H
#define SOCKFIX_RULE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "option.h"

enum role { ROLE_NONE, ROLE_CLIENT, ROLE_SERVER, ROLE_ANY };

/* The matchers, in the order in which `sockfix which` prints them. A bit each in match.named. */
enum matcher {
#define MATCHER(id, ...) MATCH_##id,
#include "matcher_table.h"
#undef MATCHER
	MATCHER_COUNT
};

/* The type of its items in struct match, and of what they are held against in struct subject. */
enum matcher_kind {
	MATCHER_GLOBS,	  /* struct globs; const char * */
	MATCHER_ROLE,	  /* enum role, both */
	MATCHER_NETWORKS, /* struct networks; uint8_t[16] */
	MATCHER_PORTS,	  /* struct ports; uint16_t */
	MATCHER_USERS,	  /* struct users; uint32_t */
	MATCHER_KINDS
};

struct matcher_row {
	uint8_t kind;		       /* enum matcher_kind */
	bool whole;		       /* its text is no list */
	uint16_t field, subject, also; /* where in the structs */
};

extern const char *const matcher_name[MATCHER_COUNT];
extern const struct matcher_row matcher_table[MATCHER_COUNT];

struct globs {
	const char **glob; /* fnmatch(3) patterns, no flags */
	size_t count;
};

/* IPv4 stands as ::ffff:a.b.c.d with 96 added to its prefix length. A shorter prefix ("::/0") is
 * about IPv6 alone. */
struct network {
	uint8_t address[16];
	uint8_t bits;
};

struct networks {
	struct network *network;
	size_t count;
};

struct port_range {
	uint16_t low, high; /* both inclusive */
};

struct ports {
	struct port_range *range;
	size_t count;
};

struct users {
	uint32_t *uid;
	size_t count;
};

/* All matchers that are named must hold; within one, any of its items. */
struct match {
	unsigned named; /* 1u << enum matcher */
	enum role role;
	struct globs program; /* the executable's file name, or argv[0]'s */
	struct globs script;  /* what an interpreter runs: see subject.script */
	struct globs args;    /* the arguments, joined with single spaces */
	struct networks peer;
	struct ports port; /* the service's: the peer's for a client, the own one for a server */
	struct ports local_port, peer_port;
	struct users user;
};

/* The matcher's items in it, of its kind's type. */
static inline void *match_items(struct match *match, enum matcher matcher)
{
	return (char *)match + matcher_table[matcher].field;
}

static inline const void *match_items_read(const struct match *match, enum matcher matcher)
{
	return (const char *)match + matcher_table[matcher].field;
}

struct setting {
	uint8_t option; /* enum option_id */
	bool force;	/* wins over what the program sets itself */
	struct value value;
};

struct rule {
	const char *name;
	const char *file; /* where it was read; "" in the victim */
	int line;
	bool veto;	 /* an item of leave_alone: what it matches is left as it is */
	bool last;	 /* when this one matches, no later rule is looked at */
	uint8_t holdout; /* percent of the flows it matches that it leaves out */
	struct match match;
	struct setting *setting;
	size_t settings;
};

struct ruleset {
	struct rule *rule; /* in the order of precedence: the later wins */
	size_t count;
};

/* A flow, as far as rules may look at it. Unknown strings are "", unknown ports 0. */
struct subject {
	const char *program; /* file name of the executable */
	const char *argv0;   /* file name of argv[0]; also matched by `program` */
	const char *script;  /* file name of the script, the -m module or the -jar file */
	const char *args;    /* argv[1..], joined with single spaces */
	uint32_t uid;	     /* effective */
	enum role role;	     /* client or server */
	bool peer_known;     /* false at listen(): rules about the peer do not match yet */
	uint8_t peer[16];    /* as struct network */
	uint16_t port;	     /* the service's */
	uint16_t local_port;
	uint16_t peer_port;
	uint8_t draw; /* 0-99, drawn once a flow: a rule with holdout > draw leaves it out */
};

/* What the matcher is held against, of its kind's type. */
static inline const void *subject_of(const struct subject *subject, enum matcher matcher)
{
	return (const char *)subject + matcher_table[matcher].subject;
}

#define NO_RULE (-1)

struct decision {
	int veto;			  /* index of the rule whose veto holds, or NO_RULE */
	uint64_t set;			  /* OPTION_BIT of each option that has a value here */
	uint64_t force;			  /* and of those that win over the program */
	struct value value[OPTION_COUNT]; /* where the bit of .set is on */
	int16_t rule[OPTION_COUNT]; /* index of the rule that won, or NO_RULE; with "keep" there is
				     * a rule but no bit in .set */
};

/* Whether all that the rule names holds for the subject. Ignores holdout. */
bool rule_matches(const struct rule *rule, const struct subject *subject);

/* Whether rules that differ in what they say of peers can see this flow differently: the shim asks
 * for the peer's address only then. */
bool rules_ask_for_peer(const struct ruleset *set);
bool rules_ask_for_local_port(const struct ruleset *set);

/* Fills decision: veto first; else all rules that match, the later wins, option by option; "keep"
 * takes back; `last` ends. A flow whose service port is 102, 502, 2404, 20000 or 44818 gets
 * coalesce only from a rule that names that port by itself, not by a range (one message must stay
 * one segment there). */
void rules_decide(
	const struct ruleset *set, const struct subject *subject, struct decision *decision);

/* Which rule's holdout the subject is an arm of, whether that leaves it out or not. NO_RULE: none
 * of those that match has one, or a veto holds, or two have one: the lot is one, and what one of
 * them wins would be told of the other. */
int rules_arm(const struct ruleset *set, const struct subject *subject);

/* Whether that is such a port: nothing of ours may say by itself that writes are joined there. */
bool one_message_a_segment(uint16_t port);
/* Whether the rule names that port by itself, not by a range. */
bool rule_names_port(const struct match *match, uint16_t port);

/* The rule that holds when nothing else is said: any role, coalesce = "auto". */
extern const struct rule rule_default;

#endif
