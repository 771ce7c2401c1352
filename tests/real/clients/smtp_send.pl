# smtp_send.pl PORT COUNT: COUNT mails of 40 lines with Net::SMTP, a datasend() for each line.
use strict;
use warnings;
use Net::SMTP;

my ($port, $count) = @ARGV;
my $smtp = Net::SMTP->new("127.0.0.1", Port => $port, Hello => "client.test") or die "no greeting";
for my $number (1 .. $count) {
	$smtp->mail("a\@example.org") && $smtp->to("b\@example.org") && $smtp->data or die "refused";
	$smtp->datasend("Subject: $number\r\n\r\n");
	$smtp->datasend("a line of text, number $_\r\n") for 1 .. 40;
	$smtp->dataend or die "not taken";
	print $smtp->code, " ", $smtp->message;
}
$smtp->quit;
