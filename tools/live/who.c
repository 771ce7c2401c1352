/* Reads /proc/PID/status, cmdline and cgroup. Must not fail because one of them is not there. */
#include "tools/live/who.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tools/base/harmless.h"

enum { TEXT = 4096, CONTAINER = 12 /* of its 64 digits: what docker ps prints */ };

/* The file's first bytes, as text; returns how many, or -errno. */
static ssize_t read_some(pid_t pid, const char *name, char text[TEXT])
{
	char path[64];
	ssize_t length;
	int fd;

	*text = '\0';
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, name);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -errno;
	length = read(fd, text, TEXT - 1);
	length = length < 0 ? -errno : length;
	text[length > 0 ? length : 0] = '\0';
	close(fd);
	return length;
}

/* What stands behind "Name:\t" in a line of its own; NULL: there is none. */
static const char *value_of(const char *text, const char *name)
{
	const size_t length = strlen(name);

	for (; text; text = strchr(text, '\n') ? strchr(text, '\n') + 1 : NULL)
		if (strncmp(text, name, length) == 0)
			return text + length;
	return NULL;
}

void who_read_status(struct who *who, const char *text)
{
	const char *name = value_of(text, "Name:\t"), *leader = value_of(text, "Tgid:\t");
	const char *uid = value_of(text, "Uid:\t");
	unsigned effective;

	if (name)
		snprintf(who->name, sizeof(who->name), "%.*s", (int)strcspn(name, "\n"), name);
	if (leader)
		who->leader = (pid_t)atoi(leader);
	if (uid && sscanf(uid, "%*u %u", &effective) == 1)
		who->uid = effective;
}

/* "docker-3f2a...64 digits.scope", or the digits alone in a folder "docker". */
static bool read_container(struct who *who, const char *part, size_t length)
{
	const char *id = part;

	while (id < part + length && strspn(id, "0123456789abcdef") < 64)
		id++;
	if (id >= part + length)
		return false;
	snprintf(who->unit, sizeof(who->unit), "container %.*s", CONTAINER, id);
	return true;
}

static bool is_unit(const char *part, size_t length)
{
	static const char *const end[] = {".service", ".scope"};

	for (size_t i = 0; i < sizeof(end) / sizeof(*end); i++)
		if (length > strlen(end[i]) &&
			strncmp(part + length - strlen(end[i]), end[i], strlen(end[i])) == 0)
			return true;
	return false;
}

static void read_parts(struct who *who, const char *path, size_t left)
{
	while (left) {
		const char *slash = memchr(path, '/', left);
		const size_t length = slash ? (size_t)(slash - path) : left;

		if (!read_container(who, path, length) && is_unit(path, length))
			snprintf(who->unit, sizeof(who->unit), "%.*s", (int)length, path);
		path += length + (slash != NULL);
		left -= length + (slash != NULL);
	}
}

void who_read_unit(struct who *who, const char *text)
{
	/* cgroups(7): "0::PATH" of version 2, "1:name=systemd:PATH" of version 1 */
	const char *path = value_of(text, "0::");

	if (!path)
		path = value_of(text, "1:name=systemd:");
	if (path)
		read_parts(who, path, strcspn(path, "\n"));
	text_harmless(who->unit);
}

static void take_command(struct who *who, const char *text, ssize_t length)
{
	struct line line = {.length = 0};

	for (const char *word = text; word < text + length; word += strlen(word) + 1)
		line_add_word(&line, word, strlen(word));
	snprintf(who->command, sizeof(who->command), "%s", line.text ? line.text : who->name);
	text_harmless(who->command); /* what was cut in the middle of a character */
	free(line.text);
}

static void take_user(struct who *who)
{
	/* not getpwuid(): a static command has no name service */
	FILE *file = fopen("/etc/passwd", "re");
	const struct passwd *user = NULL;

	while (file && (user = fgetpwent(file)) && user->pw_uid != who->uid)
		;
	if (user)
		snprintf(who->user, sizeof(who->user), "%s", user->pw_name);
	else
		snprintf(who->user, sizeof(who->user), "user %u", (unsigned)who->uid);
	text_harmless(who->user);
	if (file)
		fclose(file);
}

uint64_t who_read_began(const char *text)
{
	/* the 22nd; the second stands in brackets and may be anything */
	const char *at = strrchr(text, ')');
	int field = 2;

	if (!at || at[1] != ' ' || strchr("ZX", at[2]))
		return 0;
	for (; at && field < 22; field++)
		at = strchr(at + 1, ' ');
	return at ? strtoull(at, NULL, 10) : 0;
}

uint64_t who_began(pid_t pid)
{
	char text[TEXT];

	return read_some(pid, "stat", text) > 0 ? who_read_began(text) : 0;
}

int who_take(struct who *who, pid_t pid)
{
	char text[TEXT];
	ssize_t length = read_some(pid, "status", text);

	*who = (struct who){.pid = pid, .leader = pid};
	if (length <= 0)
		return -ENOENT;
	who_read_status(who, text);
	text_harmless(who->name);
	take_user(who);
	length = read_some(pid, "cmdline", text);
	take_command(who, text, length);
	read_some(pid, "cgroup", text);
	who_read_unit(who, text);
	return 0;
}
