/* Real programs in two arms, bare and mended by `sockfix run --`, with a recording peer: running
 * both and comparing what came of it. Functions named assert_* fail the cmocka test. */
#ifndef TEST_BOTH_H
#define TEST_BOTH_H

#include "client.h"
#include "talk.h"

/* How many exchanges of the stalling kind a program makes. */
#define TURNS	   20
#define TURNS_TEXT "20"

enum arm { BARE, MENDED, ARMS };

/* What one program did in both arms. */
struct session {
	struct client client[ARMS];
	struct talk_record record[ARMS];
};

/* An argument list for client_run(); it lives as long as the block that it stands in. */
#define PROGRAM(...) ((const char *const[]){__VA_ARGS__, NULL})

/* A number as text; valid until the fourth call after this one. */
const char *text_of(int number);

/* Runs argv in one arm and asserts that it succeeded; otherwise prints what it said. */
void run_arm(const char *const *argv, enum arm arm, struct client *client);

/* Both arms against talk: asserts that the program said the same, and that the peer got the same
 * bytes on as many connections. Segments and ACKs may differ, and are printed. */
void run_both(const char *const *argv, struct talk *talk, struct session *session);

/* The parts of run_both(). */
void assert_same_client(const struct client client[ARMS]);
void assert_same_bytes(
	const char *bare, size_t bare_length, const char *mended, size_t mended_length);
void assert_same_record(const struct talk_record record[ARMS]);

/* The same, and again, a few times at most, where the mended program took more than that many
 * segments or ACKs: a machine that stops it in the middle of a turn makes the library learn anew,
 * which costs these and nothing else. All else must be so each time. */
void run_both_until(const char *const *argv, struct talk *talk, struct session *session,
	unsigned segments, unsigned acks);

/* The bare program cost the peer as many ACKs as `stalls` stalls do (a session without any costs
 * one or two); the mended one took at most `segments` segments. */
void assert_mended(const struct talk_record record[ARMS], unsigned stalls, unsigned segments);

void session_free(struct session *session);

#endif
