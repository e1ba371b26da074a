//! The computer and the relying party: the library's client, and its makers' verifier.

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use url::Url;
use webauthn_authenticator_rs::WebauthnAuthenticator as _;
use webauthn_authenticator_rs::cable::connect_cable_authenticator;
use webauthn_authenticator_rs::types::CableRequestType;
use webauthn_rs_core::WebauthnCore;
use webauthn_rs_core::proto::{COSEAlgorithm, Credential};
use webauthn_rs_proto::UserVerificationPolicy;

use crate::person::Person;
use crate::said;

const ORIGIN: &str = "https://login.example.com";
const ID: &str = "login.example.com";
const USER: &[u8] = &[1, 2, 3, 4];

pub struct Asking {
    origin: Url,
    site: WebauthnCore,
    passkey: Option<Credential>,
}

impl Asking {
    pub fn new() -> Result<Self> {
        let origin = Url::parse(ORIGIN)?;
        let origins = vec![origin.clone()];
        let patience = Duration::from_secs(60);
        let site =
            WebauthnCore::new_unsafe_experts_only("Example", ID, origins, patience, None, None);
        Ok(Self {
            origin,
            site,
            passkey: None,
        })
    }

    pub async fn step(&mut self, step: &str) -> Result<String> {
        match step {
            "register" => self.register().await,
            "sign-in" => self.sign_in().await,
            _ => bail!("there is no step {step}"),
        }
    }

    async fn register(&mut self) -> Result<String> {
        let wishes = self
            .site
            .new_challenge_register_builder(USER, "anna", "Anna")
            .map_err(said)?
            .credential_algorithms(vec![COSEAlgorithm::ES256])
            .user_verification_policy(UserVerificationPolicy::Required);
        let (options, state) = self
            .site
            .generate_challenge_register(wishes)
            .map_err(said)?;
        let kind = CableRequestType::MakeCredential;
        let mut phone = connect_cable_authenticator(kind, &Person)
            .await
            .map_err(said)?;
        let origin = self.origin.clone();
        let made = tokio::task::block_in_place(|| phone.do_registration(origin, options));
        let made = made.map_err(said)?;
        let passkey = self.site.register_credential(&made, &state, None);
        let passkey = passkey.map_err(said)?;
        ensure!(passkey.user_verified, "the person was not verified");
        ensure!(!passkey.backup_eligible, "a key that can be copied");
        self.passkey = Some(passkey);
        Ok("registered".to_owned())
    }

    async fn sign_in(&self) -> Result<String> {
        let passkey = self.passkey.clone().context("nothing is registered")?;
        let verified = Some(UserVerificationPolicy::Required);
        let creds = vec![passkey];
        let wishes = self
            .site
            .new_challenge_authenticate_builder(creds, verified);
        let (options, state) = self
            .site
            .generate_challenge_authenticate(wishes.map_err(said)?)
            .map_err(said)?;
        let kind = CableRequestType::GetAssertion;
        let mut phone = connect_cable_authenticator(kind, &Person)
            .await
            .map_err(said)?;
        let origin = self.origin.clone();
        let made = tokio::task::block_in_place(|| phone.do_authentication(origin, options));
        let made = made.map_err(said)?;
        let seen = self.site.authenticate_credential(&made, &state);
        ensure!(
            seen.map_err(said)?.user_verified(),
            "the person was not verified"
        );
        Ok("signed in".to_owned())
    }
}
