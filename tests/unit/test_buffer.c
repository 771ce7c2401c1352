/* Collecting in user space, against a socket of paper: what it took is kept, what it answers is
 * scripted, and a `signal handler` can come before or after it has taken. */
#include "tests/unit/unit.h"

#include <errno.h>
#include <string.h>

#include "shim/base/page.h"
#include "shim/table/buffer.h"

static struct {
	char got[1000];
	long length;
	long room;	      /* bytes that the next send takes at most */
	long answer;	      /* < 0: what the next send says instead */
	void (*before)(void); /* on top of the send, before it has taken */
	void (*after)(void);  /* and after */
	int sends, waits;
} paper;
static struct buffer *buffer;

static void interrupt(void (**handler)(void))
{
	void (*call)(void) = *handler;

	*handler = NULL;
	if (call)
		call();
}

static long paper_send(int fd, struct iovec *piece, int pieces, int flags)
{
	long taken = 0;

	(void)fd;
	(void)flags;
	interrupt(&paper.before);
	paper.sends++;
	if (paper.answer < 0) {
		taken = paper.answer;
		paper.answer = 0;
		return taken;
	}
	for (int i = 0; i < pieces; i++) {
		long length = (long)piece[i].iov_len;

		if (length > paper.room - taken)
			length = paper.room - taken;
		memcpy(paper.got + paper.length, piece[i].iov_base, (size_t)length);
		paper.length += length;
		taken += length;
	}
	interrupt(&paper.after);
	return taken;
}

static bool paper_wait(int fd)
{
	(void)fd;
	paper.waits++;
	return true;
}

static int64_t paper_taken(int fd)
{
	(void)fd;
	return paper.length;
}

static const struct sink sink = {paper_send, paper_wait, paper_taken};

static int fresh(void **state)
{
	(void)state;
	memset(&paper, 0, sizeof(paper));
	paper.room = sizeof(paper.got);
	buffer = buffer_new(16);
	assert_non_null(buffer);
	assert_int_equal(buffer_enter(buffer, 7, true), 0);
	return 0;
}

static int gone(void **state)
{
	(void)state;
	page_unmap(buffer, 4096);
	return 0;
}

static long add(const char *text)
{
	struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};

	return buffer_add(buffer, &piece, 1);
}

static long send_with(const char *text)
{
	struct iovec piece = {(void *)(uintptr_t)text, strlen(text)};

	return buffer_send(buffer, &sink, 3, &piece, 1, 0);
}

static void the_peer_has(const char *text)
{
	assert_int_equal(paper.length, strlen(text));
	assert_memory_equal(paper.got, text, strlen(text));
}

static void small_writes_go_as_one(void **state)
{
	(void)state;
	assert_int_equal(add("one "), 4);
	assert_int_equal(add("two "), 4);
	assert_int_equal(paper.sends, 0);
	assert_int_equal(buffer_pending(buffer), 8);
	assert_int_equal(buffer_send(buffer, &sink, 3, NULL, 0, 0), -ENODATA);
	assert_int_equal(paper.sends, 1);
	assert_int_equal(buffer_pending(buffer), 0);
	the_peer_has("one two ");
	assert_int_equal(buffer_send(buffer, &sink, 3, NULL, 0, 0), -ENODATA);
	assert_int_equal(paper.sends, 1);
}

static void what_does_not_fit_goes_with_what_is_there(void **state)
{
	(void)state;
	assert_int_equal(add("0123456789"), 10);
	assert_int_equal(add("abcdefg"), -ENOSPC);
	assert_int_equal(send_with("abcdefg"), 7);
	assert_int_equal(paper.sends, 1);
	the_peer_has("0123456789abcdefg");
	assert_int_equal(add("0123456789abcdef"), 16);
	assert_int_equal(add(""), 0);
	assert_int_equal(add("x"), -ENOSPC);
}

static void a_partial_send_keeps_the_rest_in_order(void **state)
{
	(void)state;
	add("0123456789");
	paper.room = 4;
	assert_int_equal(send_with("abc"), -EINPROGRESS);
	assert_int_equal(buffer_pending(buffer), 6);
	paper.room = 7;
	assert_int_equal(send_with("abc"), 1);
	assert_int_equal(buffer_pending(buffer), 0);
	the_peer_has("0123456789a");
	paper.room = 100;
	assert_int_equal(add("0123456789abcdef"), 16);
}

