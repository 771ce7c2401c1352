/* Two network namespaces of our own with a veth pair between them, MTU 1500. They have no names
 * and vanish with the test. Needs root; without it the test that asks fails and says so. */
#ifndef TEST_NETNS_H
#define TEST_NETNS_H

#define NETNS_CLIENT_ADDRESS "10.203.0.1"
#define NETNS_SERVER_ADDRESS "10.203.0.2"

struct netns {
	int client, server; /* descriptors for setns(2) */
};

void netns_make(struct netns *pair);
void netns_free(struct netns *pair);

#endif
