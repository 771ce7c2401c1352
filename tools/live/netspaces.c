/* A table of network namespaces. Must not stay in one. */
#include "tools/live/netspaces.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "tools/base/memory.h"
#include "tools/live/namespace.h"

int netspaces_begin(struct netspaces *netspaces)
{
	struct stat own;

	*netspaces = (struct netspaces){.count = 0};
	if (stat("/proc/self/ns/net", &own) != 0)
		return -errno;
	netspaces_find(netspaces, own.st_dev, own.st_ino, getpid());
	return 0;
}

static void close_netspace(struct netspace *netspace)
{
	if (netspace->kernel >= 0)
		close(netspace->kernel);
	free(netspace->chosen);
	overs_free(&netspace->overs);
	*netspace = (struct netspace){.kernel = -ENOENT};
}

void netspaces_free(struct netspaces *netspaces)
{
	for (size_t i = 0; i < netspaces->count; i++)
		close_netspace(&netspaces->of[i]);
	free(netspaces->of);
	*netspaces = (struct netspaces){.count = 0};
}

void netspaces_forget(struct netspaces *netspaces)
{
	for (size_t i = 1; i < netspaces->count; i++)
		netspaces->of[i].used = false;
}

/* The one of a namespace that is gone is taken again, for processes know theirs by its number. */
static size_t free_netspace(struct netspaces *netspaces)
{
	for (size_t i = 1; i < netspaces->count; i++)
		if (!netspaces->of[i].number)
			return i;
	netspaces->of = memory_grow(netspaces->of, netspaces->count, sizeof(*netspaces->of));
	return netspaces->count++;
}

size_t netspaces_find(struct netspaces *netspaces, uint64_t device, uint64_t number, pid_t pid)
{
	size_t at;

	for (at = 0; at < netspaces->count; at++)
		if (netspaces->of[at].number == number && netspaces->of[at].device == device)
			break;
	if (at == netspaces->count) {
		at = free_netspace(netspaces);
		netspaces->of[at] = (struct netspace){
			.device = device, .number = number, .kernel = namespace_open(pid)};
	}
	/* its first process had ended before it could be entered */
	if (netspaces->of[at].kernel == -ENOENT)
		netspaces->of[at].kernel = namespace_open(pid);
	netspaces->of[at].used = true;
	return at;
}

void netspaces_close_unused(struct netspaces *netspaces)
{
	for (size_t i = 1; i < netspaces->count; i++)
		if (!netspaces->of[i].used && netspaces->of[i].number)
			close_netspace(&netspaces->of[i]);
}
