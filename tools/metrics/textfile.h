/* A file for node_exporter's textfile collector. */
#ifndef SOCKFIX_METRICS_TEXTFILE_H
#define SOCKFIX_METRICS_TEXTFILE_H

#include <stddef.h>

/* Puts the text in place of that file, at once and for everybody to read. 0, or -errno: the file is
 * as it was; -EMEDIUMTYPE: it is no plain file. */
int textfile_write(const char *path, const char *text, size_t length);

#endif
