/* Reads /proc/PID/environ, auxv, exe and stat. A process may end at any time; whatever cannot be
 * read then says nothing. Must not take one for missing that has only just been started: its loader
 * may still be at work. */
#include "tools/live/missing.h"

#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "shim/env.h"
#include "tools/base/harmless.h"
#include "tools/base/text.h"
#include "tools/live/proc_file.h"
#include "tools/live/unit.h"

enum { YOUNG_S = 2 };

/* ---- pure ---- */

static const char *value_of(const char *word, const char *name)
{
	const size_t length = strlen(name);

	return strncmp(word, name, length) == 0 && word[length] == '=' ? word + length + 1 : NULL;
}

/* Its parts stand between spaces and colons (ld.so(8)). */
static void take_preload(struct wish *wish, const char *list)
{
	wish->preload = list;
	for (size_t length; *list; list += length + (list[length] != '\0')) {
		char one[sizeof(wish->ours)];

		length = strcspn(list, " :");
		snprintf(one, sizeof(one), "%.*s", (int)length, list);
		if (strncmp(text_base_name(one), "libsockfix", strlen("libsockfix")) == 0)
			memcpy(wish->ours, one, sizeof(one));
	}
}

void missing_wish(struct wish *wish, const char *bytes, size_t length)
{
	const char *value;

	*wish = (struct wish){.meant = false};
	for (const char *word = bytes; word < bytes + length; word += strlen(word) + 1) {
		if (!wish->preload && (value = value_of(word, "LD_PRELOAD")))
			take_preload(wish, value);
		if ((value = value_of(word, ENV_RULES)) || (value = value_of(word, ENV_TRACE)))
			wish->meant = wish->meant || *value;
	}
}

bool missing_is_secure(uint8_t class, const void *bytes, size_t length)
{
	const size_t word = class == ELFCLASS32 ? sizeof(uint32_t) : sizeof(uint64_t);

	for (size_t at = 0; at + 2 * word <= length; at += 2 * word) {
		uint64_t key = 0, value = 0; /* little endian, as both of x86 and of ARM are here */

		memcpy(&key, (const char *)bytes + at, word);
		memcpy(&value, (const char *)bytes + at + word, word);
		if (key == AT_SECURE)
			return value != 0;
	}
	return false;
}

/* $LIB: there it means a library for each word size. */
static bool names_each(const struct wish *wish)
{
	return strchr(wish->ours, '$') != NULL;
}

static enum missing_why of_program(const struct wish *wish, const struct elf_facts *facts,
	bool loader, char *what, size_t size)
{
	if (!facts->class)
		return MISSING_NOT;
	if (facts->class != (sizeof(void *) == 8 ? ELFCLASS64 : ELFCLASS32) && !names_each(wish))
		return MISSING_CLASS;
	if (!facts->readable || loader)
		return MISSING_NOT;
	if (!*facts->interpreter)
		return MISSING_STATIC;
	snprintf(what, size, "%s", facts->interpreter);
	return elf_is_loader(facts->interpreter) ? MISSING_NOT : MISSING_LIBC;
}

enum missing_why missing_why(const struct wish *wish, const struct elf_facts *facts, bool loader,
	bool secure, char *what, size_t size)
{
	const enum missing_why why = of_program(wish, facts, loader, what, size);

	if (!wish->meant || why != MISSING_NOT)
		return wish->meant ? why : MISSING_NOT;
	snprintf(what, size, "%s", *wish->ours ? wish->ours : wish->preload ? wish->preload : "");
	if (!*what)
		return MISSING_LOST;
	if (secure)
		return MISSING_SECURE;
	return *wish->ours ? MISSING_REFUSED : MISSING_OVERWRITTEN;
}

/* ---- /proc ---- */

