"""CPython's own tests of its network modules: each test's result, bare, under auto and recorded."""
import contextlib
import dataclasses
import threading
import xml.etree.ElementTree as xml

from place import PYTHON, Failed, Place
from row import Result, Row

SECONDS = 400  # for one module
AGAIN = 3  # times a test that differs is run by itself, in both arms
ARMS = ("bare", "auto", "record")
# Of the slow modules, what is on the network: the whole of them takes minutes an arm.
SOME = ("*Connection*", "*Listener*", "*Remote*", "*Authentication*")
ASYNCIO = ("*EPoll*", "*test_asyncio.test_ssl*", "*test_asyncio.test_streams*", "*test_asyncio.test_server*")


def results(place, arm, words):
    """{test: its result}, from a network of its own, for the tests of all arms run at once."""
    report = f"{place.folder}/{arm}.xml"
    outcome = place.run(["unshare", "--net", "sh", "-c", 'ip link set lo up && exec "$@"', "sh", PYTHON,
                         "-m", "test", "-i", "*VSOCK*", "--junit-xml", report, *words], arm, SECONDS)
    try:
        cases = xml.parse(report).getroot().iter("testcase")
    except (OSError, xml.ParseError) as fault:
        raise Failed(f"{arm}: no results: {outcome.out[-300:]!r} {outcome.err[-200:]!r}") from fault
    found = {case.get("name"): "+".join(sorted({child.tag for child in case} & {
        "skipped", "failure", "error"})) or "passed" for case in cases}
    return {**found, "the whole": str(outcome.status)}


@dataclasses.dataclass
class Module(Row):
    """The words that name the tests stand where a client would."""

    def all_arms(self, stack):
        got, failed = {}, []

        def take(arm, place):
            try:
                got[arm] = results(place, arm, self.client)
            except Failed as failure:
                failed.append(failure)
        threads = []
        for arm in ARMS:
            place = Place()
            stack.callback(place.close)
            threads.append(threading.Thread(target=take, args=(arm, place)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        if failed:
            raise failed[0]
        return got

    def settled(self, arm, test):
        """Whether the arm gives one of bare's results, where both run the test alone, in turns."""
        words = [word for word in self.client if word.startswith("test_")] + ["-m", test]
        seen = {"bare": set(), arm: set()}
        for _ in range(AGAIN):
            for one in seen:
                with contextlib.closing(Place()) as place:
                    seen[one].add(results(place, one, words).get(test, "missing"))
        return seen["bare"] == seen[arm]

    def measure(self):
        result = Result(self)
        try:
            with contextlib.ExitStack() as stack:
                got = self.all_arms(stack)
            passed = sum(value == "passed" for value in got["bare"].values())
            if not passed:
                raise Failed("no test passed")
            others = [(arm, test) for arm in ARMS[1:] for test in sorted({*got["bare"], *got[arm]})
                      if got["bare"].get(test) != got[arm].get(test) and test != "the whole"]
            differ = [f"{arm}: {test}: {got['bare'].get(test)} became {got[arm].get(test)}"
                      for arm, test in others if not self.settled(arm, test)]
            if differ:
                result.result = f"differs: {'; '.join(differ)}"
            unsteady = f", {len(others) - len(differ)} unsteady bare and not" if others else ""
            self.compared = f"{passed} passed of {len(got['bare']) - 1}{unsteady}"
        except Failed as failure:
            result.result = f"failed: {' '.join(str(failure).split())}"
        return result


def module(name, *words):
    return Module(f"cpython {name}", "libpython3.11-testsuite", "both", "each test's result", [name, *words])


def some(*patterns):
    return [word for pattern in patterns for word in ("-m", pattern)]


ROWS = [
    *(module(f"test_{name}") for name in (
        "socket", "ssl", "imaplib", "smtplib", "smtpd", "poplib", "ftplib", "nntplib", "httplib",
        "httpservers", "urllib2_localnet", "selectors", "select", "poll", "epoll", "xmlrpc", "telnetlib",
        "asyncore", "asynchat", "wsgiref", "docxmlrpc", "logging", "eintr", "multiprocessing_fork")),
    module("test_asyncio", *some(*ASYNCIO)),
    module("test_socketserver", "-u", "network"),
    module("test_multiprocessing_spawn", *some(*SOME)),
    module("test_multiprocessing_forkserver", *some(*SOME)),
]
