/* The verdict on COMMAND: one kind and one exact sentence. What ld.so(8) and the kernel will do
 * with LD_PRELOAD is foretold from the file alone; where that cannot be told, COMMAND counts as
 * usable, since the library is harmless where it does not work. */
#include <elf.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/xattr.h>
#include <unistd.h>

#include "shim/env.h"
#include "tools/launch/asan.h"
#include "tools/launch/drops.h"
#include "tools/launch/elsewhere.h"
#include "tools/launch/script.h"
#include "tools/launch/target.h"
#include "tools/launch/wrapper.h"
#include "tools/base/text.h"

struct names {
	const char *command; /* as the user wrote it */
	const char *file;    /* the same, and for a script what runs it */
};

struct libraries {
	const struct elf_facts *own;
	const struct twin *twin; /* NULL: there is none */
};

static void verdict(struct target *target, enum target_kind kind, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

static void verdict(struct target *target, enum target_kind kind, const char *format, ...)
{
	va_list list;
	target->kind = kind;
	va_start(list, format);
	vsnprintf(target->why, sizeof(target->why), format, list);
	va_end(list);
}

/* AT_SECURE, as the kernel will set it (security/commoncap.c, cap_bprm_creds_from_file): an
 * identity that changes, or file capabilities for a user that is not root. */
static void look_at_rights(const struct names *names, struct target *target)
{
	struct stat info;
	struct statvfs mount;
	char capability[64];
	if (prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 || stat(target->path, &info) != 0 ||
		statvfs(target->path, &mount) != 0 || (mount.f_flag & ST_NOSUID))
		return;
	if ((info.st_mode & S_ISUID) && info.st_uid != getuid())
		verdict(target, TARGET_SETID,
			"%s is setuid, the loader ignores LD_PRELOAD there; as that user it works: "
			"sudo -u '#%u' sockfix run -- %s",
			names->file, info.st_uid, names->command);
	else if ((info.st_mode & (S_ISGID | S_IXGRP)) == (S_ISGID | S_IXGRP) &&
		 info.st_gid != getgid())
		verdict(target, TARGET_SETID,
			"%s is setgid, the loader ignores LD_PRELOAD there; as that group it "
			"works: sudo -g '#%u' sockfix run -- %s",
			names->file, info.st_gid, names->command);
	else if (getuid() != 0 &&
		 getxattr(target->path, "security.capability", capability, sizeof(capability)) > 0)
		verdict(target, TARGET_CAPABLE,
			"%s has file capabilities, the loader ignores LD_PRELOAD there; as root it "
			"works: sudo sockfix run -- %s",
			names->file, names->command);
}

static int bits(uint8_t class)
{
	return class == ELFCLASS32 ? 32 : 64;
}

static bool fits(const struct elf_facts *program, const struct elf_facts *library)
{
	return program->class == library->class && program->data == library->data &&
	       program->machine == library->machine;
}

/* Whether its loader is none of those that find both libraries by $LIB: it needs the path of one.
 */
static bool is_apart(const char *path, const struct elf_facts *facts, const struct twin *twin)
{
	const char *loader = *facts->interpreter ? facts->interpreter : path;
	char real[PATH_MAX];

	if (!twin || !elf_is_loader(loader))
		return false;
	return !realpath(loader, real) ||
	       (strcmp(real, twin->loader[0]) != 0 && strcmp(real, twin->loader[1]) != 0);
}

static void look_at_class(const char *name, const struct elf_facts *facts,
	const struct libraries *libraries, struct target *target)
{
	const int own = bits(libraries->own->class), its = bits(facts->class);

	if (libraries->twin)
		verdict(target, TARGET_CLASS,
			"%s: no word in LD_PRELOAD serves all programs on the way to it, one has a "
			"loader of its own and one is of %d bits: write sockfix run behind the "
			"others, and while it runs sockfix mend -p PID works",
			name, own == 64 ? 32 : 64);
	else
		verdict(target, TARGET_CLASS,
			"%s is a %d-bit program, libsockfix.so is built for %d bits: "
			"a %d-bit build of it works, with glibc a %d-bit library beside ours (sockfix "
			"help run), and while it runs sockfix mend -p PID",
			name, its, own, own, its);
}

static void look_at_machine(const char *name, const struct elf_facts *facts,
	const struct libraries *libraries, struct target *target)
{
	const struct elf_facts *own = libraries->own;
	const struct twin *twin = libraries->twin;

	target->apart |= is_apart(target->path, facts, twin);
	target->twin |= twin && fits(facts, &twin->facts);
	if ((facts->class != own->class && !target->twin) || (target->twin && target->apart))
		look_at_class(name, facts, libraries, target);
	else if (!fits(facts, own) && !(twin && fits(facts, &twin->facts)))
		verdict(target, TARGET_MACHINE,
			"%s is built for another processor (ELF machine %u, libsockfix.so: %u): "
			"a sockfix of that processor works",
			name, facts->machine, own->machine);
}

static void look_at_linking(const char *name, const struct elf_facts *facts, struct target *target)
{
	if (!facts->readable || elf_is_loader(target->path))
		return;
	if (facts->go)
		verdict(target, TARGET_GO,
			"%s is a Go program, it makes its system calls without libc and no "
			"preloaded library sees them: while it runs sockfix look -p PID does, and sockfix "
			"mend -p PID mends it",
			name);
	else if (*facts->interpreter == '\0')
		verdict(target, TARGET_STATIC,
			"%s is statically linked, no library can be preloaded into it: "
			"a dynamically linked build of it works, and while it runs sockfix mend "
			"-p PID",
			name);
	else if (facts->asan && asan_keeps_order(getenv(ENV_ASAN)))
		verdict(target, TARGET_ASAN,
			"%s is built with AddressSanitizer, which ASAN_OPTIONS tells to end a "
			"program that has another library before it: without "
			"verify_asan_link_order there it works",
			name);
	else if (!elf_is_loader(facts->interpreter))
		verdict(target, TARGET_LIBC,
			"%s is loaded by %s, which is neither glibc's loader nor musl's: "
			"a build of it for one of these works",
			name, facts->interpreter);
}

static void look_at_elf(const char *name, const struct libraries *libraries, struct target *target)
{
	struct elf_facts facts;

	if (elf_look(target->path, &facts, NULL) != 0)
		return;
	look_at_machine(name, &facts, libraries, target);
	if (target->kind == TARGET_USABLE)
		look_at_linking(name, &facts, target);
}

/* Static as it may be, the environment goes through it. */
static bool is_ourselves(const char *path)
{
	struct stat info, own;
	if (strcmp(text_base_name(path), "sockfix") == 0)
		return true;
	return stat(path, &info) == 0 && stat("/proc/self/exe", &own) == 0 &&
	       info.st_dev == own.st_dev && info.st_ino == own.st_ino;
}

/* One word of the way: argv[0] itself, not what it starts. */
static void look_at_word(
	char *const argv[], const struct libraries *libraries, struct target *target)
{
	char command[PATH_MAX], file[2 * PATH_MAX];
	*target = (struct target){.twin = target->twin, .apart = target->apart};
	if (command_find(argv[0], command) != 0) {
		target->kind = TARGET_MISSING;
		return;
	}
	snprintf(target->path, sizeof(target->path), "%s", command);
	if (elsewhere(argv, command, target->why, sizeof(target->why))) {
		target->kind = TARGET_ELSEWHERE;
		return;
	}
	/* Where a #! line leads nowhere, exec will say so. */
	script_follow(target->path);
	if (strcmp(command, target->path) == 0)
		snprintf(file, sizeof(file), "%s", argv[0]);
	else
		snprintf(file, sizeof(file), "%s (run by %s)", argv[0], target->path);
	const struct names names = {argv[0], file};
	look_at_rights(&names, target);
	if (target->kind == TARGET_USABLE && !is_ourselves(target->path))
		look_at_elf(file, libraries, target);
	if (target->kind == TARGET_USABLE)
		drops_look(argv, command, target->path, target->note, sizeof(target->note));
}

/* env, told to start its command without us. */
static bool look_at_env(char *const argv[], struct target *target)
{
	const enum preload_change change = wrapper_changes_preload(argv);
	char *const *inner = wrapper_inner(argv);
	if (change == PRELOAD_KEPT)
		return false;
	if (change == PRELOAD_DROPPED || !inner) {
		verdict(target, TARGET_ELSEWHERE,
			"env drops LD_PRELOAD there: write env [OPTION]... sockfix run -- COMMAND");
		return true;
	}
	verdict(target, TARGET_ELSEWHERE, "env sets LD_PRELOAD anew, without the library: write ");
	elsewhere_anew(argv, (size_t)(inner - argv), target->why, sizeof(target->why));
	return true;
}

void target_look(char *const argv[], const struct elf_facts *library, const struct twin *twin,
	struct target *target)
{
	const struct libraries libraries = {library, twin};

	target->twin = target->apart = false;
	look_at_word(argv, &libraries, target);
	while (target->kind == TARGET_USABLE) {
		if (look_at_env(argv, target))
			return;
		argv = wrapper_inner(argv);
		if (!argv)
			return;
		look_at_word(argv, &libraries, target);
	}
	/* That it is not there is for the program to say that starts it. */
}
