/* Walks a path name by name. Opens nothing. A root's links are its own: an absolute one begins at
 * the root, and ".." ends there. */
#include "tools/unit/inside.h"

#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"

enum { LINKS = 40 };

struct walk {
	const char *root;
	char *done; /* below the root, without links: "" or "/etc" */
	char *left; /* names that are still to be walked */
	int links;  /* that were followed */
	bool last;  /* the last name is followed, too */
};

static void replace(char **text, char *by)
{
	free(*text);
	*text = by;
}

/* What the link at done/name says stands before what is left. False: it is none. */
static bool follow(struct walk *walk, const char *name)
{
	char *path = memory_print("%s%s/%s", walk->root, walk->done, name), target[PATH_MAX];
	const ssize_t length = readlink(path, target, sizeof(target) - 1);

	free(path);
	if (length <= 0)
		return false;
	walk->links++;
	target[length] = '\0';
	if (*target == '/')
		*walk->done = '\0';
	replace(&walk->left, memory_print("%s/%s", target, walk->left));
	return true;
}

static void step(struct walk *walk)
{
	char *from = walk->left + strspn(walk->left, "/");
	const size_t length = strcspn(from, "/");
	char *name = memory_print("%.*s", (int)length, from), *slash;
	const bool end = !from[length + strspn(from + length, "/")];

	replace(&walk->left, memory_print("%s", from + length));
	if (strcmp(name, "..") == 0) {
		slash = strrchr(walk->done, '/');
		if (slash)
			*slash = '\0';
	} else if (*name && strcmp(name, ".") != 0 && ((end && !walk->last) || !follow(walk, name)))
		replace(&walk->done, memory_print("%s/%s", walk->done, name));
	free(name);
}

static char *walked(const char *root, const char *file, bool last)
{
	struct walk walk = {.root = root, .last = last};
	char *path;

	if (!*root)
		return memory_print("%s", file);
	walk.done = memory_print("%s", "");
	walk.left = memory_print("%s", file);
	while (*walk.left && walk.links <= LINKS)
		step(&walk);
	/* what is no folder has nothing in it: each call says so */
	path = walk.links > LINKS ? memory_print("/dev/null/more than %d links", LINKS)
				  : memory_print("%s%s", root, walk.done);
	free(walk.left);
	free(walk.done);
	return path;
}

char *inside(const char *root, const char *file)
{
	return walked(root, file, true);
}

char *inside_link(const char *root, const char *file)
{
	return walked(root, file, false);
}
