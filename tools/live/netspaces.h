/* Network namespaces, each with its way to the kernel's list of sockets. */
#ifndef SOCKFIX_LIVE_NETSPACES_H
#define SOCKFIX_LIVE_NETSPACES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "tools/live/over.h"

struct observed;

/* A connection that is asked for between two lists. */
struct chosen {
	struct observed *of;
	uint32_t number; /* in its connections */
};

struct netspace {
	uint64_t device, number; /* as stat(2) says */
	int kernel;		 /* sockets.h; < 0: -errno, why it may not be entered */
	bool used;		 /* there are processes in it */
	bool fades;		 /* its next list says anew who listens */
	size_t listed, known;	 /* sockets when it was listed; of these, those that somebody has */
	struct chosen *chosen;
	size_t choice;
	struct overs overs;		    /* connections that ended */
	uint8_t listening[LISTENING_BYTES]; /* there */
};

#define NETSPACE_NONE SIZE_MAX

struct netspaces {
	struct netspace *of; /* ours is the first, and always used */
	size_t count;
};

/* 0; -errno: our own may not be seen. Zeros are an empty one, netspaces_free() ends it. */
int netspaces_begin(struct netspaces *netspaces);
void netspaces_free(struct netspaces *netspaces);

/* None is used but ours, until netspaces_find() says so. */
void netspaces_forget(struct netspaces *netspaces);
/* The number of that namespace, which is entered for a moment where it was not known. pid: a
 * process in it. */
size_t netspaces_find(struct netspaces *netspaces, uint64_t device, uint64_t number, pid_t pid);
/* Lets go those that are not used: what we hold open would live on. */
void netspaces_close_unused(struct netspaces *netspaces);

#endif
