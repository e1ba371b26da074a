"""Chromium registers and signs in at Keyward itself, by QR code, with keys that a simulated phone attests; then attestation is
enforced, and other devices are not taken any more. Everything is pressed on Keyward's own pages. Each line "ok ..." is a passed
check."""

import base64
import json
import os
import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).parent
sys.path.insert(0, str(HERE.parent))

from cdp import Browser  # noqa: E402
from screen import arguments, complaints, display, next_code, play, surroundings  # noqa: E402
from stage import DOMAIN, TUNNEL, air, certificates, network, ok, server, start  # noqa: E402

ORIGIN = "https://localhost"
ADMIN = "admin@localhost"
PROFILE = "/admin/policies/profiles/00000000-0000-0000-0000-000000000001"
# The simulated Android device's model, "keyward-sim-andr".
MODEL = "6b657977-6172-642d-7369-6d2d616e6472"
PATIENCE = 30


class Phone:
    """A phone of its own, with one person's passkey."""

    made = 0

    def __init__(self, stage, name, *words):
        Phone.made += 1
        self.root = stage.folder / f"{name}.der"
        environment = dict(os.environ, RIG_PHONE_ROOT=str(self.root), RIG_PHONE_SERIAL=str(Phone.made))
        arguments = [os.environ["PHONE"], stage.bus, "127.0.0.1:443", TUNNEL, stage.ca, DOMAIN, *words, *["-"] * 20]
        self.process = start(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=environment)

    def scan(self, code):
        self.process.stdin.write(code + "\n")
        self.process.stdin.flush()

    def served(self):
        line = self.process.stdout.readline().strip()
        if line != "ok served 1, passkeys 1":
            raise SystemExit(f"the phone says: {line}")


class Stage:
    """The browser on Keyward's pages."""

    def __init__(self, folder):
        self.folder, self.seen = folder, set()
        network(folder)
        self.ca, cert, key = certificates(folder)
        self.bus = air(folder)
        server(folder, cert, key)
        self.screen = display()
        log = open(folder / "chromium.log", "w", encoding="utf-8")
        self.browser = Browser(arguments(folder, "about:blank"), start, stdout=log, stderr=log,
                               env=surroundings(folder, self.bus, self.screen, self.ca))

    def run(self, script):
        return self.browser.run(script)

    def wait(self, condition):
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if self.run(f"!!({condition})"):
                return
            time.sleep(0.05)
        text = self.run("location.pathname + ' ' + document.body.innerText")
        raise SystemExit(f"in vain for {condition} at {text}")

    def open(self, path):
        self.browser.call("Page.navigate", url=ORIGIN + path)
        self.wait("document.readyState === 'complete'")

    def press(self, selector):
        """Presses a control and, if that leads away, waits for the next page."""
        self.wait(f"document.querySelector({json.dumps(selector)})")
        self.run(f"window.here = true; document.querySelector({json.dumps(selector)}).click()")

    def submit(self, selector):
        self.press(selector)
        self.wait("window.here === undefined && document.readyState === 'complete'")

    def fill(self, **fields):
        for name, value in fields.items():
            name = name.replace("__", ".")
            self.run(f"document.querySelector('[name=\"{name}\"]:not([type=hidden])').value = {json.dumps(value)}")

    def tick(self, name, value, on=True):
        self.run(f"document.querySelector('[name=\"{name}\"][value=\"{value}\"]').checked = {json.dumps(on)}")

    def text(self):
        return self.run("document.body.innerText")

    def show(self, phone, done):
        """Lets the phone read the code on the screen; the seconds from its reading until `done`."""
        code = next_code(self.folder, self.screen, self.seen)
        began = time.monotonic()
        phone.scan(code)
        self.wait(done)
        return time.monotonic() - began

    def forget(self):
        self.browser.call("Network.clearBrowserCookies")
        self.open("/security-info")

    def identify(self, name):
        self.forget()
        self.fill(username=name)
        self.submit("#proof button[type=submit]")

    def by_pass(self, name, code):
        self.identify(name)
        self.submit("form:has([name=method][value=pass]) button")
        self.fill(**{"pass": code})
        self.submit("form[action='/signin/pass'] button[type=submit]")

    def register(self, phone):
        self.press("[data-passkey-register] [data-passkey-button]")
        seconds = self.show(phone, "document.querySelector('[data-naming]:not([hidden])')")
        phone.served()
        self.submit("[data-naming] button[type=submit]")
        self.wait("location.pathname === '/security-info'")
        return seconds

    def sign_in(self, phone):
        self.forget()
        self.press("[data-passkey-signin] [data-passkey-button]")
        seconds = self.show(phone, "location.pathname === '/security-info'")
        phone.served()
        return seconds

    def refused(self, phone, button, code):
        """The page says why, and the phone has done its part."""
        self.press(button)
        self.show(phone, "document.querySelector('[data-problem]:not([hidden])')")
        said = self.run("document.querySelector('[data-problem-code]').textContent")
        if said != code:
            raise SystemExit(f"refused with {said} instead of {code}")

    def save(self):
        """What a form shows before it is saved, and then saves."""
        self.submit("form .button.primary[type=submit]")
        self.submit("form[action='/admin/policies/save'] .button.primary[type=submit]")
        self.wait("location.search.includes('done=')")


