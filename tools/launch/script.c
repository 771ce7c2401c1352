/* Finds COMMAND and follows its #! lines, as execve(2) and env(1) will. Reads at most the 256
 * bytes that the kernel looks at; decides nothing about what it finds. */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rules/regular.h"
#include "tools/launch/script.h"
#include "tools/base/text.h"

enum {
	HEAD = 256,	/* BINPRM_BUF_SIZE of Linux */
	MOST_LINES = 4, /* the kernel's bound is five files in all */
};
static const char blanks[] = " \t";

static int try_file(const char *path)
{
	struct stat info;
	if (stat(path, &info) != 0)
		return -errno;
	if (!S_ISREG(info.st_mode) || access(path, X_OK) != 0)
		return -EACCES;
	return 0;
}

int command_find(const char *name, char path[PATH_MAX])
{
	int answer = -ENOENT;
	if (*name == '\0' || strlen(name) >= PATH_MAX)
		return -ENOENT;
	if (strchr(name, '/')) {
		snprintf(path, PATH_MAX, "%s", name);
		return try_file(path);
	}
	const char *directory = getenv("PATH");
	if (!directory)
		directory = "/bin:/usr/bin";
	for (;; directory++) {
		size_t length = strcspn(directory, ":");
		int size = snprintf(path, PATH_MAX, "%.*s%s%s", (int)length, directory,
			length ? "/" : "", name);
		int error = size < PATH_MAX ? try_file(path) : -ENOENT;
		if (error == 0)
			return 0;
		if (error == -EACCES)
			answer = -EACCES;
		directory += length;
		if (*directory == '\0')
			return answer;
	}
}

/* The program that `env WORDS` starts; words is cut up. NULL: none. */
static const char *env_program(char *words)
{
	char *rest = NULL;
	for (char *word = strtok_r(words, blanks, &rest); word;
		word = strtok_r(NULL, blanks, &rest)) {
		if (strcmp(word, "-S") == 0 || strcmp(word, "-i") == 0 || strcmp(word, "--") == 0 ||
			strchr(word, '='))
			continue;
		if (strcmp(word, "-u") == 0 || strcmp(word, "-C") == 0) {
			strtok_r(NULL, blanks, &rest);
			continue;
		}
		if (strncmp(word, "-S", 2) == 0 || strncmp(word, "-vS", 3) == 0)
			word = strchr(word, 'S') + 1;
		else if (*word == '-')
			continue;
		if (*word)
			return word;
	}
	return NULL;
}

static bool is_env(const char *path)
{
	return strcmp(text_base_name(path), "env") == 0;
}

/* What head, the text after "#!", makes the kernel run. */
static int follow_line(char *head, char path[PATH_MAX])
{
	head[strcspn(head, "\n")] = '\0';
	head += strspn(head, blanks);
	size_t length = strcspn(head, blanks);
	char *words = head + length;
	if (*words)
		*words++ = '\0';
	snprintf(path, PATH_MAX, "%s", head);
	int error = try_file(path);
	if (error || !is_env(path))
		return error;
	const char *program = env_program(words);
	if (!program)
		return 0;
	char name[HEAD];
	snprintf(name, sizeof(name), "%s", program);
	error = command_find(name, path);
	if (error)
		snprintf(path, PATH_MAX, "%s", name);
	return error;
}

/* Reads the first bytes of path into head, which ends in NUL. Returns their count or -errno. */
static ssize_t read_head(const char *path, char head[HEAD + 1])
{
	struct stat info;
	int fd = regular_open(AT_FDCWD, path, 0, &info);
	if (fd < 0)
		return fd == NOT_REGULAR ? -EACCES : fd;
	ssize_t got = pread(fd, head, HEAD, 0);
	if (got < 0)
		got = -errno;
	head[got > 0 ? got : 0] = '\0';
	close(fd);
	return got;
}

int script_follow(char path[PATH_MAX])
{
	char head[HEAD + 1];
	for (int lines = 0; lines <= MOST_LINES; lines++) {
		ssize_t got = read_head(path, head);
		if (got < 0)
			return (int)got;
		if (got >= 4 && memcmp(head, "\177ELF", 4) == 0)
			return 0;
		if (strncmp(head, "#!", 2) != 0) {
			/* A second time: /bin/sh is no ELF file either. */
			if (strcmp(path, "/bin/sh") == 0)
				return -ENOEXEC;
			snprintf(path, PATH_MAX, "/bin/sh");
			continue;
		}
		int error = follow_line(head + 2, path);
		if (error)
			return error;
	}
	return -ELOOP;
}
