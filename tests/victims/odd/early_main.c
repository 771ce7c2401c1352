/* Goes on with the connection that its library made before any preloaded library had begun. */
#include "tests/victims/victim.h"

int early_fd(void);

int main(void)
{
	int fd = early_fd();

	say(fd, "la");
	say(fd, "te\n");
	NEED(hear(fd));
	wrote(fd, 11);
	wait_go();
	return 0;
}
