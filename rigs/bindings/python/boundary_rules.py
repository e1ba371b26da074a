"""The boundary itself: what a shell throws or says wrongly opens nothing, and ends nothing either."""

from authenticator_ffi import (
    AppError,
    DeviceDescription,
    FeedbackFault,
    KeyAlgorithm,
    KeyEvidence,
    KeyFault,
    KeyLevel,
    MadeKey,
    PasskeyApp,
    PasskeyCondition,
    RequestFront,
    ShellFault,
    Verification,
    default_policy,
    refusal_codes,
)

from app import ERR, OTHER, RP, App, enrolled, equal, outcome, phones, raised, refused

LOCAL, USABLE = RequestFront.LOCAL, PasskeyCondition.USABLE()


def throws():
    raise RuntimeError("1111 is nobody's business")


def declared(fault):
    def work():
        raise fault

    return work


def whatever_a_shell_throws_opens_nothing_and_ends_nothing():
    calls = {
        "hardware": (ERR.NOT_ALLOWED, None),
        "algorithms": (ERR.UNSUPPORTED_ALGORITHM, None),
        "create": (ERR.OTHER, None),
        "evidence": (ERR.OTHER, None),
        "sign": (ERR.OTHER, ERR.OTHER),
        "screen_lock": (ERR.NOT_ALLOWED, ERR.OTHER),
        "verify": (ERR.OPERATION_DENIED, ERR.OPERATION_DENIED),
        "online": (ERR.NOT_ALLOWED, ERR.NOT_ALLOWED),
        "entries": (ERR.OTHER, ERR.OTHER),
        "write": (ERR.OTHER, ERR.OTHER),
        "state": (None, None),
        "now_ms": (None, None),
        "radio": (None, None),
    }
    for call, (at_registration, at_sign_in) in calls.items():
        for fault in (throws, declared(ShellFault.Failed()), declared(KeyFault.Failed())):
            for phone in phones():
                app = App(phone)
                kept = app.register(RP, "ada")
                phone.instead[call] = fault
                keys = set(phone.hardware.keys)
                # For `packed` an attestation key signs, not the passkey's own.
                expected = None if (call, kept.format) == ("sign", "packed") else at_registration
                equal(outcome(app.register, RP, "bea"), expected, call)
                if expected:
                    equal(set(phone.hardware.keys), keys, f"{call}: no key is left behind:")
                equal(outcome(app.sign_in, kept), at_sign_in, call)
                if expected or at_sign_in:
                    assert call in app.core.failed_calls(), f"{call} is not among the failed calls"
                phone.instead.clear()
                app.sign_in(kept)
                assert all(condition == USABLE for condition in app.conditions()), call


def a_lock_or_a_shelf_that_cannot_be_read_is_said_and_not_shown_as_nothing():
    for call in ("screen_lock", "entries"):
        for phone in phones():
            app = App(phone)
            kept = app.register(RP, "ada")
            phone.instead[call] = throws
            raised(AppError.ShellFailed, app.core.list)
            phone.instead.clear()
            equal(app.conditions(), [USABLE])
            phone.instead["entries"] = throws
            raised(AppError.ShellFailed, app.core.forget, kept.id)
            phone.instead.clear()
            app.sign_in(kept)


def a_bluetooth_that_cannot_be_asked_is_none():
    app = App(phones()[0])
    app.phone.instead["radio"] = throws
    equal(app.core.cross_device_refusal(), "bluetooth_denied")


def a_key_of_an_impossible_form_is_destroyed_and_no_passkey_made():
    good = {
        "handle": b"h",
        "algorithm": KeyAlgorithm.ES256,
        "public_key": b"\x04" + bytes(64),
        "level": KeyLevel.STRONG_BOX,
    }
    for wrong in [
        {"handle": b""},
        {"handle": bytes(1025)},
        {"algorithm": KeyAlgorithm.ED_DSA},
        {"public_key": b""},
        {"public_key": bytes(65)},
        {"public_key": b"\x04" + bytes(63)},
        {"public_key": b"\x04" + bytes(65)},
    ]:
        for phone in phones():
            app = App(phone)
            destroyed = []
            made = MadeKey(**{**good, **wrong})
            phone.instead["made"] = lambda made=made: made
            phone.instead["destroy"] = lambda: destroyed.append(True)
            refused(ERR.OTHER, app.register, RP, "ada")
            equal((len(destroyed), phone.files.entries), (1, {}), wrong)


