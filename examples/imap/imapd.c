/* A small IMAP4rev1 server (RFC 3501) for the demo and the tests of real clients.
 *
 * It behaves as a plain blocking server does: a thread a connection, a read when it wants
 * something, one write for each answer, no socket option at all. So a client that sends a literal
 * and the CRLF after it in two writes meets the delayed ACK of its peer, as it does in the field.
 * Mail is counted and thrown away; any user may log in. It must never learn a socket option. */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define LINE_MAX_BYTES 4096
#define LITERAL_MAX    (64L << 20)
#define FOLDERS_MAX    64

struct folder {
	char name[64];
	unsigned messages;
};

/* Shared by all sessions; folder 0 is INBOX. Folders are added, never removed. */
static struct folder folder_table[FOLDERS_MAX] = {{.name = "INBOX"}};
static size_t folder_count = 1;
static pthread_mutex_t folder_lock = PTHREAD_MUTEX_INITIALIZER;

struct session {
	int fd;
	char in[8192]; /* what was read and not yet used: in[start..end) */
	size_t start, end;
	bool logged_in, selected;
};

/* One command: "TAG NAME ARGUMENTS", of which a literal has been cut out. */
struct command {
	char line[LINE_MAX_BYTES];
	const char *tag, *name;
	char *arguments;
	bool literal; /* it carried one: the message of an APPEND */
};

static bool send_all(int fd, const char *data, size_t size)
{
	while (size > 0) {
		ssize_t done = write(fd, data, size);
		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return false;
		data += done;
		size -= (size_t)done;
	}
	return true;
}

