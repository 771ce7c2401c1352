/* Hooks of the calls that may block on a child, a lock, a message or a name server: what is held
 * goes before.
 */
#include "shim/export.h"
#include "shim/flow/flow.h"
#include "shim/real.h"

EXPORT pid_t wait(int *status)
{
	flow_wait();
	return real()->wait(status);
}

EXPORT pid_t wait3(int *status, int options, struct rusage *usage)
{
	flow_wait();
	return real()->wait3(status, options, usage);
}

EXPORT pid_t wait4(pid_t pid, int *status, int options, struct rusage *usage)
{
	flow_wait();
	return real()->wait4(pid, status, options, usage);
}

EXPORT pid_t waitpid(pid_t pid, int *status, int options)
{
	flow_wait();
	return real()->waitpid(pid, status, options);
}

EXPORT int waitid(idtype_t type, id_t id, siginfo_t *info, int options)
{
	flow_wait();
	return real()->waitid(type, id, info, options);
}

EXPORT int flock(int fd, int operation)
{
	flow_wait();
	return real()->flock(fd, operation);
}

EXPORT int lockf(int fd, int command, off_t length)
{
	flow_wait();
	return real()->lockf(fd, command, length);
}

EXPORT int lockf64(int fd, int command, off64_t length)
{
	flow_wait();
	return real()->lockf64(fd, command, length);
}

EXPORT int system(const char *command)
{
	flow_wait();
	flow_spawning(false); /* before what it starts can write */
	return real()->system(command);
}

EXPORT FILE *popen(const char *command, const char *mode)
{
	flow_wait();
	flow_spawning(false);
	return real()->popen(command, mode);
}

EXPORT int pclose(FILE *stream)
{
	flow_wait();
	return real()->pclose(stream);
}

EXPORT int getaddrinfo(const char *restrict node, const char *restrict service,
	const struct addrinfo *restrict hints, struct addrinfo **restrict found)
{
	flow_wait();
	return real()->getaddrinfo(node, service, hints, found);
}

EXPORT int getnameinfo(const struct sockaddr *restrict address, socklen_t length,
	char *restrict host, socklen_t host_size, char *restrict service, socklen_t service_size,
	int flags)
{
	flow_wait();
	return real()->getnameinfo(address, length, host, host_size, service, service_size, flags);
}

EXPORT struct hostent *gethostbyname(const char *name)
{
	flow_wait();
	return real()->gethostbyname(name);
}

EXPORT struct hostent *gethostbyname2(const char *name, int family)
{
	flow_wait();
	return real()->gethostbyname2(name, family);
}

EXPORT struct hostent *gethostbyaddr(const void *address, socklen_t length, int family)
{
	flow_wait();
	return real()->gethostbyaddr(address, length, family);
}

EXPORT int gethostbyname_r(const char *restrict name, struct hostent *restrict entry,
	char *restrict buf, size_t size, struct hostent **restrict found, int *restrict error)
{
	flow_wait();
	return real()->gethostbyname_r(name, entry, buf, size, found, error);
}

EXPORT int gethostbyname2_r(const char *restrict name, int family, struct hostent *restrict entry,
	char *restrict buf, size_t size, struct hostent **restrict found, int *restrict error)
{
	flow_wait();
	return real()->gethostbyname2_r(name, family, entry, buf, size, found, error);
}

EXPORT int gethostbyaddr_r(const void *restrict address, socklen_t length, int family,
	struct hostent *restrict entry, char *restrict buf, size_t size,
	struct hostent **restrict found, int *restrict error)
{
	flow_wait();
	return real()->gethostbyaddr_r(address, length, family, entry, buf, size, found, error);
}

EXPORT ssize_t msgrcv(int queue, void *message, size_t size, long type, int flags)
{
	flow_wait();
	return real()->msgrcv(queue, message, size, type, flags);
}

EXPORT int semop(int set, struct sembuf *operation, size_t count)
{
	flow_wait();
	return real()->semop(set, operation, count);
}

EXPORT int semtimedop(
	int set, struct sembuf *operation, size_t count, const struct timespec *timeout)
{
	flow_wait();
	return real()->semtimedop(set, operation, count, timeout);
}

EXPORT ssize_t mq_receive(mqd_t queue, char *buf, size_t size, unsigned int *priority)
{
	flow_wait();
	return real()->mq_receive(queue, buf, size, priority);
}

EXPORT ssize_t mq_timedreceive(mqd_t queue, char *restrict buf, size_t size,
	unsigned int *restrict priority, const struct timespec *restrict limit)
{
	flow_wait();
	return real()->mq_timedreceive(queue, buf, size, priority, limit);
}

EXPORT int aio_suspend(
	const struct aiocb *const list[], int count, const struct timespec *restrict timeout)
{
	flow_wait();
	return real()->aio_suspend(list, count, timeout);
}

EXPORT int aio_suspend64(
	const struct aiocb64 *const list[], int count, const struct timespec *restrict timeout)
{
	flow_wait();
	return real()->aio_suspend64(list, count, timeout);
}
