/* For the tests of tools/find/: what is found in a run written as a text (trace_text.h), and rules
 * held against the loader, as `sockfix check` does. */
#ifndef SOCKFIX_TEST_FIND_TEXT_H
#define SOCKFIX_TEST_FIND_TEXT_H

#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#include "rules/book.h"
#include "rules/option.h"
#include "tests/unit/helper/trace_text.h"
#include "tools/find/find.h"

#define US UINT64_C(1000)
#define MS UINT64_C(1000000)
#define S  UINT64_C(1000000000)

struct found {
	struct run *run;
	struct fold *fold;
	struct findings *findings;
};

static inline struct found find_text(const char *text)
{
	struct found found = {.run = trace_text(text)};
	const struct split *split;

	found.fold = fold_run(found.run);
	found.findings = find_all(found.fold);
	split = &found.fold->split;
	assert_int_equal(
		split->program + split->thinking + split->stalled + split->other + split->unseen,
		split->wall);
	assert_true(found.findings->bound <= split->wall);
	return found;
}

static inline void find_end(struct found found)
{
	findings_free(found.findings);
	fold_free(found.fold);
	run_free(found.run);
}

/* The finding of that code; NULL: there is none. */
static inline const struct finding *finding_of(const struct found *found, const char *code)
{
	for (size_t i = 0; i < found->findings->count; i++)
		if (strcmp(found->findings->finding[i].code->name, code) == 0)
			return &found->findings->finding[i];
	return NULL;
}

/* There is one of that code, and it says so much. */
static inline const struct finding *assert_found(const struct found *found, const char *code,
	enum sure sure, enum fix fix, uint64_t hits, uint64_t of)
{
	const struct finding *finding = finding_of(found, code);

	if (!finding)
		fail_msg("no %s", code);
	assert_int_equal(finding->sure, sure);
	assert_int_equal(finding->fix, fix);
	assert_int_equal(finding->hits, hits);
	assert_int_equal(finding->of, of);
	assert_true(*finding->what && *finding->how);
	assert_true(finding->lost_low <= finding->lost_high);
	if (sure == SURE_PROVEN)
		assert_int_equal(finding->lost_low, finding->lost_high);
	if (sure == SURE_POSSIBLE)
		assert_int_equal(finding->lost_low, 0);
	assert_true(*finding->mend.set || *finding->no_rule || fix == FIX_NONE);
	return finding;
}

/* All codes that were found, minor ones in brackets: "N01 (L01)", in the order of the report. */
static inline const char *codes_of(const struct found *found)
{
	static char line[400];
	size_t used = 0;

	line[0] = '\0';
	for (size_t i = 0; i < found->findings->count; i++) {
		const struct finding *finding = &found->findings->finding[i];

		used += (size_t)snprintf(line + used, sizeof(line) - used,
			finding->minor ? "%s(%s)" : "%s%s", i ? " " : "", finding->code->name);
	}
	return line;
}

static inline void assert_not_found(const struct found *found, const char *code)
{
	if (finding_of(found, code))
		fail_msg("%s: %s", code, finding_of(found, code)->what);
}

/* The sentence under that label, "" where there is none. */
static inline const char *why_not(const struct found *found, const char *label)
{
	for (size_t i = 0; i < found->findings->innocents; i++)
		if (strcmp(found->findings->innocent[i].label, label) == 0)
			return found->findings->innocent[i].why;
	return "";
}

/* The rule reads so, and the loader takes it without a word. */
static inline void assert_mends(
	const struct mend *mend, const char *name, const char *match, const char *set, bool force)
{
	char text[800];
	struct book *book = book_new();

	assert_string_equal(mend->name, name);
	assert_string_equal(mend->match, match);
	assert_string_equal(mend->set, set);
	assert_int_equal(mend->force, force);
	snprintf(text, sizeof(text), "%s:\n{\n\tmatch: { %s };\n\tset: { %s };\n%s};\n", mend->name,
		mend->match, mend->set, mend->force ? "\tforce = true;\n" : "");
	assert_int_equal(book_add_text(book, "suggested", text, strlen(text)), 0);
	assert_int_equal(book->errors, 0);
	book_free(book);
}

/* Within a hundredth. */
static inline void assert_near(uint64_t value, uint64_t wanted)
{
	assert_in_range(value, wanted - wanted / 100, wanted + wanted / 100);
}

#endif
