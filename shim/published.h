/* What the library knows of its process, to be read from outside: struct control_map. */
#ifndef SOCKFIX_PUBLISHED_H
#define SOCKFIX_PUBLISHED_H

/* Once there is something to tell. */
void published_start(void);

#endif
