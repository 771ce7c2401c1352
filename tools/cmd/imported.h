/* What `import` and `report --from` say of a file that they read. */
#ifndef SOCKFIX_CMD_IMPORTED_H
#define SOCKFIX_CMD_IMPORTED_H

struct import_note;

/* What it lacks, where it lacks something. */
void imported_say(const struct import_note *note);

#endif
