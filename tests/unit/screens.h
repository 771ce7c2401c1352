/* The screens that test_screens.c keeps: a row each. The file of a row is screens/NAME.txt; to add
 * one, write it here and run with UPDATE=1. Each finding code and each verdict has a row, and what
 * was hard to read once. */
#ifndef SOCKFIX_TEST_SCREENS_H
#define SOCKFIX_TEST_SCREENS_H

/* What is printed of the run. */
enum shown { REPORT, ALL, CODE, VIEWS, SUGGEST, PROVE, DIFF };

struct screen {
	const char *name; /* begins with the code that must be found, if it begins with a capital */
	enum shown shown;
	const char *text; /* trace_text.h; of DIFF both runs, with AFTER between them */
};

#define IMPORT "run status=0 command='/usr/bin/python3 /opt/tools/mail/import.py --count 300'\n"
#define LONG                                                                                       \
	"command='/usr/bin/python3 /opt/very/long/path/to/the/tools/import.py --user "             \
	"postmaster@example.com --source /var/spool/old/mail --folder INBOX --batch 300 --retry "  \
	"5 --last'"
#define IMAP(at)  "client 1 " at " proven=50 tcp.min_rtt_us=50\n1: connect~0.2ms r38~1ms"
#define STALL	  " { w27 r6~0.2ms w480..1390 w2(proven) r82~43.8ms probe +0.3ms } x50 close\n"
#define LATE_SYN  "syn.total_retrans=1"
#define OVERFLOWS "run before.listen_overflows=10 after.listen_overflows=15 status=0\n"
#define SENDS                                                                                      \
	"client 1 10.0.0.3:873 tcp.min_rtt_us=2000 tcp.bytes_acked=6553600 tcp.busy_us=1000000 "
#define NAMED "client 1 10.0.0.1:80\n1: w20 r20~1ms\n"
#define AFTER "== after ==\n"
#define SIXTY                                                                                      \
	"client 1 10.0.0.7:3306\n1: { connect~0.2ms w20 r20~1ms } x1 close\n"                      \
	"client 2 10.0.0.7:3306 " LATE_SYN "\n2: connect~1020ms { w20 r20~1ms } x120 close\n"
#define V6    "[2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff]:65143"
#define RULED "1:+imap@role=client@:coalesce=1+n01-10-0-0-1-143@port=143@:tcp_nodelay=1+=2"

