//! The nouns of the house.
//!
//! Plain records with public fields: whoever has one has read it from the store or is about to
//! write it there. What may be done with them is decided next door ([`crate::sign_in`],
//! [`crate::register`], [`crate::roles`]), never by a method of the record itself.

mod application;
mod group;
mod ids;
mod keys;
mod passkey;
mod records;
mod role;
mod secrets;
mod session;
mod tenant;
mod time;
mod user;

pub use application::{
    Application, AuthorizationCode, ClientKind, Grant, GrantEnd, RedirectKind, RedirectUri,
    RefreshToken,
};
pub use group::{Group, Membership};
pub use ids::{
    ApplicationId, CorrelationId, GrantId, GroupId, KeyId, NodeId, PassId, PasskeyId, RecordId,
    SessionId, TenantId, UserHandle, UserId,
};
pub use keys::{KeyState, MetadataBlob, SealKey, SigningKey};
pub use passkey::{AttestationLevel, Passkey, PasskeyType, Provenance};
pub use records::{
    Actor, AuditRecord, AuditResult, Category, ModifiedProperty, SignInRecord, SignInStep, Target,
};
pub use role::Role;
pub use secrets::{
    Bootstrap, PassUse, Password, PasswordHash, SecretBytes, TemporaryAccessPass, TokenHash, Totp,
};
pub use session::{EndReason, Failures, Method, Session, SignInAttempt};
pub use tenant::{Tenant, Versions};
pub use time::{Span, Timestamp};
pub use user::{User, UserType};
