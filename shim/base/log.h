/* The log: SOCKFIX_LOG=FILE|stderr[:error|warn|info|debug]. Default: nothing.
 *
 * One line a call, one write(2) by raw system call, no descriptor kept, no allocation, errno kept:
 * usable below every hook. */
#ifndef SOCKFIX_LOG_H
#define SOCKFIX_LOG_H

#include <stdbool.h>

enum log_level { LOG_NOTHING, LOG_ERROR, LOG_WARN, LOG_INFO, LOG_DEBUG };

/* setting: the value of SOCKFIX_LOG, or NULL; must stay valid. */
void log_start(const char *setting);

/* Whether lines of that level go anywhere. */
bool log_wants(enum log_level level);

/* An errno in words, without the allocator that strerror() may need; static memory. */
const char *log_reason(int error);

#define log_error(...) log_line(LOG_ERROR, __VA_ARGS__)
#define log_warn(...)  log_line(LOG_WARN, __VA_ARGS__)
#define log_info(...)  log_line(LOG_INFO, __VA_ARGS__)
#define log_debug(...) log_line(LOG_DEBUG, __VA_ARGS__)

void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
