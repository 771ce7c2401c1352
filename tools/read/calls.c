/* The calls that a trace knows, by number: their class and their name, from the one list. Answers
 * for any number; decides nothing. */
#include "tools/read/run.h"

int call_class(unsigned call)
{
	static const signed char class_of[] = {-1,
#define CALL(name, text, class) class,
		TRACE_CALLS(CALL)
#undef CALL
	};

	return call < TRACE_CALL_COUNT ? class_of[call] : -1;
}

const char *call_name(unsigned call)
{
	static const char *const name_of[] = {"?",
#define CALL(name, text, class) text,
		TRACE_CALLS(CALL)
#undef CALL
	};

	return call < TRACE_CALL_COUNT ? name_of[call] : "?";
}
