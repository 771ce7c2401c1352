/* The table of verbs, in the order of their groups: of help, man page and completions. */
#include "tools/cmd/verb.h"

const char *const group_table[] = {"find", "mend", "operate", "reference"};
const size_t group_count = sizeof(group_table) / sizeof(*group_table);

const struct verb *const verb_table[] = {
	&verb_look,
	&verb_record,
	&verb_report,
	&verb_import,
	&verb_suggest,
	&verb_run,
	&verb_mend,
	&verb_check,
	&verb_which,
	&verb_prove,
	&verb_diff,
	&verb_compare,
	&verb_unit,
	&verb_env,
	&verb_scope,
	&verb_status,
	&verb_off,
	&verb_on,
	&verb_metrics,
	&verb_list,
	&verb_explain,
};
const size_t verb_count = sizeof(verb_table) / sizeof(*verb_table);
