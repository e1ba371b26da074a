"""A receiver of security events against a server that is killed. usage: receiver.py BINARY FOLDER"""

import base64
import hashlib
import hmac
import json
import os
import re
import signal
import struct
import subprocess
import sys
import threading
import time
from html import unescape
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urljoin

import requests
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric import ec, utils
from cryptography.hazmat.primitives.hashes import SHA256

BINARY, FOLDER = sys.argv[1:]
PUSH, POLL = "urn:ietf:rfc:8935", "urn:ietf:rfc:8936"
CAEP = "https://schemas.openid.net/secevent/caep/event-type/"
SSF = "https://schemas.openid.net/secevent/ssf/event-type/"
REVOKED, CHANGED = CAEP + "session-revoked", CAEP + "credential-change"
SECRET = "Bearer receiver-says-so"
AAGUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
FAILURES = []


class Server:
    """A deployment whose process is killed and started again."""

    def __init__(self):
        self.log = open(f"{FOLDER}/server.log", "ab")
        world = f"{FOLDER}/world.json"
        self.start("demo", "--listen", "127.0.0.1:0", "--world", world)
        until(lambda: os.path.exists(world) and os.path.getsize(world), "the demo filled its deployment", 40)
        time.sleep(0.2)
        self.world = json.load(open(world, encoding="utf-8"))
        self.origin = self.world["origin"]
        self.kill()

    def start(self, command, *more):
        line = [BINARY, command, "--data", f"{FOLDER}/data", "--signals-private-networks", "true", *more]
        environment = {name: value for name, value in os.environ.items() if not name.startswith("KEYWARD_")}
        self.process = subprocess.Popen(line, stdout=self.log, stderr=self.log, env=environment)

    def serve(self):
        port = self.origin.rsplit(":", 1)[1]
        self.start("serve", "--listen", f"127.0.0.1:{port}", "--tenant-domain", self.world["tenantDomain"])
        until(self.answers, "the server answers", 20)

    def answers(self):
        try:
            return http().get(f"{self.origin}/readyz", timeout=2).status_code == 200
        except requests.RequestException:
            return False

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()


class Push:
    """The push endpoint (RFC 8935 section 2)."""

    def __init__(self, port=0):
        self.tokens, self.stamps, self.refuses, self.headers = [], [], False, []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                assert self.headers["content-type"] == "application/secevent+jwt", self.headers
                receiver.headers.append(self.headers["authorization"])
                if receiver.refuses:
                    self.send_response(503)
                else:
                    receiver.stamps.append(time.monotonic())
                    receiver.tokens.append(body.decode())
                    self.send_response(202)
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def again(self):
        """A receiver that was restarted: what it had is on its disk."""
        after = Push(self.port)
        after.tokens, after.stamps = self.tokens, self.stamps
        return after


