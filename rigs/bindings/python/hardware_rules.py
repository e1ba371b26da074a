"""R1 to R4: where keys are, and where they can be used."""

from authenticator_ffi import AttestationKind, KeyLevel, PasskeyCondition
from party import STRONG_BOX, TRUSTED_ENVIRONMENT

from app import AUTHORITY, ERR, RP, App, equal, phones, refused
from hardware import Chip
from phone import android, iphone


def android_with(strong_box, trusted):
    phone = android(1, AUTHORITY)
    phone.hardware.chips = {
        KeyLevel.TRUSTED_ENVIRONMENT: trusted,
        KeyLevel.STRONG_BOX: strong_box,
    }
    return phone


def r01_strong_box_then_trusted_environment():
    for strong_box, trusted, level, stated in [
        (Chip.PRESENT, Chip.PRESENT, KeyLevel.STRONG_BOX, STRONG_BOX),
        (Chip.ABSENT, Chip.PRESENT, KeyLevel.TRUSTED_ENVIRONMENT, TRUSTED_ENVIRONMENT),
        (Chip.THROWS_LATE, Chip.PRESENT, KeyLevel.TRUSTED_ENVIRONMENT, TRUSTED_ENVIRONMENT),
    ]:
        app = App(android_with(strong_box, trusted))
        kept = app.register(RP, "ada")
        equal(app.phone.hardware.levels(), [level])
        equal((kept.format, kept.level), ("android-key", stated))


def r01_a_key_that_was_made_in_software_is_destroyed_and_the_next_hardware_asked():
    phone = android_with(Chip.MAKES_SOFTWARE_KEYS, Chip.PRESENT)
    phone.attestation = AttestationKind.NONE
    app = App(phone)
    app.register(RP, "ada")
    equal(phone.hardware.levels(), [KeyLevel.TRUSTED_ENVIRONMENT])


def r02_no_secure_hardware_no_passkey_even_without_attestation():
    for strong_box, trusted in [
        (Chip.ABSENT, Chip.ABSENT),
        (Chip.ABSENT, Chip.MAKES_SOFTWARE_KEYS),
        (Chip.THROWS_LATE, Chip.THROWS_LATE),
    ]:
        phone = android_with(strong_box, trusted)
        phone.attestation = AttestationKind.NONE
        app = App(phone)
        refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
        equal(app.refusal(), "no_secure_hardware")
        equal((len(phone.hardware.keys), phone.files.entries), (0, {}))


def r02_hardware_that_is_known_to_be_missing_is_refused_before_anybody_is_asked():
    app = App(android_with(Chip.ABSENT, Chip.ABSENT))
    refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
    equal(app.phone.person.prompts, [])


def r03_an_iphone_keeps_keys_in_the_secure_enclave_or_not_at_all():
    app = App(iphone(1, AUTHORITY))
    kept = app.register(RP, "ada")
    equal(app.phone.hardware.levels(), [KeyLevel.SECURE_ENCLAVE])
    equal(kept.format, "packed")
    without = iphone(1, AUTHORITY)
    without.hardware.chips = {}
    app = App(without)
    refused(ERR.NOT_ALLOWED, app.register, RP, "ada")
    equal(app.refusal(), "no_secure_hardware")


def r04_passkeys_are_device_bound_and_say_so():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        for auth_data in (kept.auth_data, app.sign_in(kept)):
            assert not auth_data.is_backup_eligible() and not auth_data.is_backed_up()


def r04_a_restored_backup_opens_nothing_and_says_where_it_belongs():
    for make in (android, iphone):
        first, second = App(make(1, AUTHORITY)), App(make(4, AUTHORITY))
        kept = first.register(RP, "ada")
        # The other device has a key of the same name: nothing but the device's identity tells them apart.
        second.register("elsewhere.example", "eve")
        equal(list(first.phone.hardware.keys), list(second.phone.hardware.keys))
        second.phone.files = first.phone.files.copy()
        equal(second.conditions(), [PasskeyCondition.OF_ANOTHER_DEVICE()])
        refused(ERR.NO_CREDENTIALS, second.sign_in, kept)
        equal(len(second.phone.hardware.keys), 1, "nothing was destroyed:")


def r04_cleaning_up_after_another_device_destroys_no_key_of_this_one():
    def forget(app, id):
        assert app.core.forget(id)

    def replace(app, _):
        app.register(RP, "ada")

    for clean_up in (forget, replace):
        first, second = App(android(1, AUTHORITY)), App(android(2, AUTHORITY))
        foreign = first.register(RP, "ada")
        own = second.register("elsewhere.example", "eve")
        second.phone.files.entries.update(first.phone.files.entries)
        clean_up(second, foreign.id)
        second.sign_in(own)
        assert PasskeyCondition.OF_ANOTHER_DEVICE() not in second.conditions()


def r04_no_file_and_no_message_holds_a_private_key():
    for phone in phones():
        app = App(phone)
        seen = []
        handle = app.core.handle

        class Recorder:
            def handle(self, message, front):
                answer = handle(message, front)
                seen.extend([message, answer])
                return answer

        app.wire.core = Recorder()
        app.sign_in(app.register(RP, "ada"))
        assert len(seen) == 4
        everything = phone.files.bytes() + b"".join(seen)
        (scalar,) = phone.hardware.scalars()
        assert scalar not in everything
