"""A person with a browser that has cookies and no scripts."""

import base64
import hashlib
import hmac
import re
import struct
import time
from html import unescape
from urllib.parse import urljoin

import requests


class Person:
    """A person with a browser that has cookies and no scripts."""

    def __init__(self, world, user):
        self.origin, self.user = world["origin"], user
        self.fill = {
            "/signin/totp": lambda: {"code": totp(user["totpSecret"])},
            "/signin/password": lambda: {"password": user["password"]},
            "/signin/nudge/skip": dict,
            "/signin/identifier": lambda: {"username": user["userPrincipalName"]},
        }
        self.browser = requests.Session()
        # A bundle named in the environment would win over the session's own.
        self.browser.trust_env = False
        self.browser.verify = world["ca"]

    def go_to(self, address, target):
        """Does what the pages ask until the browser is sent to `target`; returns that address."""
        answer = self.browser.get(address, allow_redirects=False)
        for _ in range(20):
            # A page that only waits says where it goes on; nobody here waits for it.
            waits = re.search(r"url=(.*)$", answer.headers.get("refresh", ""))
            onward = answer.headers.get("location") or (waits and waits[1])
            if onward:
                following = urljoin(answer.url, onward)
                if following.startswith(target):
                    return following
                assert following.startswith(self.origin + "/"), f"sent to a foreign place: {following}"
                answer = self.browser.get(following, allow_redirects=False)
                continue
            action, fields = self.choose_form(answer.text)
            answer = self.browser.post(urljoin(answer.url, action), data=fields, headers={"origin": self.origin}, allow_redirects=False)
        raise AssertionError("twenty steps and no end")

    def enter_code(self, page, code):
        """Types a device's code and says yes; the person is signed in."""
        answer = self.browser.get(page)
        for choice in [{"code": code}, {"answer": "yes"}]:
            [(action, body)] = re.findall(r'<form\b[^>]*\baction="(/devicelogin[^"]*)"[^>]*>(.*?)</form>', answer.text, re.S)
            fields = {**inputs(body), **choice}
            answer = self.browser.post(urljoin(answer.url, action), data=fields, headers={"origin": self.origin})
        assert answer.url.endswith("/devicelogin/done"), answer.url

    def choose_form(self, html):
        forms = re.findall(r'<form\b[^>]*\baction="([^"]+)"[^>]*>(.*?)</form>', html, re.S)
        for action, fill in self.fill.items():
            for found, body in forms:
                if found == action:
                    return action, {**inputs(body), **fill()}
        for found, body in forms:
            if found.endswith("/logout/confirm"):
                return found, inputs(body)
        raise AssertionError(f"no form to go on with: {html[:2000]}")


def inputs(body):
    attribute = lambda tag, name: unescape((re.search(rf'\b{name}="([^"]*)"', tag) or [None, ""])[1])
    return {attribute(tag, "name"): attribute(tag, "value") for tag in re.findall(r"<input\b[^>]*>", body)}


def totp(secret):
    key = base64.b32decode(secret + "=" * (-len(secret) % 8))
    mac = hmac.new(key, struct.pack(">Q", int(time.time()) // 30), hashlib.sha1).digest()
    offset = mac[19] & 15
    return f"{(struct.unpack('>I', mac[offset:offset + 4])[0] & 0x7FFFFFFF) % 1_000_000:06}"
