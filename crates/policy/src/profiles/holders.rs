//! What can hold a passkey that some profiles would take: what is said to the browser before anybody touches a key.

use crate::model::{PasskeyProfile, PasskeyType, RestrictionKind};
use crate::snapshot::Snapshot;

/// What holds a passkey.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Holder {
    /// A security key.
    SecurityKey,
    /// The device at hand.
    ThisDevice,
    /// A phone or tablet nearby.
    AnotherDevice,
}

impl Holder {
    const ALL: [Self; 3] = [Self::SecurityKey, Self::ThisDevice, Self::AnotherDevice];

    fn of_transport(transport: &str) -> Option<Self> {
        Some(match transport {
            "usb" | "nfc" | "ble" | "smart-card" => Self::SecurityKey,
            "internal" => Self::ThisDevice,
            "hybrid" | "cable" => Self::AnotherDevice,
            _ => return None,
        })
    }
}

/// What can hold a passkey that one of these profiles takes; empty if they tell nothing.
#[must_use]
pub fn holders(snapshot: &Snapshot, profiles: &[&PasskeyProfile]) -> Vec<Holder> {
    let possible = |holder: &Holder| {
        profiles
            .iter()
            .any(|profile| is_possible(snapshot, profile, *holder))
    };
    let holders: Vec<_> = Holder::ALL.into_iter().filter(possible).collect();
    if holders.len() == Holder::ALL.len() {
        return Vec::new();
    }
    holders
}

/// No profile is judged here: a holder is left out only if nothing that passes can be in it.
fn is_possible(snapshot: &Snapshot, profile: &PasskeyProfile, holder: Holder) -> bool {
    let by_type = |kind: &PasskeyType| match kind {
        PasskeyType::DeviceBound => true,
        PasskeyType::Synced => holder != Holder::SecurityKey,
    };
    let by_query = profile
        .models
        .as_ref()
        .is_none_or(|query| speaks(&query.transports, holder));
    let list = &profile.restrictions;
    let by_list = !list.enforced
        || list.kind == RestrictionKind::Block
        || list.aaguids.iter().any(|aaguid| {
            let model = snapshot.models().get(*aaguid);
            model.is_none_or(|model| speaks(&model.transports, holder))
        });
    let by_switch = holder != Holder::AnotherDevice
        || profile.cross_device.registration.takes(profile.attestation);
    profile.types.iter().any(by_type) && by_query && by_list && by_switch
}

/// Nothing known is everything possible.
fn speaks(transports: &[String], holder: Holder) -> bool {
    let mut known = transports
        .iter()
        .filter_map(|transport| Holder::of_transport(transport))
        .peekable();
    known.peek().is_none() || known.any(|one| one == holder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{CrossDevice, CrossDeviceRule, KeyRestrictions, ModelFacts, Models};
    use crate::samples::{compiled, policies, profile};
    use std::collections::BTreeMap;
    use std::sync::Arc;
    use uuid::Uuid;

    const USB: Uuid = Uuid::from_bytes([1; 16]);
    const INSIDE: Uuid = Uuid::from_bytes([2; 16]);
    const UNKNOWN: Uuid = Uuid::from_bytes([3; 16]);

    fn snapshot() -> Snapshot {
        let model = |transports: &[&str]| ModelFacts {
            transports: transports.iter().map(|&name| name.to_owned()).collect(),
            ..ModelFacts::default()
        };
        let models = BTreeMap::from([
            (USB, model(&["usb", "nfc"])),
            (INSIDE, model(&["internal"])),
        ]);
        Snapshot::compile(1, policies(profile()), Arc::new(Models::new(models)))
    }

    fn listing(aaguids: &[Uuid]) -> PasskeyProfile {
        PasskeyProfile {
            restrictions: KeyRestrictions {
                enforced: true,
                kind: RestrictionKind::Allow,
                aaguids: aaguids.to_vec(),
            },
            ..profile()
        }
    }

    fn of_type(kind: PasskeyType) -> PasskeyProfile {
        PasskeyProfile {
            types: vec![kind],
            ..profile()
        }
    }

    #[test]
    fn types_and_lists_tell_what_holds_them() {
        let snapshot = snapshot();
        let of = |profiles: &[&PasskeyProfile]| holders(&snapshot, profiles);
        assert_eq!(of(&[&profile()]), []);
        let bound = of_type(PasskeyType::DeviceBound);
        // A phone keeps device-bound passkeys too, and answers for them on another screen.
        assert_eq!(of(&[&bound]), []);
        let near = PasskeyProfile {
            cross_device: CrossDeviceRule {
                registration: CrossDevice::Blocked,
                ..CrossDeviceRule::default()
            },
            ..profile()
        };
        assert_eq!(of(&[&near]), [Holder::SecurityKey, Holder::ThisDevice]);
        let synced = of_type(PasskeyType::Synced);
        assert_eq!(of(&[&synced]), [Holder::ThisDevice, Holder::AnotherDevice]);
        assert_eq!(of(&[&bound, &synced]), []);
        assert_eq!(of(&[&listing(&[USB])]), [Holder::SecurityKey]);
        assert_eq!(
            of(&[&listing(&[USB, INSIDE])]),
            [Holder::SecurityKey, Holder::ThisDevice]
        );
        assert_eq!(of(&[&listing(&[USB, UNKNOWN])]), []);
    }

    #[test]
    fn a_list_of_models_to_block_tells_nothing() {
        let mut block = listing(&[USB]);
        block.restrictions.kind = RestrictionKind::Block;
        assert_eq!(holders(&compiled(profile()), &[&block]), []);
    }
}
