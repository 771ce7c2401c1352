/* The one table of options: what a rule may set, how the kernel takes it, what it may cost.
 *
 * OPTION(ID, name, level, optname, type, unit, low, high, when, risk, man, summary)
 *   type  how the kernel takes the value: see enum option_type
 *   unit  what a bare number means; "" where it is a plain count or a switch
 *   low, high  the range the kernel accepts, in the kernel's unit
 *   when  AT_CONNECT before the real connect() and on accepted sockets, AT_LISTEN on the listener,
 *         AT_ACCEPT on accepted sockets only, AT_READ again after each read, AT_BIND before bind(),
 *         AT_WRITE ours: what the write path does
 *   risk  RISK_NONE, RISK_SEEN (the program can notice), RISK_BREAKS (may break it)
 * Adding an option is adding a row here. One of IPPROTO_IP has no effect on IPv6 sockets, without an
 * error: ip_tos shows how it gets its other number. The order is the order of `sockfix list options`.
 * This file has no include guard on purpose: it is read once for each use of the table. */
OPTION(TCP_NODELAY, "tcp_nodelay", IPPROTO_TCP, TCP_NODELAY, TYPE_SWITCH, "", 0, 1,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)",
	"send small segments at once, do not wait for the ACK of the last one")
OPTION(TCP_QUICKACK, "tcp_quickack", IPPROTO_TCP, TCP_QUICKACK, TYPE_SWITCH, "", 0, 1,
	AT_CONNECT | AT_ACCEPT | AT_READ, RISK_NONE, "tcp(7)",
	"acknowledge at once; armed again after every read, since the kernel forgets it")
OPTION(TCP_CORK, "tcp_cork", IPPROTO_TCP, TCP_CORK, TYPE_SWITCH, "", 0, 1, AT_CONNECT | AT_LISTEN,
	RISK_SEEN, "tcp(7)",
	"hold what does not fill a segment, up to 200 ms; coalesce is what you want")
OPTION(SO_SNDBUF, "so_sndbuf", SOL_SOCKET, SO_SNDBUF, TYPE_BUFFER, "bytes", 2304, 1073741823,
	AT_CONNECT | AT_LISTEN, RISK_SEEN, "socket(7)",
	"send buffer; the kernel doubles it and stops tuning it; \"auto\" gives the tuning back")
OPTION(SO_RCVBUF, "so_rcvbuf", SOL_SOCKET, SO_RCVBUF, TYPE_BUFFER, "bytes", 1152, 1073741823,
	AT_CONNECT | AT_LISTEN, RISK_SEEN, "socket(7)",
	"receive buffer; the kernel doubles it and stops tuning it; \"auto\" gives the tuning back")
OPTION(SO_KEEPALIVE, "so_keepalive", SOL_SOCKET, SO_KEEPALIVE, TYPE_SWITCH, "", 0, 1,
	AT_CONNECT | AT_LISTEN, RISK_SEEN, "socket(7)",
	"probe an idle peer, so that a dead one is noticed")
OPTION(TCP_KEEPIDLE, "tcp_keepidle", IPPROTO_TCP, TCP_KEEPIDLE, TYPE_NUMBER, "s", 1, 32767,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)", "idle time before the first keepalive probe")
OPTION(TCP_KEEPINTVL, "tcp_keepintvl", IPPROTO_TCP, TCP_KEEPINTVL, TYPE_NUMBER, "s", 1, 32767,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)", "time between two keepalive probes")
OPTION(TCP_KEEPCNT, "tcp_keepcnt", IPPROTO_TCP, TCP_KEEPCNT, TYPE_NUMBER, "", 1, 127,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)",
	"probes without an answer before the peer counts as dead")
OPTION(TCP_USER_TIMEOUT, "tcp_user_timeout", IPPROTO_TCP, TCP_USER_TIMEOUT, TYPE_NUMBER, "ms", 0,
	2147483647, AT_CONNECT | AT_LISTEN, RISK_SEEN, "tcp(7)",
	"how long sent data may stay without an ACK before the connection ends")
