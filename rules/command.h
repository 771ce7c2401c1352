/* The words of a command line as rules see them: what `program` and `script` match. Pure, and
 * linked into the victim. */
#ifndef SOCKFIX_COMMAND_H
#define SOCKFIX_COMMAND_H

/* The path's last part. */
const char *command_base_name(const char *path);

/* Of the words behind the first, each ending in NUL, up to `end`: the file name of the script, the
 * -m module or the -jar file that an interpreter runs. NULL: there is none, as with -c and -e. */
const char *command_script(const char *word, const char *end);

#endif
