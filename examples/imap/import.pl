#!/usr/bin/perl
# The import of import.py with Perl's Mail::IMAPClient, which sends a mail and its CRLF in one
# write: what a client without the habit needs. Same mails, same line of figures.
use strict;
use warnings;
use Getopt::Long;
use Mail::IMAPClient;
use Socket qw(IPPROTO_TCP TCP_INFO);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

# tcpi_data_segs_out of struct tcp_info (linux/tcp.h), a u32.
use constant DATA_SEGS_OUT => 156;

sub mail {
	my ($number) = @_;
	my $size = 200 + $number * 389 % 1001;
	my $text = "From: someone\@example.org\r\nTo: archive\@example.org\r\n"
		. "Subject: mail $number\r\nMessage-ID: <$number\@example.org>\r\n\r\n"
		. "The quick brown fox jumps over the lazy dog, and once more.\r\n" x 25;
	$text = substr($text, 0, $size - 2);
	$text =~ s/[\r\n]+\z//;
	return $text . "." x ($size - 2 - length $text) . "\r\n";
}

my ($count, $user, $password, $folder) = (300, "demo", "demo", "INBOX");
GetOptions("count=i" => \$count, "user=s" => \$user, "password=s" => \$password,
	"folder=s" => \$folder) && @ARGV == 2
	or die "usage: import.pl [--count N] [--user U] [--password P] [--folder F] HOST PORT\n";
my ($host, $port) = @ARGV;

my $imap = Mail::IMAPClient->new(Server => $host, Port => $port, User => $user,
	Password => $password, Uid => 0) or die "import.pl: $host:$port: $@\n";
$imap->create($folder) if $folder ne "INBOX";
my $began = clock_gettime(CLOCK_MONOTONIC);
for my $number (0 .. $count - 1) {
	$imap->append_string($folder, mail($number))
		or die "import.pl: mail $number: ", $imap->LastError, "\n";
}
my $seconds = clock_gettime(CLOCK_MONOTONIC) - $began;
my $info = getsockopt($imap->Socket, IPPROTO_TCP, TCP_INFO);
my $segments = length $info >= DATA_SEGS_OUT + 4 ? unpack("x" . DATA_SEGS_OUT . "L", $info) : -1;
$imap->logout;
printf "mails=%d seconds=%.4f rate=%.1f data_segments=%d\n", $count, $seconds, $count / $seconds,
	$segments;
