/* Libraries that answer the same name, to see which of them RTLD_NEXT finds: NUMBER, and behind it
 * the next one's. */
#include <dlfcn.h>

int which(void);
int which(void)
{
	int (*next)(void) = (int (*)(void))dlsym(RTLD_NEXT, "which");
	int (*versioned)(void) = (int (*)(void))dlvsym(RTLD_NEXT, "which", "NO_SUCH_1.0");

	return versioned ? -1 : NUMBER + (next ? 10 * next() : 0);
}