static void a_refused_send_keeps_all(void **state)
{
	(void)state;
	add("0123");
	paper.answer = -EAGAIN;
	assert_int_equal(send_with("abc"), -EAGAIN);
	assert_int_equal(buffer_pending(buffer), 4);
	assert_int_equal(add("45"), 2);
	assert_int_equal(buffer_send(buffer, &sink, 3, NULL, 0, 0), -ENODATA);
	the_peer_has("012345");
}

/* Twenty pieces are more than one call of ours takes: what is pending goes, then the program's own
 * call. */
static void many_pieces_are_left_to_the_program(void **state)
{
	struct iovec piece[20];

	(void)state;
	for (int i = 0; i < 20; i++)
		piece[i] = (struct iovec){(void *)(uintptr_t) "x", 1};
	add("01");
	assert_int_equal(buffer_send(buffer, &sink, 3, piece, 20, 0), -ENODATA);
	the_peer_has("01");
	assert_int_equal(buffer_send(buffer, &sink, 3, piece, 20, 0), -ENODATA);
	assert_int_equal(paper.sends, 1);
}

static void memory_that_cannot_be_read_is_not_read(void **state)
{
	struct iovec piece[2] = {{(void *)(uintptr_t) "ab", 2}, {(void *)16, 2}};

	(void)state;
	add("01");
	assert_int_equal(buffer_add(buffer, piece, 2), -EFAULT);
	assert_int_equal(buffer_pending(buffer), 2);
	assert_int_equal(buffer_send(buffer, &sink, 3, NULL, 0, 0), -ENODATA);
	the_peer_has("01");
}

static void one_thread_is_inside(void **state)
{
	(void)state;
	assert_int_equal(buffer_enter(buffer, 7, true), -EDEADLK);
	assert_int_equal(buffer_enter(buffer, 8, false), -EAGAIN);
	buffer_leave(buffer);
	assert_int_equal(buffer_enter(buffer, 8, false), 0);
}

/* What a handler does that finds its own thread inside. */
static void handler(void)
{
	assert_int_equal(buffer_enter(buffer, 7, true), -EDEADLK);
	assert_int_equal(buffer_end(buffer, &sink, 3), 0);
	assert_int_equal(buffer_pending(buffer), 0);
	/* then writes by itself */
	memcpy(paper.got + paper.length, "H", 1);
	paper.length++;
}

static void a_handler_between_two_writes_ends_the_buffer(void **state)
{
	(void)state;
	add("01");
	handler();
	assert_int_equal(add("23"), -ENOLINK);
	assert_int_equal(send_with("23"), -ENOLINK);
	the_peer_has("01H");
}

static void a_handler_before_the_socket_has_taken(void **state)
{
	(void)state;
	add("0123");
	paper.before = handler;
	assert_int_equal(send_with("abc"), 3);
	the_peer_has("0123Habc");
}

static void a_handler_after_the_socket_has_taken(void **state)
{
	(void)state;
	add("0123");
	paper.after = handler;
	assert_int_equal(send_with("abc"), 3);
	the_peer_has("0123abcH");
}

static void a_handler_after_the_socket_has_taken_a_part(void **state)
{
	(void)state;
	add("0123");
	paper.room = 3;
	paper.after = handler;
	assert_int_equal(send_with("abc"), -ENOLINK);
	the_peer_has("0123H");
}

static void an_end_waits_for_room(void **state)
{
	(void)state;
	add("0123");
	paper.answer = -EAGAIN;
	assert_int_equal(buffer_end(buffer, &sink, 3), 0);
	assert_int_equal(paper.waits, 1);
	the_peer_has("0123");
	assert_int_equal(buffer_end(buffer, &sink, 3), 0);
	the_peer_has("0123");
}

static void an_error_ends_the_end(void **state)
{
	(void)state;
	add("0123");
	paper.answer = -ECONNRESET;
	assert_int_equal(buffer_end(buffer, &sink, 3), -ECONNRESET);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, fresh, gone)
		TEST(small_writes_go_as_one),
		TEST(what_does_not_fit_goes_with_what_is_there),
		TEST(a_partial_send_keeps_the_rest_in_order),
		TEST(a_refused_send_keeps_all),
		TEST(many_pieces_are_left_to_the_program),
		TEST(memory_that_cannot_be_read_is_not_read),
		TEST(one_thread_is_inside),
		TEST(a_handler_between_two_writes_ends_the_buffer),
		TEST(a_handler_before_the_socket_has_taken),
		TEST(a_handler_after_the_socket_has_taken),
		TEST(a_handler_after_the_socket_has_taken_a_part),
		TEST(an_end_waits_for_room),
		TEST(an_error_ends_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
