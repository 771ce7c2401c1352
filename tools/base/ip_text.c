/* What inet_ntop(3) prints of an address that may be an IPv4 one. */
#include "tools/base/ip_text.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "rules/ip.h"

void ip_text(char text[INET6_ADDRSTRLEN], const uint8_t address[16])
{
	const bool v4 = ip_is_v4(address);

	inet_ntop(v4 ? AF_INET : AF_INET6, address + (v4 ? 12 : 0), text, INET6_ADDRSTRLEN);
}

void ip_text_endpoint(char text[IP_TEXT_ENDPOINT], const uint8_t address[16], uint16_t port)
{
	char plain[INET6_ADDRSTRLEN];

	ip_text(plain, address);
	snprintf(text, IP_TEXT_ENDPOINT, strchr(plain, ':') ? "[%s]:%u" : "%s:%u", plain,
		(unsigned)port);
}
