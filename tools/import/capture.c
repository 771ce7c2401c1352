/* Captures (pcap, pcapng): not read yet, and that is said. */
#include <errno.h>
#include <stdio.h>

#include "tools/import/import.h"
#include "tools/import/input.h"

int import_capture(struct import *import, struct input *input)
{
	snprintf(import->note->why, sizeof(import->note->why),
		"%s is a capture, and captures are not read yet", input->name);
	return -ENOTSUP;
}
