/* What each code means: mechanism, proof, remedy, when not, source, and what to tell the author.
 * Text alone; a code is stable for ever, since scripts and tickets name it. */
#include <string.h>

#include "tools/find/find.h"

const struct code code_table[] = {
	{"N01", "a small write waits for the peer's delayed ACK (write, write, read)",
		"The program sends one message by two or more small writes and then waits for the "
		"answer. The first write leaves as a segment of its own. Nagle's algorithm keeps "
		"the "
		"next small segment back until the first is acknowledged; the peer, which has an "
		"incomplete message and nothing to answer, delays its ACK (40 ms on Linux). Both "
		"wait, "
		"then all goes on.",
		"proven: after the second write the kernel held bytes back (SIOCOUTQNSD > 0) while "
		"others were in flight, with room in both windows. likely: two or more writes, the "
		"last one smaller than a segment, TCP_NODELAY off, and a wait 30 to 65 ms (or 185 "
		"to "
		"270 ms) beyond the median of the endpoint's other turns, without loss. The first "
		"two "
		"turns of a connection are never judged: the kernel acknowledges at once there.",
		"coalesce = \"auto\" joins the writes of a turn into one segment. tcp_nodelay = "
		"true "
		"sends each at once: the wait goes, the extra segment stays.",
		"Not where one write must be one segment (PLC ports), nor where TCP_CORK or "
		"MSG_MORE is "
		"the program's own.",
		"RFC 896; RFC 1122, 4.2.3.2 and 4.2.3.4; tcp(7), TCP_NODELAY; "
		"net/ipv4/tcp_output.c, tcp_nagle_check (Minshall's variant)",
		"Please send each message by one call: collect it in one buffer, or use writev() "
		"or "
		"sendmsg() with several pieces. Setting TCP_NODELAY alone removes the wait, but "
		"sends a "
		"packet for each write."},
	{"N02", "an answer in two small writes waits for the client's delayed ACK",
		"The server writes header and body apart. The body is kept back by Nagle's "
		"algorithm "
		"until the client has acknowledged the header, and the client delays that ACK by "
		"40 "
		"ms, since it has nothing to say before it has the body.",
		"proven: as N01, on a connection on which the peer speaks first. The seconds are "
		"the "
		"client's: from the held write to its next request, 44 ms at most.",
		"coalesce = \"auto\" on the server's port sends header and body as one segment.",
		"As N01.", "as N01",
		"Please write header and body by one call (writev), or set TCP_CORK around both."},
	{"N03", "many small writes in a row, many small segments",
		"The program writes a few bytes at a time and nobody answers in between. Each "
		"write is "
		"a call, and many become packets of their own.",
		"Four or more writes of less than half a segment, less than 200 us apart; the "
		"kernel's "
		"count of data segments against what the bytes need.",
		"coalesce = \"always\" lets full segments go and a tail after coalesce_delay. "
		"coalesce = \"buffer\" saves the calls, too, at the risk that its name says.",
		"Not for streams whose every byte must be seen at once (keystrokes), unless the "
		"delay "
		"does not matter.",
		"RFC 896; tcp(7), TCP_CORK",
		"Please collect several messages before you write them (a buffer of a few KB), or "
		"use "
		"MSG_MORE for all but the last."},
	{"N05", "writes of a few bytes each",
		"The program writes byte by byte, or nearly: each write is a system call and a "
		"chance "
		"for a segment of its own.",
		"100 or more writes, most of them of 4 bytes or less.",
		"coalesce = \"always\", or \"buffer\" with accept_loss = true.", "As N03.",
		"RFC 896", "Please write through a buffer (setvbuf, BufferedOutputStream, bufio)."},
	{"N06", "TCP_CORK is on while the program waits",
		"A corked socket keeps an incomplete segment for up to 200 ms. A program that "
		"forgets "
		"to uncork before it reads waits that long in every turn.",
		"TCP_CORK is set, and the wait is 185 to 270 ms beyond the median, without loss.",
		"tcp_cork = false with force = true, so that the program's own setting does not "
		"count.",
		"Not where the program uncorks in time and something else is slow.",
		"tcp(7), TCP_CORK: a ceiling of 200 milliseconds",
		"Please set TCP_CORK to 0 before you read, or use MSG_MORE on all writes but the "
		"last."},
	{"N11", "answers come in two parts: the peer waits for our ACK",
		"The peer writes its answer by two small writes. Nagle's algorithm on its side "
		"keeps "
		"the second back until we acknowledge the first, and our kernel delays that ACK.",
		"likely: a pause of 30 to 65 ms between two reads of one answer, 20 times or more, "
		"with nothing written in between and no loss.",
		"tcp_quickack = true acknowledges at once after each read (it is armed again each "
		"time, "
		"because the kernel forgets it). The real cure is at the peer: one write an "
		"answer.",
		"Not on links where packets are dear: it sends one ACK for each segment.",
		"tcp(7), TCP_QUICKACK; RFC 1122, 4.2.3.2",
		"For the peer's author: please send each answer by one call (writev)."},
	{"C01", "connects take a second and more: the SYN was sent again",
		"The first SYN was lost, or the listener's accept queue was full and dropped it. "
		"The "
		"kernel tries again after 1 s, then later and later.",
		"proven: connect() took 0.95 s or more and TCP_INFO counts a segment sent again "
		"when "
		"it was done. likely: the time lies at full seconds.",
		"On the peer: a larger backlog (there: listen_backlog). On this side nothing "
		"helps; "
		"tcp_syncnt only makes it give up sooner.",
		"-", "tcp(7), tcp_syn_retries; listen(2), the backlog",
		"Please listen with a larger backlog and accept in a loop of its own."},
	{"C02", "the accept queue overflows",
		"More connections arrive than the program accepts, and the queue that listen() "
		"asked "
		"for is full. The kernel drops what comes, and each client waits 1 s to try again.",
		"proven: ListenOverflows of this network namespace rose, and the listener's queue "
		"was "
		"seen full (TCP_INFO of the listener).",
		"listen_backlog makes the queue longer; net.core.somaxconn bounds it.",
		"Not as a cure for a server that is too slow on the whole: then the queue only "
		"makes "
		"clients wait longer.",
		"listen(2); net/ipv4/tcp_ipv4.c, tcp_conn_request",
		"Please call listen() with SOMAXCONN or a few hundred."},
	{"C03", "a small backlog for many connections",
		"listen() asked for room for a few connections only, and many arrive each second.",
		"A backlog of 16 or less, 50 accepts or more, more than 50 a second.",
		"listen_backlog = 1024.", "-", "listen(2)",
		"Please call listen() with SOMAXCONN or a few hundred."},
	{"C04", "a connection for each transaction",
		"Every exchange pays for a handshake, a slow start and a close.",
		"50 or more connections to one endpoint, most of them with two turns or fewer.",
		"Keep-alive or a pool, in the program: no rule can do it.", "-",
		"RFC 9110, 7.6.1 (for HTTP); RFC 5681 (slow start)",
		"Please keep connections open and use them again."},
	{"D01", "the same name is looked up again and again",
		"Each lookup asks a name server, or reads files, before anything else can happen.",
		"Ten lookups of one name or more, ten a minute or more. The recording keeps a hash "
		"of "
		"names, not the names.",
		"Keep the address in the program, or run a cache on the host.", "-",
		"getaddrinfo(3), nscd(8)",
		"Please look names up once, and again only when a connect fails."},
	{"D02", "lookups run into the resolver's timeout",
		"A name server does not answer, and the resolver waits 5 s before it asks the "
		"next.",
		"Lookups of 4.9 to 5.3 s or 9.8 to 10.5 s.",
		"resolv.conf: options timeout:1 single-request-reopen, or other name servers.", "-",
		"resolv.conf(5)", "This is the host's to mend."},
	{"S01", "sending waits for the program's own send buffer",
		"The window and the network have room, but SO_SNDBUF does not: what is not "
		"acknowledged fills it.",
		"proven: tcpi_sndbuf_limited is a fifth or more of the time that the connection "
		"was "
		"busy.",
		"so_sndbuf = \"auto\" with force = true where the program has fixed it; else a "
		"larger "
		"so_sndbuf.",
		"Not for interactive data: a long buffer is a long wait for what comes last.",
		"socket(7), SO_SNDBUF; include/uapi/linux/tcp.h, tcpi_sndbuf_limited",
		"Please do not set SO_SNDBUF: the kernel tunes it."},
	{"S02", "the peer reads too slowly",
		"The peer's window is full: it does not read as fast as we send, or its receive "
		"buffer "
		"is small.",
		"proven: tcpi_rwnd_limited is a fifth or more of the time that the connection was "
		"busy.",
		"At the peer.", "-", "include/uapi/linux/tcp.h, tcpi_rwnd_limited",
		"For the peer's author: please read in larger pieces, or in a thread of its own."},
	{"S03", "the program has fixed its receive buffer",
		"SO_RCVBUF switches the kernel's tuning off: one such window a round trip is all "
		"that "
		"can arrive.",
		"possible: SO_RCVBUF is set, a megabyte or more came, at about one window a round "
		"trip.",
		"so_rcvbuf = \"auto\" with force = true gives the tuning back.",
		"Not where memory is scarce and connections are many.",
		"socket(7), SO_RCVBUF, SO_BUF_LOCK; tcp(7), tcp_moderate_rcvbuf",
		"Please do not set SO_RCVBUF: the kernel tunes it."},
	{"S06", "reads or writes again at once after EAGAIN",
		"A non-blocking socket is asked in a loop until it has something: CPU for nothing.",
		"100 or more EAGAIN on one connection without a wait or a sleep in between.",
		"poll, epoll or a blocking socket, in the program.", "-", "socket(7), O_NONBLOCK",
		"Please wait with poll() or epoll_wait() before you try again."},
	{"S09", "segments were lost and sent again",
		"Packets did not arrive, and the kernel waited (200 ms or more) before it sent "
		"them "
		"again.",
		"proven: tcpi_total_retrans rose during the turn. Such turns get no other code.",
		"None on this host; look at the path.", "-",
		"RFC 6298; include/uapi/linux/tcp.h, tcpi_total_retrans",
		"This is the network's to mend."},
	{"S11", "options are set to what they are",
		"setsockopt() with the same value again, often around every write.",
		"100 or more calls that repeat the one before on the same connection.",
		"Set it once, in the program.", "-", "setsockopt(2)",
		"Please set options once, after connect() or accept()."},
	{"R04", "one question at a time, back to back",
		"Each question waits for the answer to the one before, so every one costs a round "
		"trip.",
		"possible: 200 or more turns, hardly a pause between an answer and the next "
		"question, "
		"waits of one to three round trips.",
		"Ask for several things at once, or send the next question before the answer is "
		"there.",
		"Not where each question depends on the answer before it.",
		"RFC 2920 (pipelining, for SMTP)",
		"Please send several requests before you read the answers, or use a request that "
		"asks "
		"for many."},
	{"R05", "waits a second for '100 Continue'",
		"The client sends a header with 'Expect: 100-continue' and waits for leave to send "
		"the "
		"body. A server that does not know it says nothing, and the client waits a second.",
		"A pause of 0.95 to 1.05 s between two writes of one turn.",
		"Do not send the header: curl -H 'Expect:'.", "-",
		"RFC 9110, 10.1.1; CURLOPT_EXPECT_100_TIMEOUT_MS(3)",
		"Please answer 'Expect: 100-continue', or do not send it."},
	{"E01", "polls without waiting",
		"poll, select or epoll with a timeout of 0 or 1 ms, found empty hundreds of times "
		"a "
		"second.",
		"500 or more waits with such a timeout that found nothing, more than 500 a second.",
		"A longer timeout, in the program.", "-", "poll(2), epoll_wait(2)",
		"Please wait as long as there is nothing to do: a timeout of -1, and an eventfd or "
		"a "
		"pipe to be woken by."},
	{"L01", "long silences without keepalives",
		"A connection without traffic and without keepalives does not notice that its "
		"peer, or "
		"a firewall in between, has forgotten it.",
		"More than 300 s without a byte, SO_KEEPALIVE off.",
		"so_keepalive with tcp_keepidle, tcp_keepintvl, tcp_keepcnt.",
		"Not on links that are paid by the packet or that are brought up by it.",
		"tcp(7), SO_KEEPALIVE", "Please set SO_KEEPALIVE."},
	{"L03", "a close that resets the connection",
		"close() with unread data, or with SO_LINGER 0, sends a reset. The peer may lose "
		"what "
		"it had not read yet.",
		"Unread bytes at close (SIOCINQ), or a linger of 0 seconds.",
		"Read to the end of the answer, or shutdown() and read until it is empty.", "-",
		"RFC 1122, 4.2.2.13; RFC 2525, 2.17; socket(7), SO_LINGER",
		"Please read what the peer has sent before you close, and do not set SO_LINGER to "
		"0."},
	{"F01", "a file is copied to a socket through the program",
		"Each piece is read into the program and written out again, where the kernel could "
		"hand over the pages.",
		"64 or more pairs, 4 MB or more: a read of a regular file followed by a write of "
		"the "
		"same bytes in the same thread.",
		"sendfile(2), in the program. coalesce = \"buffer\" saves a part of the calls.",
		"Not for data that is encrypted in the program.", "sendfile(2)",
		"Please use sendfile() (socket.sendfile in Python, FileChannel.transferTo in "
		"Java)."},
	{"A01", "the time is in the program",
		"Between one call on a socket and the next the program computes, reads files, "
		"waits for "
		"locks or children. Sockets have nothing to do with it.",
		"More than half of the run, no thread that uses sockets was waiting on one.",
		"A profiler: perf record, py-spy, a database's slow log.", "-", "-",
		"The time is in your program, not on the network."},
	{"A02", "the peer was thinking",
		"The program waited for answers, and nothing about these waits looks like a stall.",
		"A tenth of the run or more in waits without a finding.",
		"Look at the peer: record it, too.", "-", "-",
		"The server takes this long to answer."},
	{"A03", "the program already does it right",
		"It writes each message by one call, or has set TCP_NODELAY.",
		"One write in 95 of 100 turns, or TCP_NODELAY on every connection.", "Nothing.",
		"-", "-", "Nothing to do."},
};
const size_t code_count = sizeof(code_table) / sizeof(*code_table);

const struct code *code_find(const char *name)
{
	for (size_t i = 0; i < code_count; i++)
		if (strcmp(code_table[i].name, name) == 0)
			return &code_table[i];
	return NULL;
}
