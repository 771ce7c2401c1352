"""HTTP: servers and clients of the web."""
from place import SCRIPTS
from row import Row, shell

SITE = 200  # small files
NGINX = """daemon off; pid {0}/nginx.pid; error_log {0}/nginx.errors; worker_processes 1; user root;
events {{ }}
http {{
  access_log off; keepalive_requests 1000000000; client_max_body_size 0;
  client_body_temp_path {0}; proxy_temp_path {0}; fastcgi_temp_path {0}; uwsgi_temp_path {0};
  scgi_temp_path {0};
  {3}
  server {{ listen 127.0.0.1:{1}{2}; root {0}/site; {4} }}
}}
"""


def site(place):
    for number in range(SITE):
        place.write(f"site/page{number}", f"page {number}\n" * (number + 1))
    place.noise("site/large", 24 << 20)
    place.lines("urls", SITE, f"http://127.0.0.1:{place.port}/page%d")


def certificate(place):
    place.prepare("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                  "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", "key.pem",
                  "-out", "cert.pem")


def start_nginx(place, port, how="", before="", inside="", under=True):
    place.write("nginx.conf", NGINX.format(place.folder, port, how, before, inside))
    place.serve("nginx", "-c", f"{place.folder}/nginx.conf", "-e", f"{place.folder}/nginx.errors",
                port=port, under=under)


def nginx(place):
    site(place)
    start_nginx(place, place.port)


def nginx_tls(place):
    site(place)
    certificate(place)
    start_nginx(place, place.port, " ssl http2", "ssl_certificate cert.pem; ssl_certificate_key key.pem;")


def haproxy(place):
    site(place)
    backend = place.free_port()
    start_nginx(place, backend, under=False)
    place.write("haproxy.cfg", "defaults\n mode http\n timeout connect 5s\n timeout client 50s\n"
                f" timeout server 50s\nlisten all\n bind 127.0.0.1:{place.port}\n"
                f" server nginx 127.0.0.1:{backend}\n")
    place.serve("haproxy", "-db", "-f", "haproxy.cfg")


def tinyproxy(place):
    site(place)
    backend = place.free_port()
    start_nginx(place, backend, under=False)
    place.lines("urls", SITE, f"http://127.0.0.1:{backend}/page%d")
    place.write("tinyproxy.conf", f"Port {place.port}\nListen 127.0.0.1\nTimeout 60\nLogLevel Error\n"
                f"LogFile \"{place.folder}/tinyproxy.log\"\nMaxClients 50\n")
    place.serve("tinyproxy", "-d", "-c", "tinyproxy.conf")


def php_fpm(place):
    fpm = place.free_port()
    place.write("site/index.php", "<?php header('X-Kind: test'); for ($i = 0; $i < 100; $i++) "
                "{ echo \"line $i\\n\"; if ($i % 10 == 0) flush(); }\n")
    place.write("fpm.conf", f"[global]\ndaemonize = no\nerror_log = {place.folder}/fpm.log\n[www]\n"
                f"user = www-data\ngroup = www-data\nlisten = 127.0.0.1:{fpm}\npm = static\n"
                "pm.max_children = 2\n")
    place.serve("php-fpm8.2", "-F", "-y", f"{place.folder}/fpm.conf", port=fpm)
    start_nginx(place, place.port, under=False, inside="location / { include /etc/nginx/fastcgi_params; "
                f"fastcgi_param SCRIPT_FILENAME $document_root/index.php; fastcgi_pass 127.0.0.1:{fpm}; }}")


def apache(place):
    site(place)
    modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                      for name in ("mpm_event", "authz_core"))
    place.write("apache.conf", f"{modules}ServerName localhost\nListen 127.0.0.1:{place.port}\n"
                f"DocumentRoot {place.folder}/site\nPidFile {place.folder}/apache.pid\n"
                f"DefaultRuntimeDir {place.folder}/run\nErrorLog {place.folder}/apache.log\n"
                "User www-data\nGroup www-data\nMaxKeepAliveRequests 0\n")
    place.serve("apache2", "-X", "-f", f"{place.folder}/apache.conf")


