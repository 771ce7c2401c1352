/* Socket addresses into the one form that rules know: from the program's own bytes, which may be
 * unaligned and shorter than they should be, or from the kernel. Decides nothing; a family that
 * rules do not know is no address. */
#include "shim/base/address.h"

#include <errno.h>
#include <netinet/in.h>
#include <string.h>

#include "shim/base/fault.h"
#include "rules/ip.h"

bool address_parse(
	const struct sockaddr *address, socklen_t length, uint8_t out[16], uint16_t *port)
{
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	sa_family_t family;

	if (!address || length < (socklen_t)sizeof(v4))
		return false;
	memcpy(&family, address, sizeof(family));
	if (family == AF_INET) {
		memcpy(&v4, address, sizeof(v4));
		ip_from_v4(out, &v4.sin_addr);
		*port = ntohs(v4.sin_port);
		return true;
	}
	if (family != AF_INET6 || length < (socklen_t)sizeof(v6))
		return false;
	memcpy(&v6, address, sizeof(v6));
	memcpy(out, &v6.sin6_addr, sizeof(v6.sin6_addr));
	*port = ntohs(v6.sin6_port);
	return true;
}

typedef int name_call(int fd, struct sockaddr *address, socklen_t *length);

static bool name_of(name_call *call, int fd, uint8_t out[16], uint16_t *port)
{
	struct sockaddr_storage storage;
	socklen_t length = sizeof(storage);
	int saved = errno;
	bool known = call(fd, (struct sockaddr *)&storage, &length) == 0 &&
		     address_parse((const struct sockaddr *)&storage, length, out, port);

	errno = saved;
	return known;
}

static int peer_name(int fd, struct sockaddr *address, socklen_t *length)
{
	return OURS(getpeername(fd, address, length));
}

static int own_name(int fd, struct sockaddr *address, socklen_t *length)
{
	return OURS(getsockname(fd, address, length));
}

bool address_peer(int fd, uint8_t out[16], uint16_t *port)
{
	return name_of(peer_name, fd, out, port);
}

bool address_own(int fd, uint8_t out[16], uint16_t *port)
{
	return name_of(own_name, fd, out, port);
}

uint16_t address_port(int fd)
{
	uint16_t port = 0;
	uint8_t own[16];

	name_of(own_name, fd, own, &port);
	return port;
}

bool address_is_v6(int fd)
{
	int family = 0, saved = errno;
	socklen_t length = sizeof(family);
	struct sockaddr_storage storage;

	length = sizeof(storage);
	if (OURS(getsockname(fd, (struct sockaddr *)&storage, &length)) == 0)
		family = storage.ss_family;
	errno = saved;
	return family == AF_INET6;
}
