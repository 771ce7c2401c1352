/* Reads /proc/PID/exe and cmdline; what the words mean is decided in rules/command.c. */
#include "tools/live/subject.h"

#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "rules/command.h"

#define DELETED " (deleted)" /* what the kernel adds, proc_pid_exe(5) */

static void copy_name(char to[SUBJECT_NAME], const char *from)
{
	snprintf(to, SUBJECT_NAME, "%.*s", SUBJECT_NAME - 1, from);
}

static void take_program(struct process_subject *process, pid_t pid)
{
	char path[64], target[PATH_MAX];
	ssize_t length;
	char *end;

	snprintf(path, sizeof(path), "/proc/%d/exe", (int)pid);
	length = readlink(path, target, sizeof(target) - 1);
	target[length > 0 ? length : 0] = '\0';
	end = target + strlen(target) - strlen(DELETED);
	if (end > target && strcmp(end, DELETED) == 0)
		*end = '\0';
	copy_name(process->program, command_base_name(target));
}

static size_t read_words(pid_t pid, char *line, size_t size)
{
	char path[64];
	size_t length = 0;
	ssize_t got = 1;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	while (fd >= 0 && length < size - 1 && got > 0) {
		got = read(fd, line + length, size - 1 - length);
		length += got > 0 ? (size_t)got : 0;
	}
	if (fd >= 0)
		close(fd);
	line[length] = '\0';
	return length;
}

void subject_take(struct process_subject *process, pid_t pid, uint32_t uid)
{
	char line[SUBJECT_ARGUMENTS];
	const size_t length = read_words(pid, line, sizeof(line));
	const char *first = line + strlen(line) + 1, *end = line + length, *script;

	*process = (struct process_subject){.uid = uid};
	take_program(process, pid);
	copy_name(process->argv0, command_base_name(line));
	if (first >= end)
		return;
	script = command_script(first, end);
	copy_name(process->script, script ? script : "");
	memcpy(process->args, first, (size_t)(end - first));
	for (size_t i = 0; i + 1 < (size_t)(end - first); i++)
		if (process->args[i] == '\0')
			process->args[i] = ' ';
}

struct subject subject_of_socket(
	const struct process_subject *process, const struct socket_state *socket, enum role role)
{
	struct subject subject = {
		.program = process->program,
		.argv0 = process->argv0,
		.script = process->script,
		.args = process->args,
		.uid = process->uid,
		.role = role,
		.peer_known = true,
		.port = role == ROLE_SERVER ? socket->local_port : socket->peer_port,
		.local_port = socket->local_port,
		.peer_port = socket->peer_port,
		.draw = 99,
	};

	memcpy(subject.peer, socket->peer, sizeof(subject.peer));
	return subject;
}
