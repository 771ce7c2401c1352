/* Which findings a recorded victim has. */
#ifndef TEST_CODES_H
#define TEST_CODES_H

#define CODES 64

/* Records the victim with two words, by these rules (NULL: none), and reads the codes that the
 * report names, but those of places in the program: "N03 L03", in the order of the report. */
void codes_of(const char *victim, const char *code, const char *how, const char *rules,
	char codes[CODES]);

#endif
