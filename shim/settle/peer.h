/* Which kind of peer an address is. Pure. */
#ifndef SOCKFIX_PEER_H
#define SOCKFIX_PEER_H

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "rules/ip.h"
#include "shim/control_page.h"

/* RFC 1918, 3927 and 6598. */
static inline bool peer_is_private_v4(const uint8_t v4[4])
{
	return v4[0] == 10 || (v4[0] == 172 && v4[1] >> 4 == 1) || (v4[0] == 192 && v4[1] == 168) ||
	       (v4[0] == 169 && v4[1] == 254) || (v4[0] == 100 && v4[1] >> 6 == 1);
}

/* Of an address as rules have it. */
static inline enum control_peer peer_kind(const uint8_t address[16])
{
	static const uint8_t loopback[16] = {[15] = 1};

	if (ip_is_v4(address))
		return address[12] == 127		  ? CONTROL_PEER_LOOPBACK
		       : peer_is_private_v4(address + 12) ? CONTROL_PEER_PRIVATE
							  : CONTROL_PEER_PUBLIC;
	if (memcmp(address, loopback, sizeof(loopback)) == 0)
		return CONTROL_PEER_LOOPBACK;
	/* RFC 4193 and 4291: fc00::/7, fe80::/10 */
	return address[0] >> 1 == 0x7e || (address[0] == 0xfe && address[1] >> 6 == 2)
		       ? CONTROL_PEER_PRIVATE
		       : CONTROL_PEER_PUBLIC;
}

#endif
