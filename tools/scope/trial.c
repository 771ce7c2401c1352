/* Each option is set twice on a connection from this host to itself: by setsockopt() before
 * connect(), and by our program in a cgroup made for it. What getsockopt() answers must be the
 * same. A kernel before 6.1 takes some options from the process alone, and says so to nobody. */
#include "tools/scope/trial.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "tools/base/child.h"
#include "tools/base/memory.h"
#include "tools/scope/attach.h"
#include "tools/scope/own.h"
#include "tools/scope/program.h"
#include "tools/scope/takes.h"

/* One setting of a rule. */
struct tried {
	const struct rule *rule;
	struct setting setting; /* coalesce is TCP_NODELAY here */
	unsigned char wanted[16], got[16];
	bool refused;
};

struct trial {
	struct tried *tried;
	size_t count;
};

/* ---- what is tried ---- */

/* What the two are made into by a connection is the kernel's to say, and differs from socket to
 * socket. */
static bool reads_back(int id)
{
	return takes_option(id) && id != OPTION_TCP_MAXSEG && id != OPTION_TCP_WINDOW_CLAMP;
}

static void add(struct trial *trial, const struct rule *rule, struct setting setting)
{
	const bool joins = setting.option == OPTION_COALESCE &&
			   setting.value.kind == VALUE_NUMBER &&
			   setting.value.number != COALESCE_OFF;

	if (joins)
		setting = (struct setting){OPTION_TCP_NODELAY, false, {VALUE_NUMBER, 1, ""}};
	if (!reads_back(setting.option) || takes_not(&setting) || setting.value.kind == VALUE_KEEP)
		return;
	trial->tried = memory_grow(trial->tried, trial->count, sizeof(*trial->tried));
	trial->tried[trial->count++] = (struct tried){.rule = rule, .setting = setting};
}

static void add_all(struct trial *trial, const struct ruleset *set)
{
	for (size_t i = 0; i < set->count; i++)
		for (size_t k = 0; k < set->rule[i].settings && !set->rule[i].veto; k++)
			add(trial, &set->rule[i], set->rule[i].setting[k]);
}

/* ---- one connection ---- */

static int listen_here(struct sockaddr_in *here)
{
	socklen_t length = sizeof(*here);
	const int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	*here = (struct sockaddr_in){
		.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	if (fd >= 0 && bind(fd, (struct sockaddr *)here, sizeof(*here)) == 0 &&
		listen(fd, 1) == 0 && getsockname(fd, (struct sockaddr *)here, &length) == 0)
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

/* What getsockopt() answers on a new connection; itself: set before by ourselves. False: there is
 * no connection to be had. */
static bool ask(const struct setting *setting, bool itself, unsigned char answer[16])
{
	const struct option *option = &option_table[setting->option];
	struct sockaddr_in here;
	const int listener = listen_here(&here);
	const int fd = listener < 0 ? -1 : socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	const struct timeval soon = {.tv_usec = 200000};
	unsigned char bytes[16];
	const size_t size = option_encode(setting->option, &setting->value, bytes);
	socklen_t length = 16;
	bool done = fd >= 0;

	memset(answer, 0, 16);
	if (done) /* somebody may drop what goes to this host itself */
		setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &soon, sizeof(soon));
	if (done && itself)
		setsockopt(fd, option->level, option->optname, bytes, (socklen_t)size);
	done = done && connect(fd, (struct sockaddr *)&here, sizeof(here)) == 0 &&
	       getsockopt(fd, option->level, option->optname, answer, &length) == 0;
	if (fd >= 0)
		close(fd);
	if (listener >= 0)
		close(listener);
	return done;
}

static bool by_program(const char *cgroup, struct tried *tried)
{
	struct rule rule = {
		.name = "trial",
		.match = {.named = 1u << MATCH_ROLE, .role = ROLE_ANY},
		.setting = &tried->setting,
		.settings = 1,
	};
	const struct ruleset set = {&rule, 1};
	struct attach_refusal refusal = {.log = NULL};
	struct bpf_insn *insn;
	size_t count;
	int result = program_make(&set, &insn, &count);

	if (result) /* a switch that is off is off */
		return false;
	result = attach_program(cgroup, insn, count, "", &refusal);
	free(insn);
	free(refusal.log);
	return result >= 0 && ask(&tried->setting, false, tried->got);
}

/* ---- in a child, which ends with it ---- */

static bool enter(const char *cgroup)
{
	char path[PATH_MAX + 16];
	int fd;
	bool done;

	snprintf(path, sizeof(path), "%s/cgroup.procs", cgroup);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	done = fd >= 0 && write(fd, "0", 1) == 1;
	if (fd >= 0)
		close(fd);
	return done;
}

static _Noreturn void try_all(struct trial *trial, const char *cgroup, int out)
{
	unsigned char refused[trial->count];
	bool known[trial->count];

	memset(refused, 0, sizeof(refused));
	for (size_t i = 0; i < trial->count; i++)
		known[i] = ask(&trial->tried[i].setting, true, trial->tried[i].wanted);
	if (!enter(cgroup))
		_exit(1);
	for (size_t i = 0; i < trial->count; i++) {
		struct tried *tried = &trial->tried[i];

		refused[i] = known[i] && by_program(cgroup, tried) &&
			     memcmp(tried->wanted, tried->got, sizeof(tried->got)) != 0;
	}
	_exit(write(out, refused, sizeof(refused)) != (ssize_t)sizeof(refused));
}

static void play(struct trial *trial, const char *cgroup)
{
	unsigned char refused[trial->count];
	int ends[2];
	pid_t child;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return;
	child = child_fork();
	if (child == 0)
		try_all(trial, cgroup, ends[1]);
	close(ends[1]);
	if (child > 0 && read(ends[0], refused, sizeof(refused)) == (ssize_t)sizeof(refused))
		for (size_t i = 0; i < trial->count; i++)
			trial->tried[i].refused = refused[i];
	close(ends[0]);
	if (child > 0)
		child_reap(child);
}

/* ---- the answer ---- */

static bool say_refused(const struct trial *trial,
	void (*tell)(const struct rule *rule, bool refused, const char *sentence))
{
	size_t refused = 0;
	char sentence[128];

	for (size_t i = 0; i < trial->count; i++) {
		const struct tried *tried = &trial->tried[i];

		if (!tried->refused)
			continue;
		refused++;
		snprintf(sentence, sizeof(sentence),
			"this kernel does not take %s from a program on a cgroup (Linux 6.1 does)",
			option_table[tried->setting.option].name);
		tell(tried->rule, true, sentence);
	}
	return !refused || refused < trial->count;
}

bool trial_passes(const struct ruleset *set,
	void (*tell)(const struct rule *rule, bool refused, const char *sentence))
{
	struct trial trial = {.count = 0};
	struct own own;
	bool passes = true;

	add_all(&trial, set);
	if (trial.count && own_make(&own) == 0) {
		play(&trial, own.path);
		own_drop(&own);
		passes = say_refused(&trial, tell);
	}
	free(trial.tried);
	return passes;
}
