"""A phone as the shell of the app: it implements the four traits that the bindings declare."""

from authenticator_ffi import (
    AttestationKind,
    DeviceDescription,
    KeyAlgorithm,
    KeyEvidence,
    KeyFault,
    KeyLevel,
    RadioState,
    ScreenLock,
    ShelfEntry,
    ShellFault,
    ShellKeyStore,
    ShellShelf,
    ShellSurroundings,
    ShellVerifier,
    SystemBelow,
    Verification,
)

from hardware import Chip, Hardware
from person import Outcome, Person

LEVELS = {KeyLevel.STRONG_BOX: 2, KeyLevel.TRUSTED_ENVIRONMENT: 1}


class Files:
    """The app's files, which a backup can carry to another device."""

    def __init__(self):
        self.entries = {}
        # Writing fails, as on a full disk; reading fails.
        self.full = self.unreadable = False

    def copy(self):
        copied = Files()
        copied.entries = dict(self.entries)
        return copied

    def bytes(self):
        return b"".join(self.entries.values())


class Phone:
    """What a test moves by hand, and the four traits over it."""

    def __init__(self, serial, authority, chips, system, attestation, aaguid):
        self.hardware = Hardware(chips)
        self.person = Person()
        self.files = Files()
        self.system = system
        self.online = True
        self.radio = RadioState.ON
        # How the app attests; the relying party may still want none.
        self.attestation = attestation
        self.aaguid = aaguid
        self.patch_level = 202_610
        self.authority = authority
        self.serial = serial
        self.now = 0
        # What a method of the shell does instead of its work, by its name.
        self.instead = {}

    def description(self):
        return DeviceDescription(
            device_id=bytes([self.serial]) * 16,
            aaguid=self.aaguid,
            system=self.system,
            attestation=self.attestation,
        )

    def shell(self):
        return KeyStore(self), Verifier(self), Surroundings(self), Shelf(self)

    def does(self, name, work):
        return self.instead.get(name, work)()

    def remove_lock(self):
        """The owner, or an administrator by force, removes the screen lock."""
        self.person.set_pin(None)
        self.hardware.invalidate_all()


def android(serial, authority):
    """An Android 15 device with a StrongBox and a trusted environment."""
    chips = {KeyLevel.STRONG_BOX: Chip.PRESENT, KeyLevel.TRUSTED_ENVIRONMENT: Chip.PRESENT}
    system = SystemBelow.ANDROID(version=15, has_provider_interface=True)
    attestation = AttestationKind.ANDROID_KEY
    return Phone(serial, authority, chips, system, attestation, b"keyward-sim-andr")


def iphone(serial, authority):
    """An iPhone with a Secure Enclave."""
    chips = {KeyLevel.SECURE_ENCLAVE: Chip.PRESENT}
    system = SystemBelow.IOS(version=18)
    return Phone(serial, authority, chips, system, AttestationKind.CERTIFIED, b"keyward-sim-ios-")


class KeyStore(ShellKeyStore):
    def __init__(self, phone):
        self.phone = phone

    def hardware(self):
        return self.phone.does("hardware", self.phone.hardware.advertised)

    def algorithms(self):
        return self.phone.does("algorithms", lambda: [KeyAlgorithm.ES256])

    def create(self, order):
        return self.phone.does("create", lambda: self._create(order))

    def _create(self, order):
        phone = self.phone
        if phone.person.lock() is None:
            raise KeyFault.SecureLockRequired()
        assert order.algorithm is KeyAlgorithm.ES256

        def describe(public_key, level):
            if phone.attestation is not AttestationKind.ANDROID_KEY:
                return []
            challenge = order.attestation_challenge
            return phone.authority.describe(public_key, LEVELS[level], challenge, phone.patch_level)

        made = phone.hardware.create(order.level, describe)
        return phone.does("made", lambda: made)

    def sign(self, handle, grant, message):
        phone = self.phone
        return phone.does("sign", lambda: phone.hardware.sign(handle, grant, phone.now, message))

    def state(self, handle):
        return self.phone.does("state", lambda: self.phone.hardware.state(handle))

    def destroy(self, handle):
        self.phone.does("destroy", lambda: self.phone.hardware.keys.pop(handle, None))

    def evidence(self, handle, grant, attested):
        return self.phone.does("evidence", lambda: self._evidence(handle, attested))

    def _evidence(self, handle, attested):
        phone = self.phone
        if phone.attestation is AttestationKind.ANDROID_KEY:
            return KeyEvidence.ANDROID_KEY(x5c=phone.hardware.keys[handle].evidence)
        signature, x5c = phone.authority.certify(phone.aaguid, attested)
        return KeyEvidence.CERTIFIED(algorithm=KeyAlgorithm.ES256, signature=signature, x5c=x5c)


class Verifier(ShellVerifier):
    def __init__(self, phone):
        self.phone = phone

    def screen_lock(self):
        person = self.phone.person
        enrolled = person.biometrics
        lock = ScreenLock(
            lock=person.lock(), finger="finger" in enrolled, face="face" in enrolled
        )
        return self.phone.does("screen_lock", lambda: lock)

    def verify(self, method, prompt):
        return self.phone.does("verify", lambda: self._verify(method, prompt))

    def _verify(self, method, prompt):
        phone = self.phone
        outcome = phone.person.prompt(method, prompt)
        if outcome is Outcome.RIGHT:
            grant = phone.hardware.grant(phone.now)
            return Verification.GRANTED(grant=grant, picked=phone.person.picks)
        return {
            Outcome.WRONG: Verification.FAILED,
            Outcome.LOCKED_OUT: Verification.LOCKED_OUT,
            Outcome.CANCELLED: Verification.CANCELLED,
            Outcome.TIMED_OUT: Verification.TIMED_OUT,
        }[outcome]()

    def confirm(self, prompt):
        self.phone.person.confirmations += 1
        return self.phone.does("confirm", lambda: self.phone.person.agrees)


class Surroundings(ShellSurroundings):
    def __init__(self, phone):
        self.phone = phone

    def now_ms(self):
        return self.phone.does("now_ms", lambda: self.phone.now)

    def online(self):
        return self.phone.does("online", lambda: self.phone.online)

    def radio(self):
        return self.phone.does("radio", lambda: self.phone.radio)


class Shelf(ShellShelf):
    def __init__(self, phone):
        self.phone = phone

    def entries(self):
        return self.phone.does("entries", self._entries)

    def _entries(self):
        files = self.phone.files
        if files.unreadable:
            raise ShellFault.Failed()
        return [ShelfEntry(name=name, bytes=data) for name, data in files.entries.items()]

    def write(self, entry, remove):
        self.phone.does("write", lambda: self._write(entry, remove))

    def _write(self, entry, remove):
        files = self.phone.files
        if files.full:
            raise ShellFault.Failed()
        for name in remove:
            files.entries.pop(name, None)
        files.entries[entry.name] = entry.bytes

    def remove(self, name):
        removed = lambda: self.phone.files.entries.pop(name, None) is not None
        return self.phone.does("remove", removed)