def stunnel(place):
    site(place)
    certificate(place)
    backend = place.free_port()
    start_nginx(place, backend, under=False)
    place.write("stunnel.conf", f"foreground = yes\npid =\n[web]\naccept = 127.0.0.1:{place.port}\n"
                f"connect = 127.0.0.1:{backend}\ncert = {place.folder}/cert.pem\nkey = {place.folder}/key.pem\n")
    place.serve("stunnel4", f"{place.folder}/stunnel.conf")


def script_server(*words):
    """A server of tests/real/clients, told its port and the folder of the site."""
    def serve(place):
        site(place)
        place.serve(*words, str(place.port), f"{place.folder}/site")
    return serve


def url(place, path=""):
    return f"http://127.0.0.1:{place.port}/{path}"


def wrk(place):
    return ["wrk", "-t1", "-c8", "-d1s", "-s", f"{SCRIPTS}/table/page.lua", url(place, "page20")]


# Of programs that print what they measured, the lines that do not depend on time.
WRK = {"rate": rb"Requests/sec:\s*([\d.]+)", "keep": rb"answers are|Socket errors|Non-2xx"}
H2LOAD = {"rate": rb"([\d.]+) req/s", "keep": rb"^requests:|^status codes:"}
AB = {"rate": rb"Requests per second:\s*([\d.]+)",
      "keep": rb"^Document|^Complete|^Failed|^Non-2xx|^Keep-Alive|^HTML"}


def h2load(place):
    return ["h2load", "-n", "6000", "-c4", "-m8", f"https://127.0.0.1:{place.port}/page20"]


def ab(path, count, clients=8):
    return lambda place: ["ab", "-q", "-k", "-n", str(count), "-c", str(clients), url(place, path)]


def curl_pages(place):
    pages = f"'{url(place)}page[0-{SITE - 1}]'"
    return shell(f"curl -sS {pages} {pages} {pages} '{url(place)}large' | sha256sum")


def curl_tls(place):
    pages = f"'https://127.0.0.1:{place.port}/page[0-{SITE - 1}]'"
    return shell(f"curl -sS --cacert cert.pem {pages} {pages} https://127.0.0.1:{place.port}/large | sha256sum")


def curl_http2(place):
    return shell("curl -sS --no-progress-meter --http2 --cacert cert.pem --parallel --parallel-max 8 "
            f"-w '%{{http_version}} %{{http_code}}\\n' -o \"$OUT/#1\" "
            f"'https://127.0.0.1:{place.port}/page[0-{SITE - 1}]' 2>&1 | sort | uniq -c; "
            f"curl -sS --http2 --cacert cert.pem https://127.0.0.1:{place.port}/large | sha256sum")


def curl_upload(place):
    return shell(f"curl -sS -T site/large {url(place)}large; for n in 1 2 3; do "
            f"curl -sS -H Expect: --data-binary @site/page199 '{url(place)}[1-100]'; done")


def wget(place):
    return shell(f"cd $OUT && wget -q -i {place.folder}/urls {url(place)}large && ls | wc -l")


def aria2(place):
    return shell("aria2c -q --no-conf -d $OUT -x4 -s4 -k1M --allow-overwrite=true "
            f"{url(place)}large && aria2c -q --no-conf -d $OUT -i urls && ls $OUT | wc -l")


def curl_by_proxy(place):
    return shell(f"xargs -n 50 curl -sS --proxy {url(place)} <urls | sha256sum")


def script(*words, count=600):
    """A client of tests/real/clients, told the port and how many requests."""
    return lambda place: [*words, str(place.port), str(count)]


