/* What our functions answer where this libc lacks theirs: to a program that found ours by dlsym()
 * or by a weak reference. calls.h says which of them for which name. */
#ifndef SOCKFIX_MISSING_H
#define SOCKFIX_MISSING_H

/* -1 and ENOSYS, whatever integer the function returns. */
long missing_failed(void);

/* ENOSYS itself, as functions do that return an error number. */
int missing_number(void);

/* thrd_error of <threads.h>. */
int missing_thread(void);

/* NULL. */
void *missing_none(void);

/* Nothing. */
void missing_nothing(void);

/* closefrom() cannot fail: it closes. */
void missing_closefrom(int first);

#endif