static const struct screen screen_table[] = {
	/* ---- codes ---- */
	{"N01", REPORT, IMPORT IMAP("10.0.0.1:143") STALL},
	{"N01-code", CODE, IMPORT IMAP("10.0.0.1:143") STALL},
	{"N01-polled", CODE,
		"client 1 10.0.0.1:143 proven=50\n1: { w27 r6~0.2ms w480..1390 w2(proven) "
		"poll(covers=1,done=1)~43.8ms r82 probe +0.3ms } x50 close\n"},
	{"N01-suggest", SUGGEST, "run " LONG "\n" IMAP("10.0.0.1:143") STALL},
	{"N01-suggest-v6", SUGGEST, IMPORT IMAP(V6) STALL},
	{"N01-possible", REPORT,
		"client 1 10.0.0.1:143 tcp.min_rtt_us=50 fdopened=1 tcp.bytes_acked=90000 "
		"tcp.bytes_sent=90000\n1: { w20 r6~1ms w100 r82~43ms } x50 close\n"},
	{"N02", REPORT,
		"server 1 8000 proven=50 tcp.min_rtt_us=50\n1: { r73 w199 w6 } x2\n"
		"1: { r73~1ms probe w199 w6(proven) +43.3ms } x50 r0 close\n"},
	{"N02-code", CODE,
		"server 1 8000 proven=50 tcp.min_rtt_us=50\n1: { r73 w199 w6 } x2\n"
		"1: { r73~1ms probe w199 w6(proven) +43.3ms } x50 r0 close\n"},
	{"N02-likely", REPORT,
		"server 1 8000 proven=50\n1: { r73 w199 w6 } x2\n"
		"1: { r73~1s w199 w6(proven) } x50 r0 close\n"},
	{"N02-threads", REPORT,
		"server 1 8000 proven=50\nserver 2 8000 proven=50\n"
		"thread 1\n1: @0s { r73 w199 w6 } x2\n1: { r73~43ms probe w199 w6(proven) } x50 r0 "
		"close\n"
		"thread 2\n2: @20ms { r73 w199 w6 } x2\n2: { r73~43ms probe w199 w6(proven) } x50 "
		"r0 close\n"
		"thread 3\n0: +10ms\n2: { w9 +2ms } x900\n"},
	{"N03", REPORT, "client 1 10.0.0.5:2003 tcp.data_segs_out=9000\n1: { w50 } x20000 close\n"},
	{"N05", REPORT, "client 1 10.0.0.5:2003 tcp.data_segs_out=3000\n1: { w1 } x5000 close\n"},
	{"N06", REPORT,
		"client 1 10.0.0.1:25 tcp.min_rtt_us=50 theirs=0xffffffff opt.cork=1\n"
		"1: { w20 r5~1ms } x3 { w100(cork) r5(cork)~204ms probe(done=4) w20 r5~1ms } x30 "
		"close\n"},
	{"N07", REPORT,
		"server 1 8080\n1: { r67~1ms w67 } x2\n"
		"1: { r67~207ms probe(done=4) w67(more) } x30 r0~1ms close\n"},
	{"N11", REPORT,
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199~0.5ms r6~43ms } x50\n"},
	{"N11-code", CODE,
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199~0.5ms r6~43ms } x50\n"},
	{"C01", REPORT, "run status=256\n" SIXTY},
	{"C02", REPORT,
		OVERFLOWS "listener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 "
			  "accepted=4000\nserver 2 9999\n1: listen accept(done=2)~1ms\n"
			  "2: r20~1ms w20 close\n"},
	{"C03", ALL,
		"listener 1 9999 backlog=5 backlog_set=5 queue_peak=1 queue_limit=8 accepted=400\n"
		"server 2 9999\n1: listen accept(done=2)~900ms\n2: r20~1ms w20\n"},
	{"C04", REPORT, NULL}, /* written by the test: 60 connections */
	{"D01", REPORT, NAMED "0: { getaddrinfo(asked=7)~20ms } x40\n"},
	{"D02", REPORT, NAMED "0: getaddrinfo(asked=7)~5005ms getaddrinfo(asked=8)~10010ms\n"},
	{"D03", REPORT,
		NAMED "0: getaddrinfo(asked=1)~300ms getaddrinfo(asked=2)~350ms +1s\n1: r0~1us\n"},
	{"S01", REPORT,
		SENDS "tcp.sndbuf_limited_us=600000 opt.buf_lock=1\n"
		      "1: { w65536~10ms } x100 r9~1ms close\n"},
	{"S02", REPORT, SENDS "tcp.rwnd_limited_us=500000\n1: { w65536~10ms } x100 r9~1ms close\n"},
	{"S03", REPORT,
		"client 1 10.0.0.3:873 tcp.min_rtt_us=20000 opt.rcvbuf=131072 opt.buf_lock=2\n"
		"1: w20 { r65536~20ms } x50 close\n"},
	{"S06", REPORT, "client 1 10.0.0.1:80\n1: w20 { again~1us } x30000 r20 close\n"},
	{"S09", REPORT,
		"client 1 10.0.0.1:80 syn.taken=1000000000001 tcp.min_rtt_us=900 "
		"tcp.total_retrans=2\n1: { w20 r5~1ms } x50 w20 r5~240ms probe(asked=1) w20 r5~1ms "
		"w90 w2(proven) r5~240ms probe(asked=2) w20 r5~1ms close\n"},
	{"S11", REPORT,
		"client 1 10.0.0.1:80\n"
		"1: { setsockopt(asked=0x60001,done=1)~100us w20 r5~1us } x200 close\n"},
	{"R04", REPORT,
		"client 1 10.0.0.9:6379 tcp.min_rtt_us=20000\n1: { w20 r20~21ms } x300 close\n"},
	{"R05", REPORT,
		"client 1 10.0.0.9:80\n1: connect~0.2ms w200 poll(covers=1,extra=1000)~1001ms "
		"w50000 r20~2ms close\n"},
	{"E01", REPORT,
		"client 1 10.0.0.1:80\n"
		"1: w20 { poll(covers=1,extra=0)~20us } x2000 r20 close\n"},
	{"L01", ALL,
		"client 1 10.0.0.7:3306 opt.keepalive=0\n1: { w20 r20~1ms } x5 +400s w20 r20~1ms "
		"close\n"},
	{"L03", REPORT,
		"client 1 10.0.0.7:9999 opt.linger=0 unsent=10\n1: { w20 r20~1ms } x5 close\n"},
	{"F01", REPORT, "server 1 8000\n1: r80~1ms { file8192~2us w8192~5us } x10000 close\n"},
	{"X01", REPORT,
		"run wall=41.8s rules='" RULED "'\n"
		"client 1 10.0.0.1:143 late=200 late_ns=41600000000 opt.nodelay=1 ours=1\n"
		"1: { w27(held) +208ms w3 r9~0.3ms } x200 close\n"},
	{"A01", REPORT, "run wall=10s\nclient 1 127.0.0.1:25\n1: { w50 r20~2ms } x100 close\n"},
	{"A02", REPORT,
		"client 1 127.0.0.1:25 tcp.min_rtt_us=20\n"
		"1: { w50 r20~0.1ms w900 r38~29ms } x100 close\n"},
	{"A02-far", REPORT,
		"client 1 10.0.0.9:25 tcp.min_rtt_us=20000\n"
		"1: { w50 r20~21ms w900 r38~38ms } x100 close\n"},
	{"A02-quick", REPORT,
		"client 1 127.0.0.1:6379 tcp.min_rtt_us=10\n1: { w50 r20~15us } x9000 close\n"},
	{"A02-server", REPORT, "server 1 8000\n1: { r50~10ms w900 } x100 r0 close\n"},
	{"A02-server-quick", REPORT, "server 1 8000\n1: { r50~12us w900 } x9000 r0 close\n"},
	{"A03", ALL, "client 1 127.0.0.1:25\n1: { w50 r20~2ms } x100 close\n"},
	{"C02-code", CODE,
		OVERFLOWS "listener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 "
			  "accepted=4000\nserver 2 9999\n1: listen accept(done=2)~1ms\n"
			  "2: r20~1ms w20 close\n"},
	{"D01-code", CODE, NAMED "0: { getaddrinfo(asked=7)~20ms } x40\n"},
	{"X01-code", CODE,
		"run wall=41.8s rules='" RULED "'\n"
		"client 1 10.0.0.1:143 late=200 late_ns=41600000000 opt.nodelay=1 ours=1\n"
		"1: { w27(held) +208ms w3 r9~0.3ms } x200 close\n"},
	{"A02-code", CODE,
		"client 1 127.0.0.1:25 tcp.min_rtt_us=20\n"
		"1: { w50 r20~0.1ms w900 r38~29ms } x100 close\n"},
	{"C02-suggest", SUGGEST,
		OVERFLOWS "listener 1 9999 backlog=1 backlog_set=1 queue_peak=2 queue_limit=1 "
			  "accepted=4000\nserver 2 9999\n1: listen accept(done=2)~1ms\n"
			  "2: r20~1ms w20 close\n"},
	{"N03-suggest", SUGGEST,
		"client 1 10.0.0.5:2003 tcp.data_segs_out=9000\n1: { w50 } x20000 close\n"},
	{"N11-suggest", SUGGEST,
		"client 1 127.0.0.1:8000 tcp.min_rtt_us=10\n1: { w73 r199~0.5ms r6~43ms } x50\n"},

	/* ---- verdicts, and what is said above them ---- */
	{"spikes", REPORT, NULL}, /* written by the test: 60 connections, one slow */
	{"mended", REPORT,
		"run wall=41.8s rules='" RULED "'\n"
		"client 1 10.0.0.1:143 opt.nodelay=1 ours=1\n"
		"1: { w27(held) w3 r9~1ms } x4000 close\n"},
	{"nothing", REPORT, "run wall=2s status=0 command='/bin/true'\n0: poll~1ms\n"},
	{"elsewhere", REPORT,
		"run wall=2s command='sudo -u x import' elsewhere='sudo drops LD_PRELOAD: write "
		"sudo -u x sockfix record -- import.'\n"},
	{"views", VIEWS, IMPORT IMAP("10.0.0.1:143") STALL},
	{"views-v6", VIEWS,
		"run " LONG "\n" IMAP(V6) STALL
		"0: +1s poll~1ms { getaddrinfo(asked=7)~20ms } x40\n"},
	{"alone", REPORT, "run wall=2s command='sh -c import' alone=1\n"},
	{"unseen", REPORT,
		"run wall=2s unseen=3 unseen_names='ping, kubectl'\n"
		"client 1 10.0.0.1:143\n1: { w9 r9~9ms } x50 close\n"},
	{"bypass", REPORT,
		"run wall=2s bypass.connections=2 bypass.sent=8388608 bypass.received=1200 "
		"bypass.names='fpc-client (PID 4711), helper (PID 4712)'\n"
		"client 1 10.0.0.1:143\n1: { w9 r9~9ms } x50 close\n"},
	{"bypass-nothing", REPORT,
		"run wall=2s bypass.connections=1 bypass.sent=840 bypass.received=210 "
		"bypass.names='fpc-client (PID 4711)'\n"},
	{"busy", REPORT,
		"client 1 10.0.0.1:143 tcp.min_rtt_us=50 fdopened=1 tcp.bytes_acked=600 "
		"tcp.bytes_received=120 tcp.data_segs_in=40 tcp.data_segs_out=80 "
		"tcp.busy_us=1700000\n1: +2s close\n"},
	{"held-not-timed", REPORT,
		"client 1 10.0.0.1:143 proven=40 tcp.min_rtt_us=50\n1: { w9 r9~1ms } x4\n"
		"1: { w100 w2(proven) +1us r82~43ms } x19 { w100 w2(proven) w3(proven) r82~43ms } "
		"x19 { w100 r82~1ms } x2 close\n"},
	{"held-unseen-call", REPORT,
		"client 1 10.0.0.1:143 proven=38 tcp.min_rtt_us=50\n1: { w9 r9~1ms } x2\n"
		"1: { w100 w2(proven) +43ms r82 } x38 close\n"},
	{"held-early", REPORT,
		"client 1 10.0.0.1:143 proven=2 tcp.min_rtt_us=50\n1: { w100 w2(proven) r82~44ms } "
		"x2 close\n"},
	{"not-asked", REPORT,
		"client 1 10.0.0.1:143 tcp.min_rtt_us=50\n"
		"1: { w20 r6~1ms w100 w8000 r82~44ms } x50 close\n"},
	{"killed", REPORT,
		"run status=15\nserver 1 8000\nserver 2 8000 unasked\n"
		"1: { r50~10ms w900 } x50 r0 close\n2: { r50~10ms w900 } x50\n"},
	{"everything-missing", REPORT,
		"run status=9 refused=2 barred=1 missing=3 confined=1 unread=1 damaged=1 "
		"unread_why='1234-ab.trace: cut off at 100 of 4096 bytes' rules='2:nonsense'\n"
		"client 1 10.0.0.1:143 fdopened=1 tcp.bytes_acked=90000\n1: { w9 r9~9ms } x50 "
		"close\nclient 2 10.0.0.2:143 unasked\n2: w9 r9~1ms\n"},
	{"full", REPORT,
		"run wall=3s\nprocess full=1\nclient 1 10.0.0.1:143\n1: { w9 r9~9ms } x50 close\n"},
	{"living", REPORT, "run living=2\nclient 1 10.0.0.1:143\n1: { w9 r9~9ms } x50 close\n"},
	{"processes", REPORT,
		IMPORT IMAP("10.0.0.1:143") STALL "process pid=7\nclient 1 10.0.0.2:143 proven=50 "
						  "tcp.min_rtt_us=50\n1: r38~1ms" STALL
						  "process pid=8\nclient 1 " V6 " proven=50 "
						  "tcp.min_rtt_us=50\n1: r38~1ms" STALL},
	{"peer-v6", REPORT,
		"run " LONG "\n" IMAP(V6) STALL "client 2 10.0.0.7:3306 " LATE_SYN
						"\n2: connect~1020ms w20 r20~1ms close\n"},
	{"peer-v6-code", CODE, "run " LONG "\n" IMAP(V6) STALL},
	{"dialect", ALL,
		"client 1 10.0.0.1:143\n1: { w27 r6~2ms } x20 { w1..9 r6~2ms w100..900 w33 r6 } "
		"x20 "
		"{ w5 r90~2ms r8 w9 w9 r70 w700 r700 w80 w800 r3 } x20 { r7 w7 } x7 close\n"},

	/* ---- the other verbs ---- */
	{"suggest-none", SUGGEST,
		"run rules='" RULED "' " LONG
		"\nclient 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n"},
	{"suggest-unread-rules", SUGGEST,
		"run rules='2:nonsense'\nclient 1 10.0.0.1:143\n1: { w9 r9~1ms } x50 close\n"},
	{"prove", PROVE,
		"run status=256 " LONG " rules='" RULED "'\nclient 1 10.0.0.1:143\n"
		"1: { { w9(bare) w2(bare,proven) r9~40ms } x4 { w9(mended) r9~1ms } x3 } x6 "
		"close\n"},
	{"prove-unsure", PROVE,
		"client 1 10.0.0.1:143\n1: { w9(bare) r9~40ms w9(mended) r9~1ms } x4 close\n"},
	{"prove-equal", PROVE,
		"client 1 10.0.0.1:143\n1: { w9(bare) r9~2ms w9(mended) r9~3ms w9(bare) r9~4ms "
		"w9(mended) r9~1ms } x5 close\n"},
	{"prove-slower", PROVE,
		"client 1 10.0.0.1:143\n1: { { w9(mended) r9~3ms } x2 { w9(bare) r9~2ms } x2 } "
		"x5\n"},
	{"prove-nothing", PROVE, "run status=256\nclient 1 10.0.0.1:143\n1: r9~3ms close\n"},
	{"diff", DIFF,
		IMPORT IMAP("10.0.0.1:143") STALL AFTER
		"run " LONG " rules='" RULED "'\nclient 1 10.0.0.1:143\n"
		"1: { w27 r6~0.2ms w480..1390 w2 r82~1ms } x50 close\n"},
	{"diff-equal", DIFF,
		IMPORT IMAP("10.0.0.1:143") STALL AFTER IMPORT IMAP("10.0.0.1:143") STALL},
	{"diff-worse", DIFF,
		"client 1 10.0.0.1:143\n1: { w100 r82~1ms } x50 close\n" AFTER
		"client 1 10.0.0.1:143\n1: { w100 r82~2ms } x50 close\n"},
	{"diff-unlike", DIFF,
		IMPORT IMAP("10.0.0.1:143") STALL AFTER
		"run command='curl -s http://example.com/'\nclient 1 10.0.0.1:80\n1: w27 r6 "
		"close\n"},
};

#endif
