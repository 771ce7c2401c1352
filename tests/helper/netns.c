/* Makes the namespaces in a thread of its own, so that the test stays where it is, and sets the
 * pair up with ip(8). */
#include "netns.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <cmocka.h>

#include "must.h"
#include "need.h"

static void run(char *command)
{
	/* system() forks from this thread and so stays in its namespace. */
	if (system(command) != 0)
		must_fail(command, __FILE__, __LINE__);
	free(command);
}

static int new_namespace(void)
{
	MUST(unshare(CLONE_NEWNET) == 0);
	return open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
}

static void *make(void *argument)
{
	struct netns *pair = argument;

	pair->server = new_namespace();
	pair->client = new_namespace();
	MUST(pair->server >= 0 && pair->client >= 0);
	run(must_print(
		"ip link add near mtu 1500 type veth peer name far mtu 1500 netns /proc/%d/fd/%d",
		getpid(), pair->server));
	run(must_print("ip link set lo up && ip link set near up"
		       " && ip address add %s/24 dev near",
		NETNS_CLIENT_ADDRESS));
	MUST(setns(pair->server, CLONE_NEWNET) == 0);
	run(must_print("ip link set lo up && ip link set far up"
		       " && ip address add %s/24 dev far",
		NETNS_SERVER_ADDRESS));
	return NULL;
}

void netns_make(struct netns *pair)
{
	pthread_t thread;

	need("namespaces");
	MUST(pthread_create(&thread, NULL, make, pair) == 0);
	pthread_join(thread, NULL);
}

void netns_free(struct netns *pair)
{
	close(pair->client);
	close(pair->server);
}
