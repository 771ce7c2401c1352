# Requests one after the other on a connection that is kept; prints the sum of the answers.
use strict;
use warnings;
use LWP::UserAgent;
use Digest::SHA;

my $agent = LWP::UserAgent->new(keep_alive => 1);
my $answers = Digest::SHA->new(256);
my $codes = 0;
for my $number (1 .. $ARGV[1]) {
	my $url = "http://127.0.0.1:$ARGV[0]/page" . $number % 200;
	my $answer = $number % 3 ? $agent->get($url) : $agent->post($url, Content => 'x' x ($number * 7));
	$codes += $answer->code;
	$answers->add($answer->content);
}
print "$codes ", $answers->hexdigest, "\n";
