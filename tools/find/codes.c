/* What each code means: mechanism, proof, remedy, when not, source, and what to tell the author.
 * Text alone; a code is stable for ever, since scripts and tickets name it. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "tools/find/find.h"

#define ONE_WRITE_ONE_SEGMENT                                                                      \
	"Not where one write must be one segment (PLC ports 102, 502, 2404, 20000, 44818)."

const struct code code_table[] = {
	{"N01", SORT_STALL, IN_STALLED, true,
		"a small write waits for the peer's delayed ACK (write, write, read)",
		"The program sends one message by two or more small writes and then waits for the "
		"answer. The first write leaves at once as a segment of its own. Nagle's algorithm "
		"keeps the next small segment back until the first is acknowledged; the peer has "
		"an incomplete message and nothing to answer, so it delays its ACK (40 ms on "
		"Linux, up to 200 ms elsewhere). Both sides wait until that ACK goes out. One turn "
		"loses 40 ms, a job of 5,000 turns more than three minutes.",
		"proven: after the second small write, or a later one, the kernel said that it "
		"held bytes back (SIOCOUTQNSD above 0) while others were in flight, with room in "
		"both windows and TCP_NODELAY off; and when the answer was read, it said when they "
		"had left (tcpi_last_data_sent). From the turn's last write until then counts, so "
		"a peer that only thinks for long is none. likely: turns in which it could not be "
		"asked when they left (44 ms at most count), and turns of the same shape and "
		"timing (30-65 ms or 185-270 ms late) after which it was not asked at all, on a "
		"connection where others were held. possible: 20 or more answers that late on a "
		"connection whose writes were not all seen (stdio), half of them within 8 ms of "
		"each other; or, where no turn was seen, two segments and more for each that came, "
		"and bytes that waited for their ACK (tcpi_busy_time). Never judged: turns with "
		"segments sent again; and where the clock was not asked, the first two turns of a "
		"connection (the peer acknowledges at once there), and turns that two threads "
		"wrote. Of an strace log (import) it is likely at most: small writes that wait as "
		"regularly as a delayed ACK, and longer than with what else, or with what the "
		"connection begins with. Of a capture, too: three times or more the next segment "
		"left at once behind the bare ACK of a small one, and not at other times half as "
		"often. When it was written no capture tells; right after the one before, it is "
		"taken, and a program that pauses there loses less.",
		"coalesce = \"auto\" joins the writes of a turn into one segment. tcp_nodelay = "
		"true sends each at once: the wait goes, the extra segment stays. Where the "
		"program uses TCP_CORK or MSG_MORE itself the rule needs force = true: then what "
		"it holds back is let go when it waits. Where it turns TCP_NODELAY on and off "
		"itself tcp_nodelay = true with force = true is what mends.",
		ONE_WRITE_ONE_SEGMENT,
		"RFC 896; RFC 1122, 4.2.3.2 and 4.2.3.4; tcp(7), TCP_NODELAY; Linux, "
		"net/ipv4/tcp_output.c, tcp_nagle_check (Minshall's variant)",
		"Please send each message by one call: collect it in one buffer, or use writev() "
		"or sendmsg() with several pieces. Setting TCP_NODELAY alone removes the wait as "
		"well, but sends a packet for each write."},
	{"N02", SORT_STALL, IN_STALLED, true,
		"an answer in two small writes waits for the client's delayed ACK",
		"The server writes header and body apart. Nagle's algorithm keeps the body back "
		"until the client has acknowledged the header, and the client delays that ACK by "
		"40 ms, since it has nothing to say before it has the body. The server does not "
		"notice: it already waits for the next request.",
		"proven: the kernel held the last write of an answer back, and said at the "
		"client's next request when it had left (both as N01): until then the client "
		"waited. likely: it could not be asked when; then the hold cost 44 ms at most. "
		"What a client does between two requests is never counted.",
		"coalesce = \"auto\" on the server's port sends header and body as one segment. It "
		"must be set where the server runs.",
		"Not where one write must be one segment, nor for answers of which the first part "
		"should be seen early (server-sent events, progress bars).",
		"RFC 896; RFC 1122, 4.2.3.2; tcp(7), TCP_NODELAY, TCP_CORK",
		"Please write header and body by one call (writev), or put MSG_MORE on the header. "
		"A buffered writer with one flush at the end of the answer does the same."},
	{"N03", SORT_CPU, IN_STALLED, true, "many small writes in a row become many small segments",
		"The program writes a few dozen bytes at a time and nobody answers in between. "
		"Each write is a system call, and many become packets of their own, which both "
		"hosts must handle.",
		"possible: 100 or more writes of less than half a segment that stand four or more "
		"in a row, less than 200 us apart. The segments that could be saved are the "
		"kernel's count of data segments less those that the bytes need. The seconds are "
		"CPU, at 2 us a segment: nothing waits.",
		"coalesce = \"always\" lets full segments go at once and a tail after "
		"coalesce_delay (2.5 ms unless set). coalesce = \"buffer\" saves the system calls, "
		"too, but what it has collected is lost if a signal kills the program; accept_loss "
		"= true says that this is known.",
		"Not for streams whose every byte must be seen at once (keystrokes, market data), "
		"unless a delay of coalesce_delay does not matter to them.",
		"RFC 896; Minshall and others, Application performance pitfalls and TCP's Nagle "
		"algorithm, 2000; tcp(7), TCP_CORK",
		"Please collect several messages before you write them (a buffer of a few KB that "
		"is flushed by size and by time), or put MSG_MORE on all but the last."},
	{"N05", SORT_CPU, IN_STALLED, true, "writes of a few bytes each",
		"The program writes byte by byte, or nearly: each write is a system call of its "
		"own and a chance for a segment of its own.",
		"possible: 100 or more writes of 4 bytes or less, and more than half of all writes "
		"to that peer. The seconds are CPU: 2 us for each segment that could be saved, as "
		"N03 counts them, and 0.7 us for each such call.",
		"coalesce = \"always\" joins them into full segments. coalesce = \"buffer\" with "
		"accept_loss = true saves the system calls, too, but what it has collected is lost "
		"if a signal kills the program.",
		"Not for interactive sessions, where each byte is a keystroke.",
		"RFC 896; tcp(7), TCP_CORK",
		"Please write through a buffer (setvbuf, BufferedOutputStream, bufio) and flush it "
		"when the message is complete."},
	{"N06", SORT_STALL, IN_STALLED, true, "TCP_CORK is on while the program waits",
		"A corked socket keeps an incomplete segment back for up to 200 ms. A program that "
		"forgets to uncork before it reads waits that long in every turn.",
		"proven: TCP_CORK was on at the last write of a turn, and when the other side "
		"spoke again the kernel said that the bytes had left 20 ms and more after it "
		"(tcpi_last_data_sent). From the write until then counts. likely: it could not be "
		"asked, or TCP_CORK was set by a call that was not seen and still on at the end, "
		"and answers come 185-270 ms beyond the median, without a segment sent again.",
		"coalesce = \"auto\" with force = true lets go what the program holds back as soon "
		"as it waits. Where the cork was set unseen: tcp_cork = false and tcp_nodelay = "
		"true, with force = true.",
		"Not where the program uncorks in time and the peer itself takes 200 ms.",
		"tcp(7), TCP_CORK: a ceiling of 200 milliseconds",
		"Please set TCP_CORK to 0 before you read, or use MSG_MORE on all writes but the "
		"last."},
	{"N07", SORT_STALL, IN_STALLED, true, "the program waits after a write with MSG_MORE",
		"MSG_MORE tells the kernel that more will come at once, so it keeps back what does "
		"not fill a segment. A program that then waits, for an answer or for the next "
		"request, keeps its own bytes back: the kernel lets them go after 200 ms, or with "
		"whatever comes next.",
		"proven: the last write of a turn had MSG_MORE, and when the other side spoke "
		"again the kernel said that the bytes had left 20 ms and more after it "
		"(tcpi_last_data_sent). From the write until then counts.",
		"coalesce = \"auto\" with force = true lets go what the program holds back as soon "
		"as it waits.",
		ONE_WRITE_ONE_SEGMENT,
		"send(2), MSG_MORE; tcp(7), TCP_CORK; Linux, net/ipv4/tcp_output.c",
		"Please leave MSG_MORE away from the last write of a message, also where its "
		"length was announced and is reached."},
	{"N11", SORT_STALL, IN_STALLED, true,
		"a message comes in two parts: the peer waits for our ACK",
		"The peer writes its message by two small writes. Nagle's algorithm on its side "
		"keeps the second back until we acknowledge the first, and our kernel delays that "
		"ACK by 40 ms because we have nothing to send.",
		"likely: a pause of 30-65 ms and a round trip between two reads of one message, 20 "
		"times or more, with nothing written in between and no segment sent again. As "
		"those of our kernel's timer are and those of work are not: three in four of 39 ms "
		"and more, half of 46 ms and less (and a round trip each), half of them within 8 "
		"ms of each other, and hardly any of another length. The peer's kernel cannot be "
		"asked from here, so it is never proven from one end: record the peer, too, and "
		"sockfix report A B proves it.",
		"tcp_quickack = true acknowledges at once after each read (the kernel forgets it, "
		"so it is armed again each time). The real cure is at the peer: one write a "
		"message.",
		"Not where packets cost (radio, metered links): it sends more ACKs, up to one for "
		"each read.",
		"tcp(7), TCP_QUICKACK; RFC 1122, 4.2.3.2",
		"For the peer's author: please send each message by one call (writev), or set "
		"TCP_NODELAY."},
	{"C01", SORT_STALL, IN_OTHER, false,
		"connects take a second and more: the SYN was sent again",
		"The first SYN was lost, or the listener's accept queue was full and dropped it. "
		"The kernel tries again after 1 s, and then at longer and longer intervals. "
		"Averages hide it; the slowest transactions show it.",
		"proven: connect() took 0.95 s or more, and TCP_INFO counted a segment sent again "
		"when it was done. likely: it took within 0.1 s of full seconds, and the kernel "
		"was not asked. Each counts what it took beyond the median of the others. proven, "
		"too: the listener is on this host, which counted connections that did not fit in "
		"a queue (ListenOverflows), and the first words of a connection were sent again: "
		"it was not in the queue yet.",
		"At the peer: a longer queue. Where it may be restarted, sockfix run -P "
		"burst-server on that host sets listen_backlog; net.core.somaxconn bounds it. No "
		"rule of this side can do it.",
		"tcp_syncnt is no cure: a connect that would have worked after a second then "
		"fails.",
		"tcp(7), tcp_syn_retries; listen(2), the backlog; RFC 6298, 2.1",
		"For the server's author: please listen with a backlog of some hundreds and accept "
		"in a loop of its own."},
	{"C02", SORT_STALL, IN_STALLED, false, "the accept queue overflows",
		"More connections arrive than the program accepts, and the queue that listen() "
		"asked for is full. The kernel drops what comes, and each client waits a second "
		"before it tries again. The server sees nothing of it.",
		"proven: ListenOverflows of this network namespace rose in this run, and the queue "
		"of this listener was seen full (its TCP_INFO: waiting against the limit). "
		"possible: it was seen full, and the counter could not be read. The seconds are "
		"the clients': none are counted here.",
		"listen_backlog = 1024 makes the queue longer; the sysctl net.core.somaxconn "
		"bounds it.",
		"Not as a cure for a server that is too slow on the whole: a longer queue then "
		"only makes clients wait longer.",
		"listen(2); Linux, net/ipv4/tcp_ipv4.c, tcp_conn_request; /proc/net/netstat, "
		"ListenOverflows",
		"Please call listen() with SOMAXCONN or a few hundred, and accept until there is "
		"nothing left."},
	{"C03", SORT_STALL, IN_STALLED, false, "a short queue for many connections",
		"listen() asked for room for a few connections only, and many arrive each second: "
		"one pause of the program, and the queue overflows (C02).",
		"possible: a backlog of 16 or less, 50 accepts or more, more than 50 a second.",
		"listen_backlog = 1024; the sysctl net.core.somaxconn bounds it.",
		"Not for servers that refuse work on purpose when they are behind.", "listen(2)",
		"Please call listen() with SOMAXCONN or a few hundred."},
	{"C04", SORT_STALL, IN_STALLED, false, "a connection for each transaction",
		"Every exchange pays for a handshake, a slow start, a close and a local port in "
		"TIME-WAIT.",
		"possible: 50 or more connections to one peer and port, more than half of them "
		"with two turns or fewer. What the connects took counts; slow starts come on top.",
		"Keep-alive or a pool of connections, in the program. No rule can do it.",
		"Not where the protocol wants it so (FTP's data connections, finger).",
		"RFC 9112, 9.3 (HTTP); RFC 5681 (slow start)",
		"Please keep connections open and use them again."},
	{"D01", SORT_NAMES, IN_OTHER, false, "the same name is looked up again and again",
		"Each lookup reads files and may ask a name server before anything else can "
		"happen.",
		"likely: ten lookups of one name or more, ten a minute or more; the first lookup "
		"of each name does not count. The recording keeps a hash of names, not the names "
		"(record --names keeps them).",
		"Keep the address in the program, or run a cache on the host (nscd, "
		"systemd-resolved). No rule can do it.",
		"Not where names are meant to change quickly (load balancing by DNS): then keep it "
		"for a minute only.",
		"getaddrinfo(3); nscd(8)",
		"Please look a name up once, and again only when a connect fails or its time is "
		"over."},
	{"D02", SORT_NAMES, IN_OTHER, false, "lookups run into the resolver's timeout",
		"A name server does not answer, or drops one of the two questions (A and AAAA) "
		"that are sent together, and the resolver waits (5 s, unless resolv.conf says "
		"otherwise) before it asks again.",
		"likely: lookups within 0.1 s of full seconds; the whole of them counts.",
		"resolv.conf: options timeout:1 attempts:3 single-request-reopen, or another name "
		"server. No rule can do it.",
		"single-request-reopen makes every lookup two round trips; leave it out where the "
		"server answers both.",
		"resolv.conf(5)",
		"This is the host's to mend; a program can only keep addresses longer."},
	{"D03", SORT_NAMES, IN_OTHER, false, "looking up names takes a large part of the run",
		"The name server is far away, slow, or asks others each time, and nothing on this "
		"host keeps what it said.",
		"likely: lookups of 0.1 s and more that are none of D01 and D02 come to a tenth of "
		"the run or more. All of that is the most that can be lost: a first lookup of each "
		"name is needed.",
		"A cache on this host (nscd, systemd-resolved, dnsmasq), or a nearer name server "
		"in resolv.conf. No rule can do it.",
		"Not where each name is looked up once and its server is slow itself: there a "
		"cache has nothing to give.",
		"resolv.conf(5); nscd(8); getaddrinfo(3)",
		"Please look names up once, beside other work, and not in the way of each "
		"request."},
	{"S01", SORT_STALL, IN_STALLED, false,
		"sending waits for a send buffer that the program has fixed",
		"The peer's window and the network have room, but SO_SNDBUF does not: what is not "
		"acknowledged fills it. Setting it switches off the kernel's own tuning.",
		"likely: the program has set SO_SNDBUF, and the kernel's clock tcpi_sndbuf_limited "
		"is a fifth or more of the time that the connection was busy. That clock is what "
		"is lost at least; it stops while the path is full of what the small buffer holds, "
		"so all the busy time (tcpi_busy_time), less the round trips that so many bytes "
		"need, is what is lost at most. proven: where both are the same.",
		"so_sndbuf = \"auto\", with force = true, gives the tuning back.",
		"Not for interactive data: what comes last waits behind all that a long buffer "
		"holds.",
		"socket(7), SO_SNDBUF; Linux, include/uapi/linux/tcp.h, tcpi_sndbuf_limited",
		"Please do not set SO_SNDBUF: the kernel tunes it to the path."},
	{"S02", SORT_PEER, IN_PEER, false, "the peer reads too slowly",
		"The peer's window is full: it does not read as fast as we send, or its receive "
		"buffer is small.",
		"proven: the kernel's clock tcpi_rwnd_limited is a fifth or more of the time that "
		"the connection was busy.",
		"At the peer: it must read faster, or let its kernel tune the receive buffer "
		"(so_rcvbuf = \"auto\" where it runs). No rule of this side can do it.",
		"Nothing is wrong where the peer is meant to be the slow one (a disk, a player).",
		"Linux, include/uapi/linux/tcp.h, tcpi_rwnd_limited",
		"For the peer's author: please read in larger pieces, or in a thread that does "
		"nothing else, and do not set SO_RCVBUF."},
	{"S03", SORT_STALL, IN_STALLED, false, "the program has fixed its receive buffer",
		"SO_RCVBUF switches the kernel's tuning off: a buffer's worth a round trip is all "
		"that can arrive, however fast the line is.",
		"possible: SO_RCVBUF is set, a megabyte or more came, and at half or more of the "
		"speed that one buffer's worth a round trip allows. The connection's time, less "
		"the round trips that so many bytes need, is the most that is said to be lost.",
		"so_rcvbuf = \"auto\", with force = true, gives the tuning back.",
		"Not where memory is scarce and connections are many.",
		"socket(7), SO_RCVBUF; tcp(7), tcp_moderate_rcvbuf; Linux, SO_BUF_LOCK",
		"Please do not set SO_RCVBUF: the kernel tunes it to the path."},
	{"S06", SORT_BUSY, IN_PROGRAM, false, "reads or writes again at once after EAGAIN",
		"A non-blocking socket is asked in a loop until it has something: CPU for nothing, "
		"and less of it for those who would answer.",
		"likely: 100 or more EAGAIN in a row on one connection without bytes, a sleep, or "
		"a wait of 50 us and more in between. The time in these calls counts.",
		"poll, epoll or a blocking socket, in the program. No rule can do it.",
		"Not where a core is given away for latency on purpose (busy polling).",
		"socket(7), O_NONBLOCK; poll(2)",
		"Please wait with poll() or epoll_wait() before you try again."},
	{"S09", SORT_STALL, IN_STALLED, false, "segments were lost and sent again",
		"Packets did not arrive, and the kernel waited (200 ms or more) before it sent "
		"them again.",
		"proven: tcpi_total_retrans rose while the program waited for the answer. likely: "
		"on a connection with such segments, answers that are late by full RTOs (185-270 "
		"ms, 385-470 ms and so on, up to 2 s) where the kernel was not asked, or its "
		"counter did not rise: the peer's losses. Such turns get no other code.",
		"Nothing on this host: look at the path (cables, duplex, queues, a VPN's MTU).",
		"A few in a million are normal where links are full: TCP finds its speed by them.",
		"RFC 6298; Linux, include/uapi/linux/tcp.h, tcpi_total_retrans",
		"This is the network's to mend."},
	{"S11", SORT_BUSY, IN_PROGRAM, false, "options are set to what they are",
		"The program calls setsockopt() with the value that the option has already, often "
		"around every read or write: a system call for nothing.",
		"likely: 100 or more calls that give an option of a connection the value that the "
		"same thread gave it before. The time in these calls counts.",
		"Set it once, in the program. No rule can do it.",
		"Not TCP_QUICKACK: the kernel forgets it, and it must be set again.",
		"setsockopt(2)", "Please set options once, after connect() or accept()."},
	{"R04", SORT_STALL, IN_STALLED, false, "one question at a time, back to back",
		"Each question waits for the answer to the one before, so every one of them costs "
		"a round trip.",
		"possible: 200 or more turns and more than half of all, waits of one to three "
		"round trips, and between an answer and the next question less than a fifth of "
		"that. What eight questions at a time would save counts: seven round trips of "
		"eight.",
		"Ask for several things at once, or send the next question before the answer is "
		"there. No rule can do it.",
		"Not where each question depends on the answer before it.",
		"RFC 2920 (pipelining, for SMTP)",
		"Please send several requests before you read the answers, or use a request that "
		"asks for many."},
	{"R05", SORT_STALL, IN_STALLED, false, "waits a second for '100 Continue'",
		"The client sends a header with 'Expect: 100-continue' and waits for leave to send "
		"the body. A server that does not know it says nothing, and the client waits a "
		"second.",
		"likely: a wait for the peer of 0.95-1.05 s between two writes of one turn, in "
		"which it said nothing. These waits count. A program that only sleeps for so long "
		"does not wait for the peer.",
		"Do not send that header: curl -H 'Expect:'. No rule can do it.",
		"Not for large bodies that a server often refuses: there the question is worth a "
		"round trip.",
		"RFC 9110, 10.1.1; CURLOPT_EXPECT_100_TIMEOUT_MS(3)",
		"For the server's author: please answer 'Expect: 100-continue'. For the client's: "
		"please do not send it for small bodies."},
	{"E01", SORT_BUSY, IN_PEER, false, "polls without waiting",
		"poll, select or epoll with a timeout of 0, which find nothing, hundreds of times "
		"a second. With one of 1 ms the program sleeps, and that is none.",
		"likely: in one thread 500 or more such waits that found nothing, more than 500 a "
		"second. The time in these calls counts.",
		"A longer timeout, in the program. No rule can do it.",
		"Not where a core is given away for latency on purpose.", "poll(2), epoll_wait(2)",
		"Please wait as long as there is nothing to do: a timeout of -1, and an eventfd or "
		"a pipe to be woken by."},
	{"L01", SORT_STALL, IN_STALLED, false, "long silences without keepalives",
		"A connection without traffic and without keepalives does not notice that its "
		"peer, or a firewall in between, has forgotten it. The next request then waits for "
		"minutes.",
		"possible: more than 300 s without a byte, SO_KEEPALIVE off.",
		"so_keepalive = true, with tcp_keepidle below the silence that firewalls allow (60 "
		"s is usual), tcp_keepintvl and tcp_keepcnt: a dead peer is noticed within "
		"minutes, and a live one is kept in the firewalls' tables.",
		"Not on links that cost by the packet, or that each packet brings up.",
		"tcp(7), SO_KEEPALIVE, tcp_keepalive_time",
		"Please set SO_KEEPALIVE, with TCP_KEEPIDLE below the idle time of common "
		"firewalls (5 minutes)."},
	{"L03", SORT_STALL, IN_STALLED, false, "a close that resets the connection",
		"close() with unread data, or with SO_LINGER of 0 seconds, sends a reset. What was "
		"not sent is thrown away, and so may be what the peer has not read yet.",
		"proven: closed with a linger of 0 while bytes were unsent (SIOCOUTQ). possible: a "
		"linger of 0 seconds, or unread bytes at close (SIOCINQ); the latter alone is "
		"minor.",
		"Read to the end of the answer, or shutdown() and read until it is empty. No rule "
		"can do it safely.",
		"A reset is meant where a connection must not linger in TIME-WAIT and nothing is "
		"under way.",
		"RFC 1122, 4.2.2.13; RFC 2525, 2.17; socket(7), SO_LINGER",
		"Please read what the peer has sent before you close, and do not set SO_LINGER to "
		"0."},
	{"F01", SORT_CPU, IN_STALLED, false, "a file is copied to a socket through the program",
		"Each piece is read into the program and written out again, where the kernel could "
		"hand the pages over.",
		"possible: 64 or more pairs, 4 MB or more: a read of a regular file, followed by a "
		"write of as many bytes, or from the same buffer, in the same thread. What the "
		"copies cost beyond sendfile(2) on loopback counts, 0.37 ns a byte in pieces of 8 "
		"KB: an upper bound where the disk or the line is the limit.",
		"sendfile(2), in the program. No rule does without the copy; coalesce = \"buffer\" "
		"with accept_loss = true saves a part of the calls.",
		"Not for data that is encrypted or changed on its way (kernel TLS excepted).",
		"sendfile(2)",
		"Please use sendfile() (socket.sendfile in Python, FileChannel.transferTo in Java, "
		"sendfile on; in nginx)."},
	{"X01", SORT_OURS, IN_PROGRAM, false, "sockfix held a write too long",
		"sockfix held a write back because the program had always written another right "
		"after it, and this time none came: it computed, or waited in a way that the "
		"library cannot see. The peer had half a message until the program waited in a "
		"call that is seen, or until the kernel let it go after 200 ms. That loss is not "
		"the program's and not the network's: it is ours.",
		"proven: the library counts each hold that lasted longer than 1 ms, and a quarter "
		"of the round trip, without its next write, and what it lasted.",
		"The library has done its part: nothing is held at that endpoint for 1,000 turns, "
		"and four times longer each time it happens again. A process may be late four "
		"times; one of them is forgiven each hour, and with none left nothing is held in "
		"it. A rule for good: tcp_nodelay = true; coalesce = \"off\"; each write then "
		"leaves at once, alone, and still no one waits for an ACK.",
		"Not where it happened once in a long run and packets cost: that rule sends a "
		"segment for each write.",
		"Linux, net/ipv4/tcp_timer.c, the probe timer; SOCKFIX_LOG=FILE:warn names each "
		"one when it happens",
		"There is nothing to change in the program; but what it writes by one call needs "
		"no holding."},
	{"A01", SORT_PLACE, IN_STALLED, false, "the time is in the program",
		"Between one call on a socket and the next the program computes, reads files, "
		"waits for locks or for children. Sockets have nothing to do with it.",
		"More than half of the run was spent while no thread that uses sockets waited in a "
		"call on one.",
		"Nothing on the network. A profiler says where the time goes (perf record, "
		"py-spy), or a database's slow log.",
		"Threads that never touch a socket are not looked at, and a thread that waits for "
		"one of these counts as the program's own time.",
		"getrusage(2) and strace -c tell computing from waiting",
		"The program itself needs this time, between its calls on sockets; a profile of it "
		"tells what for."},
	{"A02", SORT_PLACE, IN_STALLED, false, "the peer was thinking",
		"The program waited for answers, and nothing about these waits looks like a stall. "
		"On a server: it waited for its clients to speak.",
		"A tenth of the run or more went by in waits for this peer that no finding "
		"explains.",
		"Look at the peer: record it, too, and sockfix report A B says whose time it was.",
		"Where not all bytes were seen (the third line of the report), stalls may hide in "
		"these waits.",
		"ss -ti shows the round trip to hold it against",
		"The server takes this long to answer; its own log should tell where."},
	{"A03", SORT_PLACE, IN_STALLED, false, "the program already does it right",
		"It writes each message by one call, or has set TCP_NODELAY: no write of its own "
		"waits for an ACK.",
		"In 95 of 100 turns there is one write, or the program sets TCP_NODELAY on every "
		"connection; and less than 1 % of the run was stalled.",
		"Nothing needs to be mended.",
		"TCP_NODELAY with several writes a message still sends a packet for each: see N03.",
		"tcp(7), TCP_NODELAY",
		"There is nothing to change: each message is one write, or TCP_NODELAY is set."},
};
const size_t code_count = sizeof(code_table) / sizeof(*code_table);

bool code_looks(const char *word)
{
	return strlen(word) == 3 && isalpha((unsigned char)word[0]) &&
	       isdigit((unsigned char)word[1]) && isdigit((unsigned char)word[2]);
}

const struct code *code_find(const char *name)
{
	for (size_t i = 0; i < code_count; i++)
		if (strcasecmp(code_table[i].name, name) == 0)
			return &code_table[i];
	return NULL;
}
