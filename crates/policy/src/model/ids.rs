//! Identifiers: UUID version 7, made from a time and randomness that the caller supplies.

use crate::model::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use uuid::{Builder, Uuid};

macro_rules! id {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Uuid);

        impl $name {
            /// A new id, sortable by `now` (to the microsecond) and unique by the last 62 of the 80 random bits.
            #[must_use]
            pub fn new(now: Timestamp, random: [u8; 10]) -> Self {
                Self(version_7(now, random))
            }

            /// The id with these 16 bytes, as stored.
            #[must_use]
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self(Uuid::from_bytes(bytes))
            }

            /// The 16 bytes as stored.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The bare UUID.
            #[must_use]
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl From<Uuid> for $name {
            fn from(uuid: Uuid) -> Self {
                Self(uuid)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({})", stringify!($name), self.0)
            }
        }

        impl FromStr for $name {
            type Err = uuid::Error;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::try_parse(text).map(Self)
            }
        }
    )+};
}

id! {
    /// A tenant: the outer part of every key in the store.
    TenantId,
    /// A user of one tenant.
    UserId,
    /// A group of users.
    GroupId,
    /// A registered passkey (our name for it; the authenticator's name is the credential id).
    PasskeyId,
    /// A Temporary Access Pass.
    PassId,
    /// A browser session, as it is named in lists and in the `sid` claim; never the cookie value.
    SessionId,
    /// An application (relying party of the provider); equal to its `client_id`.
    ApplicationId,
    /// Everything that one authorization code gave: its refresh tokens and access tokens.
    GrantId,
    /// An audit or sign-in record.
    RecordId,
    /// A signing or sealing key; the `kid` of what it signs.
    KeyId,
    /// One attempt as the person and the administrator see it; on every error page and record.
    CorrelationId,
    /// One running process of the server.
    NodeId,
    /// A passkey profile.
    ProfileId,
    /// An authentication strength.
    StrengthId,
    /// A conditional access policy.
    AccessPolicyId,
    /// A named location.
    LocationId,
    /// A registration campaign.
    CampaignId,
    /// A notice.
    NoticeId,
    /// One copy of a notice on its way.
    DeliveryId,
    /// A stream of security events to another system.
    StreamId,
    /// Another system whose security events are taken.
    SignalSourceId,
    /// A change that waits for a second person.
    ApprovalId,
}

/// What an authenticator stores as `user.id`: 33 bytes, so that its base64 form has no padding.
///
/// One version byte (`1`), the 16 bytes of the tenant, 16 random bytes. The random part and not the
/// user id is used, because WebAuthn section 14.6.1 wants the handle to say nothing about the person.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct UserHandle([u8; Self::LENGTH]);

impl UserHandle {
    /// Bytes of a handle.
    pub const LENGTH: usize = 33;
    const VERSION: u8 = 1;

    /// A new handle in `tenant`.
    #[must_use]
    pub fn new(tenant: TenantId, random: [u8; 16]) -> Self {
        let mut bytes = [Self::VERSION; Self::LENGTH];
        let (_, rest) = bytes.split_at_mut(1);
        let (tenant_part, random_part) = rest.split_at_mut(16);
        tenant_part.copy_from_slice(tenant.as_bytes());
        random_part.copy_from_slice(&random);
        Self(bytes)
    }

    /// The handle an authenticator returned, or `None` when it is not one of ours.
    #[must_use]
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        let bytes: [u8; Self::LENGTH] = bytes.try_into().ok()?;
        (bytes.first() == Some(&Self::VERSION)).then_some(Self(bytes))
    }

    /// The tenant the handle was made in.
    #[must_use]
    pub fn tenant(&self) -> TenantId {
        let mut tenant = [0; 16];
        for (to, from) in tenant.iter_mut().zip(self.0.iter().skip(1)) {
            *to = *from;
        }
        TenantId::from_bytes(tenant)
    }

    /// All 33 bytes.
    #[must_use]
    pub const fn as_bytes(&self) -> &[u8; Self::LENGTH] {
        &self.0
    }
}

impl fmt::Debug for UserHandle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "UserHandle({})", self.tenant())
    }
}

/// The 12 bits behind the milliseconds hold their fraction (RFC 9562 section 6.2, method 3), so that whatever is listed by id
/// is listed by time.
fn version_7(now: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(now.as_micros().div_euclid(1_000)).unwrap_or(0);
    let fraction = now.as_micros().rem_euclid(1_000) * 4_096 / 1_000;
    let mut rest = random;
    for (to, from) in rest.iter_mut().zip(fraction.to_be_bytes().iter().skip(6)) {
        *to = *from;
    }
    Builder::from_unix_timestamp_millis(millis, &rest).into_uuid()
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a failed setup is a failed test")]
    use super::*;

    #[test]
    fn ids_sort_by_time() {
        let early = UserId::new(Timestamp::from_seconds(1_000), [0xff; 10]);
        let late = UserId::new(Timestamp::from_seconds(1_001), [0; 10]);
        assert!(early < late);
        assert_eq!(late.uuid().get_version_num(), 7);
    }

    #[test]
    fn ids_of_one_millisecond_sort_by_the_microsecond() {
        let id = |micros, random| RecordId::new(Timestamp::from_micros(micros), [random; 10]);
        for micros in [
            1_800_000_000_000_000,
            1_800_000_000_000_500,
            1_800_000_000_000_998,
        ] {
            assert!(id(micros, 0xff) < id(micros + 1, 0), "{micros}");
        }
        assert_eq!(id(1_800_000_000_000_999, 0xff).uuid().get_version_num(), 7);
    }

    #[test]
    fn a_handle_names_its_tenant_and_needs_no_padding() {
        let tenant = TenantId::new(Timestamp::from_seconds(7), [3; 10]);
        let handle = UserHandle::new(tenant, [9; 16]);
        assert_eq!(handle.tenant(), tenant);
        assert_eq!(UserHandle::from_slice(handle.as_bytes()).unwrap(), handle);
        assert_eq!(UserHandle::LENGTH % 3, 0);
    }

    #[test]
    fn a_foreign_handle_is_none() {
        assert_eq!(UserHandle::from_slice(&[2; 33]), None);
        assert_eq!(UserHandle::from_slice(&[1; 32]), None);
    }
}
