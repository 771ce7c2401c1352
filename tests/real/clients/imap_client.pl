# imap_client.pl ADDRESS PORT COUNT: COUNT APPENDs with Mail::IMAPClient, which sends a mail and its
# CRLF at once. Prints how many the server took.
use strict;
use warnings;
use Mail::IMAPClient;

my ($address, $port, $count) = @ARGV;
my $imap = Mail::IMAPClient->new(
	Server => $address, Port => $port, User => 'demo', Password => 'demo') or die "$@";
my $taken = 0;
for my $number (1 .. $count) {
	my $mail = "Subject: $number\r\n\r\n" . "text\r\n" x (20 + $number % 100);
	$imap->append_string('INBOX', $mail) or die $imap->LastError;
	$taken++;
}
$imap->logout;
print "$taken\n";
