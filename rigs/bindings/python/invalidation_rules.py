"""R19 to R21, R23: what ends a passkey, and what does not."""

from authenticator_ffi import EndedBecause, PasskeyCondition

from app import ERR, RP, App, equal, outcome, phones, refused

USABLE = PasskeyCondition.USABLE()
TEN_YEARS = 10 * 366 * 24 * 60 * 60 * 1000


def after(happens, because):
    """Registers, lets something happen to the phone, and looks what became of the passkey."""
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        happens(phone)
        status = outcome(app.sign_in, kept)
        if because is None:
            equal((status, app.conditions()), (None, [USABLE]))
        else:
            has_ended(app, status, because)


def has_ended(app, status, because):
    equal((status, app.refusal()), (ERR.NO_CREDENTIALS, "no_longer_valid"))
    equal(app.conditions(), [PasskeyCondition.NO_LONGER_VALID(because=because)])
    equal(len(app.phone.hardware.keys), 0, "the key is destroyed:")


def enrol(*kinds):
    return lambda phone: setattr(phone.person, "biometrics", set(kinds))


def pins(*pins):
    return lambda phone: [phone.person.set_pin(pin) for pin in pins]


def r19_a_changed_pin_ends_a_passkey_and_a_new_one_can_be_made():
    after(pins("2222"), EndedBecause.PIN_CHANGED)
    for phone in phones():
        app = App(phone)
        app.register(RP, "ada")
        phone.person.set_pin("2222")
        app.sign_in(app.register(RP, "ada"))
        equal(app.conditions(), [USABLE])


def r19_the_old_pin_set_again_brings_nothing_back():
    after(pins("2222", "1111"), EndedBecause.PIN_CHANGED)


def r20_another_kind_of_biometrics_ends_a_passkey_and_another_finger_does_not():
    after(enrol("face"), EndedBecause.BIOMETRIC_KIND_CHANGED)
    # A second finger is no other kind: the enrolment reads as before.
    after(enrol("finger"), None)
    after(enrol("finger", "face"), None)
    after(enrol(), None)


def r20_the_kind_cannot_be_changed_in_small_steps():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        phone.person.biometrics = {"finger", "face"}
        app.sign_in(kept)
        phone.person.biometrics = {"face"}
        has_ended(app, outcome(app.sign_in, kept), EndedBecause.BIOMETRIC_KIND_CHANGED)


def r21_without_a_screen_lock_passkeys_end_and_none_is_made_until_there_is_one():
    after(lambda phone: phone.remove_lock(), EndedBecause.LOCK_REMOVED)
    for phone in phones():
        app = App(phone)
        phone.remove_lock()
        refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
        equal((app.refusal(), phone.person.prompts), ("screen_lock_required", []))
        phone.person.set_pin("3333")
        app.register(RP, "ada")


def r21_a_lock_that_was_removed_and_set_again_brings_nothing_back():
    def there_and_back(phone):
        phone.remove_lock()
        phone.person.set_pin("1111")

    after(there_and_back, EndedBecause.PIN_CHANGED)


def r23_nothing_expires():
    after(lambda phone: setattr(phone, "now", phone.now + TEN_YEARS), None)


def a_key_that_the_hardware_gave_up_ends_its_passkey():
    after(lambda phone: phone.hardware.invalidate_all(), EndedBecause.KEY_GONE)
    after(lambda phone: phone.hardware.keys.clear(), EndedBecause.KEY_GONE)


def an_entry_that_has_ended_stays_ended_and_can_be_forgotten():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        phone.person.set_pin("2222")
        ended = PasskeyCondition.NO_LONGER_VALID(because=EndedBecause.PIN_CHANGED)
        equal([app.conditions(), app.conditions()], [[ended]] * 2)
        equal([app.core.forget(kept.id), app.core.forget(kept.id)], [True, False])
        equal(app.conditions(), [])
