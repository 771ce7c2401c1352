/* Each ExecStart=, cut into words and looked at by program.c. Must not start any. */
#include "tools/unit/started.h"

#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/unit/inside.h"
#include "tools/launch/twin.h"
#include "tools/unit/program.h"
#include "tools/unit/sight.h"
#include "tools/unit/words.h"

enum { NOBODY = 65534, WORDS = 64 };

/* Of the user's name below that root. False: it is not there. */
static bool read_user(const struct unit *unit, const char *name, struct program_as *as)
{
	char *path = inside(unit->root, "/etc/passwd"), *end;
	FILE *file = fopen(path, "re");
	const struct passwd *entry;

	const unsigned long number = strtoul(name, &end, 10);
	bool found = *name && !*end;

	if (found)
		as->uid = as->gid = (long)number;
	while (file && (entry = fgetpwent(file)))
		if (strcmp(entry->pw_name, name) == 0) {
			found = true;
			as->uid = entry->pw_uid;
			as->gid = entry->pw_gid;
		}
	if (file)
		fclose(file);
	free(path);
	return found;
}

/* As whom it runs. -1: not known, or as we are. */
static void find_user(struct judgement *judgement, const struct unit *unit, struct program_as *as)
{
	const struct unit_line *line = unit->user ? NULL : unit_last(unit, "User");
	const bool dynamic = unit_is(unit, "DynamicUser");
	char *name = line ? words_specified(line->value, unit->name) : NULL;

	as->uid = as->gid = dynamic ? NOBODY : -1;
	if (line && !(name && read_user(unit, name, as)) && !dynamic)
		judge_note(judgement,
			"%s:%u: User=%s is not in /etc/passwd: what it may read and execute was "
			"looked at as %s",
			line->file, line->line, line->value, geteuid() == 0 ? "root" : "who asks");
	free(name);
}

/* Why the library does nothing in such a program, behind its name. */
static const char *const reason_table[] = {
	[TARGET_ELSEWHERE] = "",
	[TARGET_SETID] = "is setuid or setgid for it, and the loader ignores LD_PRELOAD there "
			 "(NoNewPrivileges=yes makes it a plain program)",
	[TARGET_CAPABLE] = "has file capabilities, and the loader ignores LD_PRELOAD there "
			   "(AmbientCapabilities= of the unit in their place does not do so)",
	[TARGET_CLASS] = "is a program of another word size than the library",
	[TARGET_MACHINE] = "is built for another processor than the library",
	[TARGET_STATIC] = "is statically linked, no library can be preloaded into it",
	[TARGET_GO] = "is a Go program, it makes its system calls without libc and no library "
		      "sees them",
	[TARGET_LIBC] = "is loaded by neither glibc's loader nor musl's",
	[TARGET_ASAN] = "is built with AddressSanitizer, which ASAN_OPTIONS tells to end it where "
			"another library is loaded before",
};

static void judge_target(struct judgement *judgement, const struct judge_of *of,
	const struct unit_line *line, const char *word, const struct target *target)
{
	const enum target_kind kind = target->kind;

	if (kind == TARGET_MISSING)
		judge_note(judgement, "%s:%u: %s is not there, or cannot be executed", line->file,
			line->line, word);
	else if (kind == TARGET_ELSEWHERE)
		judge_refuse(judgement, "%s:%u: %s", line->file, line->line, target->why);
	else if (kind != TARGET_USABLE)
		judge_refuse(judgement,
			"%s:%u: %s %s; from outside, once it runs: sockfix scope --unit %s",
			line->file, line->line,
			strcmp(word, target->path) == 0 ? word : target->path, reason_table[kind],
			of->unit->name);
	else if (*target->note)
		judge_note(judgement, "%s:%u: %s", line->file, line->line, target->note);
}

static size_t cut(const struct unit_line *line, const char *unit, char *word[WORDS + 1])
{
	const char *at = line->value + strspn(line->value, "@-:+!|");
	const bool named = memchr(line->value, '@', strspn(line->value, "@-:+!|")) != NULL;
	size_t words = 0, number = 0;

	for (char *one, *plain; words < WORDS && (one = words_next(&at)); free(one)) {
		plain = words_specified(one, unit);
		if (!(named && number++ == 1))
			word[words++] = plain ? plain : memory_print("%s", one);
		else
			free(plain);
	}
	word[words] = NULL;
	return words;
}

struct libraries {
	struct elf_facts facts;
	struct twin twin;
	bool each; /* the twin is there, and the loaders of all that is started find both */
};

/* Its root is below ours: what is seen there is asked for there. */
static void check_start(struct judgement *judgement, const struct judge_of *of,
	const struct unit_line *line, struct program_as *as, struct libraries *libraries)
{
	char *word[WORDS + 1];
	struct target target;
	bool readable = true;
	const struct twin *twin = *libraries->twin.path ? &libraries->twin : NULL;
	const size_t words = cut(line, of->unit->name, word);

	target.apart = false;
	if (words && !program_look(as, word, &libraries->facts, twin, &target, &readable))
		judge_note(judgement, "%s:%u: what %s is could not be looked at: %s", line->file,
			line->line, word[0], strerror(errno));
	else if (words) {
		judge_target(judgement, of, line, word[0], &target);
		if (!readable && !sight_root(of->unit) && !sight_hides(of->unit, of->library))
			judge_refuse(judgement,
				"%s cannot be read by the user of the service: install sockfix "
				"(make install)",
				of->library);
	}
	libraries->each = libraries->each && !target.apart;
	for (size_t i = 0; i < words; i++)
		free(word[i]);
}

/* False: it cannot be read. A root of the service's own has loaders of its own. */
static bool find_libraries(const struct judge_of *of, struct libraries *libraries)
{
	const char *root = of->unit->root, *other;
	char *path = inside(root, of->library);
	const bool read = elf_look(path, &libraries->facts, NULL) == 0;

	if (read && !sight_root(of->unit))
		twin_find(root, path, &libraries->facts, &libraries->twin);
	free(path);
	other = libraries->twin.path + (*libraries->twin.path ? strlen(root) : 0);
	if (*other && (sight_hides(of->unit, other) || sight_forbids(of->unit, other)))
		*libraries->twin.path = '\0';
	libraries->each = *libraries->twin.path != '\0';
	return read;
}

void started_judge(struct judgement *judgement, const struct judge_of *of)
{
	const struct unit_line *own = sight_root(of->unit), *line;
	const bool image = own && strcmp(own->key, "RootImage") == 0;
	char *root = own && !image ? inside(of->unit->root, own->value)
				   : memory_print("%s", of->unit->root);
	struct program_as as = {.root = root, .library = of->library};
	struct libraries libraries = {.each = false};

	as.no_privileges = unit_is(of->unit, "NoNewPrivileges") || unit_is(of->unit, "DynamicUser");
	find_user(judgement, of->unit, &as);
	line = unit_each(of->unit, "ExecStart", 0);
	if (!line && !of->unit->template)
		judge_note(judgement, "%s has no ExecStart=: it starts nothing", of->unit->name);
	/* what lies in an image is not looked at */
	if (find_libraries(of, &libraries) && !image)
		for (; line; line = unit_each(
				     of->unit, "ExecStart", (size_t)(line - of->unit->line) + 1))
			check_start(judgement, of, line, &as, &libraries);
	if (libraries.each)
		judgement->both = memory_print("%s", libraries.twin.both + strlen(of->unit->root));
	free(root);
}
