"""The app on a simulated phone, python-fido2 as the client in front of it, and what every test needs."""

from authenticator_ffi import (
    AttestationKind,
    CrossDeviceSwitch,
    EnrolledParty,
    PasskeyApp,
    RequestFront,
    default_policy,
)
from fido2.ctap import CtapDevice, CtapError
from fido2.ctap2 import Ctap2
from fido2.hid import CAPABILITY, CTAPHID

import phone
from authority import Authority
from party import Party

RP = "login.contoso.com"
OTHER = "shop.example"
AUTHORITY = Authority()
ERR = CtapError.ERR


def phones():
    """Every kind of phone."""
    return [phone.android(1, AUTHORITY), phone.iphone(2, AUTHORITY)]


def enrolled(rp_id, **changes):
    members = {
        "rp_id": rp_id,
        "unavailable_because": None,
        "cross_device_registration": CrossDeviceSwitch.ALLOWED,
        "cross_device_sign_in": CrossDeviceSwitch.ALLOWED,
        "attestation_enforced": False,
    }
    return EnrolledParty(**{**members, **changes})


class Wire(CtapDevice):
    """The app as a device of python-fido2."""

    def __init__(self, core):
        self.core = core
        self.front = RequestFront.LOCAL

    @property
    def capabilities(self):
        return CAPABILITY.CBOR

    def call(self, cmd, data=b"", event=None, on_keepalive=None):
        assert cmd == CTAPHID.CBOR
        return self.core.handle(data, self.front)

    def close(self):
        pass

    @classmethod
    def list_devices(cls):
        return iter(())


class App:
    def __init__(self, phone):
        self.phone = phone
        self.policy = default_policy()
        self.policy.enrolled = [enrolled(RP)]
        self.core = PasskeyApp(*phone.shell(), phone.description(), self.policy)
        self.wire = Wire(self.core)
        self.client = Ctap2(self.wire)

    def restarted(self):
        """The same phone after the system has ended the app and started it again."""
        return App(self.phone)

    def decide(self, **changes):
        for name, value in changes.items():
            setattr(self.policy, name, value)
        self.core.set_policy(self.policy)

    def front(self, front):
        self.wire.front = front

    def refusal(self):
        return self.core.last_refusal()

    def conditions(self):
        return [listed.condition for listed in self.core.list()]

    def codes(self):
        return [incident.code for incident in self.core.incidents()]

    def register(self, rp_id, user, exclude=(), discoverable=True):
        """A registration that the relying party has verified, attestation and all if the phone attests."""
        attested = self.phone.attestation is not AttestationKind.NONE
        party = Party(rp_id, AUTHORITY, attested)
        state, client_data = party.begin_registration(user)
        made = self.client.make_credential(
            client_data.hash,
            {"id": rp_id},
            {"id": user.encode(), "name": user},
            [{"type": "public-key", "alg": -7}],
            [descriptor(id) for id in exclude] or None,
            options={"rk": discoverable, "uv": True},
        )
        return party.registered(state, client_data, user, made)

    def sign_in(self, kept):
        """A sign-in that the relying party has verified; its authenticator data."""
        state, client_data = kept.party.begin_sign_in(kept)
        asserted = self.client.get_assertion(
            kept.party.rp_id, client_data.hash, [descriptor(kept.id)], options={"uv": True}
        )
        return kept.party.signed_in(state, client_data, kept, asserted)

    def discover(self, rp_id):
        """What a relying party would get without naming a credential."""
        return self.client.get_assertion(rp_id, bytes(32), options={"uv": True})

    def prompts(self, kept):
        """The methods that a sign-in asks for."""
        self.phone.person.prompts.clear()
        assert self.sign_in(kept).is_user_verified()
        return list(self.phone.person.prompts)


def descriptor(id):
    return {"type": "public-key", "id": id}


def equal(found, expected, what=""):
    assert found == expected, f"{what} {found!r} instead of {expected!r}".strip()


def refused(code, action, *arguments):
    """The relying party gets this status."""
    try:
        action(*arguments)
    except CtapError as error:
        equal(error.code, code)
        return
    raise AssertionError(f"not refused with {code!r}")


def outcome(action, *arguments):
    """The status of a refusal, or nothing."""
    try:
        action(*arguments)
    except CtapError as error:
        return error.code
    return None


def raised(kind, action, *arguments):
    """The bindings throw this."""
    try:
        action(*arguments)
    except kind as error:
        return error
    raise AssertionError(f"{kind.__name__} was not thrown")