OPTION(SO_LINGER, "so_linger", SOL_SOCKET, SO_LINGER, TYPE_LINGER, "s", 0, 65535,
	AT_CONNECT | AT_LISTEN, RISK_BREAKS, "socket(7)",
	"how long close() waits for unsent data; 0 throws it away; \"off\" undoes a program's own")
OPTION(TCP_NOTSENT_LOWAT, "tcp_notsent_lowat", IPPROTO_TCP, TCP_NOTSENT_LOWAT, TYPE_NUMBER, "bytes",
	0, 2147483647, AT_CONNECT | AT_LISTEN, RISK_SEEN, "tcp(7)",
	"not writable while more than this is unsent; keeps the queue short")
OPTION(TCP_CONGESTION, "tcp_congestion", IPPROTO_TCP, TCP_CONGESTION, TYPE_WORD, "", 1, 15,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)", "congestion control by name: cubic, bbr, reno")
OPTION(IP_TOS, "ip_tos", IPPROTO_IP, IP_TOS, TYPE_NUMBER, "", 0, 255, AT_CONNECT | AT_LISTEN,
	RISK_NONE, "ip(7)", "type of service, or DSCP times 4; the traffic class on IPv6")
OPTION(SO_PRIORITY, "so_priority", SOL_SOCKET, SO_PRIORITY, TYPE_NUMBER, "", 0, 6,
	AT_CONNECT | AT_ACCEPT, RISK_NONE, "socket(7)",
	"queueing priority on this host; not inherited, set at accept")
OPTION(SO_MARK, "so_mark", SOL_SOCKET, SO_MARK, TYPE_NUMBER, "", 0, 4294967295,
	AT_CONNECT | AT_LISTEN, RISK_BREAKS, "socket(7)",
	"firewall and routing mark; needs CAP_NET_ADMIN")
OPTION(SO_BINDTODEVICE, "so_bindtodevice", SOL_SOCKET, SO_BINDTODEVICE, TYPE_WORD, "", 1, 15,
	AT_CONNECT | AT_BIND, RISK_BREAKS, "socket(7)", "use this network device only")
OPTION(TCP_MAXSEG, "tcp_maxseg", IPPROTO_TCP, TCP_MAXSEG, TYPE_NUMBER, "bytes", 88, 32767,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)", "largest segment to offer and to send")
OPTION(TCP_SYNCNT, "tcp_syncnt", IPPROTO_TCP, TCP_SYNCNT, TYPE_NUMBER, "", 1, 127, AT_CONNECT,
	RISK_SEEN, "tcp(7)", "how often a SYN is sent again before connect() gives up")
OPTION(TCP_DEFER_ACCEPT, "tcp_defer_accept", IPPROTO_TCP, TCP_DEFER_ACCEPT, TYPE_NUMBER, "s", 0,
	32767, AT_LISTEN, RISK_BREAKS, "tcp(7)",
	"wake the listener when data comes; breaks servers that speak first")
OPTION(TCP_FASTOPEN, "tcp_fastopen", IPPROTO_TCP, TCP_FASTOPEN, TYPE_NUMBER, "", 0, 65535,
	AT_LISTEN, RISK_SEEN, "tcp(7)", "queue of SYNs with data that a listener takes")
OPTION(TCP_WINDOW_CLAMP, "tcp_window_clamp", IPPROTO_TCP, TCP_WINDOW_CLAMP, TYPE_NUMBER, "bytes", 0,
	1073741823, AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)",
	"bound of the window that is offered")
OPTION(SO_REUSEADDR, "so_reuseaddr", SOL_SOCKET, SO_REUSEADDR, TYPE_SWITCH, "", 0, 1, AT_BIND,
	RISK_SEEN, "socket(7)", "bind although old connections are in TIME-WAIT")
