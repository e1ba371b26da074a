"""R13 to R15: what is remembered of failures, which systems will do, and profiles that do not see each other."""

from authenticator_ffi import Operation, SystemBelow

from app import AUTHORITY, ERR, RP, App, equal, outcome, phones, refused
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