def pem(der):
    digits = base64.encodebytes(der).decode().replace("\n", "")
    lines = [digits[at:at + 64] for at in range(0, len(digits), 64)]
    return "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])


def person(stage, name):
    """A new account, and a pass for it."""
    stage.open("/admin/users/new")
    stage.fill(display_name=name.title(), user_principal_name=f"{name}@localhost")
    stage.submit("form[action='/admin/users/new'] button.primary")
    stage.wait("/^\\/admin\\/users\\/[0-9a-f-]{36}/.test(location.pathname)")
    path = stage.run("location.pathname")
    stage.open(f"{path}/pass")
    stage.submit("form[action$='/pass'] button.primary")
    return path, stage.run("document.querySelector('#secret').textContent")


def run(folder):
    stage = Stage(folder)
    boss, ada, eve = Phone(stage, "boss"), Phone(stage, "ada"), Phone(stage, "eve", "plain")
    stage.by_pass(ADMIN, (folder / "data/first-pass").read_text().strip())
    times = [stage.register(boss)]
    ok("an administrator registered a phone's passkey by QR code")
    times.append(stage.sign_in(boss))
    ok("and signed in with it")

    stage.open("/admin/policies/roots/new")
    stage.fill(name="Phones", certificate=pem(ada.root.read_bytes()), models=MODEL)
    stage.save()
    stage.open(PROFILE)
    stage.tick("types", "synced", False)
    stage.tick("attestation", "always")
    stage.run("document.querySelector('[name=ownRoots]').checked = true")
    stage.save()
    ok("attestation is enforced, by the root of the phone's maker")
    place, pass_of_ada = person(stage, "ada")
    _, pass_of_eve = person(stage, "eve")

    stage.by_pass("ada@localhost", pass_of_ada)
    times.append(stage.register(ada))
    ok("an attested passkey was registered across devices")
    times.append(stage.sign_in(ada))
    ok("and used across devices")
    stage.by_pass("eve@localhost", pass_of_eve)
    stage.refused(eve, "[data-passkey-register] [data-passkey-button]", "attestation_required")
    ok("a phone that attests nothing was refused with the reason")

    stage.sign_in(boss)
    stage.open(place)
    if "StrongBox (proved)" not in stage.text():
        raise SystemExit(f"the inventory says: {stage.text()}")
    ok("the inventory shows what keeps the key, and that it is proved")
    stage.open(PROFILE)
    stage.fill(crossDevice__signIn="notWithAttestation")
    stage.save()
    stage.forget()
    stage.refused(ada, "[data-passkey-signin] [data-passkey-button]", "cross_device_not_allowed")
    ok("where a profile takes no other device, the sign-in was refused with the reason")
    if found := complaints(folder / "chromium.log"):
        raise SystemExit(f"the browser complains: {found}")
    ok("the browser complains about nothing")
    names = ("registration", "sign-in", "attested registration", "attested sign-in")
    for name, seconds in zip(names, times):
        print(f"time {name}: {seconds:.2f} s from the code being read to the page that follows", flush=True)


if __name__ == "__main__":
    play("keyward", run)