/* Its program; false: it is this command, or cannot be told. */
static bool look_at_program(pid_t pid, struct elf_facts *facts, bool *loader)
{
	char path[64], name[PATH_MAX];
	struct stat status, own;
	ssize_t length;
	int fd, error;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, name, sizeof(name) - 1);
	fd = length > 0 ? open(path, O_RDONLY | O_CLOEXEC) : -1;
	if (fd < 0)
		return false;
	name[length] = '\0';
	*loader = elf_is_loader(name);
	error = elf_read(fd, facts);
	if (strcmp(text_base_name(name), "sockfix") == 0 ||
		(fstat(fd, &status) == 0 && stat("/proc/self/exe", &own) == 0 &&
			status.st_dev == own.st_dev && status.st_ino == own.st_ino))
		error = -ENOEXEC;
	close(fd);
	return error == 0;
}

/* Started a moment ago, or nobody knows when. */
static bool is_young(pid_t pid)
{
	const uint64_t began = who_began(pid);
	struct timespec now = {.tv_sec = 0};

	clock_gettime(CLOCK_BOOTTIME, &now);
	return !began || (uint64_t)now.tv_sec < began / (uint64_t)sysconf(_SC_CLK_TCK) + YOUNG_S;
}

/* What the loader was given, as the process sees it. */
static bool is_gone(pid_t pid, const char *library)
{
	char path[1024];

	snprintf(path, sizeof(path), "/proc/%d/root%s", (int)pid, library);
	return *library == '/' && access(path, F_OK) != 0 && errno == ENOENT;
}

static void look_at_unit(struct missing *missing)
{
	const char *unit = missing->who.unit;
	char path[PATH_MAX];
	const size_t length = strlen(unit), end = strlen(".service");

	if (length <= end || strcmp(unit + length - end, ".service") != 0 ||
		!unit_names_us("", unit, path, sizeof(path)))
		return;
	missing->why = MISSING_UNIT;
	snprintf(
		missing->what, sizeof(missing->what), "%.*s", (int)sizeof(missing->what) - 1, path);
}

static void look_at_wish(struct missing *missing, const char *environment, size_t length,
	const struct elf_facts *facts, bool loader)
{
	const pid_t pid = missing->who.pid;
	size_t size;
	char *auxv = proc_file_read(pid, "auxv", &size);
	struct wish wish;

	missing_wish(&wish, environment, length);
	missing->why = missing_why(&wish, facts, loader,
		auxv && missing_is_secure(facts->class, auxv, size), missing->what,
		sizeof(missing->what));
	if (missing->why == MISSING_REFUSED && !names_each(&wish) && is_gone(pid, wish.ours))
		missing->why = MISSING_GONE;
	if (missing->why == MISSING_REFUSED && is_young(pid))
		missing->why = MISSING_NOT;
	if (missing->why == MISSING_NOT && !wish.meant)
		look_at_unit(missing);
	free(auxv);
}

void missing_look(pid_t pid, struct missing *missing)
{
	struct elf_facts facts;
	bool loader;
	size_t length;
	char *environment;

	*missing = (struct missing){.why = MISSING_NOT};
	if (!look_at_program(pid, &facts, &loader) || who_take(&missing->who, pid) != 0)
		return;
	environment = proc_file_read(pid, "environ", &length);
	if (environment)
		look_at_wish(missing, environment, length, &facts, loader);
	free(environment);
	text_harmless(missing->what);
}

/* Not where there was never a variable: env -i. */
bool missing_is_untold(pid_t pid)
{
	size_t length;
	char *environment = proc_file_read(pid, "environ", &length);
	const bool untold = environment && length && !strchr(environment, '=');

	free(environment);
	return untold;
}

struct missing *missing_find(const pid_t *pid, size_t count, size_t *found)
{
	struct missing *missing = NULL, *more, one;

	*found = 0;
	for (size_t i = 0; i < count; i++) {
		missing_look(pid[i], &one);
		if (one.why == MISSING_NOT)
			continue;
		more = realloc(missing, (*found + 1) * sizeof(*more));
		if (!more)
			break;
		missing = more;
		missing[(*found)++] = one;
	}
	return missing;
}
