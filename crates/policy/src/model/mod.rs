//! The nouns of the house.
//!
//! Plain records with public fields: whoever has one has read it from the store or is about to
//! write it there. What may be done with them is decided next door ([`crate::sign_in`],
//! [`crate::register`], [`crate::roles`]), never by a method of the record itself.

mod access;
mod application;
mod approval;
mod authenticator;
mod campaign;
mod group;
mod ids;
mod keys;
mod notice;
mod passkey;
mod passkey_method;
mod place;
mod policies;
mod proof;
mod records;
mod role;
mod root;
mod scope;
mod secrets;
mod session;
mod signal;
mod signal_source;
mod strength;
mod tenant;
mod time;
mod user;

pub use access::{
    AccessPolicy, AccessState, AccessTarget, AuthenticationContext, ClientType, Conditions,
    Grant as AccessGrant, IpRange, LocationRef, NamedLocation, PersistentBrowser, Platform,
    SessionControls, Sides, SignInFrequency,
};
pub use application::{
    Application, AuthorizationCode, ClientKind, ClientSecret, ClientSettings, Consent, DeviceCode,
    Grant, GrantEnd, RedirectKind, RedirectUri, RefreshToken, RequiredAccess,
};
pub use approval::{Approval, ChangeClass, Outcome, PassWish, Proposal, SecondPerson, Settlement};
pub use authenticator::{
    CertificationLevel, ModelFacts, ModelStatus, Models, Protections, UserVerification,
};
pub use campaign::{Campaign, CampaignState, Prompt, Wave};
pub use group::{Group, Membership};
pub use ids::{
    AccessPolicyId, ApplicationId, ApprovalId, CampaignId, CorrelationId, DeliveryId, GrantId,
    GroupId, KeyId, LocationId, NodeId, NoticeId, PassId, PasskeyId, ProfileId, RecordId,
    SessionId, SignalSourceId, StreamId, StrengthId, TenantId, UserHandle, UserId,
};
pub use keys::{KeyState, MetadataBlob, SealKey, SigningKey};
pub use notice::{Notice, NoticeActor, NoticeKind, NoticePerson, NoticePlace, NoticeSubject};
pub use passkey::{
    AttestationLevel, Compromise, CompromiseReason, Measure, Passkey, PasskeyType, Provenance,
    Registrar,
};
pub use passkey_method::{
    AttestationRule, CompromiseRule, CrossDevice, CrossDeviceRule, KeyRestrictions, ModelQuery,
    PasskeyMethod, PasskeyProfile, PasskeyTarget, RestrictionKind, Sha256,
};
pub use place::{
    BackupChange, Browser, Network, NewSighting, NotANetwork, Place, Seen, Sighting, System,
    crosses_devices, device_label, transport_used,
};
pub use policies::{
    PassPolicy, PasskeyAvailability, Policies, PolicyDocument, PolicyKind, SystemPreferred,
};
pub use proof::{Acr, Assurance, Doubt, Proof, ProvedPasskey};
pub use records::{
    Actor, AuditRecord, AuditResult, AuditSalts, Category, ModifiedProperty, Salt, SignInRecord,
    SignInStep, Target,
};
pub use role::Role;
pub use root::{AttestationRoot, RootCertificate, moment as moment_of_certificate};
pub use scope::{Assignment, Scope};
pub use secrets::{
    Bootstrap, PassUse, Password, PasswordHash, SecretBytes, TemporaryAccessPass, TokenHash, Totp,
};
pub use session::{EndReason, Failures, Method, Session, SignInAttempt};
pub use signal::{
    CredentialChange, CredentialType, Initiator, QueuedSignal, Signal, SignalCredential,
    SignalKind, Stream, StreamStatus, SubjectFormat,
};
pub use signal_source::{Reaction, Reactions, ReceivedKind, SignalSource};
pub use strength::{AaguidConfiguration, Combination, Mode, PasskeyDemand, Strength};
pub use tenant::{Tenant, Versions};
pub use time::{Span, Timestamp};
pub use user::{PerUserMfa, User, UserType};
