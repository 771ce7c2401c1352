/* job PORT NAME: the same as job.py, for an image with another libc. */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int say(int sock, const char *text)
{
	const ssize_t length = (ssize_t)strlen(text);

	return write(sock, text, (size_t)length) == length ? 0 : -1;
}

int main(int argc, char **argv)
{
	struct sockaddr_in peer = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int sock = socket(AF_INET, SOCK_STREAM, 0);
	char text[64];

	if (argc != 3)
		return 2;
	peer.sin_port = htons((uint16_t)atoi(argv[1]));
	snprintf(text, sizeof(text), "%s\n", argv[2]);
	if (connect(sock, (struct sockaddr *)&peer, sizeof(peer)) != 0 || say(sock, text) != 0)
		return 1;
	for (int turn = 0; turn < 5; turn++) {
		snprintf(text, sizeof(text), " %d of it\n", turn);
		if (say(sock, "turn") != 0 || say(sock, text) != 0 ||
			read(sock, text, sizeof(text)) != 3)
			return 1;
	}
	while (read(sock, text, sizeof(text)) > 0)
		;
	return 0;
}
