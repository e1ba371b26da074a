"""The other side of hybrid transport (CTAP 2.2, section 11.5), written from the specification: QR code, advert, Noise KNpsk0."""

import hmac
import os
import struct

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256, Hash
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from fido2 import cbor

CHUNKS = {1: 3, 2: 5, 3: 8, 4: 10, 5: 13, 6: 15, 7: 17}
EID_KEY, PRE_SHARED_KEY = 1, 3
SHUTDOWN, CTAP, UPDATE = 0, 1, 2


def derive(secret, salt, purpose, length):
    info = struct.pack("<I", purpose)
    return HKDF(algorithm=SHA256(), length=length, salt=salt, info=info).derive(secret)


def sha256(data):
    digest = Hash(SHA256())
    digest.update(data)
    return digest.finalize()


def point(key, form=PublicFormat.UncompressedPoint):
    return key.public_key().public_bytes(Encoding.X962, form)


def digits(data):
    chunks = [data[at : at + 7] for at in range(0, len(data), 7)]
    return "".join(
        str(int.from_bytes(chunk, "little")).rjust(CHUNKS[len(chunk)], "0") for chunk in chunks
    )


class Direction:
    """One direction of the channel: each message once, in order."""

    def __init__(self, key):
        self.key, self.number = AESGCM(key), 0

    def nonce(self):
        nonce = struct.pack(">IQ", 0, self.number)
        self.number += 1
        return nonce

    def seal(self, plain):
        zeros = -(len(plain) + 1) % 32
        padded = plain + bytes(zeros) + bytes([zeros])
        return self.key.encrypt(self.nonce(), padded, b"")

    def open(self, message):
        padded = self.key.decrypt(self.nonce(), message, b"")
        assert len(padded) % 32 == 0
        plain, zeros = padded[: -1 - padded[-1]], padded[-1 - padded[-1] : -1]
        assert not any(zeros)
        return plain


class Computer:
    def __init__(self):
        self.secret = os.urandom(16)
        self.static = ec.generate_private_key(ec.SECP256R1())

    def code(self, flow, made_at, key=None):
        compressed = key or point(self.static, PublicFormat.CompressedPoint)
        message = {0: compressed, 1: self.secret, 2: 2, 3: made_at, 4: True, 5: flow}
        return "FIDO:/" + digits(cbor.encode(message))

    def hear_advert(self, advert):
        """Opens the advert, and returns the routing identifier and the number of the tunnel service."""
        assert len(advert) == 20
        key = derive(self.secret, None, EID_KEY, 64)
        tag = hmac.digest(key[32:], advert[:16], "sha256")[:4]
        assert hmac.compare_digest(tag, advert[16:]), "the advert is for somebody else"
        decryptor = Cipher(algorithms.AES(key[:32]), modes.ECB()).decryptor()
        eid = decryptor.update(advert[:16]) + decryptor.finalize()
        assert eid[0] == 0
        self.psk = derive(self.secret, eid, PRE_SHARED_KEY, 32)
        return eid[11:14], int.from_bytes(eid[14:], "little")

    def call(self):
        """The first message of the handshake."""
        self.chaining = self.hash = b"Noise_KNpsk0_P256_AESGCM_SHA256".ljust(32, b"\0")
        self._mix_hash(b"\x01")
        self._mix_hash(point(self.static))
        mixed = self._mixed(self.psk, 3)
        self._mix_hash(mixed[1])
        self.key = mixed[2]
        self.ephemeral = ec.generate_private_key(ec.SECP256R1())
        self._mix_hash(point(self.ephemeral))
        self._mix_key(point(self.ephemeral))
        tag = AESGCM(self.key).encrypt(bytes(12), b"", self.hash)
        self._mix_hash(tag)
        return point(self.ephemeral) + tag

    def shaken(self, answer):
        """Reads the authenticator's answer; the channel is open then."""
        theirs, tag = answer[:65], answer[65:]
        peer = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs)
        self._mix_hash(theirs)
        self._mix_key(theirs)
        self._mix_key(self.ephemeral.exchange(ec.ECDH(), peer))
        self._mix_key(self.static.exchange(ec.ECDH(), peer))
        assert AESGCM(self.key).decrypt(bytes(12), tag, self.hash) == b""
        out, into = self._mixed(b"", 2)
        self.out, self.into = Direction(out), Direction(into)

    def greeting(self, message):
        return cbor.decode(self.into.open(message))

    def frame(self, kind, contents=b""):
        return self.out.seal(bytes([kind]) + contents)

    def read(self, message):
        plain = self.into.open(message)
        return plain[0], plain[1:]

    def _mix_hash(self, data):
        self.hash = sha256(self.hash + data)

    def _mix_key(self, material):
        _, self.key = self._mixed(material, 2)

    def _mixed(self, material, count):
        derived = HKDF(algorithm=SHA256(), length=32 * count, salt=self.chaining, info=b"")
        out = derived.derive(material)
        parts = [out[at : at + 32] for at in range(0, len(out), 32)]
        self.chaining = parts[0]
        return parts
