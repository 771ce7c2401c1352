/* Reads words; what they mean for a connection is rules/rule.c's. */
#include "tools/cmd/which_words.h"

#include <arpa/inet.h>
#include <pwd.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "rules/ip.h"

int which_port(const char *text, uint16_t *port)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (*text < '0' || *text > '9' || *end || number == 0 || number > 65535)
		return -1;
	*port = (uint16_t)number;
	return 0;
}

int which_peer(const char *text, struct subject *subject)
{
	struct in_addr v4;
	char address[64];
	const char *colon = strrchr(text, ':');
	size_t length = colon ? (size_t)(colon - text) : 0;
	if (!colon || length >= sizeof(address) || which_port(colon + 1, &subject->peer_port) != 0)
		return -1;
	bool bracket = length > 2 && text[0] == '[' && text[length - 1] == ']';
	snprintf(address, sizeof(address), "%.*s", (int)length - (bracket ? 2 : 0), text + bracket);
	subject->peer_known = true;
	if (bracket)
		return inet_pton(AF_INET6, address, subject->peer) == 1 ? 0 : -1;
	if (inet_pton(AF_INET, address, &v4) != 1)
		return -1;
	ip_from_v4(subject->peer, &v4);
	return 0;
}

int which_user(const char *text, uint32_t *uid)
{
	char *end;
	unsigned long number = strtoul(text, &end, 10);
	if (*text >= '0' && *text <= '9' && !*end && number < UINT32_MAX) {
		*uid = (uint32_t)number;
		return 0;
	}
	FILE *file = fopen("/etc/passwd", "re");
	int found = -1;
	for (struct passwd *entry; file && found && (entry = fgetpwent(file));) {
		if (strcmp(entry->pw_name, text) == 0) {
			*uid = entry->pw_uid;
			found = 0;
		}
	}
	if (file)
		fclose(file);
	return found;
}

void which_complete(struct subject *subject, uint16_t listen)
{
	subject->role = listen ? ROLE_SERVER : ROLE_CLIENT;
	subject->port = listen ? listen : subject->peer_port;
	if (listen)
		subject->local_port = listen;
}
