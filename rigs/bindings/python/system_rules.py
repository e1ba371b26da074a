"""R13 to R15: what is remembered of failures, which systems will do, and profiles that do not see each other."""

from authenticator_ffi import (
    AppError,
    ConnectionFacts,
    FeedbackFault,
    Operation,
    RadioState,
    ScannedCode,
    SystemBelow,
)
from fido2 import cbor

from app import AUTHORITY, ERR, RP, App, equal, outcome, phones, raised, refused
from computer import Computer
from person import Finger
from phone import android, iphone


def r13_every_failed_registration_leaves_an_incident_without_secrets():
    for phone in phones():
        app = App(phone)
        phone.now = 7
        refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "ada")
        phone.person.finger = Finger.CANCELS
        refused(ERR.OPERATION_DENIED, app.register, RP, "ada")
        phone.person.finger = Finger.MATCHES
        phone.files.full = True
        refused(ERR.OTHER, app.register, RP, "ada")
        seen = app.core.incidents()
        equal([incident.code for incident in seen], ["look_alike", "not_approved", "key_store"])
        equal({incident.operation for incident in seen}, {Operation.REGISTER})
        equal([incident.rp_id for incident in seen], ["login.c0ntoso.com", RP, RP])
        equal({incident.at_ms for incident in seen}, {7})
        # By its type an incident has no place for one; the canary looks anyway.
        assert "1111" not in repr(seen)


def r13_only_the_last_incidents_are_kept():
    app = App(android(1, AUTHORITY))
    for _ in range(40):
        refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "ada")
    equal(len(app.core.incidents()), 32)


NOW = 1_790_000_000


def silent(app):
    """The other device did not come."""
    facts = ConnectionFacts(
        radio=RadioState.ON, online=True, hosts=["cable.ua5v.com"], other_device="silent"
    )
    equal(app.core.could_not_connect(Operation.SIGN_IN, facts).code, "other_side_silent")


def kept_feedback(app):
    return [(one.id, one.state) for one in app.core.feedbacks()]


def r13_feedback_made_offline_stays_queued_and_is_sent_later_under_its_id():
    for phone in phones():
        app = App(phone)
        raised(FeedbackFault.NothingToTell, app.core.make_feedback)
        silent(app)
        phone.now, phone.online = 60_000, False
        id = app.core.make_feedback()
        equal([len(group) for group in id.split("-")], [4, 4, 4])
        equal((kept_feedback(app), app.core.feedback_to_send()), ([(id, "queued")], None))
        # The app is ended and started again before there is a connection.
        app = app.restarted()
        equal((app.codes(), app.core.list()), ([], []), "what is on the shelf is no passkey:")
        phone.online = True
        sending = app.core.feedback_to_send()
        equal(sending.id, id)
        # It is read here by a decoder of others, as whoever takes it would.
        bundle = cbor.decode(sending.bytes)
        equal((bundle[1], bundle[2]), (1, id.replace("-", "")))
        equal(bundle[3], "android 15" if phone.serial == 1 else "ios 18")
        equal(bundle[4], [{1: 60, 2: "sign_in", 3: "", 4: "other_side_silent"}])
        # Whoever was to take it did not answer: it waits on, the same.
        equal(app.core.feedback_to_send(), sending)
        equal([app.core.feedback_arrived(other) for other in ("", "0000-0000-0000")], [False] * 2)
        equal(kept_feedback(app), [(id, "queued")])
        equal(app.core.feedback_arrived(id.lower().replace("-", " ")), True)
        equal(app.core.feedback_arrived(id), False)
        equal((kept_feedback(app), app.core.feedback_to_send()), ([(id, "sent")], None))


