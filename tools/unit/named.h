/* Where a system names libsockfix.so: units and their drop-ins, crontabs, the loader's and the
 * login's files. For who removes it, and who wants to know what has it. */
#ifndef SOCKFIX_UNIT_NAMED_H
#define SOCKFIX_UNIT_NAMED_H

#include <stddef.h>

enum named_state {
	NAMED_THERE, /* the same file as this command's, or the same bytes */
	NAMED_OTHER, /* a library of ours, of another version or build */
	NAMED_GONE,  /* there is no such file: the loader complains, at each start */
	NAMED_ASKED, /* by name, or by a variable of ours: which file is not said there */
};

struct named {
	enum named_state state;
	char *file; /* without the root */
	unsigned line;
	char *library; /* as it is written; "" of NAMED_ASKED */
};

/* Those below that root ("": this system), sorted; to be freed. library: this command's own, or
 * NULL. unread: how many files could not be read. */
struct named *named_find(const char *root, const char *library, size_t *count, size_t *unread);
void named_free(struct named *named, size_t count);

#endif
