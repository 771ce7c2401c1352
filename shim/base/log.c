/* Log lines for people who ask: 'sockfix[PID] level: sentence'.
 *
 * A file is opened for each line (append, 0600, no link followed, ours) and closed again: the
 * program must never find a descriptor of ours. Nothing here may reach a hook or the allocator. */
#include "shim/base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "shim/base/kernel.h"
#include "shim/base/page.h"

static const char level_name[][8] = {"nothing", "error", "warn", "info", "debug"};
static enum log_level level_wanted = LOG_NOTHING;
static SELDOM char path[4096]; /* "": stderr */

static enum log_level level_of(const char *word)
{
	for (int i = LOG_ERROR; i <= LOG_DEBUG; i++)
		if (strcmp(word, level_name[i]) == 0)
			return i;
	return LOG_NOTHING;
}

void log_start(const char *setting)
{
	const char *colon;
	size_t length;

	if (!setting || !*setting || strlen(setting) >= sizeof(path))
		return;
	colon = strrchr(setting, ':');
	level_wanted = colon ? level_of(colon + 1) : LOG_NOTHING;
	length = level_wanted != LOG_NOTHING ? (size_t)(colon - setting) : strlen(setting);
	if (level_wanted == LOG_NOTHING)
		level_wanted = LOG_INFO;
	memcpy(path, setting, length);
	path[length] = '\0';
	if (strcmp(path, "stderr") == 0)
		path[0] = '\0';
}

bool log_wants(enum log_level level)
{
	return level <= level_wanted;
}

const char *log_reason(int error)
{
	switch (error) {
	case EPERM:
	case EACCES:
		return "not permitted";
	case ENOENT:
		return "this host does not have it";
	case ENODEV:
		return "no such device";
	case EINVAL:
		return "invalid value";
	case ENOPROTOOPT:
	case EOPNOTSUPP:
		return "this kernel does not know it";
	case ENOTCONN:
	case EISCONN:
		return "not possible in this state";
	default:
		return "the kernel says no";
	}
}

static int log_open(void)
{
	int flags = O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK;

	return (int)kernel_call(SYS_openat, AT_FDCWD, path, flags, 0600);
}

void log_line(enum log_level level, const char *format, ...)
{
	char line[1024];
	int saved = errno, fd = 2, head, body;
	va_list args;

	if (!log_wants(level))
		return;
	head = snprintf(line, sizeof(line), "sockfix[%d] %s: ", (int)kernel_call(SYS_getpid),
		level_name[level]);
	va_start(args, format);
	body = vsnprintf(line + head, sizeof(line) - (size_t)head - 1, format, args);
	va_end(args);
	if (body > (int)sizeof(line) - head - 2)
		body = (int)sizeof(line) - head - 2;
	line[head + body] = '\n';
	if (path[0])
		fd = log_open();
	if (fd >= 0)
		kernel_call(SYS_write, fd, line, (size_t)(head + body + 1));
	if (path[0] && fd >= 0)
		kernel_call(SYS_close, fd);
	errno = saved;
}
