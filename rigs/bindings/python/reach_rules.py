"""R5 to R8 and R12: what must be switched on, and from where a passkey may be used. R11: what a camera found."""

from authenticator_ffi import (
    AppError,
    CodeFault,
    CodePurpose,
    ConnectionFacts,
    CrossDeviceSwitch,
    HybridFault,
    Operation,
    RadioState,
    RequestFront,
    ScannedCode,
    ShellKind,
    advert_service_uuid,
    code_made_at,
    diagnose,
    refusal_text,
    required_hosts,
    sentences,
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
            text = {one.code: one.text for one in sentences()}[refusal]
            equal((app.core.last_refusal_text(), refusal_text(refusal)), (text, text))


def seen(**changes):
    members = {"radio": RadioState.ON, "online": True, "hosts": [tunnel_host(266)]}
    return ConnectionFacts(**{**members, **changes})


def r05_what_is_missing_is_named_with_what_to_do_and_the_hosts():
    equal(diagnose(seen(dial="opened", broadcast="sent", other_device="came")), None)
    hosts = [tunnel_host(266)]
    for changes, code, named in [
        ({"radio": RadioState.OFF}, "bluetooth_off", []),
        ({"radio": RadioState.DENIED}, "bluetooth_denied", []),
        ({"broadcast": "not_taken"}, "bluetooth_failed", []),
        ({"online": False}, "offline", []),
        ({"dial": "no_network"}, "offline", []),
        ({"dial": "name_not_found"}, "tunnel_not_found", hosts),
        ({"dial": "timed_out"}, "tunnel_blocked", hosts),
        ({"dial": "not_trusted"}, "tunnel_not_trusted", hosts),
        ({"dial": "status", "dial_status": 410}, "tunnel_missing", hosts),
        ({"dial": "status", "dial_status": 429}, "tunnel_busy", hosts),
        ({"dial": "status", "dial_status": 500}, "tunnel_failed", hosts),
        ({"other_device": "silent"}, "other_side_silent", hosts),
        ({"other_device": "left"}, "other_side_lost", []),
        ({"other_device": "tunnel_broke"}, "tunnel_lost", hosts),
        ({"refusal": "cross_device_blocked"}, "cross_device_blocked", []),
    ]:
        found = diagnose(seen(**changes))
        equal((found.code, found.hosts), (code, named))
        equal(found.title, "Device couldn't connect")
        text = {one.code: one.text for one in sentences()}[code]
        equal(found.sentence, text.replace("{hosts}", ", ".join(hosts)))


def r05_what_was_missing_is_remembered():
    for phone in phones():
        app = App(phone)
        equal(app.core.could_not_connect(Operation.SIGN_IN, seen()), None)
        equal(app.core.incidents(), [])
        phone.now = 9
        told = app.core.could_not_connect(Operation.SIGN_IN, seen(dial="refused"))
        equal(told, diagnose(seen(dial="refused")))
        (incident,) = app.core.incidents()
        equal((incident.at_ms, incident.rp_id, incident.code), (9, "", "tunnel_blocked"))
        equal(incident.operation, Operation.SIGN_IN)


def r05_facts_of_an_impossible_form_are_refused_and_not_remembered():
    app = App(phones()[0])
    for changes in [
        {"dial": "exploded"},
        {"dial": "status"},
        {"dial": "opened", "dial_status": 101},
        {"broadcast": ""},
        {"other_device": "Silent"},
        {"refusal": "newer_than_this_one"},
        {"other_clocks": [NOW] * 17},
        {"hosts": ["a.example"] * 17},
        {"hosts": ["a.example or call 555"]},
    ]:
        facts = seen(**{"other_device": "silent", **changes})
        raised(AppError.Facts, diagnose, facts)
        raised(AppError.Facts, app.core.could_not_connect, Operation.SIGN_IN, facts)
    equal(app.codes(), [])


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
    for flow, purpose, question in [
        ("mc", CodePurpose.REGISTER, "scanned_register"),
        ("ga", CodePurpose.SIGN_IN, "scanned_sign_in"),
    ]:
        text = Computer().code(flow, NOW)
        equal(ScannedCode.read(text, NOW + 599).purpose(), purpose)
        scanned = ScannedCode.read(text.replace("FIDO:", "fido:"), NOW)
        equal((scanned.purpose(), scanned.question().code), (purpose, question))
        assert scanned.question() in sentences()


def r11_what_is_no_code_of_webauthn_is_refused_with_its_reason():
    good = Computer().code("ga", NOW)
    texts = {one.code: one.text for one in sentences()}
    for text, code in [
        ("otpauth://totp/Contoso:ada?secret=JBSWY3DPEHPK3PXP", "code_one_time_password"),
        ("http://login.contoso.com/", "code_web_address"),
        ("https://login.contoso.com/" + "a" * 5000, "code_web_address"),
        ("", "code_something_else"),
        ("WIFI:S:Contoso;;", "code_something_else"),
        ("FIDO:/" + "1" * 3000, "code_too_long"),
        ("FIDO:/12a", "code_digits"),
        (good[:-1], "code_digits"),
        ("FIDO:/99999999999999999", "code_digits"),
        ("FIDO:/", "code_contents"),
        ("FIDO:/000", "code_contents"),
        (Computer().code("ga", NOW, key=bytes(33)), "code_key"),
        (Computer().code("ga", NOW - 601), "clocks_differ"),
        (Computer().code("ga", NOW + 601), "clocks_differ"),
    ]:
        fault = raised(CodeFault.NotACode, ScannedCode.read, text, NOW)
        equal((fault.code, fault.text), (code, texts[code]))


def r11_a_code_of_another_time_is_told_from_a_wrong_clock_by_a_third():
    old = code_made_at(Computer().code("ga", NOW - 3600))
    equal((old, code_made_at("FIDO:/12")), (NOW - 3600, None))
    for others, code in [
        ([], "clocks_differ"),
        ([NOW + 5], "clocks_differ"),
        ([NOW - 3600], "clock_wrong"),
    ]:
        facts = seen(now=NOW, code_made_at=old, other_clocks=others)
        equal(diagnose(facts).code, code)


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
