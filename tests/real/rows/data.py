"""Databases, caches, brokers, a directory."""
from place import SCRIPTS
from row import Row, shell

POSTGRES = "/usr/lib/postgresql/15/bin"




def as_user(user, *argv):
    """Servers that refuse to be root's: they drop it themselves, after sockfix was started."""
    return ["setpriv", f"--reuid={user}", f"--regid={user}", "--clear-groups", *argv]


# ---- redis ----

def redis(place):
    place.write("commands", "".join(f"set key{n} value{n * n}\nappend key{n // 2} more\nget key{n // 3}\n"
                                    for n in range(4000)))
    place.serve("redis-server", "--port", str(place.port), "--save", "", "--dir", place.folder)


def redis_benchmark(place):
    return ["redis-benchmark", "-p", str(place.port), "-n", "10000", "-c", "8", "-t",
            "set,get,lrange_100", "--csv"]


def redis_cli(place):
    return shell(f"cli='redis-cli -p {place.port}'; $cli flushall; $cli <commands; "
            "$cli debug digest")


REDIS = {"rate": rb'"([\d.]+)"(?:,"[\d.]+"){6}', "normal": ((rb',"[\d.]+"', b""),)}


# ---- memcached ----

def memcached(place):
    place.serve("memcached", "-u", "nobody", "-l", "127.0.0.1", "-p", str(place.port))


def memcached_php(place):
    return ["php", f"{SCRIPTS}/table/memcached.php", str(place.port)]


def memcslap(place):
    return ["memcslap", f"--servers=127.0.0.1:{place.port}", "--concurrency=4",
            "--execute-number=4000", "--test=set", "--flush"]


# ---- PostgreSQL ----

def postgres(place):
    """A cluster that lasts as long as the row."""
    data = place.folder_of("data", "postgres")
    place.environment.update(PGHOST="127.0.0.1", PGPORT=str(place.port), PGUSER="postgres",
                             PGDATABASE="postgres")
    place.prepare(*as_user("postgres", f"{POSTGRES}/initdb", "-A", "trust", "-N", "-E", "UTF8", "-D",
                           data))
    place.serve(*as_user("postgres", f"{POSTGRES}/postgres", "-D", data, "-h", "127.0.0.1", "-p",
                         str(place.port), "-c", "fsync=off", "-k", ""))
    place.lines("lines", 60000, "%d\tsome text of a row")
    place.write("work.sql", "create temp table t(n int, word text);\n\\copy t from 'lines'\n"
                + "".join(f"select count(*), sum(n) from t where n % 97 = {n};\n" for n in range(20))
                + "\\copy t to pstdout\n")
    place.prepare(f"{POSTGRES}/pgbench", "-i", "-q", "-s", "1")


def pgbench(*words):
    return lambda place: [f"{POSTGRES}/pgbench", "-n", "-S", "-t", "1500", "-c", "2", *words]


PGBENCH = {"rate": rb"tps = ([\d.]+)", "keep": rb"^number of|rror|^query mode"}


def psql_copy(place):
    return shell("psql -X -q -A -f work.sql | sha256sum")


# ---- MariaDB ----

def mariadb(place):
    data = place.folder_of("mysql", "nobody")  # the package of the server alone makes no user
    place.prepare("mariadb-install-db", "--no-defaults", "--user=nobody", f"--datadir={data}",
                  "--skip-test-db", "--auth-root-authentication-method=normal")
    place.write("work.sql", "create or replace database work; use work;\n"
                "create table t(n int primary key, word varchar(200)) engine=memory;\n" + "".join(
                    f"insert into t values({n}, repeat('w{n}', {n % 20 + 1}));\n" for n in range(3000))
                + "".join(f"select * from t where n between {n} and {n + 50};\n" for n in range(300)))
    place.serve("mariadbd", "--no-defaults", "--user=nobody", f"--datadir={data}", "--skip-name-resolve",
                "--bind-address=127.0.0.1", f"--port={place.port}", f"--socket={data}/socket",
                f"--pid-file={data}/pid", "--innodb-flush-log-at-trx-commit=0")


def mariadb_client(place):
    return shell(f"mariadb --no-defaults -uroot -h127.0.0.1 -P{place.port} <work.sql | sha256sum")


def mariadb_slap(place):
    return ["mariadb-slap", "--no-defaults", "-uroot", "-h127.0.0.1", f"-P{place.port}", "-c4", "-a",
            "--number-of-queries=2000"]


