<?php
/* curl.php PORT TURNS: so many posts on one connection. */
$curl = curl_init("http://127.0.0.1:$argv[1]/");
curl_setopt($curl, CURLOPT_RETURNTRANSFER, true);
curl_setopt($curl, CURLOPT_POSTFIELDS, 'the=body&of=it');
for ($turn = 0; $turn < (int)$argv[2]; $turn++)
	printf("%s\n", curl_exec($curl));
