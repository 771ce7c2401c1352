/* The comparison of two arms. It asserts on bytes, words and segments; never on a clock. */
#include "both.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

const char *text_of(int number)
{
	static char text[4][16];
	static unsigned next;
	char *here = text[next++ % 4];

	snprintf(here, sizeof(text[0]), "%d", number);
	return here;
}

static void print_client(const char *name, const struct client *client)
{
	print_message("%s: status %#x\nstdout: %s\nstderr: %s\n", name, (unsigned)client->status,
		client->out, client->err);
}

void run_arm(const char *const *argv, enum arm arm, struct client *client)
{
	client_run(argv, arm == MENDED, client);
	if (client->status != 0)
		print_client(argv[0], client);
	assert_int_equal(client->status, 0);
}

void assert_same_client(const struct client client[ARMS])
{
	if (strcmp(client[BARE].out, client[MENDED].out) != 0) {
		print_client("bare", &client[BARE]);
		print_client("mended", &client[MENDED]);
	}
	assert_int_equal(client[BARE].status, client[MENDED].status);
	assert_string_equal(client[BARE].out, client[MENDED].out);
}

void assert_same_bytes(
	const char *bare, size_t bare_length, const char *mended, size_t mended_length)
{
	size_t same = 0;

	while (same < bare_length && same < mended_length && bare[same] == mended[same])
		same++;
	if (same < bare_length || same < mended_length)
		print_message("at byte %zu of %zu and %zu: bare '%.60s', mended '%.60s'\n", same,
			bare_length, mended_length, bare + same, mended + same);
	assert_int_equal(bare_length, mended_length);
	assert_int_equal(same, bare_length);
}

void assert_same_record(const struct talk_record record[ARMS])
{
	const struct talk_record *bare = &record[BARE], *mended = &record[MENDED];

	print_message("  %u connections, %u answers; segments: bare %u, mended %u; "
		      "ACKs: bare %u, mended %u\n",
		bare->connections, bare->turns, bare->segments, mended->segments, bare->acks,
		mended->acks);
	assert_true(bare->length > 0);
	assert_int_equal(bare->connections, mended->connections);
	assert_same_bytes(bare->bytes, bare->length, mended->bytes, mended->length);
}

void run_both(const char *const *argv, struct talk *talk, struct session *session)
{
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		run_arm(argv, arm, &session->client[arm]);
		talk_take(talk, &session->record[arm]);
	}
	assert_same_client(session->client);
	assert_same_record(session->record);
}

#define ROUNDS 5

void run_both_until(const char *const *argv, struct talk *talk, struct session *session,
	unsigned segments, unsigned acks)
{
	const struct talk_record *mended = &session->record[MENDED];

	run_both(argv, talk, session);
	for (int i = 1; i < ROUNDS && (mended->segments > segments || mended->acks > acks); i++) {
		session_free(session);
		run_both(argv, talk, session);
	}
}

void assert_mended(const struct talk_record record[ARMS], unsigned stalls, unsigned segments)
{
	assert_in_range(record[BARE].acks, stalls, UINT32_MAX);
	assert_in_range(record[MENDED].segments, 0, segments);
}

void session_free(struct session *session)
{
	for (enum arm arm = BARE; arm < ARMS; arm++) {
		client_free(&session->client[arm]);
		talk_record_free(&session->record[arm]);
	}
}
