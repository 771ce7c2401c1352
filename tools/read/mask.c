/* A run for strangers. The run itself is changed, before anything is folded: whatever is made of it
 * later, text or JSON, rule names or sentences, cannot say what is no longer there. */
#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"
#include "tools/base/text.h"
#include "tools/read/run.h"
#include "rules/ip.h"

struct mask {
	uint8_t (*address)[16]; /* as they were, in the order of their appearance */
	size_t addresses;
};

/* This host and nobody: they tell nothing. */
static bool is_nobodys(const uint8_t address[16])
{
	static const uint8_t any[16], own[16] = {[15] = 1};

	if (ip_is_v4(address))
		return address[12] == 127 || memcmp(address + 12, any, 4) == 0;
	return memcmp(address, any, 16) == 0 || memcmp(address, own, 16) == 0;
}

static size_t number_of(struct mask *mask, const uint8_t address[16])
{
	size_t i = 0;

	while (i < mask->addresses && memcmp(mask->address[i], address, 16) != 0)
		i++;
	if (i == mask->addresses) {
		mask->address = memory_grow(mask->address, i, sizeof(*mask->address));
		memcpy(mask->address[mask->addresses++], address, 16);
	}
	return i;
}

/* 192.0.2.0/24, then 198.51.100.0/24 and 203.0.113.0/24; whoever has more gets 198.18.0.0/15, which
 * is for benchmarks (RFC 2544). 2001:db8::/32. */
static void mask_address(struct mask *mask, uint8_t address[16])
{
	static const uint8_t net[][3] = {{192, 0, 2}, {198, 51, 100}, {203, 0, 113}};
	const size_t number = is_nobodys(address) ? 0 : number_of(mask, address);

	if (is_nobodys(address))
		return;
	if (!ip_is_v4(address)) {
		const uint8_t start[16] = {0x20, 0x01, 0x0d, 0xb8};
		memcpy(address, start, 16);
		for (int byte = 0; byte < 4; byte++)
			address[15 - byte] = (uint8_t)((number + 1) >> (8 * byte));
	} else if (number / 254 < sizeof(net) / sizeof(*net)) {
		memcpy(address + 12, net[number / 254], 3);
		address[15] = (uint8_t)(number % 254 + 1);
	} else {
		address[12] = 198;
		address[13] = (uint8_t)(18 + (number >> 16 & 1));
		address[14] = (uint8_t)(number >> 8);
		address[15] = (uint8_t)number;
	}
}

/* "/opt/acme/bin/loader --db x" becomes "loader ...". A first word in quotes is told by nothing. */
static void mask_command(char **command)
{
	const size_t length = *command ? strcspn(*command, " ") : 0;
	char *word, *masked;

	if (!length)
		return;
	word = memory_print("%.*s", (int)length, *command);
	masked = memory_print("%s%s", strpbrk(word, "'\"\\$") ? "COMMAND" : text_base_name(word),
		(*command)[length] ? " ..." : "");
	free(word);
	free(*command);
	*command = masked;
}

static void mask_text(char **text, const char *instead)
{
	if (!*text || !**text)
		return;
	free(*text);
	*text = memory_print("%s", instead);
}

static void mask_process(struct mask *mask, struct run_process *process)
{
	struct trace_header *header = &process->header;

	mask_command(&process->command);
	memset(header->program, 0, sizeof(header->program));
	memset(header->command, 0, sizeof(header->command));
	memset(header->rules, 0, sizeof(header->rules));
	for (size_t c = 0; c < process->connections; c++) {
		mask_address(mask, process->connection[c].peer);
		mask_address(mask, process->connection[c].local);
	}
	process->masked = true;
}

static void mask_run(struct mask *mask, struct run *run)
{
	for (size_t p = 0; p < run->processes; p++)
		mask_process(mask, &run->process[p]);
	mask_command(&run->command);
	mask_text(&run->directory, "DIR");
	mask_text(&run->rules, "...");
	mask_text(&run->elsewhere, "The work is in another process, which was not recorded.");
	mask_text(&run->unread_why, "...");
	mask_text(&run->imported.file, "FILE");
	mask_text(&run->imported.lacks, "It lacks something.");
}

void runs_mask(struct run *const run[], size_t runs)
{
	struct mask mask = {NULL, 0};

	for (size_t i = 0; i < runs; i++)
		mask_run(&mask, run[i]);
	free(mask.address);
}

void run_mask(struct run *run)
{
	runs_mask(&run, 1);
}
