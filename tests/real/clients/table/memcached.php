<?php
// Sets, gets and multi-gets on one connection; prints the sum of the answers.
$cache = new Memcached();
$cache->addServer('127.0.0.1', (int)$argv[1]);
$cache->flush();
$answers = hash_init('sha256');
for ($n = 0; $n < 3000; $n++) {
	hash_update($answers, var_export($cache->set("key$n", str_repeat("v$n", $n % 50)), true));
	hash_update($answers, var_export($cache->get('key' . intdiv($n, 2)), true));
	if ($n % 10 == 0)
		hash_update($answers, var_export($cache->getMulti(["key$n", 'key' . ($n - 5), 'none']), true));
}
echo hash_final($answers), ' ', $cache->getResultCode(), "\n";