static bool answer(struct session *session, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static bool answer(struct session *session, const char *format, ...)
{
	char text[LINE_MAX_BYTES];
	va_list list;
	va_start(list, format);
	int size = vsnprintf(text, sizeof(text), format, list);
	va_end(list);
	return size > 0 && (size_t)size < sizeof(text) && send_all(session->fd, text, (size_t)size);
}

static bool fill(struct session *session)
{
	if (session->start < session->end)
		return true;
	ssize_t got;
	do
		got = read(session->fd, session->in, sizeof(session->in));
	while (got < 0 && errno == EINTR);
	session->start = 0;
	session->end = got > 0 ? (size_t)got : 0;
	return got > 0;
}

/* Appends one line, without its CRLF, to line, which holds used bytes. Returns its new length, or
 * -1 at the end of the connection or when the line is too long. */
static long read_line(struct session *session, char *line, size_t used)
{
	while (fill(session)) {
		char byte = session->in[session->start++];
		if (byte == '\n') {
			if (used > 0 && line[used - 1] == '\r')
				used--;
			line[used] = '\0';
			return (long)used;
		}
		if (used + 1 >= LINE_MAX_BYTES)
			return -1;
		line[used++] = byte;
	}
	return -1;
}

static bool skip_bytes(struct session *session, size_t size)
{
	while (size > 0) {
		if (!fill(session))
			return false;
		size_t here = session->end - session->start;
		if (here > size)
			here = size;
		session->start += here;
		size -= here;
	}
	return true;
}

/* The size of the literal that a line announces at its end, "{123}"; -1 without one. */
static long literal_size(char *line)
{
	char *brace = strrchr(line, '{');
	if (!brace)
		return -1;
	char *end;
	long size = strtol(brace + 1, &end, 10);
	if (end == brace + 1 || strcmp(end, "}") != 0 || size < 0 || size > LITERAL_MAX)
		return -1;
	*brace = '\0';
	return size;
}

/* Reads a command with its literals. False: the connection is over. */
static bool read_command(struct session *session, struct command *command)
{
	long used = read_line(session, command->line, 0);
	command->literal = false;
	for (long size; used >= 0 && (size = literal_size(command->line)) >= 0;) {
		command->literal = true;
		if (!answer(session, "+ go ahead\r\n") || !skip_bytes(session, (size_t)size))
			return false;
		used = read_line(session, command->line, strlen(command->line));
	}
	if (used < 0)
		return false;
	char *rest;
	command->tag = strtok_r(command->line, " ", &rest);
	command->name = strtok_r(NULL, " ", &rest);
	command->arguments = rest ? rest : command->line + strlen(command->line);
	return true;
}

/* The first argument, an atom or a quoted string, cut off from the rest. */
static char *first_argument(char *arguments)
{
	char *end;
	arguments += strspn(arguments, " ");
	if (*arguments == '"') {
		end = strchr(++arguments, '"');
	} else {
		end = strchr(arguments, ' ');
	}
	if (end)
		*end = '\0';
	return arguments;
}

/* The folder of that name, made when make is set; NULL without one. Call with folder_lock held. */
static struct folder *folder_find(const char *name, bool make)
{
	if (strcasecmp(name, "INBOX") == 0)
		return folder_table;
	for (size_t i = 1; i < folder_count; i++) {
		if (strcmp(folder_table[i].name, name) == 0)
			return &folder_table[i];
	}
	if (!make || folder_count == FOLDERS_MAX || strlen(name) >= sizeof(folder_table->name))
		return NULL;
	struct folder *folder = &folder_table[folder_count++];
	snprintf(folder->name, sizeof(folder->name), "%s", name);
	return folder;
}

/* How many messages the folder has after add came, or -1 when there is no such folder. */
static long folder_add(const char *name, bool make, unsigned add)
{
	pthread_mutex_lock(&folder_lock);
	struct folder *folder = folder_find(name, make);
	long messages = folder ? (long)(folder->messages += add) : -1;
	pthread_mutex_unlock(&folder_lock);
	return messages;
}

static bool no_such_folder(struct session *session, const char *tag)
{
	return answer(session, "%s NO [TRYCREATE] no such mailbox\r\n", tag);
}

static bool do_capability(struct session *session, struct command *command)
{
	return answer(
		session, "* CAPABILITY IMAP4rev1\r\n%s OK CAPABILITY completed\r\n", command->tag);
}

static bool do_noop(struct session *session, struct command *command)
{
	return answer(session, "%s OK %s completed\r\n", command->tag, command->name);
}

static bool do_login(struct session *session, struct command *command)
{
	session->logged_in = true;
	return answer(session, "%s OK LOGIN completed\r\n", command->tag);
}

static bool do_logout(struct session *session, struct command *command)
{
	answer(session, "* BYE bye\r\n%s OK LOGOUT completed\r\n", command->tag);
	return false;
}

static bool do_select(struct session *session, struct command *command)
{
	long messages = folder_add(first_argument(command->arguments), false, 0);
	session->selected = messages >= 0;
	if (messages < 0)
		return no_such_folder(session, command->tag);
	return answer(session,
		"* %ld EXISTS\r\n* 0 RECENT\r\n"
		"* FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)\r\n"
		"* OK [PERMANENTFLAGS (\\Seen)]\r\n"
		"* OK [UIDVALIDITY 1]\r\n* OK [UIDNEXT %ld]\r\n%s OK [%s] %s completed\r\n",
		messages, messages + 1, command->tag,
		strcasecmp(command->name, "EXAMINE") == 0 ? "READ-ONLY" : "READ-WRITE",
		command->name);
}

static bool do_create(struct session *session, struct command *command)
{
	if (folder_add(first_argument(command->arguments), true, 0) < 0)
		return answer(session, "%s NO too many mailboxes\r\n", command->tag);
	return do_noop(session, command);
}

static bool do_status(struct session *session, struct command *command)
{
	const char *name = first_argument(command->arguments);
	long messages = folder_add(name, false, 0);
	if (messages < 0)
		return no_such_folder(session, command->tag);
	return answer(session, "* STATUS \"%s\" (MESSAGES %ld)\r\n%s OK STATUS completed\r\n", name,
		messages, command->tag);
}

static bool do_append(struct session *session, struct command *command)
{
	if (!command->literal)
		return answer(session, "%s BAD APPEND without a literal\r\n", command->tag);
	long messages = folder_add(first_argument(command->arguments), false, 1);
	if (messages < 0)
		return no_such_folder(session, command->tag);
	return answer(session, "%s OK APPEND completed\r\n", command->tag);
}

static const struct verb {
	const char *name;
	bool login_first;
	bool (*run)(struct session *session, struct command *command); /* false: hang up */
} verb_table[] = {
	{"CAPABILITY", false, do_capability},
	{"NOOP", false, do_noop},
	{"LOGIN", false, do_login},
	{"LOGOUT", false, do_logout},
	{"SELECT", true, do_select},
	{"EXAMINE", true, do_select},
	{"CREATE", true, do_create},
	{"STATUS", true, do_status},
	{"APPEND", true, do_append},
	{"CHECK", true, do_noop},
	{"CLOSE", true, do_noop},
};

static bool run_command(struct session *session, struct command *command)
{
	if (!command->tag || !command->name)
		return answer(session, "* BAD a command is TAG NAME ARGUMENTS\r\n");
	for (size_t i = 0; i < sizeof(verb_table) / sizeof(*verb_table); i++) {
		if (strcasecmp(verb_table[i].name, command->name) != 0)
			continue;
		if (verb_table[i].login_first && !session->logged_in)
			return answer(session, "%s NO log in first\r\n", command->tag);
		return verb_table[i].run(session, command);
	}
	return answer(session, "%s BAD unknown command\r\n", command->tag);
}

static void *serve(void *argument)
{
	struct session *session = argument;
	struct command command;
	if (answer(session, "* OK IMAP4rev1 ready\r\n")) {
		while (read_command(session, &command) && run_command(session, &command))
			;
	}
	close(session->fd);
	free(session);
	return NULL;
}

static void *wait_for_end_of_input(void *unused)
{
	char bytes[64];
	while (read(STDIN_FILENO, bytes, sizeof(bytes)) > 0)
		;
	exit(0);
	return unused;
}

static void start_thread(void *(*run)(void *), void *argument)
{
	pthread_t thread;
	if (pthread_create(&thread, NULL, run, argument) != 0) {
		fputs("imapd: no thread\n", stderr);
		exit(1);
	}
	pthread_detach(thread);
}

/* Returns the listening socket; prints the port, which is how a caller learns that it may go on. */
static int listen_on(const char *address, unsigned port)
{
	struct sockaddr_in name = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t size = sizeof(name);
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	if (inet_pton(AF_INET, address, &name.sin_addr) != 1) {
		fprintf(stderr, "imapd: %s is no IPv4 address\n", address);
		exit(1);
	}
	if (fd < 0 || bind(fd, (struct sockaddr *)&name, sizeof(name)) < 0 || listen(fd, 64) < 0 ||
		getsockname(fd, (struct sockaddr *)&name, &size) < 0) {
		fprintf(stderr, "imapd: %s:%u: %s\n", address, port, strerror(errno));
		exit(1);
	}
	printf("%u\n", ntohs(name.sin_port));
	fflush(stdout);
	return fd;
}

int main(int argc, char **argv)
{
	const char *address = "127.0.0.1";
	unsigned port = 0;
	bool until_input_ends = false;
	for (int option; (option = getopt(argc, argv, "a:p:e")) != -1;) {
		if (option == 'a')
			address = optarg;
		else if (option == 'p')
			port = (unsigned)strtoul(optarg, NULL, 10);
		else if (option == 'e')
			until_input_ends = true;
		else {
			fputs("usage: imapd [-a ADDRESS] [-p PORT] [-e]\n"
			      "Prints its port. -e: ends when its input ends.\n",
				stderr);
			return 1;
		}
	}
	signal(SIGPIPE, SIG_IGN);
	int listener = listen_on(address, port);
	if (until_input_ends)
		start_thread(wait_for_end_of_input, NULL);
	for (;;) {
		int fd = accept(listener, NULL, NULL);
		if (fd < 0)
			continue;
		struct session *session = calloc(1, sizeof(*session));
		if (!session) {
			close(fd);
			continue;
		}
		session->fd = fd;
		start_thread(serve, session);
	}
}
