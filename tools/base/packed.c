/* Room for packed numbers doubles, so that adding one costs the same however many there are. */
#include "tools/base/packed.h"

#include <stdlib.h>
#include <string.h>

#include "tools/base/memory.h"

static unsigned char *put(unsigned char *at, uint64_t number)
{
	for (; number >= 128; number >>= 7)
		*at++ = (unsigned char)(number | 128);
	*at++ = (unsigned char)number;
	return at;
}

void packed_add(struct packed *packed, const uint64_t *number, size_t count)
{
	const size_t most = packed->length + count * PACKED_MOST;
	unsigned char *at;

	if (packed->room < most) {
		packed->room = 2 * most;
		packed->byte = memory_again(packed->byte, packed->room);
	}
	at = packed->byte + packed->length;
	for (size_t i = 0; i < count; i++)
		at = put(at, number[i]);
	packed->length = (size_t)(at - packed->byte);
}

void packed_free(struct packed *packed)
{
	free(packed->byte);
	memset(packed, 0, sizeof(*packed));
}