class Person:
    """An administrator with a browser that has cookies and no scripts."""

    def __init__(self, server):
        self.server, self.browser = server, http()
        people = server.world["users"]
        user = next(one for one in people if "Global Administrator" in one["roles"])
        fill = {
            "/signin/totp": lambda: {"code": totp(user["totpSecret"])},
            "/signin/password": lambda: {"password": user["password"]},
            "/signin/nudge/skip": dict,
            "/signin/identifier": lambda: {"username": user["userPrincipalName"]},
        }
        answer = self.browser.get(f"{server.origin}/admin/users", allow_redirects=False)
        for _ in range(20):
            waits = re.search(r"url=(.*)$", answer.headers.get("refresh", ""))
            onward = answer.headers.get("location") or (waits and waits[1])
            if onward:
                answer = self.browser.get(urljoin(answer.url, onward), allow_redirects=False)
                continue
            action = next((one for one in fill if f'action="{one}"' in answer.text), None)
            if action is None:
                break
            answer = self.submit(answer, action, fill[action]())
        assert "/admin/users" in answer.url and answer.status_code == 200, f"not signed in: {answer.url} {answer.text[:1500]}"

    def submit(self, page, action, fields=None):
        forms = dict(re.findall(r'<form\b[^>]*\baction="([^"]+)"[^>]*>(.*?)</form>', page.text, re.S))
        assert action in forms, f"no form {action}: {list(forms)}"
        data = {**inputs(forms[action]), **(fields or {})}
        return self.browser.post(urljoin(page.url, action), data=data, headers={"origin": self.server.origin}, allow_redirects=False)

    def revoke_sessions(self, user):
        path = f"/admin/users/{user}"
        # The page offers it where a session is open; people have sessions at applications too.
        csrf = inputs(self.browser.get(self.server.origin + path).text)["csrf"]
        address = f"{self.server.origin}{path}/sign-out-everywhere"
        done = self.browser.post(address, data={"csrf": csrf}, headers={"origin": self.server.origin}, allow_redirects=False)
        assert done.status_code == 303, (done.status_code, done.text[:500])

    def revoke_passkey(self, user):
        page = self.browser.get(f"{self.server.origin}/admin/users/{user}")
        [path, *_] = re.findall(rf'href="(/admin/users/{user}/passkeys/[0-9a-f-]+/revoke)"', page.text)
        done = self.submit(self.browser.get(self.server.origin + path), path)
        assert done.status_code == 303, (done.status_code, done.text[:500])


class Receiver:
    """The client of the management API (SSF section 8.1), and the checks of every token."""

    def __init__(self, server):
        self.server, self.world = server, server.world
        self.issuer = f"{server.origin}/{self.world['tenantId']}/v2.0"
        location = self.issuer.replace(server.origin, f"{server.origin}/.well-known/ssf-configuration")
        self.metadata = http().get(location).json()
        assert self.metadata["issuer"] == self.issuer, self.metadata
        assert {PUSH, POLL} <= set(self.metadata["delivery_methods_supported"]), self.metadata
        self.keys = {key["kid"]: key for key in http().get(self.metadata["jwks_uri"]).json()["keys"]}
        client = self.world["signalReceiver"]
        self.client_id = client["clientId"]
        answer = http().post(
            self.world["graph"]["tokenEndpoint"],
            data={"grant_type": "client_credentials", "scope": "ssf.manage", "client_id": self.client_id, "client_secret": client["clientSecret"]},
        )
        assert answer.status_code == 200, answer.text
        self.http = http()
        self.http.headers["authorization"] = f"Bearer {answer.json()['access_token']}"

    def create(self, delivery, form):
        answer = self.http.post(
            self.metadata["configuration_endpoint"],
            json={"delivery": delivery, "events_requested": [REVOKED, CHANGED, "urn:example:unknown"], "format": form},
        )
        assert answer.status_code == 201, answer.text
        made = answer.json()
        assert made["iss"] == self.issuer and made["aud"] == self.client_id, made
        assert set(made["events_delivered"]) == {REVOKED, CHANGED}, made
        read = self.http.get(self.metadata["configuration_endpoint"], params={"stream_id": made["stream_id"]})
        assert read.json() == made, read.text
        return made

    def verify(self, stream, state):
        answer = self.http.post(self.metadata["verification_endpoint"], json={"stream_id": stream["stream_id"], "state": state})
        assert answer.status_code == 204, answer.text

    def status(self, stream, status):
        answer = self.http.post(self.metadata["status_endpoint"], json={"stream_id": stream["stream_id"], "status": status})
        assert answer.status_code == 200 and answer.json()["status"] == status, answer.text

    def poll(self, stream, **body):
        answer = self.http.post(stream["delivery"]["endpoint_url"], json=body, timeout=40)
        assert answer.status_code == 200, answer.text
        return answer.json()

    def read(self, token):
        """A token as RFC 8417 and SSF section 4 want it, or an assertion."""
        signed, signature = token.rsplit(".", 1)
        header, claims = (json.loads(decode(part)) for part in signed.split("."))
        assert header["typ"] == "secevent+jwt" and header["alg"] == "ES256", header
        key = self.keys[header["kid"]]
        numbers = ec.EllipticCurvePublicNumbers(number(key["x"]), number(key["y"]), ec.SECP256R1())
        raw = decode(signature)
        der = utils.encode_dss_signature(int.from_bytes(raw[:32]), int.from_bytes(raw[32:]))
        numbers.public_key().verify(der, signed.encode(), ec.ECDSA(SHA256()))
        assert claims["iss"] == self.issuer and claims["aud"] == self.client_id, claims
        assert "exp" not in claims and "sub" not in claims and "sub_id" in claims, claims
        assert abs(claims["iat"] - time.time()) < 300 and len(claims["events"]) == 1, claims
        return claims


