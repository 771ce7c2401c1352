/* Who a process is, as /proc says it to everybody. */
#ifndef SOCKFIX_LIVE_WHO_H
#define SOCKFIX_LIVE_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum { WHO_TEXT = 128 };

struct who {
	pid_t pid;
	pid_t leader;		/* its process, where it is a thread of one; else the same */
	uid_t uid;		/* effective */
	char name[32];		/* of the program, as ps(1) has it */
	char user[WHO_TEXT];	/* its name, or its number */
	char unit[WHO_TEXT];	/* "postgresql.service", "docker 3f2a91c07b11"; "": none */
	char command[WHO_TEXT]; /* its words, as many as fit */
};

/* Fills it in. 0; -ENOENT: there is none, or it is hidden. Its texts are fit for a terminal. */
int who_take(struct who *who, pid_t pid);

/* Of /proc/PID/status: Name, Tgid and the effective Uid. */
void who_read_status(struct who *who, const char *text);
/* Of /proc/PID/cgroup: the innermost unit or container. */
void who_read_unit(struct who *who, const char *text);

#endif
