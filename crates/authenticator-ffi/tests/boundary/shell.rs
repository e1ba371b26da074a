//! A shell whose answers are set by hand, and a client of CTAP in front of the app.

use authenticator::cbor::{Map, Value};
use authenticator_ffi::*;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, Weak};

pub const RP: &str = "login.contoso.com";
pub const OK: u8 = 0x00;
pub const NOT_ALLOWED: u8 = 0x30;
pub const NO_CREDENTIALS: u8 = 0x2e;
pub const OPERATION_DENIED: u8 = 0x27;
pub const OTHER: u8 = 0x7f;

/// What the shell is and says.
pub struct State {
    pub keys: BTreeMap<Vec<u8>, EcdsaKeyPair>,
    pub files: BTreeMap<Vec<u8>, Vec<u8>>,
    /// The method that fails.
    pub broken: Option<&'static str>,
    /// Said in the place of the truth.
    pub made: Option<MadeKey>,
    pub evidence: Option<KeyEvidence>,
    pub signature: Option<Vec<u8>>,
    pub verification: Option<Verification>,
    pub entries: Option<Vec<ShelfEntry>>,
    pub lock: Option<u64>,
    pub now: u64,
    pub online: bool,
    pub radio: RadioState,
    pub prompts: Vec<Prompt>,
    /// Whether a prompt calls back into the app, and what it heard.
    pub calls_back: bool,
    pub heard: Vec<AppError>,
    pub signed: usize,
}

pub struct Shell {
    state: Mutex<State>,
    app: OnceLock<Weak<PasskeyApp>>,
}

pub fn android() -> SystemBelow {
    SystemBelow::Android {
        version: 15,
        has_provider_interface: true,
    }
}

pub fn description(attestation: AttestationKind) -> DeviceDescription {
    DeviceDescription {
        device_id: vec![1; 16],
        aaguid: vec![2; 16],
        system: android(),
        attestation,
    }
}

pub fn enrolled() -> EnrolledParty {
    EnrolledParty {
        rp_id: RP.to_owned(),
        unavailable_because: None,
        cross_device_registration: CrossDeviceSwitch::Allowed,
        cross_device_sign_in: CrossDeviceSwitch::Allowed,
        attestation_enforced: false,
    }
}

pub fn policy() -> AppPolicy {
    AppPolicy {
        enrolled: vec![enrolled()],
        ..default_policy()
    }
}

impl Shell {
    /// A shell and the app on it.
    pub fn with_app(attestation: AttestationKind) -> (Arc<Self>, Arc<PasskeyApp>) {
        let shell = Arc::new(Self {
            state: Mutex::new(State {
                keys: BTreeMap::new(),
                files: BTreeMap::new(),
                broken: None,
                made: None,
                evidence: None,
                signature: None,
                verification: None,
                entries: None,
                lock: Some(1),
                now: 0,
                online: true,
                radio: RadioState::On,
                prompts: Vec::new(),
                calls_back: false,
                heard: Vec::new(),
                signed: 0,
            }),
            app: OnceLock::new(),
        });
        let app = shell.app(&description(attestation), policy()).unwrap();
        shell.app.set(Arc::downgrade(&app)).unwrap();
        (shell, app)
    }

    pub fn app(
        self: &Arc<Self>,
        description: &DeviceDescription,
        policy: AppPolicy,
    ) -> Result<Arc<PasskeyApp>, AppError> {
        PasskeyApp::new(
            self.clone(),
            self.clone(),
            self.clone(),
            self.clone(),
            description,
            policy,
        )
    }

    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn works(&self, method: &'static str) -> Result<MutexGuard<'_, State>, ShellFault> {
        let state = self.state();
        match state.broken {
            Some(broken) if broken == method => Err(ShellFault::Failed),
            _ => Ok(state),
        }
    }

    fn stores(&self, method: &'static str) -> Result<MutexGuard<'_, State>, KeyFault> {
        self.works(method).map_err(|_| KeyFault::Failed)
    }
}

impl ShellKeyStore for Shell {
    fn hardware(&self) -> Result<Vec<KeyLevel>, ShellFault> {
        self.works("hardware").map(|_| vec![KeyLevel::StrongBox])
    }

    fn algorithms(&self) -> Result<Vec<KeyAlgorithm>, ShellFault> {
        self.works("algorithms").map(|_| vec![KeyAlgorithm::Es256])
    }

    fn create(&self, order: KeyOrder) -> Result<MadeKey, KeyFault> {
        let mut state = self.stores("create")?;
        let key = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING).unwrap();
        let made = MadeKey {
            handle: vec![u8::try_from(state.keys.len() + 1).unwrap()],
            algorithm: order.algorithm,
            public_key: key.public_key().as_ref().to_vec(),
            level: order.level,
        };
        let made = state.made.clone().unwrap_or(made);
        state.keys.insert(made.handle.clone(), key);
        Ok(made)
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "a key in the memory of a test signs with the system's randomness"
    )]
    fn sign(
        &self,
        handle: Vec<u8>,
        grant: Option<Vec<u8>>,
        message: Vec<u8>,
    ) -> Result<Vec<u8>, KeyFault> {
        let mut state = self.stores("sign")?;
        if grant.is_none() {
            return Err(KeyFault::VerificationRequired);
        }
        if let Some(signature) = state.signature.clone() {
            return Ok(signature);
        }
        state.signed += 1;
        let key = state.keys.get(&handle).ok_or(KeyFault::Failed)?;
        let signature = key.sign(&SystemRandom::new(), &message).unwrap();
        Ok(signature.as_ref().to_vec())
    }

