/* Looks for the twin where the loader of the other word size will. What $LIB is to a loader is seen
 * from where it lies itself: glibc installs it with its libraries and builds the name of that
 * folder into it (DL_DST_LIB in its elf/Makefile; in Debian's the machine's name belongs to it).
 * Executes nothing. */
#include "tools/launch/twin.h"

#include <elf.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tools/base/text.h"

static const char end_of_path[] = "/sockfix/libsockfix.so";

/* Where glibc's loaders are named by programs: shlib-versions of each machine in glibc's sysdeps.
 */
static const struct machine {
	uint16_t number, twin;
	const char *loader;
} machine_table[] = {
	{EM_X86_64, EM_386, "/lib64/ld-linux-x86-64.so.2"},
	{EM_386, EM_X86_64, "/lib/ld-linux.so.2"},
	{EM_AARCH64, EM_ARM, "/lib/ld-linux-aarch64.so.1"},
	{EM_ARM, EM_AARCH64, "/lib/ld-linux-armhf.so.3"},
};
enum { MACHINES = sizeof(machine_table) / sizeof(*machine_table) };

static const struct machine *machine_of(uint16_t number)
{
	for (size_t i = 0; i < MACHINES; i++)
		if (machine_table[i].number == number)
			return &machine_table[i];
	return NULL;
}

/* $LIB of its loader: "lib64", "lib/i386-linux-gnu". False: there is none here. */
static bool find_folder(
	const char *root, const struct machine *machine, char loader[PATH_MAX], char out[PATH_MAX])
{
	char path[PATH_MAX], real[PATH_MAX], top[PATH_MAX] = "";
	const char *folder;

	if (snprintf(path, sizeof(path), "%s%s", root, machine->loader) >= (int)sizeof(path) ||
		!realpath(path, real) || (*root && !realpath(root, top)) ||
		strncmp(real, top, strlen(top)) != 0)
		return false;
	snprintf(loader, PATH_MAX, "%s", real + strlen(top));
	*strrchr(real, '/') = '\0';
	folder = real + strlen(top);
	if (strncmp(folder, "/usr/", strlen("/usr/")) == 0)
		folder += strlen("/usr");
	snprintf(out, PATH_MAX, "%s", *folder ? folder + 1 : "");
	return *out != '\0';
}

/* The length of what stands before "/FOLDER/sockfix/libsockfix.so"; -1: it does not end so. */
static int before_folder(const char *library, const char *folder)
{
	const size_t end = strlen(folder) + strlen(end_of_path), length = strlen(library);
	const char *at = length > end ? library + length - end : NULL;

	if (!at || at[-1] != '/' || memcmp(at, folder, strlen(folder)) != 0 ||
		strcmp(at + strlen(folder), end_of_path) != 0)
		return -1;
	return (int)(length - end - 1);
}

static bool find(
	const char *root, const char *library, const struct elf_facts *own, struct twin *twin)
{
	const struct machine *ours = machine_of(own->machine),
			     *other = ours ? machine_of(ours->twin) : NULL;
	char folder[PATH_MAX], away[PATH_MAX];
	int length;

	if (!other || !find_folder(root, ours, twin->loader[0], folder) ||
		!find_folder(root, other, twin->loader[1], away) ||
		(length = before_folder(library, folder)) < 0)
		return false;
	if (snprintf(twin->path, PATH_MAX, "%.*s/%s%s", length, library, away, end_of_path) >=
			PATH_MAX ||
		snprintf(twin->both, PATH_MAX, "%.*s/$LIB%s", length, library, end_of_path) >=
			PATH_MAX)
		return false;
	return elf_look(twin->path, &twin->facts, NULL) == 0 &&
	       twin->facts.machine == other->number;
}

bool twin_find(
	const char *root, const char *library, const struct elf_facts *own, struct twin *twin)
{
	const bool found = find(root, library, own, twin);

	if (!found)
		*twin->path = *twin->both = '\0';
	return found;
}
