"""Mail: what sends it, what takes it, what keeps it."""
from place import PYTHON, SCRIPTS
from row import Row


def smtp_sink(place):
    place.serve("smtp-sink", "-u", "nobody", f"127.0.0.1:{place.port}", "100")


def smtp_source(place):
    return ["smtp-source", "-c", "-s", "4", "-m", "1000", "-l", "5000", "-f", "a@test", "-t", "b@test",
            f"127.0.0.1:{place.port}"]


def swaks(place):
    return ["swaks", "--server", "127.0.0.1", "--port", str(place.port), "--from", "a@test", "--to",
            "b@test,c@test", "--helo", "here", "--h-Date", "now", "--h-Message-Id", "<1@test>",
            "--attach", f"@{place.folder}/attachment", "--hide-send"]


def sink_and_attachment(place):
    place.noise("attachment", 6 << 20)
    smtp_sink(place)


def dovecot(place):
    place.folder_of("mail", "nobody")
    place.write("passwd", "user:{PLAIN}secret:::::\n")
    place.write("dovecot.conf", f"""
protocols = imap
base_dir = {place.folder}/dovecot
log_path = {place.folder}/dovecot.log
ssl = no
disable_plaintext_auth = no
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
mail_uid = nobody
mail_gid = nogroup
mail_location = maildir:{place.folder}/mail
mail_fsync = never
service imap-login {{
  chroot =
  inet_listener imap {{
    address = 127.0.0.1
    port = {place.port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
passdb {{
  driver = passwd-file
  args = {place.folder}/passwd
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={place.folder}/mail
}}
""")
    place.serve("dovecot", "-F", "-c", f"{place.folder}/dovecot.conf")


def imap_client(place):
    return [PYTHON, f"{SCRIPTS}/table/imap.py", str(place.port), "60"]


ROWS = [
    Row("smtp-sink, asked by smtp-source", "postfix", "server", "count of mails", smtp_source, smtp_sink),
    Row("smtp-source", "postfix", "client", "count of mails", smtp_source, smtp_sink),
    Row("swaks", "swaks", "client", "the dialogue", swaks, sink_and_attachment,
        normal=((rb"swaks-\d+|MIME_BOUNDARY[\w.-]+", b"ID"),)),
    Row("dovecot, asked by imaplib", "dovecot-imapd", "server", "sum of 60 mails and lists", imap_client,
        dovecot),
    Row("python imaplib", "python3", "client", "sum of 60 mails and lists", imap_client, dovecot),
]
