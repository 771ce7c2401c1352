/* The names of error numbers, which glibc has from 2.32 on alone. */
#ifndef SOCKFIX_ERROR_NAME_H
#define SOCKFIX_ERROR_NAME_H

/* "ECONNREFUSED"; or "error 133" for one that no socket call gives, valid until the next call. */
const char *error_name(int error);

#endif