OPTION(SO_REUSEPORT, "so_reuseport", SOL_SOCKET, SO_REUSEPORT, TYPE_SWITCH, "", 0, 1, AT_BIND,
	RISK_BREAKS, "socket(7)",
	"several listeners of one user on one port; a second copy no longer fails to bind")
OPTION(SO_BUSY_POLL, "so_busy_poll", SOL_SOCKET, SO_BUSY_POLL, TYPE_NUMBER, "us", 0, 1000000,
	AT_CONNECT | AT_LISTEN, RISK_NONE, "socket(7)",
	"spin on the device for this long in a read; costs CPU")
OPTION(SO_MAX_PACING_RATE, "so_max_pacing_rate", SOL_SOCKET, SO_MAX_PACING_RATE, TYPE_RATE,
	"bytes/s", 1, INT64_MAX, AT_CONNECT | AT_LISTEN, RISK_NONE, "socket(7)",
	"bound of the sending rate; 5000000 or \"5Gbit\", \"40Mbit\", \"625MB\"")
OPTION(IP_BIND_ADDRESS_NO_PORT, "ip_bind_address_no_port", IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT,
	TYPE_SWITCH, "", 0, 1, AT_BIND, RISK_SEEN, "ip(7)",
	"choose the local port at connect(), not at bind()")
OPTION(SO_RCVTIMEO, "so_rcvtimeo", SOL_SOCKET, SO_RCVTIMEO, TYPE_TIME, "ms", 0, 2147483647,
	AT_CONNECT | AT_LISTEN, RISK_BREAKS, "socket(7)",
	"a blocking read fails with EAGAIN after this time")
OPTION(SO_SNDTIMEO, "so_sndtimeo", SOL_SOCKET, SO_SNDTIMEO, TYPE_TIME, "ms", 0, 2147483647,
	AT_CONNECT | AT_LISTEN, RISK_BREAKS, "socket(7)",
	"a blocking write or connect fails after this time")
OPTION(TCP_THIN_LINEAR_TIMEOUTS, "tcp_thin_linear_timeouts", IPPROTO_TCP, TCP_THIN_LINEAR_TIMEOUTS,
	TYPE_SWITCH, "", 0, 1, AT_CONNECT | AT_LISTEN, RISK_NONE, "tcp(7)",
	"no exponential backoff for streams with few packets in flight")
OPTION(LISTEN_BACKLOG, "listen_backlog", OPTION_OURS, 0, TYPE_NUMBER, "", 1, 65535, AT_LISTEN,
	RISK_NONE, "listen(2)",
	"at least this many connections wait for accept(); the host's somaxconn bounds it")
OPTION(COALESCE, "coalesce", OPTION_OURS, 0, TYPE_MODE, "", 0, 3, AT_WRITE, RISK_NONE, "sockfix",
	"join small writes: \"off\", \"auto\" (learn, then hold), \"always\" (hold from the first "
	"write), \"buffer\" (collect in the process, see accept_loss); with force also where the "
	"program uses MSG_MORE or TCP_CORK itself: its wait lets go what they keep back")
OPTION(COALESCE_LIMIT, "coalesce_limit", OPTION_OURS, 0, TYPE_NUMBER, "bytes", 64, 1048576,
	AT_WRITE, RISK_NONE, "sockfix", "buffer: how much is collected before it is sent")
OPTION(COALESCE_DELAY, "coalesce_delay", OPTION_OURS, 0, TYPE_NUMBER, "us", 100, 100000, AT_WRITE,
	RISK_NONE, "sockfix",
	"always and buffer: how long a tail is held at most, where nothing else lets it go; 2.5 ms "
	"unless set, and the shortest of a process counts")
OPTION(ACCEPT_LOSS, "accept_loss", OPTION_OURS, 0, TYPE_SWITCH, "", 0, 1, AT_WRITE, RISK_BREAKS,
	"sockfix",
	"buffer: yes, a signal that kills the program takes along what was collected, up to "
	"coalesce_limit a flow")
