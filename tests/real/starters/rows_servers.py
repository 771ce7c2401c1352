"""Servers with workers, which are forks of a master."""
import struct

import root
from root import LIBRARY, PLACE, write
from row import Row


class Server(Row):
    """A server with workers, one for each arm, at a port of its own; a request is the job. What it
    accepts is looked at, too."""
    def port(self, arm):
        return 7200 + [*("bare", "on", "inert", "dropped"), *self.others].index(arm)

    def ask(self, sock, arm):
        sock.sendall(f"GET /{arm} HTTP/1.0\r\n\r\n".encode())

    def start(self, arms, place):
        super().start(arms, place)
        for arm in arms:
            root.wait_for_listener(self.port(arm))
            self.ask(place.request(arm, self.port(arm)), arm)


class Gunicorn(Server):
    name, programs = "gunicorn", ("gunicorn",)
    others = {"env": ("bare", f"gunicorn --env LD_PRELOAD={LIBRARY} --env SOCKFIX_RULES=RULES "
                      "ARGUMENTS")}

    def words(self, arm):
        return {"ARGUMENTS": f"--chdir {PLACE} -b 127.0.0.1:{self.port(arm)} app"}


class Uwsgi(Server):
    name, programs = "uwsgi", ("uwsgi-core",)
    others = {"env": ("bare", f"uwsgi --env LD_PRELOAD={LIBRARY} --env SOCKFIX_RULES=RULES "
                      "ARGUMENTS")}

    def words(self, arm):
        return {"uwsgi": "uwsgi-core", "ARGUMENTS": f"--plugin python3 --master --processes 1 "
                f"--http-socket 127.0.0.1:{self.port(arm)} --wsgi-file {PLACE}/app.py"}


class PhpFpm(Server):
    name, programs = "php-fpm", (root.php_fpm(),)
    others = {"pool": ("untold", "php-fpm --nodaemonize ARGUMENTS")}
    states = {"bare": "untold", "dropped": "untold"}

    def words(self, arm):
        return {"php-fpm": root.php_fpm(), "ARGUMENTS": f"--fpm-config {PLACE}/{arm}.fpm"}

    def prepare(self):
        for arm in ("bare", "on", "inert", "dropped", *self.others):
            more = f"env[LD_PRELOAD] = {LIBRARY}\n" if arm == "pool" else ""
            write(f"{PLACE}/{arm}.fpm", f"[global]\nerror_log = {PLACE}/{arm}.fpm.log\n[www]\n"
                  f"user = www-data\ngroup = www-data\nlisten = 127.0.0.1:{self.port(arm)}\n"
                  f"pm = static\npm.max_children = 1\nclear_env = yes\n{more}")

    def ask(self, sock, arm):
        def record(kind, data):
            return struct.pack("!BBHHBB", 1, kind, 1, len(data), 0, 0) + data
        pairs = {"REQUEST_METHOD": "GET", "SCRIPT_FILENAME": f"{PLACE}/job.php", "QUERY_STRING": arm}
        said = b"".join(struct.pack("!BB", len(name), len(value)) + (name + value).encode()
                        for name, value in pairs.items())
        sock.sendall(record(1, struct.pack("!HB5x", 1, 0)) + record(4, said) + record(4, b"")
                     + record(5, b""))


ROWS = (Gunicorn(), Uwsgi(), PhpFpm())
