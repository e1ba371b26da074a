"""R5 to R8 and R12: what must be switched on, and from where a passkey may be used. R11: what a camera found."""

from authenticator_ffi import (
    CodeFault,
    CodePurpose,
    CrossDeviceSwitch,
    HybridFault,
    RadioState,
    RequestFront,
    ScannedCode,
    ShellKind,
    advert_service_uuid,
    required_hosts,
    tunnel_host,
)

from app import ERR, OTHER, RP, App, enrolled, equal, outcome, phones, raised, refused
from computer import Computer

ALLOWED, BLOCKED = CrossDeviceSwitch.ALLOWED, CrossDeviceSwitch.BLOCKED
NOT_WITH_ATTESTATION = CrossDeviceSwitch.NOT_WITH_ATTESTATION
NOW = 1_790_000_000


def r05_cross_device_needs_bluetooth_and_the_internet_before_a_tunnel_is_opened():
    code = ScannedCode.read(Computer().code("ga", NOW), NOW)
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        app.front(RequestFront.CROSS_DEVICE)
        equal(app.core.cross_device_refusal(), None)
        app.sign_in(kept)
        assert app.core.answer_code(code, 0).tunnel_url().startswith("wss://cable.ua5v.com/")
        for radio, online, refusal in [
            (RadioState.OFF, True, "bluetooth_off"),
            (RadioState.DENIED, True, "bluetooth_denied"),
            (RadioState.ON, False, "offline"),
        ]:
            phone.radio, phone.online = radio, online
            equal(app.core.cross_device_refusal(), refusal)
            equal(raised(HybridFault.Refused, app.core.answer_code, code, 0).code, refusal)
            used = phone.hardware.signatures
            refused(ERR.NOT_ALLOWED, app.sign_in, kept)
            equal((app.refusal(), phone.hardware.signatures), (refusal, used))


def r06_the_switch_for_other_devices_counts_for_registration_and_sign_in_apart():
    unattested = "cross_device_not_with_attestation"
    blocked = "cross_device_blocked"
    for registration, sign_in, enforced, first, second in [
        (ALLOWED, ALLOWED, True, None, None),
        (NOT_WITH_ATTESTATION, ALLOWED, False, None, None),
        (NOT_WITH_ATTESTATION, ALLOWED, True, unattested, None),
        (ALLOWED, NOT_WITH_ATTESTATION, True, None, unattested),
        (BLOCKED, BLOCKED, False, blocked, blocked),
    ]:
        for phone in phones():
            app = App(phone)
            party = enrolled(
                RP,
                cross_device_registration=registration,
                cross_device_sign_in=sign_in,
                attestation_enforced=enforced,
            )
            app.decide(enrolled=[party])
            # On the device itself all of it works.
            kept = app.register(RP, "ada")
            app.sign_in(kept)
            app.front(RequestFront.CROSS_DEVICE)
            asked = len(phone.person.prompts)
            equal(outcome(app.register, RP, "bea"), first and ERR.NOT_ALLOWED)
            equal(app.refusal(), first)
            if first:
                equal(len(phone.person.prompts), asked)
            equal(outcome(app.sign_in, kept), second and ERR.NOT_ALLOWED)
            equal(app.refusal(), second)


def r07_the_hosts_that_must_be_reachable_are_known():
    apple = [
        "cable.auth.com",
        "app-site-association.cdn-apple.com",
        "app-site-association.networking.apple",
    ]
    equal(required_hosts(ShellKind.ANDROID, None), ["cable.ua5v.com"])
    equal(required_hosts(ShellKind.IOS, None), apple)
    own = tunnel_host(266)
    equal(own, "cable.wufkweyy3uaxb.com")
    equal(required_hosts(ShellKind.ANDROID, own), [own])
    equal(required_hosts(ShellKind.IOS, own), apple, "on iOS the system chooses the tunnel:")
    equal([tunnel_host(0), tunnel_host(1), tunnel_host(2)], ["cable.ua5v.com", "cable.auth.com", None])


def r08_without_bluetooth_everything_on_the_device_works():
    equal(advert_service_uuid(), 0xFFF9)
    for phone in phones():
        phone.radio = RadioState.DENIED
        app = App(phone)
        app.sign_in(app.register(RP, "ada"))


def r11_a_code_says_what_it_is_for():
    for flow, purpose in [("mc", CodePurpose.REGISTER), ("ga", CodePurpose.SIGN_IN)]:
        text = Computer().code(flow, NOW)
        equal(ScannedCode.read(text, NOW + 599).purpose(), purpose)
        equal(ScannedCode.read(text.replace("FIDO:", "fido:"), NOW).purpose(), purpose)


def r11_what_is_no_code_of_webauthn_is_refused_with_its_reason():
    good = Computer().code("ga", NOW)
    for text, fault in [
        ("otpauth://totp/Contoso:ada?secret=JBSWY3DPEHPK3PXP", CodeFault.OtherScheme),
        ("http://login.contoso.com/", CodeFault.OtherScheme),
        ("", CodeFault.OtherScheme),
        ("FIDO:/" + "1" * 3000, CodeFault.TooLong),
        ("FIDO:/12a", CodeFault.Digits),
        (good[:-1], CodeFault.Digits),
        ("FIDO:/99999999999999999", CodeFault.Digits),
        ("FIDO:/", CodeFault.Contents),
        ("FIDO:/000", CodeFault.Contents),
        (Computer().code("ga", NOW, key=bytes(33)), CodeFault.Contents),
        (Computer().code("ga", NOW - 601), CodeFault.Outdated),
        (Computer().code("ga", NOW + 601), CodeFault.Outdated),
    ]:
        raised(fault, ScannedCode.read, text, NOW)


def r12_no_use_without_the_internet_and_no_counter_moves():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        app.sign_in(kept)
        phone.online = False
        asked = len(phone.person.prompts)
        refused(ERR.NOT_ALLOWED, app.sign_in, kept)
        refused(ERR.NOT_ALLOWED, app.register, RP, "bea")
        equal(app.refusal(), "offline")
        equal(len(phone.person.prompts), asked)
        phone.online = True
        app.sign_in(kept)
        equal(kept.counter, 2)


def r12_relying_parties_elsewhere_work_offline_on_the_device_if_allowed():
    for phone in phones():
        app = App(phone)
        kept = app.register(OTHER, "ada")
        phone.online = False
        app.sign_in(kept)
        app.front(RequestFront.CROSS_DEVICE)
        refused(ERR.NOT_ALLOWED, app.sign_in, kept)
        app.front(RequestFront.LOCAL)
        app.decide(offline_elsewhere=False)
        refused(ERR.NOT_ALLOWED, app.sign_in, kept)
        equal(app.refusal(), "offline")
