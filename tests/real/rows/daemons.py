"""Daemons as Debian starts them: as root or not, under their own user, from a copy of the package's
configuration in which only ports and paths are others. One row is one daemon."""
import shutil
import signal

from daemon import Daemon
from place import PYTHON, SCRIPTS
from row import shell
from stand import by_pid_file, by_words

CLIENTS = f"{SCRIPTS}/daemons"
POSTGRES = "/usr/lib/postgresql/15/bin"
LARGE = 24 << 20


# ---- the web ----

def site(stand):
    stand.lines("site/small", 100, "line %d")
    stand.noise("site/large", LARGE)


def http(stand):
    return shell(f"curl -sS 'http://127.0.0.1:{stand.port}/small?[1-20]' | sha256sum; "
                 f"{PYTHON} {CLIENTS}/http.py {stand.port} /small /large")


def nginx(stand):
    site(stand)
    stand.copy("/etc/nginx/nginx.conf", "nginx.conf", ("/run/nginx.pid", f"{stand.folder}/nginx.pid"),
               ("/var/log/nginx", stand.folder), (r"include /etc/nginx/sites-enabled/\*;",
               f"server {{ listen 127.0.0.1:{stand.inner}; root {stand.folder}/site; }}"))
    return ["/usr/sbin/nginx", "-c", f"{stand.folder}/nginx.conf", "-g", "daemon on; master_process on;"]


def apache(stand):
    site(stand)
    shutil.copytree("/etc/apache2", f"{stand.folder}/apache2", symlinks=True)
    for name, *changes in (
            ("ports.conf", ("^Listen 80$", f"Listen 127.0.0.1:{stand.inner}")),
            ("envvars", ("=/var/(run|lock|log)/apache2", f"={stand.folder}/apache2/")),
            ("sites-available/000-default.conf", (r"\*:80", "*"), ("/var/www/html", f"{stand.folder}/site")),
            ("apache2.conf", ("/var/www/", f"{stand.folder}/site"),
             ("KeepAliveTimeout 5", "KeepAliveTimeout 5\nServerName localhost"))):
        stand.copy(f"/etc/apache2/{name}", f"apache2/{name}", *changes)
    return ["/usr/sbin/apachectl", "start"]


def haproxy(stand):
    site(stand)
    stand.copy("/etc/haproxy/haproxy.cfg", "haproxy.cfg",
               ("/run/haproxy/admin.sock", f"{stand.folder}/admin.sock"),
               (r"\Z", f"\nfrontend web\n\tbind 127.0.0.1:{stand.inner}\n\tdefault_backend site\n"
                f"backend site\n\tserver one 127.0.0.1:{stand.behind(site_behind)}\n"))
    return ["/usr/sbin/haproxy", "-Ws", "-f", f"{stand.folder}/haproxy.cfg", "-p", f"{stand.folder}/pid",
            "-S", f"{stand.folder}/master.sock"]


def site_behind(stand, port):
    """What haproxy passes requests on to."""
    stand.write("behind.conf", f"daemon off; user root; pid {stand.folder}/behind.pid; events {{ }} http {{ "
                f"access_log off; server {{ listen 127.0.0.1:{port}; root {stand.folder}/site; }} }}")
    return ["nginx", "-c", f"{stand.folder}/behind.conf", "-e", "stderr"]


def php_fpm(stand):
    stand.write("index.php", "<?php if ($_SERVER['QUERY_STRING'] == 'slow') usleep(300000);\n"
                "for ($i = 0; $i < 2000; $i++) echo \"line $i\\n\";\n")
    stand.copy("/etc/php/8.2/fpm/pool.d/www.conf", "www.conf",
               ("^listen = .*", f"listen = 127.0.0.1:{stand.inner}"))
    stand.copy("/etc/php/8.2/fpm/php-fpm.conf", "php-fpm.conf", (r"/run/php/", f"{stand.folder}/"),
               ("/var/log/", f"{stand.folder}/"), ("^include=.*", f"include={stand.folder}/www.conf"))
    return ["/usr/sbin/php-fpm8.2", "--nodaemonize", "--fpm-config", f"{stand.folder}/php-fpm.conf"]


