/* Memory that may not be there. */
#ifndef SOCKFIX_ROOM_H
#define SOCKFIX_ROOM_H

#include <stdbool.h>
#include <stddef.h>

/* Whether so many bytes could be had now. For what does not survive a malloc() that fails. */
bool room_there(size_t bytes);

/* There is none: says so and ends the command, or does what was asked for instead. */
void room_out(void) __attribute__((noreturn));

/* The exit status of that; 125 where nobody says. */
void room_out_status(int status);

/* Asks for that. It must not return, and must do with what memory there is. */
void room_when_out(void (*instead)(void));

#endif
