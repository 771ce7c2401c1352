/* Packets out of a file that tcpdump, Wireshark and others write: pcap and pcapng, of both byte
 * orders, by libpcap. Where sockfix was built without it, every file is refused, and that is said.
 */
#ifndef SOCKFIX_PACKET_FILE_H
#define SOCKFIX_PACKET_FILE_H

#include <stdio.h>

#include "tools/packets/segment.h"

struct packet_file;

enum { PACKET_FILE_WHY = 512 };

/* Whether this sockfix can: else why is what it lacks, and what to do about it. */
bool packet_file_is_read(const char **why);

/* from is read from where it is, and closed by packet_file_close() or where this fails: it may be a
 * pipe. NULL, and why, which has PACKET_FILE_WHY bytes. */
struct packet_file *packet_file_open(FILE *from, char *why);

/* 1: there is one, valid until the next call; 0: that was the last one; -EBADMSG: the file is cut
 * off or damaged there, and why. What came before is good. */
int packet_file_next(struct packet_file *file, struct packet *packet, char *why);
void packet_file_close(struct packet_file *file);

#endif
