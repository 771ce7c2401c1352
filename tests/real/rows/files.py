"""Files over the network: ssh, rsync, git, ftp."""
from place import SCRIPTS
from row import Row, shell

SSH = "ssh -F ssh.conf"


def tree(place):
    """What is carried: many small files and two large ones."""
    for number in range(48):
        place.write(f"tree/{number % 7}/file{number}", f"line {number}\n" * (number * 5))
    place.noise("tree/noise", 6 << 20)
    place.write("tree/zeros", bytes(2 << 20))


def ssh(place):
    """sshd with keys of its own, as root: whom it lets in is root with the key of the row."""
    tree(place)
    for key in ("host", "user"):
        place.prepare("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", key)
    place.prepare("mkdir", "-p", "/run/sshd")
    place.write("sshd.conf", f"Port {place.port}\nListenAddress 127.0.0.1\nHostKey {place.folder}/host\n"
                f"AuthorizedKeysFile {place.folder}/user.pub\nStrictModes no\nUsePAM no\nPidFile none\n"
                "PermitRootLogin yes\nSubsystem sftp internal-sftp\n")
    place.write("ssh.conf", f"Host *\nPort {place.port}\nIdentityFile {place.folder}/user\n"
                "StrictHostKeyChecking no\nUserKnownHostsFile /dev/null\nLogLevel ERROR\nUser root\n")
    place.serve("/usr/sbin/sshd", "-D", "-e", "-f", f"{place.folder}/sshd.conf")


def scp(place):
    return shell(f"scp -q -r -F ssh.conf 127.0.0.1:{place.folder}/tree $OUT/got && "
            f"scp -q -r -F ssh.conf $OUT/got 127.0.0.1:$OUT/put")


def forward(place):
    """Asks an HTTP server at the far end of a forwarded port."""
    return ["sh", f"{SCRIPTS}/table/forward.sh", str(place.free_port()), str(place.backend)]


def ssh_and_web(place):
    place.backend = place.free_port()
    ssh(place)
    place.write("nginx.conf", f"daemon off; user root; pid {place.folder}/nginx.pid; events {{ }} http {{ "
                f"access_log off; server {{ listen 127.0.0.1:{place.backend}; root {place.folder}/tree; }} }}")
    place.serve("nginx", "-c", f"{place.folder}/nginx.conf", "-e", "stderr", port=place.backend,
                under=False)


def rsync_daemon(place):
    tree(place)
    place.write("rsyncd.conf", f"use chroot = no\nuid = root\ngid = root\n[tree]\npath = {place.folder}/tree\n"
                f"[put]\npath = {place.folder_of('put')}\nread only = no\n")
    place.serve("rsync", "--daemon", "--no-detach", "--config=rsyncd.conf", f"--port={place.port}",
                "--address=127.0.0.1")


def rsync(place):
    url = f"rsync://127.0.0.1:{place.port}"
    return shell(f"rsync -a {url}/tree/ $OUT/got/ && rsync -a --delete --ignore-times $OUT/got/ {url}/put/"
            f" && rsync -rn --checksum --itemize-changes {url}/put/ $OUT/got/ && cp -r put $OUT/put")


def rsync_by_ssh(place):
    return shell(f"rsync -a -e '{SSH}' 127.0.0.1:{place.folder}/tree/ $OUT/got/ && "
            f"rsync -a -e '{SSH}' $OUT/got/ 127.0.0.1:$OUT/put/")


def repository(place):
    tree(place)
    place.environment.update(GIT_AUTHOR_DATE="1700000000 +0000", GIT_COMMITTER_DATE="1700000000 +0000",
                             GIT_CONFIG_GLOBAL=place.write(
                                 "gitconfig", "[user]\nname = a\nemail = a@test\n[safe]\ndirectory = *\n"
                                 "[init]\ndefaultBranch = main\n[http]\nreceivepack = true\n"))
    place.prepare("sh", "-c", "git init -q work && cd work && for n in 1 2 3 4 5 6; do cp -r ../tree/$n . && "
                  "git add . && git commit -q -m $n; done && git clone -q --bare . ../git/work.git && "
                  "git clone -q --bare . ../git/put.git && cd ../git/work.git && git update-server-info")


