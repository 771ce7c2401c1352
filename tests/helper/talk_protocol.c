/* What the servers of talk.h say. Just enough of each protocol for real clients to be content;
 * nothing here is checked, for the test compares bytes. */
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "must.h"
#include "talk_inside.h"

#define LINE_BYTES 1024

/* Takes the next line, without its end and cut off at LINE_BYTES. */
static bool next_line(struct talk_connection *c, char line[LINE_BYTES])
{
	const char *end = NULL;

	while (!end) {
		if (c->in.length > c->used)
			end = memchr(c->in.bytes + c->used, '\n', c->in.length - c->used);
		if (!end && !talk_read(c->fd, &c->in))
			return false;
	}
	size_t length = (size_t)(end - c->in.bytes) - c->used;
	snprintf(line, LINE_BYTES, "%.*s", (int)length, c->in.bytes + c->used);
	line[strcspn(line, "\r")] = 0;
	c->used += length + 1;
	return true;
}

static bool next_bytes(struct talk_connection *c, size_t count)
{
	while (c->in.length - c->used < count) {
		if (!talk_read(c->fd, &c->in))
			return false;
	}
	c->used += count;
	return true;
}

/* Every answer is one write. */
static void say(struct talk_connection *c, const char *text)
{
	c->turns++;
	talk_write(c->fd, text, strlen(text));
}

static void greet(struct talk_connection *c, const char *text)
{
	say(c, text);
	c->turns = 0;
}

static bool starts(const char *line, const char *word)
{
	return strncasecmp(line, word, strlen(word)) == 0;
}

static void imap(struct talk_connection *c)
{
	char line[LINE_BYTES], answer[2 * LINE_BYTES];

	greet(c, "* OK ready\r\n");
	while (next_line(c, line)) {
		char *brace, *rest, part[LINE_BYTES];
		for (snprintf(part, sizeof(part), "%s", line); (brace = strrchr(part, '{'));) {
			say(c, "+ go ahead\r\n");
			if (!next_bytes(c, strtoul(brace + 1, NULL, 10)) || !next_line(c, part))
				return;
		}
		const char *tag = strtok_r(line, " ", &rest), *verb = strtok_r(NULL, " ", &rest);
		const char *before = "";
		if (tag && verb && starts(verb, "LOGOUT"))
			before = "* BYE bye\r\n";
		else if (tag && verb && starts(verb, "CAPABILITY"))
			before = "* CAPABILITY IMAP4rev1\r\n";
		snprintf(answer, sizeof(answer), "%s%s OK done\r\n", before, tag ? tag : "*");
		say(c, answer);
	}
}

static void smtp(struct talk_connection *c)
{
	char line[LINE_BYTES];

	greet(c, "220 test ready\r\n");
	while (next_line(c, line)) {
		if (starts(line, "DATA")) {
			say(c, "354 go ahead\r\n");
			do {
				if (!next_line(c, line))
					return;
			} while (strcmp(line, ".") != 0);
			say(c, "250 taken\r\n");
		} else {
			say(c, starts(line, "QUIT") ? "221 bye\r\n" : "250 test\r\n");
		}
	}
}

/* The text of a mail, with its final dot. */
static char *pop3_mail(unsigned number)
{
	char *text = must_print("From: a@example.org\r\nTo: b@example.org\r\n"
				"Message-ID: <%u@example.org>\r\nSubject: mail %u\r\n\r\n",
		number, number);

	for (unsigned i = 0; i < 15 + number % 7; i++) {
		char *longer = must_print("%sThis is line %u of the text.\r\n", text, i);
		free(text);
		text = longer;
	}
	char *whole = must_print("%s.\r\n", text);
	free(text);
	return whole;
}

static void pop3_retrieve(struct talk_connection *c, unsigned number)
{
	char *mail = pop3_mail(number);
	char *answer = must_print("+OK\r\n%s", mail);

	say(c, answer);
	free(answer);
	free(mail);
}

