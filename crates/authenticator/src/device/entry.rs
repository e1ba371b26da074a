//! A passkey on the shelf: the credential without its key, and what it was made under.

use crate::cbor::{Map, Value};
use crate::commands::{FromValue as _, Parameters};
use crate::env::{Backup, Credential, CredentialId, KeyHandle, Protection, User};
use crate::public_key::PublicKey;
use crate::rules::binding::DeviceId;
use crate::rules::invalidation::{Enrolment, Kind, Why};
use crate::status::Status;
use std::collections::BTreeSet;

/// An entry.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Entry {
    pub credential: Credential,
    pub counter: u32,
    /// The order of making; the newest is the greatest.
    pub made: i64,
    pub device: DeviceId,
    pub profile: String,
    pub enrolment: Enrolment,
    pub ended: Option<Why>,
}

impl Entry {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let credential = &self.credential;
        let mut map = Map::from([
            (1.into(), credential.id.0.clone().into()),
            (2.into(), credential.rp_id.as_str().into()),
            (3.into(), credential.user.id.clone().into()),
            (6.into(), credential.discoverable.into()),
            (7.into(), credential.key.0.clone().into()),
            (8.into(), credential.public.to_value()),
            (10.into(), credential.protection.level().into()),
            (12.into(), credential.has_large_blob_key.into()),
            (13.into(), credential.has_hmac_secret.into()),
            (14.into(), i64::from(self.counter).into()),
            (15.into(), self.made.into()),
            (16.into(), self.device.to_vec().into()),
            (17.into(), self.profile.as_str().into()),
            (19.into(), kinds(&self.enrolment.biometrics)),
        ]);
        let optional = [
            (4, credential.user.name.as_deref().map(Value::from)),
            (5, credential.user.display_name.as_deref().map(Value::from)),
            (9, credential.rp_name.as_deref().map(Value::from)),
            (11, credential.blob.clone().map(Value::from)),
            (
                18,
                self.enrolment
                    .lock
                    .map(|lock| Value::from(lock.to_be_bytes().to_vec())),
            ),
            (20, self.ended.map(|why| why.number().into())),
        ];
        for (key, value) in optional {
            if let Some(value) = value {
                map.insert(key.into(), value);
            }
        }
        Value::Map(map).encode()
    }

    /// Reads an entry; one that is damaged is no passkey.
    pub(crate) fn decode(bytes: &[u8]) -> Option<Self> {
        let map = Parameters::of(Value::decode(bytes).ok()?).ok()?;
        Self::from_map(map).ok()
    }

    fn from_map(mut map: Parameters) -> Result<Self, Status> {
        let damaged = Status::Other;
        let public = PublicKey::of_cose(map.require(8)?).ok_or(damaged)?;
        let credential = Credential {
            id: CredentialId(map.require(1)?),
            rp_id: map.require(2)?,
            user: User {
                id: map.require(3)?,
                name: map.take(4)?,
                display_name: map.take(5)?,
            },
            discoverable: map.require(6)?,
            // A key that its hardware holds has no other place to be.
            backup: Backup::DeviceBound,
            key: KeyHandle(map.require(7)?),
            public,
            rp_name: map.take(9)?,
            protection: Protection::of_level(map.require(10)?).ok_or(damaged)?,
            blob: map.take(11)?,
            has_large_blob_key: map.require(12)?,
            has_hmac_secret: map.require(13)?,
        };
        let lock: Option<Vec<u8>> = map.take(18)?;
        let lock = lock.map(|bytes| bytes.try_into().map(u64::from_be_bytes));
        Ok(Self {
            credential,
            counter: u32::try_from(map.require::<i64>(14)?).map_err(|_| damaged)?,
            made: map.require(15)?,
            device: map
                .require::<Vec<u8>>(16)?
                .try_into()
                .map_err(|_| damaged)?,
            profile: map.require(17)?,
            enrolment: Enrolment {
                lock: lock.transpose().map_err(|_| damaged)?,
                biometrics: kinds_of(map.require(19)?)?,
            },
            ended: map
                .take(20)?
                .map(|number| Why::of_number(number).ok_or(damaged))
                .transpose()?,
        })
    }
}

fn kinds(biometrics: &BTreeSet<Kind>) -> Value {
    let number = |kind: &Kind| match kind {
        Kind::Finger => Value::from(1),
        Kind::Face => Value::from(2),
    };
    Value::Array(biometrics.iter().map(number).collect())
}

fn kinds_of(list: Vec<Value>) -> Result<BTreeSet<Kind>, Status> {
    list.into_iter()
        .map(|value| match i64::from_value(value)? {
            1 => Ok(Kind::Finger),
            2 => Ok(Kind::Face),
            _ => Err(Status::Other),
        })
        .collect()
}
