//! R9, R10, R22, R24: one passkey per account, for whom, and who takes it away.

use crate::app::{OTHER, RP, app, phones};
use authenticator::device::policy::Enrolled;
use authenticator::rules::Refusal;
use authenticator::rules::cloud::Availability;
use authenticator::rules::relying_parties::RelyingParties;
use authenticator::rules::signals::Signal;
use authenticator::{Status, User};

#[test]
fn r09_one_passkey_per_account() {
    for phone in phones() {
        let mut app = app(phone);
        let mut first = app.register(RP, "ada").unwrap();
        let mut second = app.register(RP, "ada").unwrap();
        assert_eq!(app.phone().hardware.keys(), 1);
        assert_eq!(app.conditions().len(), 1);
        assert_eq!(
            app.sign_in(&mut first).map(drop),
            Err(Status::NoCredentials)
        );
        assert!(app.sign_in(&mut second).is_ok());
        app.register(RP, "bea").unwrap();
        app.register(OTHER, "ada").unwrap();
        assert_eq!(app.phone().hardware.keys(), 3);
    }
}

#[test]
fn r09_one_passkey_per_account_is_a_switch() {
    for (switch, left) in [(true, 1), (false, 2)] {
        for phone in phones() {
            let mut app = app(phone);
            app.policy().one_passkey_per_account = switch;
            app.register_bound(RP, "ada", false);
            app.register_bound(RP, "ada", false);
            assert_eq!(app.phone().hardware.keys(), left);
        }
    }
}

#[test]
fn r09_the_old_key_goes_only_when_the_new_one_is_safe() {
    for phone in phones() {
        let mut app = app(phone);
        let mut first = app.register(RP, "ada").unwrap();
        app.phone().files.full = true;
        assert!(app.register(RP, "ada").is_err());
        app.phone().files.full = false;
        assert_eq!(app.phone().hardware.keys(), 1, "the new key is discarded");
        assert!(app.sign_in(&mut first).is_ok());
    }
}

#[test]
fn r09_an_excluded_passkey_is_not_made_again() {
    for phone in phones() {
        let mut app = app(phone);
        let kept = app.register(RP, "ada").unwrap();
        assert_eq!(
            app.register_excluding(RP, "ada", &[kept.id()]).map(drop),
            Err(Status::CredentialExcluded)
        );
        assert_eq!(app.phone().hardware.keys(), 1);
    }
}

#[test]
fn r10_any_relying_party_unless_only_enrolled_ones_may() {
    for phone in phones() {
        let mut app = app(phone);
        assert!(app.register(OTHER, "ada").is_ok());
        app.policy().relying_parties = RelyingParties::EnrolledOnly;
        let asked = app.phone().person.prompts.len();
        assert_eq!(
            app.register(OTHER, "bea").map(drop),
            Err(Status::NotAllowed)
        );
        assert_eq!(app.refusal(), Some(Refusal::NotEnrolled));
        assert_eq!(app.phone().person.prompts.len(), asked, "before consent");
        assert!(app.register(RP, "ada").is_ok());
    }
}

#[test]
fn r10_names_that_look_alike_are_refused_before_consent_under_any_setting() {
    for setting in [RelyingParties::Any, RelyingParties::EnrolledOnly] {
        for phone in phones() {
            let mut app = app(phone);
            app.policy().relying_parties = setting;
            for imitation in [
                "login.c0ntoso.com",
                "login.xn--contso-zqf.com",
                "login.contoso.com.evil.example",
            ] {
                assert_eq!(
                    app.register(imitation, "ada").map(drop),
                    Err(Status::NotAllowed)
                );
                assert_eq!(app.refusal(), Some(Refusal::LookAlike), "{imitation}");
                assert_eq!(app.discover(imitation).map(drop), Err(Status::NotAllowed));
            }
            assert!(app.phone().person.prompts.is_empty());
        }
    }
}

#[test]
fn r22_a_passkey_that_the_relying_party_no_longer_knows_goes() {
    for phone in phones() {
        let mut app = app(phone);
        let mut kept = app.register(RP, "ada").unwrap();
        let signal = |rp_id: &str| Signal::UnknownCredential {
            rp_id: rp_id.to_owned(),
            id: kept.id(),
        };
        assert_eq!(
            app.device().receive(&signal(OTHER)),
            0,
            "another relying party has no say"
        );
        assert_eq!(app.device().receive(&signal(RP)), 1);
        assert_eq!(app.phone().hardware.keys(), 0);
        assert!(app.conditions().is_empty());
        assert_eq!(app.sign_in(&mut kept).map(drop), Err(Status::NoCredentials));
    }
}

#[test]
fn r22_what_is_not_among_the_accepted_goes_for_that_account_only() {
    for phone in phones() {
        let mut app = app(phone);
        app.register(RP, "ada").unwrap();
        let bea = app.register(RP, "bea").unwrap();
        let accepted = |ids: Vec<Vec<u8>>| Signal::AllAccepted {
            rp_id: RP.to_owned(),
            user_id: b"bea".to_vec(),
            ids,
        };
        assert_eq!(app.device().receive(&accepted(vec![bea.id()])), 0);
        assert_eq!(app.device().receive(&accepted(vec![])), 1);
        assert_eq!(app.conditions().len(), 1);
    }
}

#[test]
fn r22_names_follow_the_relying_party() {
    for phone in phones() {
        let mut app = app(phone);
        app.register(RP, "ada").unwrap();
        let signal = Signal::CurrentUserDetails {
            rp_id: RP.to_owned(),
            user: User {
                id: b"ada".to_vec(),
                name: Some("ada@new.example".to_owned()),
                display_name: None,
            },
        };
        assert_eq!(app.device().receive(&signal), 0);
        let listed = app.device().list();
        assert_eq!(listed[0].account.as_deref(), Some("ada@new.example"));
    }
}

#[test]
fn r24_a_cloud_without_passkeys_refuses_for_its_own_tenant_only() {
    for phone in phones() {
        let mut app = app(phone);
        let mut before = app.register(RP, "ada").unwrap();
        app.policy().enrolled.push(Enrolled {
            rp_id: "login.fabrikam.com".to_owned(),
            ..Enrolled::default()
        });
        app.policy().enrolled[0].availability =
            Availability::Unavailable("Not in this cloud".to_owned());
        assert_eq!(app.register(RP, "bea").map(drop), Err(Status::NotAllowed));
        assert_eq!(app.refusal(), Some(Refusal::NotAvailable));
        assert_eq!(app.sign_in(&mut before).map(drop), Err(Status::NotAllowed));
        assert!(app.register("login.fabrikam.com", "ada").is_ok());
    }
}
