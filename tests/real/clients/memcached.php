<?php
/* memcached.php PORT TURNS: asks for so many names that are not there, by the binary protocol: each
 * is two writes, "get, quietly" and "no-op", and one answer. */
$cache = new Memcached();
$cache->setOption(Memcached::OPT_BINARY_PROTOCOL, true);
$cache->addServer('127.0.0.1', (int)$argv[1]);
$cache->set('there', str_repeat('v', 100));
$missing = 0;
for ($turn = 0; $turn < (int)$argv[2]; $turn++)
	$missing += $cache->get('not there ' . $turn) === false;
printf("%d missing, %d there\n", $missing, strlen($cache->get('there')));
