/* A process of trace_text.h as the file that the library would have written. */
#ifndef TEST_TRACE_TEXT_IMAGE_H
#define TEST_TRACE_TEXT_IMAGE_H

#include "trace_text_process.h"

struct trace_text_image {
	unsigned char *bytes;
	size_t length;
};

/* The file, whose bytes are to be freed; the header of the process becomes that of the file. */
struct trace_text_image trace_text_image(struct trace_text_process *process);

#endif
