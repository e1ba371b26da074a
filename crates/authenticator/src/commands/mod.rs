//! The commands: each decodes its parameters, decides, and encodes its answer, in three separate steps.

pub(crate) mod client_pin;
pub(crate) mod config;
pub(crate) mod credential_management;
pub(crate) mod get_assertion;
pub(crate) mod get_info;
pub(crate) mod large_blobs;
pub(crate) mod make_credential;
pub(crate) mod reset;
pub(crate) mod selection;
pub(crate) mod verification;

use crate::cbor::{Key, Map, Value};
use crate::env::{Answer, Approval, CredentialId, EnvError};
use crate::status::Status;

/// Longest relying party identifier taken: the longest domain name.
const MAX_RP_ID: usize = 253;

/// Parameters of a command, taken out one by one with their types checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parameters(Map);

impl Parameters {
    pub(crate) fn of(value: Value) -> Result<Self, Status> {
        match value {
            Value::Map(map) => Ok(Self(map)),
            _ => Err(Status::CborUnexpectedType),
        }
    }

    pub(crate) fn into_value(self) -> Value {
        Value::Map(self.0)
    }

    pub(crate) fn take<T: FromValue>(&mut self, key: impl Into<Key>) -> Result<Option<T>, Status> {
        self.0.remove(&key.into()).map(T::from_value).transpose()
    }

    pub(crate) fn require<T: FromValue>(&mut self, key: impl Into<Key>) -> Result<T, Status> {
        self.take(key)?.ok_or(Status::MissingParameter)
    }
}

/// A value of the expected CBOR type.
pub(crate) trait FromValue: Sized {
    fn from_value(value: Value) -> Result<Self, Status>;
}

macro_rules! from_value {
    ($($variant:ident => $target:ty),+) => {
        $(impl FromValue for $target {
            fn from_value(value: Value) -> Result<Self, Status> {
                match value {
                    Value::$variant(inner) => Ok(inner),
                    _ => Err(Status::CborUnexpectedType),
                }
            }
        })+
    };
}

from_value!(Integer => i64, Bytes => Vec<u8>, Text => String, Bool => bool, Array => Vec<Value>);

impl FromValue for Parameters {
    fn from_value(value: Value) -> Result<Self, Status> {
        Self::of(value)
    }
}

impl From<EnvError> for Status {
    fn from(error: EnvError) -> Self {
        match error {
            EnvError::Full => Self::KeyStoreFull,
            EnvError::Forbidden => Self::NotAllowed,
            EnvError::Gone => Self::NoCredentials,
            EnvError::Failed => Self::Other,
        }
    }
}

/// The hash of the client data: always SHA-256.
pub(crate) fn client_data_hash(bytes: Vec<u8>) -> Result<[u8; 32], Status> {
    bytes.try_into().map_err(|_| Status::InvalidLength)
}

pub(crate) fn checked_rp_id(rp_id: String) -> Result<String, Status> {
    if rp_id.is_empty() || rp_id.len() > MAX_RP_ID {
        return Err(Status::InvalidLength);
    }
    Ok(rp_id)
}

/// How a credential is named in an answer.
pub(crate) fn descriptor(id: &CredentialId) -> Value {
    Value::map([
        ("id", Value::from(id.0.clone())),
        ("type", "public-key".into()),
    ])
}

/// The identifiers of a credential list. Other members, such as transports, do not matter here.
pub(crate) fn credential_ids(list: Vec<Value>) -> Result<Vec<Vec<u8>>, Status> {
    if list.len() > get_info::MAX_CREDENTIALS_IN_LIST {
        return Err(Status::LimitExceeded);
    }
    let mut ids = Vec::with_capacity(list.len());
    for item in list {
        let mut descriptor = Parameters::of(item)?;
        let id: Vec<u8> = descriptor.require("id")?;
        // A kind of credential that is not a public key is not ours, whatever its identifier.
        if descriptor.require::<String>("type")? == "public-key" {
            ids.push(id);
        }
    }
    Ok(ids)
}

/// A yes that is as strong as it had to be.
pub(crate) fn approved(answer: Answer, verify: bool) -> Result<Approval, Status> {
    match answer {
        Answer::Approved(approval) if approval.present && (approval.verified || !verify) => {
            Ok(approval)
        }
        Answer::Approved(_) | Answer::Denied => Err(Status::OperationDenied),
        Answer::TimedOut => Err(Status::UserActionTimeout),
        Answer::Cancelled => Err(Status::KeepaliveCancel),
        Answer::Blocked => Err(Status::UvBlocked),
    }
}
