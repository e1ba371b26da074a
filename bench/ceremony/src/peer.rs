//! webauthn-rs-core, as published, in two versions with the same calls.

macro_rules! peer {
    ($module:ident, $core:ident, $ca:ident) => {
        pub mod $module {
            use std::collections::BTreeMap;
            use std::time::Duration;

            use $ca::{AttestationCaList, AttestationCaListBuilder};
            use $core::WebauthnCore;
            use $core::proto::{
                AttestationConveyancePreference, AuthenticationState, COSEAlgorithm, Credential,
                PublicKeyCredential, RegisterPublicKeyCredential, RegistrationState,
                UserVerificationPolicy,
            };

            use crate::authenticator::{AAGUID, ORIGIN, RP_ID};

            pub struct Peer {
                core: WebauthnCore,
                anchors: AttestationCaList,
            }

            impl Peer {
                pub fn new(root: &[u8]) -> Self {
                    let origin = url::Url::parse(ORIGIN).unwrap();
                    let timeout = Duration::from_secs(300);
                    let core = WebauthnCore::new_unsafe_experts_only(
                        "Example",
                        RP_ID,
                        vec![origin],
                        timeout,
                        None,
                        None,
                    );
                    let mut anchors = AttestationCaListBuilder::new();
                    let aaguid = uuid::Uuid::from_bytes(AAGUID);
                    anchors
                        .insert_device_der(root, aaguid, "Example".to_owned(), BTreeMap::new())
                        .unwrap();
                    Self {
                        core,
                        anchors: anchors.build(),
                    }
                }

                /// The challenge as the browser gets it, and the state.
                pub fn start_registration(&self, attested: bool) -> (String, RegistrationState) {
                    let conveyance = if attested {
                        AttestationConveyancePreference::Direct
                    } else {
                        AttestationConveyancePreference::None
                    };
                    let builder = self
                        .core
                        .new_challenge_register_builder(&[1; 16], "ada", "Ada")
                        .unwrap()
                        .attestation(conveyance)
                        .credential_algorithms(vec![COSEAlgorithm::ES256])
                        .user_verification_policy(UserVerificationPolicy::Required);
                    let (options, state) = self.core.generate_challenge_register(builder).unwrap();
                    (challenge(&serde_json::to_value(options).unwrap()), state)
                }

                pub fn register(
                    &self,
                    json: &[u8],
                    state: &RegistrationState,
                    attested: bool,
                ) -> Credential {
                    let response: RegisterPublicKeyCredential =
                        serde_json::from_slice(json).unwrap();
                    self.core
                        .register_credential(&response, state, attested.then_some(&self.anchors))
                        .unwrap()
                }

                pub fn start_sign_in(
                    &self,
                    credential: Credential,
                ) -> (String, AuthenticationState) {
                    let builder = self
                        .core
                        .new_challenge_authenticate_builder(
                            vec![credential],
                            Some(UserVerificationPolicy::Required),
                        )
                        .unwrap();
                    let (options, state) =
                        self.core.generate_challenge_authenticate(builder).unwrap();
                    (challenge(&serde_json::to_value(options).unwrap()), state)
                }

                pub fn sign_in(&self, json: &[u8], state: &AuthenticationState) {
                    let response: PublicKeyCredential = serde_json::from_slice(json).unwrap();
                    self.core.authenticate_credential(&response, state).unwrap();
                }
            }

            fn challenge(options: &serde_json::Value) -> String {
                options["publicKey"]["challenge"]
                    .as_str()
                    .unwrap()
                    .to_owned()
            }
        }
    };
}

peer!(v05, core05, ca05);
peer!(v06, core06, ca06);
