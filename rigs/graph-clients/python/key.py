"""A security key in a program: one P-256 key and the two answers of a WebAuthn authenticator (WebAuthn Level 3, sections 6.1 and 6.5)."""

import base64
import datetime
import hashlib
import json
import re
import secrets
from html import unescape
from urllib.parse import urljoin
from uuid import UUID

import cbor2
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

UP, UV, BE, BS, AT = 0x01, 0x04, 0x08, 0x10, 0x40


def url_safe(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def standard(data):
    """The alphabet of `+` and `/`, padded."""
    return base64.b64encode(data).decode()


class SoftwareKey:
    def __init__(self, aaguid="00000000-0000-0000-0000-000000000000", synced=False):
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.aaguid, self.flags = UUID(aaguid), UP | UV | (BE | BS if synced else 0)
        # Neither of these lengths is a multiple of three, so that padding matters.
        self.id = secrets.token_bytes(20)

    def create(self, options, encode=url_safe, certified=False, **client_data):
        """`response` of a PublicKeyCredential. The challenge is copied as it stands."""
        self.rp_id, self.user_handle = options["rp"]["id"], options["user"]["id"]
        told = {"type": "webauthn.create", "challenge": options["challenge"], "origin": f"https://{self.rp_id}", **client_data}
        told = json.dumps(told, separators=(",", ":")).encode()
        numbers = self.key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = self.aaguid.bytes + len(self.id).to_bytes(2, "big") + self.id + cbor2.dumps(cose)
        data = self.data(self.flags | AT) + attested
        statement = {"fmt": "none", "attStmt": {}, "authData": data}
        if certified:
            signed, certificate = self.certify(data + hashlib.sha256(told).digest())
            statement |= {"fmt": "packed", "attStmt": {"alg": -7, "sig": signed, "x5c": [certificate]}}
        return {"clientDataJSON": encode(told), "attestationObject": encode(cbor2.dumps(statement))}

    def envelope(self, name, options, **how):
        """The body that registers it."""
        encode = how.get("encode", url_safe)
        return {"displayName": name, "publicKeyCredential": {"id": encode(self.id), "response": self.create(options, **how)}}

    def assertion(self, options):
        """AuthenticationResponseJSON."""
        told = {"type": "webauthn.get", "challenge": options["challenge"], "origin": self.origin, "crossOrigin": False}
        told, data = json.dumps(told).encode(), self.data(self.flags)
        signature = self.key.sign(data + hashlib.sha256(told).digest(), ec.ECDSA(hashes.SHA256()))
        response = {
            "clientDataJSON": url_safe(told),
            "authenticatorData": url_safe(data),
            "signature": url_safe(signature),
            "userHandle": self.user_handle,
        }
        return {"id": url_safe(self.id), "rawId": url_safe(self.id), "type": "public-key", "response": response, "clientExtensionResults": {}}

    def sign_in(self, world, page="/security-info"):
        """What the scripts of the sign-in page do with it; returns the page that it leads to."""
        self.origin = world["origin"]
        browser = requests.Session()
        browser.trust_env, browser.verify = False, world["ca"]
        shown = browser.get(f"{self.origin}{page}")
        [panel] = re.findall(r"<div\b[^>]*\bdata-passkey-signin\b[^>]*>", shown.text)
        asked = {name: unescape(value) for name, value in re.findall(r'\bdata-([\w-]+)="([^"]*)"', panel)}

        def post(address, body):
            headers = {"origin": self.origin, "x-csrf-token": asked["csrf"], "accept": "application/json"}
            answer = browser.post(urljoin(shown.url, address), json=body, headers=headers)
            assert answer.ok, answer.text
            return answer.json()

        options = post(asked["options-url"], {"ctx": asked["ctx"]})["publicKey"]
        done = post(asked["finish-url"], {"ctx": asked["ctx"], "credential": self.assertion(options)})
        return browser.get(urljoin(shown.url, next(value for value in done.values() if str(value).startswith(("/", "https://")))))

    def data(self, flags):
        return hashlib.sha256(self.rp_id.encode()).digest() + bytes([flags]) + bytes(4)

    def certify(self, signed):
        """Packed attestation by a certificate that nobody knows (section 8.2.1)."""
        key = ec.generate_private_key(ec.SECP256R1())
        oid = x509.NameOID
        name = x509.Name([
            x509.NameAttribute(oid.COUNTRY_NAME, "CZ"),
            x509.NameAttribute(oid.ORGANIZATION_NAME, "A test"),
            x509.NameAttribute(oid.ORGANIZATIONAL_UNIT_NAME, "Authenticator Attestation"),
            x509.NameAttribute(oid.COMMON_NAME, "A software key"),
        ])
        now = datetime.datetime.now(datetime.timezone.utc)
        model = x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4"), b"\x04\x10" + self.aaguid.bytes)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(name)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(days=1))
            .not_valid_after(now + datetime.timedelta(days=365))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
            .add_extension(model, critical=False)
            .sign(key, hashes.SHA256())
        )
        return key.sign(signed, ec.ECDSA(hashes.SHA256())), certificate.public_bytes(Encoding.DER)
