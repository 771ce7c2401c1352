/* What inet_ntop(3) prints of an address that may be an IPv4 one. */
#include "tools/base/ip_text.h"

#include <arpa/inet.h>

#include "rules/ip.h"

void ip_text(char text[INET6_ADDRSTRLEN], const uint8_t address[16])
{
	const bool v4 = ip_is_v4(address);

	inet_ntop(v4 ? AF_INET : AF_INET6, address + (v4 ? 12 : 0), text, INET6_ADDRSTRLEN);
}
