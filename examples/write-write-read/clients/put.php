<?php
// put.php PORT COUNT: jobs for beanstalkd over a PHP stream, which has no write buffer: the command
// is one write, the job the next, and then it reads the answer, as small queue libraries do.
[, $port, $count] = $argv;
$queue = stream_socket_client("tcp://127.0.0.1:$port") or exit(1);
$began = microtime(true);
for ($turn = 0; $turn < $count; $turn++) {
	$job = "job number $turn";
	fwrite($queue, "put 0 0 60 " . strlen($job) . "\r\n");
	fwrite($queue, "$job\r\n");
	$answer = fgets($queue);
	if (strncmp($answer, "INSERTED", 8) != 0)
		exit("put.php: $answer");
}
printf("%.4f\n", microtime(true) - $began);