SLAP = {"keep": rb"Number of|rror"}


# ---- LDAP ----

def slapd(place):
    place.folder_of("ldap")
    place.write("slapd.conf", f"include /etc/ldap/schema/core.schema\ninclude /etc/ldap/schema/cosine.schema\nmodulepath /usr/lib/ldap\n"
                f"moduleload back_mdb\npidfile {place.folder}/slapd.pid\ndatabase mdb\n"
                f"suffix \"dc=test\"\nrootdn \"cn=admin,dc=test\"\nrootpw secret\n"
                f"directory {place.folder}/ldap\nsizelimit unlimited\n")
    place.write("data.ldif", "dn: dc=test\nobjectClass: domain\ndc: test\n\n" + "".join(
        f"dn: cn=person{n},dc=test\nobjectClass: person\ncn: person{n}\nsn: name{n}\n\n"
        for n in range(3000)))
    place.prepare("slapadd", "-q", "-f", "slapd.conf", "-l", "data.ldif")
    place.lines("names", 400, "person%d")
    place.serve("slapd", "-d", "0", "-f", "slapd.conf", "-h", f"ldap://127.0.0.1:{place.port}/")


def ldapsearch(place):
    search = f"ldapsearch -x -LLL -H ldap://127.0.0.1:{place.port} -b dc=test"
    return shell(f"{search} -f names '(cn=%s)' | sha256sum; {search} '(objectClass=person)' | sha256sum")


# ---- MQTT ----

def mosquitto(place):
    place.write("mosquitto.conf", f"listener {place.port} 127.0.0.1\nallow_anonymous true\n"
                "max_queued_messages 0\nlog_dest stderr\n")
    place.lines("messages", 8000, "message %d")
    place.serve("mosquitto", "-c", "mosquitto.conf")


def mosquitto_clients(qos, count):
    """The subscriber says when it has subscribed; then as many messages as it waits for."""
    def client(place):
        return ["sh", f"{SCRIPTS}/table/mosquitto.sh", str(place.port), str(qos), str(count)]
    return client


ROWS = [
    Row("redis, asked by redis-benchmark", "redis-server", "server", "kinds of request", redis_benchmark,
        redis, **REDIS),
    Row("redis-benchmark, asks redis", "redis-tools", "client", "kinds of request", redis_benchmark, redis,
        **REDIS),
    Row("redis-cli", "redis-tools", "client", "12,000 answers, digest of the keys", redis_cli, redis),
    Row("memcached, asked by php", "memcached", "server", "sum of the answers", memcached_php, memcached),
    Row("php-memcached", "php-memcached", "client", "sum of the answers", memcached_php, memcached),
    Row("memcslap", "libmemcached-tools", "client", "errors", memcslap, memcached,
        normal=((rb"[\d.]+ seconds", b"seconds"),)),
    Row("postgres, asked by pgbench", "postgresql-15", "server", "transactions, failures",
        pgbench("-M", "prepared"), postgres, **PGBENCH),
    Row("pgbench, asks postgres", "postgresql-15", "client", "transactions, failures", pgbench(), postgres,
        **PGBENCH),
    Row("psql copy", "postgresql-client-15", "client", "sum of 60,000 rows and 20 answers", psql_copy, postgres),
    Row("mariadbd, asked by mariadb", "mariadb-server-core", "server", "sum of 300 answers", mariadb_client,
        mariadb),
    Row("mariadb client", "mariadb-client-core", "client", "sum of 300 answers", mariadb_client, mariadb),
    Row("mariadb-slap", "mariadb-client", "client", "queries, errors", mariadb_slap, mariadb, **SLAP),
    Row("slapd, asked by ldapsearch", "slapd", "server", "sum of 3,400 entries", ldapsearch, slapd),
    Row("ldapsearch", "ldap-utils", "client", "sum of 3,400 entries", ldapsearch, slapd),
    *(Row(f"mosquitto, QoS {qos}", "mosquitto", "server", "messages in their order",
          mosquitto_clients(qos, 4000), mosquitto) for qos in (0, 1, 2)),
    *(Row(f"mosquitto_pub and _sub, QoS {qos}", "mosquitto-clients", "client", "messages in their order",
          mosquitto_clients(qos, 4000), mosquitto) for qos in (0, 1, 2)),
]
