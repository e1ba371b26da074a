"""R16 to R18: biometrics, the PIN, and biometrics again."""

from authenticator_ffi import PromptPurpose, VerificationMethod

from app import ERR, RP, App, equal, phones, refused
from person import Finger

BIOMETRIC, PIN = VerificationMethod.BIOMETRIC, VerificationMethod.PIN
HOUR = 60 * 60 * 1000


def after_a_failed_finger():
    """Apps whose owner has once failed with the finger."""
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        phone.person.finger = Finger.FAILS
        equal(app.prompts(kept), [BIOMETRIC, PIN])
        yield app, kept


def r16_a_failed_biometric_asks_for_the_pin_in_the_same_request():
    for app, kept in after_a_failed_finger():
        app.phone.person.types = "9999"
        refused(ERR.OPERATION_DENIED, app.sign_in, kept)


def r16_a_closed_prompt_is_a_no_and_no_other_prompt_follows():
    for finger, status in [
        (Finger.CANCELS, ERR.OPERATION_DENIED),
        (Finger.TIMES_OUT, ERR.USER_ACTION_TIMEOUT),
    ]:
        for phone in phones():
            app = App(phone)
            kept = app.register(RP, "ada")
            phone.person.prompts.clear()
            phone.person.finger = finger
            refused(status, app.sign_in, kept)
            equal(phone.person.prompts, [BIOMETRIC])


def r16_a_locked_sensor_leads_to_the_pin():
    for phone in phones():
        app = App(phone)
        app.decide(retry_verifications=0)
        kept = app.register(RP, "ada")
        phone.person.finger, phone.person.types = Finger.FAILS, "9999"
        for _ in range(5):
            refused(ERR.OPERATION_DENIED, app.sign_in, kept)
        # Five failures have closed the sensor, also for its owner.
        phone.person.finger, phone.person.types = Finger.MATCHES, "1111"
        equal(app.prompts(kept), [BIOMETRIC, PIN])
        equal(app.prompts(kept), [BIOMETRIC])


def r17_the_next_sign_in_goes_to_the_pin_directly():
    for app, kept in after_a_failed_finger():
        app.phone.person.finger = Finger.MATCHES
        equal(app.prompts(kept), [PIN])


def r17_the_pin_is_remembered_when_the_system_ends_the_app():
    for app, kept in after_a_failed_finger():
        app = app.restarted()
        app.phone.person.finger = Finger.MATCHES
        equal(app.prompts(kept), [PIN])


def r18_biometrics_are_tried_again_after_some_sign_ins():
    for app, kept in after_a_failed_finger():
        app.phone.person.finger = Finger.MATCHES
        # The PIN of the failed attempt counts as the first of five.
        for _ in range(4):
            equal(app.prompts(kept), [PIN])
        equal(app.prompts(kept), [BIOMETRIC])
        equal(app.prompts(kept), [BIOMETRIC], "it sticks again:")


def r18_biometrics_are_tried_again_after_some_hours_and_failure_means_another_period():
    for app, kept in after_a_failed_finger():
        phone = app.phone
        phone.now += 24 * HOUR - 1
        equal(app.prompts(kept), [PIN])
        phone.now += 1
        equal(app.prompts(kept), [BIOMETRIC, PIN])
        phone.now += 23 * HOUR
        equal(app.prompts(kept), [PIN])
        phone.now += HOUR
        phone.person.finger = Finger.MATCHES
        equal(app.prompts(kept), [BIOMETRIC])


def r18_without_biometrics_the_pin_is_all_there_is():
    for phone in phones():
        phone.person.biometrics = set()
        app = App(phone)
        equal(app.prompts(app.register(RP, "ada")), [PIN])


def the_prompt_names_the_relying_party_and_the_account():
    for phone in phones():
        app = App(phone)
        app.sign_in(app.register(RP, "ada"))
        registration, sign_in = phone.person.shown
        equal([registration.purpose, sign_in.purpose], [PromptPurpose.REGISTER, PromptPurpose.SIGN_IN])
        for prompt in (registration, sign_in):
            equal((prompt.rp_id, [account.name for account in prompt.accounts]), (RP, ["ada"]))


def the_account_that_the_person_picked_is_the_one_that_signs_in():
    for phone in phones():
        app = App(phone)
        users = {app.register(RP, user).id: user for user in ("ada", "bea")}
        for pick in (0, 1):
            phone.person.picks = pick
            asserted = app.discover(RP)
            shown = phone.person.shown[-1].accounts
            equal(users[asserted.credential["id"]], shown[pick].name)