    fn state(&self, handle: Vec<u8>) -> Result<KeyState, ShellFault> {
        let state = self.works("state")?;
        Ok(match state.keys.contains_key(&handle) {
            true => KeyState::Valid,
            false => KeyState::Missing,
        })
    }

    fn destroy(&self, handle: Vec<u8>) -> Result<(), ShellFault> {
        self.works("destroy")?.keys.remove(&handle);
        Ok(())
    }

    fn evidence(
        &self,
        _handle: Vec<u8>,
        _grant: Option<Vec<u8>>,
        _attested: Vec<u8>,
    ) -> Result<KeyEvidence, KeyFault> {
        let state = self.stores("evidence")?;
        Ok(state.evidence.clone().unwrap_or(KeyEvidence::None))
    }
}

impl ShellVerifier for Shell {
    fn screen_lock(&self) -> Result<ScreenLock, ShellFault> {
        self.works("screen_lock").map(|state| ScreenLock {
            lock: state.lock,
            finger: true,
            face: false,
        })
    }

    fn verify(
        &self,
        _method: VerificationMethod,
        prompt: Prompt,
    ) -> Result<Verification, ShellFault> {
        let mut state = self.works("verify")?;
        state.prompts.push(prompt);
        if state.calls_back {
            let app = self.app.get().unwrap().upgrade().unwrap();
            let heard = [
                app.list().unwrap_err(),
                app.incidents().unwrap_err(),
                app.handle(vec![4], RequestFront::Local).unwrap_err(),
                app.feedbacks().unwrap_err(),
                app.feedback_to_send().unwrap_err(),
                app.last_refusal_text().unwrap_err(),
                app.could_not_connect(Operation::SignIn, silent())
                    .unwrap_err(),
                match app.make_feedback().unwrap_err() {
                    FeedbackFault::App { fault } => fault,
                    other => unreachable!("{other}"),
                },
            ];
            state.heard.extend(heard);
        }
        let granted = Verification::Granted {
            grant: vec![7],
            picked: None,
        };
        Ok(state.verification.clone().unwrap_or(granted))
    }

    fn confirm(&self, _prompt: Prompt) -> Result<bool, ShellFault> {
        self.works("confirm").map(|_| true)
    }
}

impl ShellSurroundings for Shell {
    fn now_ms(&self) -> Result<u64, ShellFault> {
        self.works("now_ms").map(|state| state.now)
    }

    fn online(&self) -> Result<bool, ShellFault> {
        self.works("online").map(|state| state.online)
    }

    fn radio(&self) -> Result<RadioState, ShellFault> {
        self.works("radio").map(|state| state.radio)
    }
}

impl ShellShelf for Shell {
    fn entries(&self) -> Result<Vec<ShelfEntry>, ShellFault> {
        let state = self.works("entries")?;
        let stored = state.files.iter().map(|(name, bytes)| ShelfEntry {
            name: name.clone(),
            bytes: bytes.clone(),
        });
        Ok(state.entries.clone().unwrap_or_else(|| stored.collect()))
    }

    fn write(&self, entry: ShelfEntry, remove: Vec<Vec<u8>>) -> Result<(), ShellFault> {
        let mut state = self.works("write")?;
        for name in remove {
            state.files.remove(&name);
        }
        state.files.insert(entry.name, entry.bytes);
        Ok(())
    }

    fn remove(&self, name: Vec<u8>) -> Result<bool, ShellFault> {
        let mut state = self.works("remove")?;
        Ok(state.files.remove(&name).is_some())
    }
}

/// A connection of which nothing is known but that it is possible.
pub fn facts() -> ConnectionFacts {
    ConnectionFacts {
        radio: RadioState::On,
        online: true,
        hosts: required_hosts(ShellKind::Android, None),
        now: None,
        code_made_at: None,
        other_clocks: Vec::new(),
        dial: None,
        dial_status: None,
        broadcast: None,
        other_device: None,
        refusal: None,
    }
}

/// A connection to which the other device did not come.
pub fn silent() -> ConnectionFacts {
    ConnectionFacts {
        other_device: Some("silent".to_owned()),
        ..facts()
    }
}

/// A registration request.
pub fn make_credential(user: &str) -> Vec<u8> {
    let user_id = user.as_bytes().to_vec();
    let parameters = Value::map([("alg", Value::from(-7)), ("type", "public-key".into())]);
    let map = Map::from([
        (1.into(), vec![3; 32].into()),
        (2.into(), Value::map([("id", Value::from(RP))])),
        (
            3.into(),
            Value::map([("id", Value::from(user_id)), ("name", user.into())]),
        ),
        (4.into(), Value::Array(vec![parameters])),
        (
            7.into(),
            Value::map([("rk", Value::from(true)), ("uv", true.into())]),
        ),
    ]);
    [vec![1], Value::Map(map).encode()].concat()
}

/// A sign-in request that names no credential.
pub fn get_assertion() -> Vec<u8> {
    let map = Map::from([
        (1.into(), RP.into()),
        (2.into(), vec![5; 32].into()),
        (5.into(), Value::map([("uv", Value::from(true))])),
    ]);
    [vec![2], Value::Map(map).encode()].concat()
}

pub fn register(app: &PasskeyApp, user: &str) -> u8 {
    app.handle(make_credential(user), RequestFront::Local)
        .unwrap()[0]
}

pub fn sign_in(app: &PasskeyApp) -> u8 {
    app.handle(get_assertion(), RequestFront::Local).unwrap()[0]
}
