/* As much of HTTP/1.1 as a scrape needs: one GET, one answer (RFC 9112). Pure. */
#ifndef SOCKFIX_METRICS_HTTP_H
#define SOCKFIX_METRICS_HTTP_H

#include <stdbool.h>
#include <stddef.h>

enum { HTTP_MOST = 4096 }; /* bytes of a request: its line and its fields */

enum http_request {
	HTTP_UNFINISHED, /* more of it is to come */
	HTTP_METRICS,
	HTTP_BAD,
	HTTP_NOT_FOUND,
	HTTP_METHOD, /* another one than GET or HEAD */
	HTTP_LONG,
	HTTP_FAILED, /* never read: what we could not answer */
};

/* What the first `length` bytes ask for. head: they ask for no body. */
enum http_request http_read(const char *bytes, size_t length, bool *head);

/* What stands before a body of so many bytes; of anything but HTTP_METRICS the whole answer. To be
 * freed. */
char *http_answer(enum http_request request, size_t length);

#endif
