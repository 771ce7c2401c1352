# HTTP::Daemon: GET a file, POST gives the body's sum. One client at a time.
use strict;
use warnings;
use HTTP::Daemon;
use HTTP::Response;
use Digest::SHA qw(sha256_hex);

my $daemon = HTTP::Daemon->new(LocalAddr => '127.0.0.1', LocalPort => $ARGV[0], ReuseAddr => 1) or die $@;
while (my $client = $daemon->accept) {
	while (my $request = $client->get_request) {
		if ($request->method eq 'GET') {
			$client->send_file_response($ARGV[1] . $request->uri->path);
		} else {
			$client->send_response(HTTP::Response->new(200, 'OK', undef, sha256_hex($request->content)));
		}
	}
	$client->close;
}
