/* What every unit test includes: cmocka wants these before it. */
#ifndef SOCKFIX_UNIT_H
#define SOCKFIX_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
