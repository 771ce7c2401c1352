"""A port between a client and a daemon that carries what both say and counts it: the truth that a
recording of the daemon is held to. It judges nothing and changes nothing."""
import contextlib
import socket
import threading

PIECE = 1 << 16


class Carried:
    """One connection: bytes that the daemon was sent, and that it sent."""

    def __init__(self):
        self.received = self.sent = 0


def carry(source, target, count):
    """Until the source has said all; then the target is told so."""
    with contextlib.suppress(OSError):
        while True:
            piece = source.recv(PIECE)
            if not piece:
                break
            count(len(piece))
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)


class Relay:
    """From a port to another. daemon_calls: the daemon is who connects, not who is connected to."""

    def __init__(self, port, target, daemon_calls=False):
        self.target, self.daemon_calls = target, daemon_calls
        self.carried, self.threads = [], []
        self.listener = socket.create_server(("127.0.0.1", port), backlog=64)
        self.thread = threading.Thread(target=self.accept)
        self.thread.start()

    def accept(self):
        while True:
            try:
                near, _ = self.listener.accept()
            except OSError:
                return
            thread = threading.Thread(target=self.connection, args=(near,))
            self.threads.append(thread)
            thread.start()

    def connection(self, near):
        carried = Carried()
        self.carried.append(carried)

        def asks(count):
            carried.received += count

        def answers(count):
            carried.sent += count
        there, back = (answers, asks) if self.daemon_calls else (asks, answers)
        with near, socket.create_connection(("127.0.0.1", self.target)) as far:
            for one in (near, far):
                one.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            thread = threading.Thread(target=carry, args=(near, far, there))
            thread.start()
            carry(far, near, back)
            thread.join()

    def close(self):
        """Waits until all is carried: for when neither end says any more."""
        with contextlib.suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join()
        for thread in self.threads:
            thread.join()