def http():
    session = requests.Session()
    # A bundle named in the environment would win over the session's own.
    session.trust_env = False
    session.verify = f"{FOLDER}/data/tls/ca.pem"
    return session


def inputs(body):
    attribute = lambda tag, name: unescape((re.search(rf'\b{name}="([^"]*)"', tag) or [None, ""])[1])
    return {attribute(tag, "name"): attribute(tag, "value") for tag in re.findall(r"<input\b[^>]*>", body)}


def totp(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = mac[19] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"


def decode(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def number(text):
    return int.from_bytes(decode(text))


def until(holds, what, seconds=15):
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.02)


def kind(claims):
    return next(iter(claims["events"]))


def person(claims):
    """Whom it is about: the subject, or the user of a subject that names a session."""
    return claims["sub_id"].get("user", claims["sub_id"])


def event(claims):
    return claims["events"][kind(claims)]


def step(name, run):
    if FAILURES:
        return
    try:
        said = run()
        print(f"ok      ssf: {name}{said or ''}", flush=True)
    except Exception as error:  # noqa: BLE001: every failure is reported and counted
        FAILURES.append(name)
        print(f"FAILED  ssf: {name}: {error!r}", flush=True)


def play():
    server = Server()
    server.serve()
    people = [user["id"] for user in server.world["users"] if "Global Administrator" not in user["roles"]]
    names = {user["id"]: user["userPrincipalName"] for user in server.world["users"]}
    katherine = next(user["id"] for user in server.world["users"] if user["userPrincipalName"].startswith("katherine"))
    receiver = Receiver(server)
    push = Push()
    held = {"push": push, "expected": [], "polled": []}

    def came():
        """What the push endpoint has, each event once, in the order of arrival."""
        seen, once = set(), []
        for token in list(held["push"].tokens):
            claims = receiver.read(token)
            if claims["jti"] not in seen:
                seen.add(claims["jti"])
                once.append(claims)
        return once

    def subjects():
        return [person(claims)["id"] for claims in came() if kind(claims) == REVOKED]

    def take(**body):
        """Polls, checks, acknowledges."""
        sets = receiver.poll(held["poll_stream"], **body)["sets"]
        claims = [receiver.read(token) for token in sets.values()]
        assert [one["jti"] for one in claims] == list(sets), "each token under its own id"
        assert list(sets) == sorted(sets), "in order"
        receiver.poll(held["poll_stream"], ack=list(sets), maxEvents=0, returnImmediately=True)
        held["polled"] += claims
        return claims

    def streams():
        address = f"http://127.0.0.1:{push.port}/events"
        delivery = {"method": PUSH, "endpoint_url": address, "authorization_header": SECRET}
        held["push_stream"] = receiver.create(delivery, "opaque")
        held["poll_stream"] = receiver.create({"method": POLL}, "email")
        assert "authorization_header" not in held["push_stream"]["delivery"]

    def verification_by_push():
        receiver.verify(held["push_stream"], "state-1")
        until(lambda: came(), "the test arrives")
        [claims] = came()
        assert kind(claims) == SSF + "verification" and event(claims) == {"state": "state-1"}, claims
        assert claims["sub_id"] == {"format": "opaque", "id": held["push_stream"]["stream_id"]}, claims
        assert set(push.headers) == {SECRET}, push.headers

    def verification_by_poll():
        receiver.verify(held["poll_stream"], "state-2")
        [claims] = take()
        assert kind(claims) == SSF + "verification" and event(claims) == {"state": "state-2"}, claims

    def revoked():
        admin = held["admin"] = Person(server)
        got = {}

        def wait():
            got["claims"] = take(maxEvents=10)
            got["at"] = time.monotonic()

        waiting = threading.Thread(target=wait)
        waiting.start()
        time.sleep(0.5)
        assert waiting.is_alive(), "a poll with nothing to say waits"
        user = people[0]
        begun = time.monotonic()
        admin.revoke_sessions(user)
        held["expected"].append(user)
        until(lambda: subjects() == [user], "the revocation arrives by push")
        waiting.join(10)
        by_push, by_poll = push.stamps[-1] - begun, got["at"] - begun
        assert by_push < 1 and by_poll < 1.2, (by_push, by_poll)
        [claims] = [one for one in got["claims"] if kind(one) == REVOKED]
        assert claims["sub_id"] == {"format": "email", "email": names[user]}, claims
        assert isinstance(event(claims)["event_timestamp"], int) and "txn" in claims, claims
        return f" (push {by_push * 1000:.0f} ms, poll {by_poll * 1000:.0f} ms)"

    def credential_change():
        held["admin"].revoke_passkey(katherine)
        until(lambda: [one for one in came() if kind(one) == CHANGED], "the change arrives by push")
        [claims] = [one for one in came() if kind(one) == CHANGED]
        said = event(claims)
        assert claims["sub_id"] == {"format": "opaque", "id": katherine}, claims
        assert said["change_type"] == "revoke" and said["credential_type"] in ("fido2-platform", "fido2-roaming"), said
        assert AAGUID.fullmatch(said["fido2_aaguid"]) and said["initiating_entity"] == "admin", said
        polled = [one for one in take(returnImmediately=True) if kind(one) == CHANGED]
        assert [event(one) for one in polled] == [said], polled
        # The sessions that it opened ended with it.
        ended = len(event_sessions(claims))
        until(lambda: len(subjects()) == len(held["expected"]) + ended, "its sessions arrive")
        held["expected"] = subjects()

    def event_sessions(change):
        """Events of the same change, by their transaction."""
        return [one for one in came() if kind(one) == REVOKED and one["txn"] == change["txn"]]

    def receiver_away():
        held["push"].stop()
        for user in people[1:4]:
            held["admin"].revoke_sessions(user)
            held["expected"].append(user)
        time.sleep(1.5)
        held["push"] = held["push"].again()
        until(lambda: len(subjects()) >= len(held["expected"]), "everything arrives")
        assert subjects() == held["expected"], (subjects(), held["expected"])

    def server_killed():
        held["push"].refuses = True
        for user in people[2:5]:
            held["admin"].revoke_sessions(user)
            held["expected"].append(user)
        server.kill()
        held["push"].refuses = False
        server.serve()
        until(lambda: len(subjects()) >= len(held["expected"]), "everything arrives", 25)
        assert subjects() == held["expected"], (subjects(), held["expected"])

    def no_gaps():
        ids = [claims["jti"] for claims in came()]
        numbers = [int(jti.rsplit(".", 1)[1], 16) for jti in ids]
        assert numbers == list(range(1, len(numbers) + 1)), numbers

    def polled_across_restarts():
        first = receiver.poll(held["poll_stream"], maxEvents=2, returnImmediately=True)
        assert len(first["sets"]) == 2 and first["moreAvailable"], first
        again = receiver.poll(held["poll_stream"], maxEvents=2, returnImmediately=True)
        assert list(again["sets"]) == list(first["sets"]), "what was not acknowledged comes again"
        [taken, refused] = first["sets"]
        errors = {refused: {"err": "invalid_request", "description": "not wanted"}}
        receiver.poll(held["poll_stream"], ack=[taken], setErrs=errors, maxEvents=0)
        held["polled"] += [receiver.read(token) for token in first["sets"].values()]
        server.kill()
        server.serve()
        rest = take(returnImmediately=True)
        assert not {claims["jti"] for claims in rest} & set(first["sets"]), "what was settled does not come again"
        assert not receiver.poll(held["poll_stream"], returnImmediately=True)["sets"]
        numbers = [int(claims["jti"].rsplit(".", 1)[1], 16) for claims in held["polled"]]
        assert numbers == list(range(1, len(numbers) + 1)), numbers
        users = [person(claims)["email"] for claims in held["polled"] if kind(claims) == REVOKED]
        assert users == [names[user] for user in held["expected"]], users

    def paused():
        receiver.status(held["push_stream"], "paused")
        held["admin"].revoke_sessions(people[0])
        time.sleep(1)
        assert subjects() == held["expected"], "a paused stream delivers nothing"
        receiver.status(held["push_stream"], "enabled")
        held["expected"].append(people[0])
        until(lambda: subjects() == held["expected"], "what was kept arrives")

    def disabled():
        receiver.status(held["push_stream"], "disabled")
        held["admin"].revoke_sessions(people[1])
        receiver.status(held["push_stream"], "enabled")
        held["admin"].revoke_sessions(people[2])
        held["expected"].append(people[2])
        until(lambda: len(subjects()) >= len(held["expected"]), "what comes later arrives")
        assert subjects() == held["expected"], "a disabled stream keeps nothing"

    def forged():
        token = held["push"].tokens[-1]
        header, claims, signature = token.split(".")
        other = base64.urlsafe_b64encode(decode(claims).replace(b"opaque", b"0paque")).rstrip(b"=").decode()
        try:
            receiver.read(f"{header}.{other}.{signature}")
        except InvalidSignature:
            return
        raise AssertionError("this receiver checks nothing")

    def refused():
        endpoint = receiver.metadata["configuration_endpoint"]
        assert http().get(endpoint).status_code == 401
        token = http().post(
            server.world["graph"]["tokenEndpoint"],
            data={
                "grant_type": "client_credentials",
                "scope": f"{server.origin}/.default",
                "client_id": server.world["graph"]["clientId"],
                "client_secret": server.world["graph"]["clientSecret"],
            },
        ).json()["access_token"]
        assert http().get(endpoint, headers={"authorization": f"Bearer {token}"}).status_code == 403
        body = {"delivery": {"method": PUSH, "endpoint_url": "http://10.0.0.1/"}}
        assert receiver.http.post(endpoint, json=body).status_code == 400

    def deleted():
        for stream in (held["push_stream"], held["poll_stream"]):
            answer = receiver.http.delete(receiver.metadata["configuration_endpoint"], params={"stream_id": stream["stream_id"]})
            assert answer.status_code == 204, answer.text
        assert receiver.http.get(receiver.metadata["configuration_endpoint"]).json() == []

    step("streams are made and read back", streams)
    step("verification arrives by push", verification_by_push)
    step("verification arrives by poll", verification_by_poll)
    step("session-revoked arrives by push and ends a waiting poll, each within a second", revoked)
    step("credential-change with fido2_aaguid arrives by push and poll", credential_change)
    step("a receiver that was away gets everything, in order", receiver_away)
    step("a server killed between change and delivery loses nothing and keeps the order", server_killed)
    step("the numbers of the pushed events have no gaps", no_gaps)
    step("polling survives the server's death: what was settled is settled, the rest comes", polled_across_restarts)
    step("a paused stream keeps", paused)
    step("a disabled stream drops", disabled)
    step("a changed token is not believed", forged)
    step("without the permission nothing is shown, and a foreign address is not pushed to", refused)
    step("deleted streams are gone", deleted)
    server.kill()


play()
sys.exit(1 if FAILURES else 0)
