<?php
// A request with ?NAME is the job of that name, as job.py has it.
$sock = fsockopen('127.0.0.1', 7000);
fwrite($sock, $_SERVER['QUERY_STRING'] . "\n");
for ($turn = 0; $turn < 5; $turn++) {
	fwrite($sock, 'turn');
	fwrite($sock, " $turn of it\n");
	fgets($sock);
}
while (fgets($sock)) {
}
echo "done\n";