static size_t pop3_size(unsigned number)
{
	char *mail = pop3_mail(number);
	size_t size = strlen(mail) - strlen(".\r\n");

	free(mail);
	return size;
}

static void pop3_list(struct talk_connection *c, unsigned number)
{
	char answer[64 * TALK_MAILS] = "+OK\r\n";

	if (number > 0)
		snprintf(answer, sizeof(answer), "+OK %u %zu\r\n", number, pop3_size(number));
	for (unsigned i = 1; i <= TALK_MAILS && number == 0; i++) {
		size_t used = strlen(answer);
		snprintf(answer + used, sizeof(answer) - used, "%u %zu\r\n%s", i, pop3_size(i),
			i == TALK_MAILS ? ".\r\n" : "");
	}
	say(c, answer);
}

static void pop3(struct talk_connection *c)
{
	char line[LINE_BYTES];

	greet(c, "+OK ready\r\n");
	while (next_line(c, line)) {
		if (starts(line, "RETR "))
			pop3_retrieve(c, (unsigned)strtoul(line + 5, NULL, 10));
		else if (starts(line, "LIST"))
			pop3_list(c, (unsigned)strtoul(line + 4, NULL, 10));
		else if (starts(line, "STAT"))
			say(c, "+OK 12 6000\r\n");
		else if (starts(line, "CAPA") || starts(line, "UIDL") || starts(line, "LAST"))
			say(c, "-ERR no\r\n");
		else
			say(c, "+OK\r\n");
	}
}
_Static_assert(TALK_MAILS == 12, "the answer to STAT says twelve");

static void http(struct talk_connection *c)
{
	char line[LINE_BYTES];
	size_t body = 0;
	bool expects = false;

	while (next_line(c, line)) {
		if (starts(line, "Content-Length:"))
			body = strtoul(line + strlen("Content-Length:"), NULL, 10);
		if (starts(line, "Expect: 100-continue"))
			expects = true;
		if (line[0])
			continue;
		if (expects)
			say(c, "HTTP/1.1 100 Continue\r\n\r\n");
		if (!next_bytes(c, body))
			return;
		say(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n"
		       "Content-Length: 3\r\n\r\nok\n");
		body = 0;
		expects = false;
	}
}

static void lines(struct talk_connection *c)
{
	char line[LINE_BYTES];

	while (next_line(c, line))
		say(c, "ok\n");
}

/* Passes what one read of `from` brings on to `to`. */
static bool pass(int from, int to, struct talk_side *side)
{
	size_t before = side->length;

	return talk_read(from, side) && talk_write(to, side->bytes + before, side->length - before);
}

static void relay(struct talk_connection *c)
{
	struct sockaddr_in name = {.sin_family = AF_INET,
		.sin_addr = {htonl(INADDR_LOOPBACK)},
		.sin_port = htons((uint16_t)talk_relay_port(c->talk))};
	int other = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	struct pollfd ready[2] = {{c->fd, POLLIN, 0}, {other, POLLIN, 0}};

	MUST(other >= 0 && connect(other, (struct sockaddr *)&name, sizeof(name)) == 0);
	while (ready[0].fd >= 0 || ready[1].fd >= 0) {
		MUST(poll(ready, 2, MUST_SECONDS * 1000) > 0);
		if (ready[0].fd >= 0 && ready[0].revents && !pass(c->fd, other, &c->in)) {
			shutdown(other, SHUT_WR);
			ready[0].fd = -1;
		}
		if (ready[1].fd >= 0 && ready[1].revents && !pass(other, c->fd, &c->back)) {
			shutdown(c->fd, SHUT_WR);
			ready[1].fd = -1;
		}
	}
	talk_count(other, &c->back);
	close(other);
}

talk_protocol *const talk_protocol_table[] = {
	[TALK_IMAP] = imap,
	[TALK_SMTP] = smtp,
	[TALK_POP3] = pop3,
	[TALK_HTTP] = http,
	[TALK_LINES] = lines,
	[TALK_RELAY] = relay,
};