def evidence_of_another_kind_or_length_makes_no_passkey():
    certificate = b"\x30\x00"
    android = lambda x5c: KeyEvidence.ANDROID_KEY(x5c=x5c)
    certified = lambda signature, x5c: KeyEvidence.CERTIFIED(
        algorithm=KeyAlgorithm.ES256, signature=signature, x5c=x5c
    )
    wrong = [
        KeyEvidence.NONE(),
        android([]),
        android([certificate] * 11),
        android([b""]),
        android([bytes(16_385)]),
        certified(b"", [certificate]),
        certified(b"s", []),
        certified(bytes(8193), [certificate]),
    ]
    for phone in phones():
        other = certified(b"s", [certificate]) if phone.serial == 1 else android([certificate])
        for evidence in [*wrong, other]:
            app = App(phone)
            phone.instead["evidence"] = lambda evidence=evidence: evidence
            refused(ERR.OTHER, app.register, RP, "ada")
            equal((len(phone.hardware.keys), phone.files.entries), (0, {}), evidence)


def a_signature_or_a_grant_of_an_impossible_length_is_none():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        used = phone.hardware.signatures
        for signature in (b"", bytes(8193)):
            phone.instead["sign"] = lambda signature=signature: signature
            refused(ERR.OTHER, app.sign_in, kept)
        phone.instead = {"verify": lambda: Verification.GRANTED(grant=bytes(1025), picked=None)}
        refused(ERR.OPERATION_DENIED, app.sign_in, kept)
        equal(phone.hardware.signatures, used)


def a_pick_that_nobody_offered_signs_nothing():
    for phone in phones():
        app = App(phone)
        app.register(RP, "ada")
        used = phone.hardware.signatures
        phone.person.picks = 2**32 - 1
        refused(ERR.OTHER, app.discover, RP)
        equal(phone.hardware.signatures, used)


def a_clock_that_goes_back_stands_still():
    for phone in phones():
        app = App(phone)
        phone.now = 10
        refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "ada")
        phone.now = 5
        refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "ada")
        equal([incident.at_ms for incident in app.core.incidents()], [10, 10])


def a_shell_that_calls_back_into_the_app_is_told_that_it_is_busy():
    for phone in phones():
        app = App(phone)
        seen = []

        def enters():
            for call in (
                app.core.list,
                app.core.incidents,
                lambda: app.core.handle(b"\x04", LOCAL),
                app.core.feedbacks,
                app.core.feedback_to_send,
                app.core.last_refusal_text,
            ):
                seen.append(raised(AppError.Busy, call))
            fault = raised(FeedbackFault.App, app.core.make_feedback).fault
            assert isinstance(fault, AppError.Busy)
            return Verification.FAILED()

        phone.instead["verify"] = enters
        refused(ERR.OPERATION_DENIED, app.register, RP, "ada")
        assert len(seen) == 12, "by biometrics, then by PIN"
        phone.instead.clear()
        app.register(RP, "ada")


def messages_of_any_form_get_an_answer():
    for phone in phones():
        app = App(phone)
        messages = [b"", b"\x01", b"\x02", b"\xff", b"\x01\xa0", b"\x02\xbf", b"\x01" + b"\x81" * 500]
        messages += [bytes([command]) + b"\xa1\x01\x40" for command in range(16)]
        messages += [b"\x04" + bytes(7608), b"\x04" + bytes(100_000)]
        for message in messages:
            answer = app.core.handle(message, LOCAL)
            assert len(answer) == 1 and answer[0] != 0, message
        equal((phone.person.prompts, phone.person.confirmations), ([], 0))


def descriptions_and_policies_are_measured():
    phone = phones()[0]
    for change in ({"device_id": b""}, {"device_id": bytes(17)}, {"aaguid": bytes(15)}):
        known = phone.description()
        members = {
            name: getattr(known, name)
            for name in ("device_id", "aaguid", "system", "attestation")
        }
        description = DeviceDescription(**{**members, **change})
        raised(AppError.Description, PasskeyApp, *phone.shell(), description, default_policy())
    app = App(phone)
    for change in [
        {"profile": ""},
        {"profile": "p" * 1025},
        {"enrolled": [enrolled(RP)] * 1025},
        {"enrolled": [enrolled("")]},
        {"enrolled": [enrolled("a" * 254)]},
        {"enrolled": [enrolled(RP, unavailable_because="r" * 1025)]},
    ]:
        policy = default_policy()
        for name, value in change.items():
            setattr(policy, name, value)
        raised(AppError.Policy, app.core.set_policy, policy)
    # The old one holds: a name that imitates the enrolled one is still refused.
    refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "ada")
    app.register(OTHER, "ada")


def every_refusal_has_a_code_of_its_own():
    codes = refusal_codes()
    equal(len(set(codes)), len(codes))
    assert {"no_secure_hardware", "no_longer_valid", "look_alike"} <= set(codes)
