"""The place where keys are: chips that are there, not there, or only promised."""

from enum import Enum

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from authenticator_ffi import KeyAlgorithm, KeyFault, KeyLevel, KeyState, MadeKey

# How long one verification lets keys be used, in milliseconds.
GRANT = 30_000


class Chip(Enum):
    ABSENT = 0
    PRESENT = 1
    # Advertised, and throws when a key is to be made.
    THROWS_LATE = 2
    # Advertised, and quietly makes the key in software.
    MAKES_SOFTWARE_KEYS = 3


class Slot:
    def __init__(self, key, level, evidence):
        self.key, self.level, self.evidence = key, level, evidence
        self.invalidated = False


class Hardware:
    def __init__(self, chips):
        self.chips = chips
        self.keys = {}
        self.grants = {}
        self.made = 0
        self.signatures = 0
        # The next key is lost as after a fault of the chip.
        self.broken = False

    def levels(self):
        return [slot.level for slot in self.keys.values()]

    def scalars(self):
        """The private keys as they lie in memory: what no file and no message may contain."""
        numbers = [slot.key.private_numbers().private_value for slot in self.keys.values()]
        return [number.to_bytes(32, "big") for number in numbers]

    def advertised(self):
        there = [level for level, chip in self.chips.items() if chip is not Chip.ABSENT]
        return [*there, KeyLevel.SOFTWARE]

    def create(self, level, describe):
        chip = self.chips.get(level, Chip.ABSENT)
        if chip is Chip.MAKES_SOFTWARE_KEYS:
            level = KeyLevel.SOFTWARE
        elif chip is not Chip.PRESENT:
            raise KeyFault.Unavailable()
        key = ec.generate_private_key(ec.SECP256R1())
        self.made += 1
        handle = self.made.to_bytes(8, "big")
        self.keys[handle] = Slot(key, level, describe(key.public_key(), level))
        point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return MadeKey(
            handle=handle, algorithm=KeyAlgorithm.ES256, public_key=point, level=level
        )

    def grant(self, now):
        self.made += 1
        grant = self.made.to_bytes(8, "big")
        self.grants[grant] = now
        return grant

    def sign(self, handle, grant, now, message):
        slot = self.keys.get(handle)
        if slot is None or self.broken:
            raise KeyFault.Failed()
        if slot.invalidated:
            raise KeyFault.PermanentlyInvalidated()
        begun = self.grants.get(grant)
        if begun is None or now - begun > GRANT:
            raise KeyFault.VerificationRequired()
        self.signatures += 1
        return slot.key.sign(message, ec.ECDSA(SHA256()))

    def state(self, handle):
        slot = self.keys.get(handle)
        if slot is None:
            return KeyState.MISSING
        return KeyState.INVALIDATED if slot.invalidated else KeyState.VALID

    def invalidate_all(self):
        """The lock is gone: keys that needed it are given up for ever."""
        for slot in self.keys.values():
            slot.invalidated = True
