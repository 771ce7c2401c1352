# post.pl PORT COUNT: POSTs on one kept connection with HTTP::Tiny, which sends headers, then body.
use strict;
use warnings;
use HTTP::Tiny;
use Time::HiRes qw(time);

my ($port, $count) = @ARGV;
my $http = HTTP::Tiny->new(keep_alive => 1);
my $began = time;
for my $turn (1 .. $count) {
	my $answer = $http->post("http://127.0.0.1:$port/$turn", { content => "body of $turn" });
	die "post.pl: $answer->{status} $answer->{content}\n" unless $answer->{success};
}
printf "%.4f\n", time - $began;
