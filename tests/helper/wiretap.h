/* Captures what passes in a network namespace, as tcpdump -i any -s 96 does, into a pcap file of
 * nanoseconds: packets from their IP header on (DLT_RAW). No package is needed for it; root is.
 * On loopback each packet is taken once. */
#ifndef TEST_WIRETAP_H
#define TEST_WIRETAP_H

struct wiretap;

/* netns: a descriptor as setns(2) wants it; -1: this one. It captures when this returns. Never
 * NULL: a failure fails the test. */
struct wiretap *wiretap_start(int netns, const char *path);
/* Takes what has passed until now, and closes the file. */
void wiretap_stop(struct wiretap *wiretap);

#endif
