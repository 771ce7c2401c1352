/* Looks at the first line of a request, and waits for the empty one. Fields say nothing that would
 * change the answer. */
#include "tools/metrics/http.h"

#include <string.h>

#include "tools/base/memory.h"
#include "tools/metrics/print.h"

/* Lines may end in LF alone (RFC 9112, 2.2). */
static bool is_whole(const char *bytes, size_t length)
{
	for (const char *at = bytes; (at = memchr(at, '\n', length - (size_t)(at - bytes)));) {
		const size_t left = length - (size_t)(++at - bytes);

		if ((left && *at == '\n') || (left > 1 && at[0] == '\r' && at[1] == '\n'))
			return true;
	}
	return false;
}

static bool is_word(const char *word, size_t length, const char *wanted)
{
	return length == strlen(wanted) && memcmp(word, wanted, length) == 0;
}

/* "METHOD TARGET HTTP/1.x" */
static enum http_request read_line(const char *line, size_t length, bool *head)
{
	const char *const end = line + length;
	const char *const target = memchr(line, ' ', length);
	const char *const version =
		target ? memchr(target + 1, ' ', (size_t)(end - target - 1)) : NULL;
	size_t path;

	if (!version || end - version - 1 != 8 || memcmp(version + 1, "HTTP/1.", 7) != 0)
		return HTTP_BAD;
	*head = is_word(line, (size_t)(target - line), "HEAD");
	if (!*head && !is_word(line, (size_t)(target - line), "GET"))
		return HTTP_METHOD;
	path = (size_t)(version - target - 1);
	for (size_t i = 0; i < path; i++)
		if (target[1 + i] == '?')
			path = i;
	return is_word(target + 1, path, "/metrics") ? HTTP_METRICS : HTTP_NOT_FOUND;
}

enum http_request http_read(const char *bytes, size_t length, bool *head)
{
	const char *line;
	size_t end;

	*head = false;
	if (!is_whole(bytes, length))
		return length < HTTP_MOST ? HTTP_UNFINISHED : HTTP_LONG;
	line = memchr(bytes, '\n', length);
	end = (size_t)(line - bytes);
	return read_line(bytes, end && bytes[end - 1] == '\r' ? end - 1 : end, head);
}

char *http_answer(enum http_request request, size_t length)
{
	static const struct {
		const char *status, *fields, *body;
	} table[] = {
		[HTTP_METRICS] = {"200 OK", "", ""},
		[HTTP_BAD] = {"400 Bad Request", "", "that is no HTTP/1.1\n"},
		[HTTP_NOT_FOUND] = {"404 Not Found", "", "metrics are at /metrics\n"},
		[HTTP_METHOD] = {"405 Method Not Allowed", "Allow: GET, HEAD\r\n",
			"metrics are there to be read\n"},
		[HTTP_LONG] = {"431 Request Header Fields Too Large", "",
			"a request has at most 4096 bytes here\n"},
		[HTTP_FAILED] = {"500 Internal Server Error", "", "/proc cannot be read\n"},
	};
	const char *const body = table[request].body;

	return memory_print("HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\n"
			    "Connection: close\r\n%s\r\n%s",
		table[request].status,
		request == HTTP_METRICS ? METRICS_TYPE : "text/plain; charset=utf-8",
		request == HTTP_METRICS ? length : strlen(body), table[request].fields, body);
}
