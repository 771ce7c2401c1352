# A service with a connection of its own. Told, line by line: `turn`: two small writes, then a read;
# `child`: another program of its kind says which library it has. Answers each with one line.
use strict;
use Socket;

$| = 1;
socket(my $listener, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
bind($listener, sockaddr_in(0, INADDR_LOOPBACK)) or die "bind: $!";
listen($listener, 1) or die "listen: $!";
socket(my $client, PF_INET, SOCK_STREAM, 0) or die "socket: $!";
connect($client, getsockname($listener)) or die "connect: $!";
accept(my $server, $listener) or die "accept: $!";
print "ready $$\n";
while (my $order = <STDIN>) {
	if ($order eq "turn\n") {
		syswrite($client, 'a');
		syswrite($client, 'b');
		my ($got, $part) = ('', '');
		$got .= $part while length $got < 2 && sysread($server, $part, 2);
		syswrite($server, $got);
		sysread($client, $got, 2);
		print "turned $got\n";
	} elsif ($order eq "child\n") {
		system($^X, '-e', 'open(M, "/proc/self/maps"); my ($l) = grep { /libsockfix/ } <M>;
			print $l || "none\n"');
	}
}