def fastcgi(stand):
    ask = f"{PYTHON} {CLIENTS}/fastcgi.py {stand.port} {stand.folder}/index.php"
    return shell(f"{ask} a b c d e; sleep 0.4; {ask} slow f")


# ---- caches, brokers, databases ----

def memcached(stand):
    conf = stand.copy("/etc/memcached.conf", "memcached.conf", ("^-p 11211", f"-p {stand.inner}"),
                      ("^-P .*", f"-P {stand.folder}/memcached.pid"))
    return ["/usr/share/memcached/scripts/systemd-memcached-wrapper", conf]


def memcache(stand):
    return [PYTHON, f"{CLIENTS}/memcache.py", str(stand.port)]


def mosquitto(stand):
    own = stand.folder_of("own", "mosquitto")
    conf = stand.copy("/etc/mosquitto/mosquitto.conf", "mosquitto.conf",
                      ("/run/mosquitto|/var/log/mosquitto|/var/lib/mosquitto", own), ("^include_dir .*", f"listener {stand.inner} 127.0.0.1\nallow_anonymous true"))
    stand.lines("messages", 200, "message %d")
    return ["/usr/sbin/mosquitto", "-c", conf]


def mqtt(stand):
    return ["sh", f"{CLIENTS}/mosquitto.sh", str(stand.port)]


def redis(stand):
    data = stand.folder_of("data", "redis")
    conf = stand.copy("/etc/redis/redis.conf", "redis.conf", ("^port 6379", f"port {stand.inner}"),
                      ("^bind .*", "bind 127.0.0.1"), ("/run/redis/|/var/log/redis/", f"{data}/"),
                      ("^dir .*", f"dir {data}"), (r"\Z", "\nenable-debug-command local\n"))
    stand.write("commands", "".join(f"set key{n} {'value' * n}\nget key{n // 2}\n" for n in range(200)))
    return ["setpriv", "--reuid=redis", "--regid=redis", "--clear-groups", "/usr/bin/redis-server", conf,
            "--supervised", "systemd", "--daemonize", "no"]


def redis_cli(stand):
    return shell(f"cli='redis-cli -p {stand.port}'; $cli <commands | sha256sum; sleep 0.4; "
                 "(echo get key1; sleep 0.4; echo debug sleep 0.3; echo get key199) | $cli")


def postgres_alone(stand):
    """The server as its unit runs it in the end, without the scripts that empty its environment."""
    stand.folder_of("socket", "postgres")
    data = stand.folder_of("data", "postgres")
    own = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"]
    stand.prepare(*own, f"{POSTGRES}/initdb", "-A", "trust", "-N", "-E", "UTF8", "-D", data)
    return [*own, f"{POSTGRES}/postgres", "-D", data, "-h", "127.0.0.1", "-p", str(stand.inner), "-k",
            f"{stand.folder}/socket"]


CLUSTER = ["pg_ctlcluster", "--skip-systemctl-redirect"]


def postgres(stand):
    stand.folder_of("cluster")
    stand.environment["PG_CLUSTER_CONF_ROOT"] = f"{stand.folder}/cluster"
    stand.prepare("pg_createcluster", "-p", str(stand.inner), "-d", f"{stand.folder}/data", "-s",
                  stand.folder_of("socket", "postgres"), "-l", f"{stand.folder}/postgres.log", "15", "test",
                  "--", "-A", "trust", "-N")
    return [*CLUSTER, "15", "test", "start"]


