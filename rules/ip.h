/* Addresses in the one form in which rules, the library and recordings have them: 16 bytes, IPv4 as
 * ::ffff:a.b.c.d (RFC 4291, 2.5.5.2). */
#ifndef SOCKFIX_IP_H
#define SOCKFIX_IP_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

static inline bool ip_is_v4(const uint8_t address[16])
{
	static const uint8_t mapped[12] = {[10] = 0xff, [11] = 0xff};

	return memcmp(address, mapped, sizeof(mapped)) == 0;
}

/* v4: four bytes, as on the wire. */
static inline void ip_from_v4(uint8_t address[16], const void *v4)
{
	memset(address, 0, 10);
	memset(address + 10, 0xff, 2);
	memcpy(address + 12, v4, 4);
}

#endif