def r13_feedback_holds_no_secret_and_no_name_of_a_person():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "canary-account")
        phone.person.finger = Finger.CANCELS
        refused(ERR.OPERATION_DENIED, app.register, RP, "canary-account")
        refused(ERR.NOT_ALLOWED, app.register, "login.c0ntoso.com", "canary-account")
        # The PIN is typed, a code is scanned and answered, and nobody comes.
        phone.person.finger = Finger.FAILS
        app.sign_in(kept)
        computer = Computer()
        text = computer.code("ga", NOW)
        session = app.core.answer_code(ScannedCode.read(text, NOW), 0)
        advert = session.advert("0a0b0c")
        silent(app)
        app.core.make_feedback()
        sent = app.core.feedback_to_send().bytes
        # The codes are there, so that looking for something finds it.
        assert b"look_alike" in sent and b"other_side_silent" in sent
        assert phone.person.pin == "1111" and phone.person.prompts, "the PIN was asked for"
        tunnel = session.tunnel_url().rsplit("/", 1)[1]
        canaries = [b"canary", b"1111", kept.id, computer.secret, advert, text[6:40].encode()]
        canaries += [computer.secret.hex().encode(), tunnel.encode(), tunnel.lower().encode()]
        keys = phone.hardware.scalars()
        equal(len(keys), 1)
        canaries += [key[at : at + 16] for key in keys for at in range(17)]
        canaries += [key.hex().encode() for key in keys]
        for canary in canaries:
            assert len(canary) >= 4 and canary not in sent, canary


def r13_what_waits_is_not_lost_for_something_newer():
    app = App(android(1, AUTHORITY))
    silent(app)
    ids = [app.core.make_feedback() for _ in range(8)]
    raised(FeedbackFault.Full, app.core.make_feedback)
    equal(app.core.feedback_to_send().id, ids[0])
    assert app.core.feedback_arrived(ids[1])
    new = app.core.make_feedback()
    equal([id for id, _ in kept_feedback(app)], [ids[0], *ids[2:], new])


def r13_feedback_on_a_shelf_that_fails_is_not_said_to_be_kept_or_gone():
    for phone in phones():
        app = App(phone)
        silent(app)
        phone.files.full = True
        raised(FeedbackFault.NotKept, app.core.make_feedback)
        phone.files.full = False
        equal(kept_feedback(app), [])
        id = app.core.make_feedback()
        phone.files.unreadable = True
        for call in (app.core.feedbacks, app.core.feedback_to_send):
            raised(AppError.ShellFailed, call)
        raised(AppError.ShellFailed, app.core.feedback_arrived, id)
        phone.files.unreadable, phone.files.full = False, True
        equal(app.core.feedback_arrived(id), False)
        phone.files.full = False
        equal((kept_feedback(app), app.core.feedback_to_send().id), ([(id, "queued")], id))


def r14_the_system_must_let_apps_provide_passkeys():
    old_android = lambda version, there: SystemBelow.ANDROID(
        version=version, has_provider_interface=there
    )
    for make, system, refusal, recommended in [
        (android, old_android(13, True), "os_too_old", 15),
        (android, old_android(14, False), "os_not_supported", 15),
        (android, old_android(14, True), None, 15),
        (android, old_android(15, True), None, 15),
        (iphone, SystemBelow.IOS(version=16), "os_too_old", 17),
        (iphone, SystemBelow.IOS(version=17), None, 17),
    ]:
        phone = make(1, AUTHORITY)
        phone.system = system
        app = App(phone)
        equal(outcome(app.register, RP, "ada"), refusal and ERR.NOT_ALLOWED, system)
        equal((app.refusal(), app.core.recommended_system()), (refusal, recommended))


def r15_profiles_see_nothing_of_each_other():
    for phone in phones():
        personal = App(phone)
        kept = personal.register(RP, "ada")
        # Two installations have two stores.
        work = App(android(9, AUTHORITY))
        work.decide(profile="work")
        refused(ERR.NO_CREDENTIALS, work.sign_in, kept)
        # And where somebody has joined them, the profile in the entry still keeps them apart.
        personal.decide(profile="work")
        equal(personal.conditions(), [])
        refused(ERR.NO_CREDENTIALS, personal.sign_in, kept)
        personal.register(RP, "ada")
        personal.decide(profile="personal")
        personal.sign_in(kept)


def getinfo_says_what_a_phone_is():
    for phone in phones():
        info = App(phone).client.info
        equal((info.options["uv"], info.options["rk"], "clientPin" in info.options), (True, True, False))
        equal([dict(algorithm) for algorithm in info.algorithms], [{"type": "public-key", "alg": -7}])
        equal((bytes(info.aaguid), set(info.transports)), (phone.aaguid, {"internal", "hybrid"}))
