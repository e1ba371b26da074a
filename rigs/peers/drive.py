"""Drives the rig: two programs at a time, one that asks and one that answers. Each line "ok ..." is a passed check; the first that
fails ends it, with what both said."""

import os
import pathlib
import queue
import shutil
import subprocess
import sys
import tempfile
import threading
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent / "foreign"))

from stage import DOMAIN, TUNNEL, air, certificates, end_all, network, ok, server, start  # noqa: E402

# Another tunnel service, by its maker's number, on an address of its own.
OTHER_DOMAIN, OTHER_NAME, OTHER_ADDRESS = "1", "cable.auth.com", "127.0.0.2"
PATIENCE = 90


def listen(name, process, said):
    def read():
        for line in process.stdout:
            said.put((name, line.strip()))
        said.put((name, None))
    threading.Thread(target=read, daemon=True).start()


def show(process, line):
    process.stdin.write(line + "\n")
    process.stdin.flush()


class Meeting:
    """One program asks, the other answers, and this carries what a person would: the code to the phone, and the word that it listens."""

    def __init__(self, folder, what, asking, answering, expected):
        self.folder, self.what, self.expected = folder, what, expected
        self.heard = []
        self.said = queue.Queue()
        self.errors = open(folder / "errors", "w+", encoding="utf-8")
        self.programs = {"answers": self.open("answers", answering), "asks": self.open("asks", asking)}

    def open(self, name, arguments):
        process = start(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self.errors)
        listen(name, process, self.said)
        return process

    def fail(self, why):
        self.errors.seek(0)
        raise SystemExit("\n".join([f"{self.what}: {why}", *map(str, self.heard), self.errors.read()]))

    def hold(self):
        open_ends, until = {"asks", "answers"}, time.monotonic() + PATIENCE
        while open_ends:
            try:
                name, line = self.said.get(timeout=max(0.1, until - time.monotonic()))
            except queue.Empty:
                self.fail("nothing more was said")
            if line is None:
                open_ends.remove(name)
                if self.programs[name].wait(10) != 0:
                    self.fail(f"who {name} ended with {self.programs[name].returncode}")
                continue
            self.heard.append((name, line))
            if name == "asks" and line.startswith("code "):
                show(self.programs["answers"], line.removeprefix("code "))
            elif line == "ok listening":
                show(self.programs["asks"], "now")
        for name in self.programs:
            lines = [line for who, line in self.heard if who == name and line.startswith("ok ")]
            if lines != self.expected[name]:
                self.fail(f"who {name} was expected to say {self.expected[name]}")
        for line in self.expected["asks"]:
            ok(f"{self.what}: {line.removeprefix('ok ')}")


def tunnel_server(cert, key):
    """The tunnel server speaks no TLS 1.3 itself, which one of the clients wants."""
    start([os.environ["TUNNEL_SERVER"], "--bind-address", "127.0.0.2:8080", "--insecure-http-server"],
          stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    start(["socat", f"OPENSSL-LISTEN:443,bind={OTHER_ADDRESS},fork,reuseaddr,cert={cert},key={key},verify=0",
           "TCP:127.0.0.2:8080"], stderr=subprocess.DEVNULL)


def run(folder):
    network(folder, f"{OTHER_ADDRESS} {OTHER_NAME}\n")
    ca, cert, key = certificates(folder, f",DNS:{OTHER_NAME}")
    bus = air(folder)
    # For libdbus, rustls and OpenSSL, which the programs of others find their ways by.
    os.environ.update(DBUS_SYSTEM_BUS_ADDRESS=bus, SSL_CERT_FILE=str(ca))
    server(folder, cert, key)
    ok("the server carries tunnels on port 443")
    tunnel_server(cert, key)

    def phone(*words, other=False):
        address, name, domain = (OTHER_ADDRESS, OTHER_NAME, OTHER_DOMAIN) if other else ("127.0.0.1", TUNNEL, DOMAIN)
        return [os.environ["PHONE"], bus, f"{address}:443", name, ca, domain, *words]

    def meet(what, asking, answering, asks, answers):
        expected = {"asks": [f"ok {line}" for line in asks], "answers": [f"ok {line}" for line in answers]}
        Meeting(folder, what, asking, answering, expected).hold()

    libwebauthn, webauthn_rs = os.environ["LIBWEBAUTHN"], os.environ["WEBAUTHN_RS"]
    served, token = "served 1, passkeys 1", [webauthn_rs, "answer", DOMAIN, "-", "-"]
    meet("libwebauthn, our phone, our relay",
         [libwebauthn, "register", "sign-in", "sign-in-named", "link", "link", "forgotten"],
         phone("-", "-", "-", "+", "+", "forget", "+"),
         ["registered, links 1", "signed in", "signed in"] + ["signed in over the link"] * 2 + ["forgot the link"],
         [served] * 3 + ["listening", served] * 2 + ["listening", "nothing served, the link was forgotten"])
    meet("libwebauthn without links, our phone, our relay", [libwebauthn, "register-unlinked", "sign-in-named"], phone("-", "-"),
         ["registered, links 0", "signed in"], [served] * 2)
    meet("webauthn-authenticator-rs, our phone, our relay", [webauthn_rs, "ask", "register", "sign-in"], phone("-", "-"),
         ["registered", "signed in"], [served] * 2)
    meet("our computer, webauthn-authenticator-rs, our relay",
         [os.environ["COMPUTER"], bus, "127.0.0.1:443", TUNNEL, ca, "register", "sign-in"], token,
         ["register", "sign-in"], ["answered"] * 2)
    meet("libwebauthn, webauthn-authenticator-rs, our relay", [libwebauthn, "presence-is-enough", "register", "sign-in-named"],
         token, ["registered, links 0", "signed in"], ["answered"] * 2)
    meet("libwebauthn, our phone, cable-tunnel-server", [libwebauthn, "register", "sign-in"], phone("-", "-", other=True),
         ["registered, links 0", "signed in"], [served] * 2)
    meet("webauthn-authenticator-rs, our phone, cable-tunnel-server", [webauthn_rs, "ask", "register", "sign-in"],
         phone("-", "-", other=True), ["registered", "signed in"], [served] * 2)


def main():
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rig-peers-"))
    try:
        run(folder)
    finally:
        end_all()
        shutil.rmtree(folder, ignore_errors=True)


main()
