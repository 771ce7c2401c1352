/* A variable of a service's environment, and where it comes from. */
#ifndef SOCKFIX_UNIT_VALUE_H
#define SOCKFIX_UNIT_VALUE_H

enum variable_from { VARIABLE_NONE, VARIABLE_UNIT, VARIABLE_FILE };

struct variable {
	enum variable_from from;
	char *value;	/* VARIABLE_UNIT: with its specifiers; NULL: none */
	char *place;	/* "FILE:LINE"; NULL: none */
	char *unset;	/* the same of an UnsetEnvironment= that takes it away; NULL: none does */
	char *behind;	/* the same of what is read behind a drop-in of ours and sets it; or NULL */
	char *doubtful; /* a place where it is set, or is a comment: that is up to the version */
	char *lost;	/* a place where it is set to what only the manager knows; or NULL */
	char *unread;	/* the name of a file of variables that could not be read; NULL: none */
};

/* Its value, of that place; of VARIABLE_NONE both are NULL. */
void variable_set(struct variable *variable, enum variable_from from, const char *value,
	const char *file, unsigned line);
/* The value, if the word is "NAME=VALUE" of that name; else NULL. */
const char *variable_value(const char *word, const char *name);
void variable_free(struct variable *variable);

#endif
