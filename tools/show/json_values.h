/* Values of the report's JSON. */
#ifndef SOCKFIX_JSON_VALUES_H
#define SOCKFIX_JSON_VALUES_H

#include <jansson.h>
#include <stdint.h>

/* At most what JSON's readers take. */
static inline json_t *number(uint64_t value)
{
	return json_integer((json_int_t)(value > INT64_MAX ? INT64_MAX : value));
}

/* NULL and what is no UTF-8 become null. */
static inline json_t *text(const char *value)
{
	json_t *string = value ? json_string(value) : NULL;

	return string ? string : json_null();
}

#endif
