/* libpcap, the only includer of its header. It reads files here and makes no capture: devices.c
 * says so to the linker. */
#include "tools/packets/file.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#ifdef SOCKFIX_LIBPCAP
#include <pcap/pcap.h>

struct packet_file {
	pcap_t *pcap;
};

bool packet_file_is_read(const char **why)
{
	*why = "";
	return true;
}

struct packet_file *packet_file_open(FILE *from, char *why)
{
	char error[PCAP_ERRBUF_SIZE] = "";
	struct packet_file *file = malloc(sizeof(*file));
	pcap_t *pcap = file ? pcap_fopen_offline_with_tstamp_precision(
				      from, PCAP_TSTAMP_PRECISION_NANO, error)
			    : NULL;

	if (!pcap) {
		snprintf(why, PACKET_FILE_WHY, "%s", file ? error : strerror(ENOMEM));
		free(file);
		fclose(from);
		return NULL;
	}
	file->pcap = pcap;
	return file;
}

int packet_file_next(struct packet_file *file, struct packet *packet, char *why)
{
	struct pcap_pkthdr *head;
	const u_char *bytes;
	const int got = pcap_next_ex(file->pcap, &head, &bytes);

	if (got == PCAP_ERROR_BREAK)
		return 0;
	if (got != 1) {
		snprintf(why, PACKET_FILE_WHY, "%s", pcap_geterr(file->pcap));
		return -EBADMSG;
	}
	/* of nanoseconds, for it was opened so */
	*packet = (struct packet){
		.time = (uint64_t)head->ts.tv_sec * 1000000000 + (uint64_t)head->ts.tv_usec,
		.bytes = bytes,
		.kept = head->caplen,
		.length = head->len,
		.link = pcap_datalink(file->pcap),
	};
	return 1;
}

void packet_file_close(struct packet_file *file)
{
	pcap_close(file->pcap);
	free(file);
}
#else
bool packet_file_is_read(const char **why)
{
	*why = "this sockfix was built without libpcap: apt-get install libpcap-dev, then make";
	return false;
}

struct packet_file *packet_file_open(FILE *from, char *why)
{
	const char *lacks;

	packet_file_is_read(&lacks);
	snprintf(why, PACKET_FILE_WHY, "%s", lacks);
	fclose(from);
	return NULL;
}

int packet_file_next(struct packet_file *file, struct packet *packet, char *why)
{
	(void)file;
	(void)packet;
	(void)why;
	return 0;
}

void packet_file_close(struct packet_file *file)
{
	(void)file;
}
#endif
