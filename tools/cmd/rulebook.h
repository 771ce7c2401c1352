/* The rules that a command line asks for: -r, -P, -s and the directories. For run and which. */
#ifndef SOCKFIX_RULEBOOK_H
#define SOCKFIX_RULEBOOK_H

#include <stdbool.h>
#include <stddef.h>

#include "rules/book.h"
#include "tools/cmd/verb.h"

enum { FLAG_WITH_SYSTEM = 300 };

/* Of a verb: a part of its synopsis, of its detail, and rows of its table of flags. */
#define RULEBOOK_SYNOPSIS "[-r FILE]... [-P PRESET]... [-s NAME=VALUE]..."
#define RULEBOOK_DETAIL	  "How rule files are written: sockfix explain rules."
#define RULEBOOK_FLAGS                                                                             \
	{"rules", 'r', "FILE",                                                                     \
		"rules from FILE, or from the *.conf files of a folder; may be repeated"},         \
		{"preset", 'P', "PRESET",                                                          \
			"rules from a preset, see sockfix list presets; may be repeated, of -r "   \
			"and -P the later wins"},                                                  \
		{"set", 's', "NAME=VALUE",                                                         \
			"one option for every flow, laid on top of all rules; may be repeated"},   \
	{                                                                                          \
		"with-system", FLAG_WITH_SYSTEM, NULL,                                             \
			"with -r or -P: read the folders of the system, too, below them"           \
	}

struct rulebook_source {
	int letter; /* 'r', 'P' or 's' */
	const char *text;
};

struct rulebook_request {
	struct rulebook_source *source; /* room for argc of them, see rulebook_request_new() */
	size_t count;
	bool with_system;
};

/* Returns 0; or -ENOMEM, and what is added is not kept. rulebook_request_free() frees it. */
int rulebook_request_new(struct rulebook_request *request, int argc);
void rulebook_request_free(struct rulebook_request *request);

/* Takes an option of RULEBOOK_FLAGS; false: it is none of them. text must outlive request. */
bool rulebook_request_add(struct rulebook_request *request, int letter, const char *text);

/* Reads what was asked for into *book, which the caller frees. Without -r and -P: the folders,
 * and where no rule in them sets anything, the default. Returns 0; -EINVAL when something was
 * wrong, each with a line on stderr; -ENOMEM (no book). */
int rulebook_gather(const struct rulebook_request *request, struct book **book);

/* Both to be freed: the rules' names with commas between them, and the line in which they travel
 * (wire.h). */
char *rulebook_names(const struct ruleset *rules);
char *rulebook_line(const struct ruleset *rules);

/* The first rule with which the line has more than `most` bytes; NULL: all of them fit. */
const struct rule *rulebook_first_beyond(const struct ruleset *rules, size_t most);

/* Says the sentence about a rule, with the rule's place before it. */
void rulebook_tell(const struct rule *rule, bool refused, const char *sentence);

/* Whether nothing but the default holds, which nobody has asked for or by its name alone. */
bool rulebook_is_default(const struct ruleset *rules);
/* Whether writes are joined by that default somewhere, and by no word of the user's. */
bool rulebook_joins_by_default(const struct ruleset *rules);

#endif