NODE_SERVER = script_server("node", f"{SCRIPTS}/table/http_server.js")
RUBY_SERVER = script_server("ruby", f"{SCRIPTS}/table/webrick.rb")
PERL_SERVER = script_server("perl", f"{SCRIPTS}/table/http_daemon.pl")
PYTHON_SERVER = script_server("/usr/bin/python3", f"{SCRIPTS}/table/http_server.py")
# It stalls bare, 40 ms a POST, and at some servers 40 ms a request.
PYTHON_CLIENT = script("/usr/bin/python3", f"{SCRIPTS}/table/http_client.py", count=50)


ROWS = [
    Row("nginx, asked by wrk", "nginx", "server", "each answer, errors", wrk, nginx, **WRK),
    Row("nginx HTTP/2, asked by h2load", "nginx", "server", "codes and counts", h2load,
        nginx_tls, **H2LOAD),
    Row("wrk, asks nginx", "wrk", "client", "each answer, errors", wrk, nginx, **WRK),
    Row("h2load, asks nginx", "nghttp2-client", "client", "codes and counts", h2load,
        nginx_tls, **H2LOAD),
    Row("ab, asks nginx", "apache2-utils", "client", "codes, lengths, counts", ab("page20", 8000), nginx,
        **AB),
    Row("haproxy, before nginx", "haproxy", "server", "codes, lengths, counts", ab("page20", 6000), haproxy,
        **AB),
    Row("apache2, asked by ab", "apache2-bin", "server", "codes, lengths, counts", ab("page20", 6000), apache,
        **AB),
    Row("php-fpm, behind nginx", "php8.2-fpm", "server", "codes, lengths, counts", ab("", 3000, 2), php_fpm,
        **AB),
    Row("tinyproxy, before nginx", "tinyproxy", "server", "sum of 200 pages", curl_by_proxy, tinyproxy),
    Row("stunnel, before nginx", "stunnel4", "server", "sum of 400 pages and 24 MB", curl_tls, stunnel),
    Row("curl HTTP/1.1", "curl", "client", "sum of 600 pages and 24 MB", curl_pages, nginx),
    Row("curl HTTP/2", "curl", "client", "200 files and 24 MB", curl_http2, nginx_tls),
    Row("curl upload, to node", "curl", "client", "the server's sums of 24 MB, 300 POSTs", curl_upload,
        NODE_SERVER),
    Row("wget", "wget", "client", "201 files", wget, nginx),
    Row("aria2", "aria2", "client", "201 files", aria2, nginx),
    Row("node http server", "nodejs", "server", "its sums of 24 MB, 300 POSTs", curl_upload, NODE_SERVER),
    Row("node http, kept alive", "nodejs", "client", "sum of all answers",
        script("node", f"{SCRIPTS}/table/http_client.js"), NODE_SERVER),
    Row("ruby webrick", "ruby-webrick", "server", "sum of all answers", PYTHON_CLIENT, RUBY_SERVER),
    Row("ruby net/http", "libruby3.1", "client", "sum of all answers",
        script("ruby", f"{SCRIPTS}/table/net_http.rb"), NODE_SERVER),
    Row("perl HTTP::Daemon", "libhttp-daemon-perl", "server", "sum of all answers", PYTHON_CLIENT, PERL_SERVER),
    Row("perl LWP", "libwww-perl", "client", "sum of all answers", script("perl", f"{SCRIPTS}/table/lwp.pl", count=120),
        NODE_SERVER),
    Row("python http.server", "python3", "server", "sum of all answers", PYTHON_CLIENT, PYTHON_SERVER),
    Row("python http.client", "python3", "client", "sum of all answers", PYTHON_CLIENT, NODE_SERVER),
    Row("java HttpClient, HttpServer", "openjdk-17-jdk-headless", "both", "sum of all answers",
        lambda place: ["java", "-XX:TieredStopAtLevel=1", f"{SCRIPTS}/table/Http.java"], pairs=5),
    Row("erlang httpc, inets httpd", "erlang-inets", "both", "sum of all answers",
        lambda place: ["escript", f"{SCRIPTS}/table/inets.escript"], pairs=5),
]
