"""Tools of the network: pipes, tunnels, names, load."""
from row import Row, shell


def noise(place):
    place.noise("noise", 16 << 20)


def socat(place):
    noise(place)
    place.serve("socat", f"TCP-LISTEN:{place.port},bind=127.0.0.1,reuseaddr,fork", "EXEC:cat,nofork")


def socat_client(place):
    return shell(f"socat -t 20 - TCP:127.0.0.1:{place.port} <noise | sha256sum; for n in "
            f"1 2 3 4 5 6 7 8; do echo line $n | socat -t 20 - TCP:127.0.0.1:{place.port}; done")


def netcat_client(place):
    return shell(f"nc -N 127.0.0.1 {place.port} <noise | sha256sum; for n in 1 2 3 4 5 6 7 8; do "
            f"echo line $n | nc -N 127.0.0.1 {place.port}; done")


def netcat(place):
    """It serves one connection after the other, and sends all of them the file."""
    noise(place)
    place.serve("sh", "-c", f"while :; do nc -N -l 127.0.0.1 {place.port} <noise; done")


def netcat_reader(place):
    return shell(f"nc -d 127.0.0.1 {place.port} | sha256sum")


def certificate(place):
    place.prepare("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                  "/CN=localhost", "-keyout", "key.pem", "-out", "cert.pem")


def openssl(place):
    certificate(place)
    place.noise("noise", 4 << 20)
    place.serve("openssl", "s_server", "-accept", f"127.0.0.1:{place.port}", "-cert", "cert.pem", "-key",
                "key.pem", "-WWW", "-quiet")


def openssl_client(place):
    return shell("for n in 1 2 3 4 5; do printf 'GET /noise HTTP/1.0\\r\\n\\r\\n' | openssl s_client -quiet "
            f"-no_ign_eof -ign_eof -connect 127.0.0.1:{place.port} 2>/dev/null | sha256sum; done")


def dnsmasq(place):
    place.lines("queries", 300, "host%d.test A")
    place.lines("hosts", 300, "10.0.0.1 host%d.test")
    place.serve("dnsmasq", "-k", "-C", "/dev/null", "-p", str(place.port), "--listen-address=127.0.0.1",
                "--bind-interfaces", "--no-resolv", "--no-hosts", "--local=/test/", f"--addn-hosts={place.folder}/hosts",
                "-u", "root", f"--pid-file={place.folder}/dnsmasq.pid")


def dig(place):
    return shell(f"dig +tcp +noall +answer @127.0.0.1 -p {place.port} -f queries | sort | sha256sum")


def iperf3(place):
    place.serve("iperf3", "-s", "-B", "127.0.0.1", "-p", str(place.port))


def iperf3_client(place):
    return ["iperf3", "-c", "127.0.0.1", "-p", str(place.port), "-n", "1G", "-f", "m"]


IPERF = {"rate": rb"([\d.]+) Mbits/sec +receiver", "keep": rb"rror|iperf Done"}

ROWS = [
    Row("socat, as a server", "socat", "server", "sums of 16 MB and 8 lines", socat_client, socat),
    Row("socat", "socat", "client", "sums of 16 MB and 8 lines", socat_client, socat),
    Row("nc", "netcat-openbsd", "client", "sums of 16 MB and 8 lines", netcat_client, socat),
    Row("nc -l", "netcat-openbsd", "server", "sum of 16 MB", netcat_reader, netcat),
    Row("openssl s_server", "openssl", "server", "sums of 5 x 4 MB", openssl_client, openssl),
    Row("openssl s_client", "openssl", "client", "sums of 5 x 4 MB", openssl_client, openssl),
    Row("dnsmasq, asked over TCP", "dnsmasq-base", "server", "sum of 300 answers", dig, dnsmasq),
    Row("dig +tcp", "bind9-dnsutils", "client", "sum of 300 answers", dig, dnsmasq),
    Row("iperf3 -s", "iperf3", "server", "end without error", iperf3_client, iperf3, **IPERF),
    Row("iperf3", "iperf3", "client", "end without error", iperf3_client, iperf3, **IPERF),
]
