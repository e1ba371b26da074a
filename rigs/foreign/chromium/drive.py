"""Drives the rig: everything is started here, in this order, and ends with this program. Each line "ok ..." is a passed check."""

import base64
import http.server
import json
import os
import pathlib
import queue
import subprocess
import sys
import threading

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from screen import PATIENCE, arguments, complaints, display, next_code, play, surroundings  # noqa: E402
from stage import DOMAIN, TUNNEL, air, certificates, network, ok, server, start  # noqa: E402

PAGE = "http://localhost:8000/"


def page():
    """Serves the page, and takes what it has to say."""
    said = queue.Queue()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            body = (HERE / "page.html").read_bytes()
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(body)

        def do_POST(self):
            said.put(json.loads(self.rfile.read(int(self.headers["content-length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_):
            pass

    threading.Thread(target=http.server.ThreadingHTTPServer(("127.0.0.1", 8000), Handler).serve_forever, daemon=True).start()
    return said


def chromium(folder, bus, screen, ca):
    log = open(folder / "chromium.log", "w", encoding="utf-8")
    start(arguments(folder, PAGE), env=surroundings(folder, bus, screen, ca), stdout=log, stderr=log)


def hear(said, step):
    while True:
        message = said.get(timeout=PATIENCE)
        if message["step"] == "failed":
            raise SystemExit(f"the page says: {message}")
        if message["step"] == step:
            return message


def check_data(message, registration):
    data = base64.b64decode(message["authenticatorData"])
    flags = data[32]
    if not flags & 1 or not flags & 4:
        raise SystemExit("the user was not present or not verified")
    if flags & 8 or flags & 16:
        raise SystemExit("a key of one device says that it is backed up")
    if bool(flags & 64) != registration:
        raise SystemExit("attested credential data where it does not belong")


def run(folder):
    network(folder)
    ca, cert, key = certificates(folder)
    bus = air(folder)
    server(folder, cert, key)
    ok("the server carries tunnels on port 443")
    said, screen = page(), display()
    phone = start([os.environ["PHONE"], bus, "127.0.0.1:443", TUNNEL, ca, DOMAIN, "-", "-"],
                  stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    chromium(folder, bus, screen, ca)
    hear(said, "ready")
    ok("the browser has an adapter and offers hybrid transport")
    seen = set()
    for step, registration in (("created", True), ("signed", False)):
        phone.stdin.write(next_code(folder, screen, seen) + "\n")
        phone.stdin.flush()
        message = hear(said, step)
        check_data(message, registration)
        if message["attachment"] != "cross-platform":
            raise SystemExit(f"attachment {message['attachment']}")
        ok(f"a passkey was {'registered' if registration else 'used'} across devices")
        line = phone.stdout.readline().strip()
        if line != "ok served 1, passkeys 1":
            raise SystemExit(f"the phone says: {line}")
        ok("the browser ended the session in good order")
    if found := complaints(folder / "chromium.log"):
        raise SystemExit(f"the browser complains: {found}")
    ok("the browser complains about nothing")


if __name__ == "__main__":
    play("foreign", run)