def git_daemon(place):
    repository(place)
    place.serve("git", "daemon", "--export-all", "--reuseaddr", "--enable=receive-pack",
                "--listen=127.0.0.1", f"--port={place.port}", f"--base-path={place.folder}/git")


def git_http(place):
    """apache2 with git's own program behind it."""
    repository(place)
    modules = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n"
                      for name in ("mpm_prefork", "authz_core", "cgi", "env", "alias"))
    place.write("apache.conf", f"{modules}ServerName localhost\nListen 127.0.0.1:{place.port}\n"
                f"PidFile {place.folder}/apache.pid\nDefaultRuntimeDir {place.folder}/run\n"
                f"ErrorLog {place.folder}/apache.log\nUser www-data\nGroup www-data\n"
                f"SetEnv GIT_PROJECT_ROOT {place.folder}/git\nSetEnv GIT_HTTP_EXPORT_ALL 1\n"
                f"SetEnv GIT_CONFIG_GLOBAL {place.folder}/gitconfig\n"
                "ScriptAlias / /usr/lib/git-core/git-http-backend/\n")
    place.prepare("chown", "-R", "www-data", "git")
    place.serve("apache2", "-X", "-f", f"{place.folder}/apache.conf")


def git(scheme):
    """Each run pushes to a branch and takes it away again, and so leaves the server as it was."""
    def client(place):
        url = f"{scheme}://127.0.0.1:{place.port}"
        return shell(f"for n in 1 2 3; do git clone -q {url}/work.git $OUT/clone$n; done; "
                f"cd $OUT/clone1; git fsck --strict; echo more >more; git add more; git commit -q -m more; "
                f"git push -q {url}/put.git HEAD:refs/heads/more; git ls-remote {url}/put.git; "
                f"git push -q {url}/put.git :refs/heads/more; git rev-list --objects --all | sha256sum; "
                "rm -rf $OUT/*/.git")
    return client


def vsftpd(place):
    tree(place)
    place.write("vsftpd.conf", f"listen=YES\nlisten_address=127.0.0.1\nlisten_port={place.port}\n"
                "background=NO\nanonymous_enable=YES\nlocal_enable=NO\nno_anon_password=YES\n"
                f"anon_root={place.folder}/tree\nanon_max_rate=0\nsecure_chroot_dir={place.folder_of('empty')}\n"
                f"write_enable=NO\nxferlog_enable=NO\nseccomp_sandbox=NO\n")
    place.serve("vsftpd", f"{place.folder}/vsftpd.conf")


def lftp(place):
    return shell(f"lftp -c \"set net:max-retries 2; open ftp://127.0.0.1:{place.port}; "
            "mirror -P 3 . $OUT/got; cls -1 0\"")


ROWS = [
    Row("sshd, asked by scp", "openssh-server", "server", "50 files, there and back", scp, ssh, pairs=5),
    Row("scp", "openssh-client", "client", "50 files, there and back", scp, ssh, pairs=5),
    Row("ssh -L", "openssh-client", "client", "sums of 50 files", forward, ssh_and_web, pairs=5),
    Row("sshd, forwards for ssh -L", "openssh-server", "server", "sums of 50 files", forward, ssh_and_web, pairs=5),
    Row("rsync daemon", "rsync", "server", "50 files, there and back", rsync, rsync_daemon, pairs=5),
    Row("rsync", "rsync", "client", "50 files, there and back", rsync, rsync_daemon, pairs=5),
    Row("rsync over ssh", "rsync", "client", "50 files, there and back", rsync_by_ssh, ssh, pairs=5),
    Row("git daemon", "git", "server", "3 clones, a push", git("git"), git_daemon, pairs=5),
    Row("git over git://", "git", "client", "3 clones, a push", git("git"), git_daemon, pairs=5),
    Row("git-http-backend, apache2", "git", "server", "3 clones, a push", git("http"), git_http, pairs=5),
    Row("git over http", "git", "client", "3 clones, a push", git("http"), git_http, pairs=5),
    Row("vsftpd, asked by lftp", "vsftpd", "server", "50 files", lftp, vsftpd, pairs=5),
    Row("lftp", "lftp", "client", "50 files", lftp, vsftpd, pairs=5),
]
