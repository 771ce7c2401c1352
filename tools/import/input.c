/* Reading one file as a stream, unpacked where it is packed. Must not keep more of it than its
 * room, nor look at what the bytes mean. */
#include "tools/import/input.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

static const struct packing {
	unsigned char magic[4];
	size_t length;
	const char *tool;
} packing_table[] = {
	{{0x1f, 0x8b}, 2, "gzip"},
	{{0xfd, '7', 'z', 'X'}, 4, "xz"},
	{{0x28, 0xb5, 0x2f, 0xfd}, 4, "zstd"},
	{{'B', 'Z', 'h'}, 3, "bzip2"},
};

static const char *packed_by(const struct input *input)
{
	for (size_t i = 0; i < sizeof(packing_table) / sizeof(*packing_table); i++) {
		const struct packing *packing = &packing_table[i];

		if (input->end >= packing->length &&
			memcmp(input->bytes, packing->magic, packing->length) == 0)
			return packing->tool;
	}
	return NULL;
}

bool input_more(struct input *input)
{
	ssize_t got;

	if (input->at == input->end)
		input->at = input->end = 0;
	if (input->at && input->end == sizeof(input->bytes)) {
		memmove(input->bytes, input->bytes + input->at, input->end - input->at);
		input->end -= input->at;
		input->at = 0;
	}
	if (input->end == sizeof(input->bytes) || input->error)
		return false;
	do {
		got = read(input->fd, input->bytes + input->end, sizeof(input->bytes) - input->end);
	} while (got < 0 && errno == EINTR);
	if (got < 0)
		input->error = errno;
	if (got > 0)
		input->end += (size_t)got;
	return got > 0;
}

size_t input_take(struct input *input, void *out, size_t length)
{
	size_t taken = 0;

	while (taken < length) {
		size_t part = input->end - input->at;

		if (!part && !input_more(input))
			break;
		part = input->end - input->at;
		part = part < length - taken ? part : length - taken;
		if (out)
			memcpy((char *)out + taken, input->bytes + input->at, part);
		input->at += part;
		taken += part;
	}
	input->taken += taken;
	return taken;
}

/* Its child reads the file from its begin on; we read what it writes. */
static int unpack(struct input *input, char *why, size_t size)
{
	char tool[16];
	char *const argv[] = {tool, (char[]){"-dc"}, NULL};
	posix_spawn_file_actions_t actions;
	int ends[2], error;

	snprintf(tool, sizeof(tool), "%s", input->tool);
	if (lseek(input->fd, 0, SEEK_SET) != 0) {
		snprintf(why, size, "%s is packed, and no file: %s -dc FILE | sockfix ... does it",
			strcmp(input->name, "-") ? input->name : "stdin", tool);
		return -ESPIPE;
	}
	if (pipe2(ends, O_CLOEXEC) != 0)
		return -errno;
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, input->fd, STDIN_FILENO);
	posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO);
	posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
	error = posix_spawnp(&input->unpacker, tool, &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	close(ends[1]);
	close(input->fd);
	input->fd = ends[0];
	input->end = 0;
	if (!error)
		return 0;
	input->unpacker = 0;
	snprintf(why, size, "%s is packed, and %s cannot be run: %s", input->name, tool,
		strerror(error));
	return -error;
}

/* What its first bytes tell wants some of them. */
static void read_first(struct input *input)
{
	while (input->end < 4096 && input_more(input))
		;
}

static int open_it(struct input *input)
{
	struct stat status;

	input->fd = strcmp(input->name, "-") ? open(input->name, O_RDONLY | O_CLOEXEC)
					     : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
	if (input->fd < 0 || fstat(input->fd, &status) != 0)
		return -errno;
	if (S_ISDIR(status.st_mode))
		return -EISDIR;
	if (S_ISREG(status.st_mode))
		input->changed = (uint64_t)status.st_mtim.tv_sec * UINT64_C(1000000000) +
				 (uint64_t)status.st_mtim.tv_nsec;
	return 0;
}

int input_open(struct input *input, const char *name, char *why, size_t size)
{
	int error;

	memset(input, 0, offsetof(struct input, bytes));
	input->name = name;
	input->fd = -1;
	error = open_it(input);
	if (!error)
		read_first(input);
	if (!error && input->error)
		error = -input->error;
	*why = '\0';
	if (!error && (input->tool = packed_by(input))) {
		error = unpack(input, why, size);
		if (!error)
			read_first(input);
	}
	if (!error)
		return 0;
	if (!*why)
		snprintf(why, size, "%s: %s", name, strerror(-error));
	if (input->fd >= 0)
		close(input->fd);
	return error;
}

bool input_ended(struct input *input)
{
	int status = 0;

	close(input->fd);
	input->fd = -1;
	/* One that we did not read to the end would write for ever; now it cannot. */
	while (input->unpacker && waitpid(input->unpacker, &status, 0) < 0 && errno == EINTR)
		;
	input->unpacker = 0;
	return !status || (WIFSIGNALED(status) && WTERMSIG(status) == SIGPIPE);
}

void input_close(struct input *input)
{
	if (input->fd >= 0)
		input_ended(input);
}
