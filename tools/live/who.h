/* Who a process is, as /proc says it to everybody. */
#ifndef SOCKFIX_LIVE_WHO_H
#define SOCKFIX_LIVE_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
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

/* When it began, in the kernel's ticks: with its number that is one process's alone. 0: there is
 * none, or it has ended and nobody has asked how. */
uint64_t who_began(pid_t pid);
/* The same of the text of /proc/PID/stat. */
uint64_t who_read_began(const char *text);

/* Of /proc/PID/status: Name, Tgid and the effective Uid. */
void who_read_status(struct who *who, const char *text);
/* Of /proc/PID/cgroup: the innermost unit or container. */
void who_read_unit(struct who *who, const char *text);

#endif
