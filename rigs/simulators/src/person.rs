//! Who holds the phone: a screen lock, enrolled biometrics, and what they do at a prompt.

use authenticator::rules::invalidation::Kind;
use authenticator::rules::verification::Method;
use std::collections::BTreeSet;

/// Failures after which biometrics are closed until the PIN.
const LOCKOUT: u32 = 5;

/// What the sensor sees.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Finger {
    /// The owner.
    Matches,
    /// Not the owner, or wet.
    Fails,
    /// Nobody: the prompt was closed.
    Cancels,
    /// Nobody, for too long.
    TimesOut,
}

/// A person with a phone.
#[derive(Clone, Debug)]
pub struct Person {
    pin: Option<String>,
    changes: u64,
    biometrics: BTreeSet<Kind>,
    /// What the sensor will see.
    pub finger: Finger,
    /// What is typed when a PIN is asked for; nothing closes the prompt.
    pub types: Option<String>,
    /// Whether the person says yes to what needs no verification.
    pub agrees: bool,
    /// The passkey picked when several are shown.
    pub picks: usize,
    failures: u32,
    /// The prompts that were shown.
    pub prompts: Vec<Method>,
    /// The questions that needed no verification.
    pub confirmations: u32,
}

/// What came of a prompt.
pub(crate) enum Outcome {
    Right,
    Wrong,
    LockedOut,
    Cancelled,
    TimedOut,
}

impl Default for Person {
    fn default() -> Self {
        Self {
            pin: Some("1111".to_owned()),
            changes: 1,
            biometrics: BTreeSet::from([Kind::Finger]),
            finger: Finger::Matches,
            types: Some("1111".to_owned()),
            agrees: true,
            picks: 0,
            failures: 0,
            prompts: Vec::new(),
            confirmations: 0,
        }
    }
}

impl Person {
    pub(crate) const fn lock(&self) -> Option<u64> {
        if self.pin.is_some() {
            Some(self.changes)
        } else {
            None
        }
    }

    pub(crate) const fn biometrics(&self) -> &BTreeSet<Kind> {
        &self.biometrics
    }

    pub(crate) fn set_pin(&mut self, pin: Option<&str>) {
        self.pin = pin.map(str::to_owned);
        self.types = self.pin.clone();
        self.changes += 1;
        // A system without a screen lock keeps no biometrics.
        if pin.is_none() {
            self.biometrics.clear();
        }
    }

    pub(crate) fn set_biometrics(&mut self, kinds: &[Kind]) {
        self.biometrics = kinds.iter().copied().collect();
    }

    pub(crate) fn prompt(&mut self, method: Method) -> Outcome {
        self.prompts.push(method);
        match method {
            Method::Biometric => self.touch(),
            Method::Pin => match (&self.types, &self.pin) {
                (None, _) => Outcome::Cancelled,
                (typed, pin) if typed == pin => {
                    self.failures = 0;
                    Outcome::Right
                }
                _ => Outcome::Wrong,
            },
        }
    }

    fn touch(&mut self) -> Outcome {
        if self.failures >= LOCKOUT {
            return Outcome::LockedOut;
        }
        match self.finger {
            Finger::Matches => {
                self.failures = 0;
                Outcome::Right
            }
            Finger::Fails => {
                self.failures += 1;
                Outcome::Wrong
            }
            Finger::Cancels => Outcome::Cancelled,
            Finger::TimesOut => Outcome::TimedOut,
        }
    }
}
