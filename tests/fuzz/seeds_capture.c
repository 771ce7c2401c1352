/* Writes the seeds of fuzz_capture.c into a folder: conversations, as packets one after the other
 * and as pcap files, and a packet of each link. tests/fuzz/run.sh calls it. */
#include <stdio.h>
#include <string.h>

#include "tests/unit/helper/packets_text.h"

static const char *const seed_table[] = {
	"c:S s:S c:A { c:10 +40s:A +0.05c:20 +1s:5 }x4 c:F s:F c:A",
	"c:S s:S c:A { c:10 +1s:100 +40c:A +0.05s:20 }x4 c:F s:F c:A",
	"c:S +900c:S! s:S c:A c:10 +200c:10! c:30~ c:10 s:500 s:F c:F",
	"c:S s:R",
	"c:S s:S c:A c:10 s:Z +200c:K s:A c:R",
	"c:10 s:1448- s:1448- s:300 c:A c:10 s:5 c:F s:F c:S s:S c:A c:7",
};

struct seed {
	FILE *packets, *file;
	uint64_t last;
};

/* As fuzz_capture.c reads them: link, length, and the time as a number that is shifted. */
static void put(void *context, const struct packet *packet)
{
	struct seed *seed = context;
	const uint64_t passed = seed->last ? packet->time - seed->last : 1;
	unsigned shift = 0;

	while (passed >> shift > 255)
		shift++;
	seed->last = packet->time;
	const unsigned char head[4] = {3, (unsigned char)packet->kept,
		(unsigned char)(passed >> shift), (unsigned char)(128 | shift)};
	const uint32_t record[4] = {(uint32_t)(packet->time / 1000000000),
		(uint32_t)(packet->time % 1000000000), (uint32_t)packet->kept,
		(uint32_t)packet->length};

	fwrite(head, sizeof(head), 1, seed->packets);
	fwrite(packet->bytes, packet->kept, 1, seed->packets);
	fwrite(record, sizeof(record), 1, seed->file);
	fwrite(packet->bytes, packet->kept, 1, seed->file);
}

static FILE *open_in(const char *folder, const char *kind, size_t number)
{
	char path[512];

	snprintf(path, sizeof(path), "%s/%s-%zu", folder, kind, number);
	return fopen(path, "wb");
}

static int write_conversation(const char *folder, size_t number)
{
	static const uint32_t head[6] = {0xa1b23c4d, 2 | 4 << 16, 0, 0, 65535, 101};
	struct seed seed = {open_in(folder, "packets", number), open_in(folder, "file", number), 0};

	if (!seed.packets || !seed.file)
		return 1;
	fwrite(head, sizeof(head), 1, seed.file);
	packets_text(seed_table[number], put, &seed);
	return (fclose(seed.packets) | fclose(seed.file)) != 0;
}

static int write_links(const char *folder)
{
	static const int link[] = {0, 1, 12, 101, 108, 113, 228, 276};
	FILE *file = open_in(folder, "links", 0);
	unsigned char bytes[256];

	for (unsigned i = 0; file && i < 16; i++) {
		const size_t size =
			packet_make(bytes, link[i % 8], i < 8 ? 4 : 6, i < 8 ? 0 : 2, 9);
		const unsigned char head[4] = {(unsigned char)(i % 8), (unsigned char)size, 9, 148};

		fwrite(head, sizeof(head), 1, file);
		fwrite(bytes, size, 1, file);
	}
	return !file || fclose(file) != 0;
}

int main(int argc, char **argv)
{
	int failed = argc != 2;

	for (size_t i = 0; !failed && i < sizeof(seed_table) / sizeof(*seed_table); i++)
		failed = write_conversation(argv[1], i);
	if (!failed)
		failed = write_links(argv[1]);
	if (failed)
		perror("seeds_capture");
	return failed;
}
