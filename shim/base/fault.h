/* Places where a system call of ours may be made to fail: each one that the library makes for
 * itself, not for the program. In the library that people use nothing is added to them.
 *
 * The library of the test build (SOCKFIX_FAULTS, never installed) lists them in a section of its
 * own and asks at each whether this is the call that fails; tests/random/fault_inside.c answers. */
#ifndef SOCKFIX_FAULT_H
#define SOCKFIX_FAULT_H

#ifdef SOCKFIX_FAULTS
#include <errno.h>

struct fault_point {
	const char *file, *function, *call;
};

/* 0: the call is to be made; else the errno with which it fails. */
int fault_ask(const struct fault_point *const *point);

/* By pointers: the compiler may put more room between structs than an array has. */
#define FAULT_ASK(name)                                                                            \
	({                                                                                         \
		static const struct fault_point here_ = {__FILE__, __func__, name};                \
		static const struct fault_point *const point_                                      \
			__attribute__((section("fault_points"), used)) = &here_;                   \
		fault_ask(&point_);                                                                \
	})
/* A call that answers -1 and sets errno. */
#define OURS(call)                                                                                 \
	({                                                                                         \
		int fault_ = FAULT_ASK(#call);                                                     \
		fault_ ? (errno = fault_, (__typeof__(call))-1) : (call);                          \
	})
/* A call that answers an error number. */
#define OURS_THREAD(call)                                                                          \
	({                                                                                         \
		int fault_ = FAULT_ASK(#call);                                                     \
		fault_ ? fault_ : (call);                                                          \
	})
/* A call that answers -errno. A descriptor is gone even where close(2) says that it failed. */
#define OURS_KERNEL(name, closes, call)                                                            \
	({                                                                                         \
		int fault_ = FAULT_ASK(name);                                                      \
		long result_ = fault_ && !(closes) ? 0 : (call);                                   \
		fault_ ? -(long)fault_ : result_;                                                  \
	})
#else
#define OURS(call)			(call)
#define OURS_THREAD(call)		(call)
#define OURS_KERNEL(name, closes, call) (call)
#endif

#endif