def psql(stand):
    psql = f"psql -X -q -A -t 'host=127.0.0.1 port={stand.port} user=postgres sslmode=disable'"
    query = "select n, sqrt(n) from generate_series(1, 5000) n"
    return shell(f"for n in 1 2 3; do {psql} -c '{query}' | sha256sum; done; sleep 0.4; "
                 f"(echo 'select 1;'; sleep 0.4; echo 'select pg_sleep(0.3);') | {psql}")


def psql_once(stand):
    return shell(f"psql -X -q -A -t 'host=127.0.0.1 port={stand.port} user=postgres' -c 'select 1'")


# ---- sshd ----

def sshd(stand):
    for key in ("host", "user"):
        stand.prepare("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    stand.prepare("mkdir", "-p", "/run/sshd")
    stand.noise("large", 4 << 20)
    stand.copy("/etc/ssh/sshd_config", "sshd.conf", ("^Include .*", (
        f"Port {stand.inner}\\nListenAddress 127.0.0.1\\nHostKey {stand.folder}/host\\nStrictModes no\\n"
        f"AuthorizedKeysFile {stand.folder}/user.pub\\nPidFile {stand.folder}/sshd.pid")))
    stand.write("ssh.conf", f"Host *\nPort {stand.port}\nIdentityFile {stand.folder}/user\n"
                "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\n")
    return ["/usr/sbin/sshd", "-D", "-f", f"{stand.folder}/sshd.conf"]


def ssh(stand):
    """Root, and one who is not: the latter's process changes its user."""
    return shell(f"ssh -F ssh.conf postgres@127.0.0.1 'id -un; cat {stand.folder}/large' | sha256sum; "
                 "sleep 0.4; ssh -F ssh.conf root@127.0.0.1 'cat >/dev/null; sleep 0.4; id -un' <large")


# Of its 1.5 s one wait is for a client that does not read, which is what the verdict is about.
HTTP = {"idle": 1.5, "verdict": "PEER IS SLOW", "findings": ("S02",)}

ROWS = [
    Daemon("daemon nginx", "nginx", client=http, server=nginx, forks=True,
           stop=by_pid_file("nginx.pid", signal.SIGQUIT), **HTTP),
    Daemon("daemon apache2", "apache2", client=http, server=apache, forks=True,
           env=lambda stand: {"APACHE_CONFDIR": f"{stand.folder}/apache2",
                              "APACHE_STARTED_BY_SYSTEMD": "true"},
           stop=by_words("/usr/sbin/apachectl", "graceful-stop"), **HTTP),
    Daemon("daemon haproxy", "haproxy", client=http, server=haproxy, **HTTP),
    Daemon("daemon php-fpm", "php8.2-fpm", client=fastcgi, server=php_fpm, idle=0.4, busy=0.3),
    Daemon("daemon memcached", "memcached", client=memcache, server=memcached, idle=0.8),
    Daemon("daemon mosquitto", "mosquitto", client=mqtt, server=mosquitto, idle=0.4),
    Daemon("daemon redis", "redis-server", client=redis_cli, server=redis, idle=0.8, busy=0.3),
    Daemon("daemon postgres", "postgresql-15", client=psql, server=postgres_alone, handed=True,
           stop=by_pid_file("data/postmaster.pid", signal.SIGINT), idle=0.8, busy=0.3),
    Daemon("daemon postgres by pg_ctlcluster", "postgresql-common", client=psql_once,
           server=postgres, forks=True,
           env=lambda stand: {"PG_CLUSTER_CONF_ROOT": f"{stand.folder}/cluster"},
           stop=by_words(*CLUSTER, "-m", "fast", "15", "test", "stop"), verdict="NOT SURE",
           blind="could not be watched", not_watched=True),
    Daemon("daemon sshd", "openssh-server", client=ssh, server=sshd, handed=True, idle=0.4,
           verdict="NOT SURE",
           blind="Some processes went into a sandbox (seccomp, landlock): NOT seen from then on.",
           not_recorded=2, not_watched=True),
]
