# http_post.pl PORT COUNT: COUNT POSTs with HTTP::Tiny on one connection: headers, then the body.
use strict;
use warnings;
use HTTP::Tiny;

my ($port, $count) = @ARGV;
my $http = HTTP::Tiny->new(agent => "client");
for my $number (1 .. $count) {
	my $answer = $http->post("http://127.0.0.1:$port/$number", {content => "x" x (200 + $number)});
	print "$answer->{status} $answer->{content}";
}
