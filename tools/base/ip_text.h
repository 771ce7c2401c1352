/* An address for people: "192.0.2.7", "2001:db8::7". */
#ifndef SOCKFIX_IP_TEXT_H
#define SOCKFIX_IP_TEXT_H

#include <netinet/in.h>
#include <stdint.h>

/* address: as rules/ip.h says. */
void ip_text(char text[INET6_ADDRSTRLEN], const uint8_t address[16]);

enum { IP_TEXT_ENDPOINT = INET6_ADDRSTRLEN + 8 };

/* "192.0.2.7:143", "[2001:db8::7]:143". */
void ip_text_endpoint(char text[IP_TEXT_ENDPOINT], const uint8_t address[16], uint16_t port);

#endif
