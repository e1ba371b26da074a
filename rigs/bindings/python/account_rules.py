"""R9, R10, R22, R24: one passkey per account, for whom, and who takes it away."""

from authenticator_ffi import PartySignal, RelyingPartyChoice

from app import ERR, OTHER, RP, App, enrolled, equal, phones, refused

IMITATIONS = ("login.c0ntoso.com", "login.xn--contso-zqf.com", "login.contoso.com.evil.example")


def r09_one_passkey_per_account():
    for phone in phones():
        app = App(phone)
        first = app.register(RP, "ada")
        second = app.register(RP, "ada")
        equal((len(phone.hardware.keys), len(app.conditions())), (1, 1))
        refused(ERR.NO_CREDENTIALS, app.sign_in, first)
        app.sign_in(second)
        app.register(RP, "bea")
        app.register(OTHER, "ada")
        equal(len(phone.hardware.keys), 3)


def r09_one_passkey_per_account_is_a_switch():
    for switch, left in [(True, 1), (False, 2)]:
        for phone in phones():
            app = App(phone)
            app.decide(one_passkey_per_account=switch)
            for _ in range(2):
                app.register(RP, "ada", discoverable=False)
            equal(len(phone.hardware.keys), left)


def r09_the_old_key_goes_only_when_the_new_one_is_safe():
    for phone in phones():
        app = App(phone)
        first = app.register(RP, "ada")
        phone.files.full = True
        refused(ERR.OTHER, app.register, RP, "ada")
        phone.files.full = False
        equal(len(phone.hardware.keys), 1, "the new key is discarded:")
        app.sign_in(first)


def r09_an_excluded_passkey_is_not_made_again():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        refused(ERR.CREDENTIAL_EXCLUDED, app.register, RP, "ada", [kept.id])
        equal(len(phone.hardware.keys), 1)


def r10_any_relying_party_unless_only_enrolled_ones_may():
    for phone in phones():
        app = App(phone)
        app.register(OTHER, "ada")
        app.decide(relying_parties=RelyingPartyChoice.ENROLLED_ONLY)
        asked = len(phone.person.prompts)
        refused(ERR.NOT_ALLOWED, app.register, OTHER, "bea")
        equal(app.refusal(), "not_enrolled")
        equal(len(phone.person.prompts), asked, "before consent:")
        app.register(RP, "ada")


def r10_names_that_look_alike_are_refused_before_consent_under_any_setting():
    for setting in RelyingPartyChoice:
        for phone in phones():
            app = App(phone)
            app.decide(relying_parties=setting)
            for imitation in IMITATIONS:
                refused(ERR.NOT_ALLOWED, app.register, imitation, "ada")
                equal(app.refusal(), "look_alike")
                refused(ERR.NOT_ALLOWED, app.discover, imitation)
            equal(phone.person.prompts, [])


def r22_a_passkey_that_the_relying_party_no_longer_knows_goes():
    for phone in phones():
        app = App(phone)
        kept = app.register(RP, "ada")
        signal = lambda rp_id: PartySignal.UNKNOWN_CREDENTIAL(rp_id=rp_id, id=kept.id)
        equal(app.core.receive(signal(OTHER)), 0, "another relying party has no say:")
        equal(app.core.receive(signal(RP)), 1)
        equal((len(phone.hardware.keys), app.conditions()), (0, []))
        refused(ERR.NO_CREDENTIALS, app.sign_in, kept)


def r22_what_is_not_among_the_accepted_goes_for_that_account_only():
    for phone in phones():
        app = App(phone)
        app.register(RP, "ada")
        bea = app.register(RP, "bea")
        accepted = lambda ids: PartySignal.ALL_ACCEPTED(rp_id=RP, user_id=b"bea", ids=ids)
        equal(app.core.receive(accepted([bea.id])), 0)
        equal(app.core.receive(accepted([])), 1)
        equal(len(app.conditions()), 1)


def r22_names_follow_the_relying_party():
    for phone in phones():
        app = App(phone)
        app.register(RP, "ada")
        signal = lambda name: PartySignal.CURRENT_USER_DETAILS(
            rp_id=RP, user_id=b"ada", name=name, display_name=None
        )
        equal(app.core.receive(signal("ada@new.example")), 0)
        equal([listed.account for listed in app.core.list()], ["ada@new.example"])
        # A name is cut off as at a registration, between two characters.
        app.core.receive(signal("a" + "ä" * 64))
        equal([listed.account for listed in app.core.list()], ["a" + "ä" * 31])


def r24_a_cloud_without_passkeys_refuses_for_its_own_tenant_only():
    for phone in phones():
        app = App(phone)
        before = app.register(RP, "ada")
        closed = enrolled(RP, unavailable_because="Not in this cloud")
        app.decide(enrolled=[closed, enrolled("login.fabrikam.com")])
        refused(ERR.NOT_ALLOWED, app.register, RP, "bea")
        equal(app.refusal(), "not_available")
        refused(ERR.NOT_ALLOWED, app.sign_in, before)
        app.register("login.fabrikam.com", "ada")
