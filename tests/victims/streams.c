/* streams HOW WRITES BYTES: so many writes one way, by a program that is odd in one respect, and
 * marks TCP_NODELAY where it must be the program's own. */
#include "tests/victims/unseen.h"

#include <pthread.h>
#include <sys/resource.h>

#include "tests/helper/peer.h"

static int fd, writes, bytes;
static char *self;

static struct {
	pthread_mutex_t lock;
	uint64_t sent;
	int left;
} line = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* At full speed a long way's window joins the writes whatever the mode, so it computes before each.
 */
enum { PACE = 30 };

static size_t next_bytes(char *text)
{
	compute_for(PACE);
	for (int i = 0; i < bytes; i++)
		text[i] = (char)pattern_byte(line.sent + (uint64_t)i);
	line.sent += (uint64_t)bytes;
	return (size_t)bytes;
}

static void put_all(void)
{
	char text[8192];

	for (int i = 0; i < writes; i++) {
		size_t length = next_bytes(text);

		NEED(write(fd, text, length) == (ssize_t)length);
	}
}

static void plain(void)
{
	fd = dial();
	put_all();
}

static void by_stdio(void)
{
	char text[8192];
	FILE *stream;

	fd = dial();
	stream = fdopen(fd, "w");
	NEED(stream);
	mark_nodelay("after fdopen", fd);
	for (int i = 0; i < writes; i++)
		NEED(fwrite(text, next_bytes(text), 1, stream) == 1 && fflush(stream) == 0);
}

/* It has begun when it becomes odd, and has not been taken for a stream yet. */
static void begin_plain(void)
{
	int all = writes;

	fd = dial();
	writes = 2;
	put_all();
	writes = all - 2;
}

static void with_linger(void)
{
	begin_plain();
	NEED(setsockopt(fd, SOL_SOCKET, SO_LINGER, &(struct linger){1, 0}, sizeof(struct linger)) ==
		0);
	mark_nodelay("after SO_LINGER", fd);
	put_all();
	/* Or its close would throw away what is on the way. */
	compute_until_received(line.sent);
}

static void with_msg_more(void)
{
	char text[8192];
	size_t length;

	begin_plain();
	length = next_bytes(text);
	NEED(send(fd, text, length, MSG_MORE) == (ssize_t)length);
	mark_nodelay("after MSG_MORE", fd);
	writes--;
	put_all();
}

static void *put_in_turns(void *unused)
{
	char text[8192];

	for (;;) {
		size_t length;

		pthread_mutex_lock(&line.lock);
		if (line.left == 0)
			break;
		line.left--;
		length = next_bytes(text);
		NEED(write(fd, text, length) == (ssize_t)length);
		pthread_mutex_unlock(&line.lock);
	}
	pthread_mutex_unlock(&line.lock);
	return unused;
}

static void by_two_threads(void)
{
	pthread_t thread;

	fd = dial();
	line.left = writes;
	NEED(pthread_create(&thread, NULL, put_in_turns, NULL) == 0);
	put_in_turns(NULL);
	NEED(pthread_join(thread, NULL) == 0);
}

static void after_exec(void)
{
	char number[3][16];

	snprintf(number[0], sizeof(number[0]), "%d", writes);
	snprintf(number[1], sizeof(number[1]), "%d", bytes);
	snprintf(number[2], sizeof(number[2]), "%d", dial());
	execl(self, self, "goes-on", number[0], number[1], number[2], (char *)NULL);
	die("execl");
}

static void after_accept_and_exec(void)
{
	struct sockaddr_in at = {.sin_family = AF_INET};
	socklen_t length = sizeof(at);
	int listener = socket(AF_INET, SOCK_STREAM, 0);
	char number[3][16];

	NEED(bind(listener, (struct sockaddr *)&at, length) == 0 && listen(listener, 5) == 0);
	NEED(getsockname(listener, (struct sockaddr *)&at, &length) == 0);
	mark("#listens %d", ntohs(at.sin_port));
	snprintf(number[0], sizeof(number[0]), "%d", writes);
	snprintf(number[1], sizeof(number[1]), "%d", bytes);
	snprintf(number[2], sizeof(number[2]), "%d", accept(listener, NULL, NULL));
	execl(self, self, "goes-on", number[0], number[1], number[2], (char *)NULL);
	die("execl");
}

static void without_threads(void)
{
	struct rlimit none = {0, 0};

	NEED(setrlimit(RLIMIT_NPROC, &none) == 0 && setuid(65534) == 0);
	plain();
}

static const struct verb verbs[] = {
	{"plain", plain},
	{"stdio", by_stdio},
	{"linger", with_linger},
	{"msg-more", with_msg_more},
	{"threads", by_two_threads},
	{"exec", after_exec},
	{"inetd", after_accept_and_exec},
	{"no-threads", without_threads},
	{"goes-on", put_all},
};

int main(int argc, char **argv)
{
	if (argc < 4)
		return 98;
	self = argv[0];
	writes = atoi(argv[2]);
	bytes = atoi(argv[3]);
	if (argc > 4)
		fd = atoi(argv[4]);
	return run_verb(verbs, COUNT_OF(verbs), argc, argv);
}
