"""Who holds the phone: a screen lock, enrolled biometrics, and what they do at a prompt. The PIN stays in here."""

from enum import Enum

from authenticator_ffi import VerificationMethod

# Failures after which biometrics are closed until the PIN.
LOCKOUT = 5


class Finger(Enum):
    """What the sensor sees."""

    MATCHES = 0
    FAILS = 1
    CANCELS = 2
    TIMES_OUT = 3


class Outcome(Enum):
    RIGHT = 0
    WRONG = 1
    LOCKED_OUT = 2
    CANCELLED = 3
    TIMED_OUT = 4


class Person:
    def __init__(self):
        self.pin = "1111"
        # What is typed when a PIN is asked for; None closes the prompt.
        self.types = "1111"
        self.changes = 1
        self.biometrics = {"finger"}
        self.finger = Finger.MATCHES
        self.agrees = True
        self.picks = 0
        self.failures = 0
        # The methods asked for and what was shown, and the questions that needed no verification.
        self.prompts = []
        self.shown = []
        self.confirmations = 0

    def lock(self):
        return None if self.pin is None else self.changes

    def set_pin(self, pin):
        self.pin = self.types = pin
        self.changes += 1
        # A system without a screen lock keeps no biometrics.
        if pin is None:
            self.biometrics = set()

    def prompt(self, method, shown):
        self.prompts.append(method)
        self.shown.append(shown)
        return self._touch() if method is VerificationMethod.BIOMETRIC else self._type()

    def _type(self):
        if self.types is None:
            return Outcome.CANCELLED
        if self.types != self.pin:
            return Outcome.WRONG
        self.failures = 0
        return Outcome.RIGHT

    def _touch(self):
        if self.failures >= LOCKOUT:
            return Outcome.LOCKED_OUT
        if self.finger is Finger.MATCHES:
            self.failures = 0
            return Outcome.RIGHT
        if self.finger is Finger.FAILS:
            self.failures += 1
            return Outcome.WRONG
        return Outcome.CANCELLED if self.finger is Finger.CANCELS else Outcome.TIMED_OUT
