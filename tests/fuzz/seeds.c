/* Writes the seeds of fuzz_trace.c into a folder: small traces that reach every part of the reader
 * and of the fold. `tests/fuzz/run.sh seeds` calls it. */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/helper/trace_text.h"

static const struct seed {
	const char *name, *text;
} seed_table[] = {
	{"import", "client 1 10.0.0.1:143 syn.min_rtt_us=50\n"
		   "1: connect~0.2ms r38~1ms { w27 r6~1ms w480..1390 w2(proven) r82~43ms } x9 "
		   "close\n"},
	{"server", "listener 1 8000 backlog=5\nserver 2 8000\n1: accept(done=2)~1s\n"
		   "2: { r120~9ms w200 w1000(proven) } x9 r0 close\n"},
	{"loop", "client 1 10.0.0.1:80\nclient 2 [::1]:80\n"
		 "0: { epoll_wait(covers=1/2,done=2)~3ms epoll_wait~1ms } x3\n"
		 "1: { again w9(nonblock) poll(covers=1,done=1)~2ms r5(nonblock) } x9 close\n"
		 "2: w400(asked=1000) w600 r5~210ms probe(asked=3) shutdown close\n"},
	{"threads", "client 1 10.0.0.1:25\nthread 7\n1: @0s { r82~50ms } x3\n"
		    "thread 8\n1: @5ms { w480 w2 +50ms } x3\nthread 9\n0: nanosleep~9ms\n"},
	{"files",
		"client 1 10.0.0.1:80\n1: { file8192 w8192 } x20 { w4 w100 } x9 r2 { r1448 } x9\n"},
	{"names", "client 1 10.0.0.1:80\nunknown 2 10.0.0.1:22\n"
		  "0: getaddrinfo(asked=77)~5s name(extra=0) getnameinfo(error=2)\n"
		  "1: socket setsockopt(asked=393217,done=1) connect(error=115) getsockopt w9 r9\n"
		  "2: r5 w7 ioctl(asked=21531) dup\n"},
	{"limits", "client 1 10.0.0.1:80 syn.min_rtt_us=900 tcp.busy_us=9000000 "
		   "tcp.rwnd_limited_us=8000000 tcp.sndbuf_limited_us=3000000 opt.buf_lock=3 "
		   "opt.rcvbuf=65536 opt.linger=0 holds=7 late=1 late_ns=9000000 given_up=3 "
		   "proven=9 fdopened=1\n"
		   "server 2 80 tcp.busy_us=9000000 tcp.rwnd_limited_us=9000000 unread=3\n"
		   "listener 3 80 backlog=1 backlog_set=1 accepted=99 queue_peak=2 queue_limit=1\n"
		   "1: connect~1s { w9~1ms r9~40ms } x30 close\n2: { r9~9ms w9 } x9 close\n"},
	{"short", "server 1 46233 tcp.busy_us=200000 tcp.rwnd_limited_us=100000\n"
		  "1: r9 w9 r9 w9 close\n"},
	{"ends", "client 1 10.0.0.1:80\nserver 2 80\n"
		 "thread 1\n1: @1ms { w9 w5(proven) r8~41ms +1ms } x6 close\n"
		 "thread 2\n2: @1ms { r9~0.05ms r5~40ms w8 +2ms } x6 close\n"},
	{"long", "client 1 10.0.0.1:80\n1: w9 r9~1099511627775ns @3000s w9(bare) r9 w9(mended) "
		 "r9\n"},
};

int main(int argc, char **argv)
{
	for (size_t i = 0; argc == 2 && i < sizeof(seed_table) / sizeof(*seed_table); i++) {
		char path[512];
		size_t length;
		unsigned char *bytes = trace_text_file(seed_table[i].text, &length);

		snprintf(path, sizeof(path), "%s/%s.trace", argv[1], seed_table[i].name);
		FILE *file = fopen(path, "w");
		if (!file || fwrite(bytes, 1, length, file) != length || fclose(file) != 0) {
			perror(path);
			return 1;
		}
		free(bytes);
	}
	return argc != 2;
}
