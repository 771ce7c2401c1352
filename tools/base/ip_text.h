/* An address for people: "192.0.2.7", "2001:db8::7". */
#ifndef SOCKFIX_IP_TEXT_H
#define SOCKFIX_IP_TEXT_H

#include <netinet/in.h>
#include <stdint.h>

/* address: as rules/ip.h says. */
void ip_text(char text[INET6_ADDRSTRLEN], const uint8_t address[16]);

#endif
