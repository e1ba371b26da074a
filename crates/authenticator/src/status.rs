//! CTAP2 status codes (CTAP 2.2, section 8.2): the closed list of ways a command can end here.

/// The first byte of every response. Only codes that this authenticator really answers are listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub enum Status {
    /// The command succeeded; a CBOR value may follow.
    Ok = 0x00,
    /// The command byte is unknown or its command is not built in.
    InvalidCommand = 0x01,
    /// A parameter has a value that the command does not allow.
    InvalidParameter = 0x02,
    /// The message is empty, or a fixed-length parameter has another length.
    InvalidLength = 0x03,
    /// A fragment or a getNext does not follow what came before.
    InvalidSequence = 0x04,
    /// A member has another CBOR type than the command defines.
    CborUnexpectedType = 0x11,
    /// The bytes are not one CTAP2 canonical CBOR value.
    InvalidCbor = 0x12,
    /// A required member is absent.
    MissingParameter = 0x14,
    /// A list is longer than getInfo allows.
    LimitExceeded = 0x15,
    /// The large blob array would not fit.
    LargeBlobStorageFull = 0x18,
    /// The exclude list names a credential that lives here.
    CredentialExcluded = 0x19,
    /// None of the offered algorithms is supported.
    UnsupportedAlgorithm = 0x26,
    /// The user said no, or could not be verified.
    OperationDenied = 0x27,
    /// The key store takes no further credential.
    KeyStoreFull = 0x28,
    /// An option is not defined for this command.
    UnsupportedOption = 0x2b,
    /// An option has a value that cannot be honoured.
    InvalidOption = 0x2c,
    /// The platform or the user cancelled while the authenticator waited.
    KeepaliveCancel = 0x2d,
    /// No credential here fits the request.
    NoCredentials = 0x2e,
    /// The user did nothing for too long.
    UserActionTimeout = 0x2f,
    /// getNextAssertion without a living getAssertion before it.
    NotAllowed = 0x30,
    /// The PIN is wrong.
    PinInvalid = 0x31,
    /// No attempt at the PIN is left; only a reset helps.
    PinBlocked = 0x32,
    /// The proof of a PIN/UV auth token is wrong, or the token may not do this.
    PinAuthInvalid = 0x33,
    /// Three wrong PINs in a row: a power cycle is needed.
    PinAuthBlocked = 0x34,
    /// There is no PIN yet.
    PinNotSet = 0x35,
    /// A PIN/UV auth token is needed.
    PuatRequired = 0x36,
    /// The PIN is too short, or must be another than before.
    PinPolicyViolation = 0x37,
    /// The message is longer than `maxMsgSize`.
    RequestTooLarge = 0x39,
    /// Built-in user verification is locked after too many failures.
    UvBlocked = 0x3c,
    /// The checksum of the large blob array is wrong.
    IntegrityFailure = 0x3d,
    /// The subcommand is unknown or not built in.
    InvalidSubcommand = 0x3e,
    /// Built-in verification failed; it may be tried again.
    UvInvalid = 0x3f,
    /// A permission was asked for that this authenticator never gives.
    UnauthorizedPermission = 0x40,
    /// The key store, the attestation signer or the random source failed.
    Other = 0x7f,
}

impl Status {
    /// Every status, in the order of its byte.
    pub const ALL: [Self; 34] = [
        Self::Ok,
        Self::InvalidCommand,
        Self::InvalidParameter,
        Self::InvalidLength,
        Self::InvalidSequence,
        Self::CborUnexpectedType,
        Self::InvalidCbor,
        Self::MissingParameter,
        Self::LimitExceeded,
        Self::LargeBlobStorageFull,
        Self::CredentialExcluded,
        Self::UnsupportedAlgorithm,
        Self::OperationDenied,
        Self::KeyStoreFull,
        Self::UnsupportedOption,
        Self::InvalidOption,
        Self::KeepaliveCancel,
        Self::NoCredentials,
        Self::UserActionTimeout,
        Self::NotAllowed,
        Self::PinInvalid,
        Self::PinBlocked,
        Self::PinAuthInvalid,
        Self::PinAuthBlocked,
        Self::PinNotSet,
        Self::PuatRequired,
        Self::PinPolicyViolation,
        Self::RequestTooLarge,
        Self::UvBlocked,
        Self::IntegrityFailure,
        Self::InvalidSubcommand,
        Self::UvInvalid,
        Self::UnauthorizedPermission,
        Self::Other,
    ];

    /// The byte on the wire.
    #[must_use]
    pub const fn byte(self) -> u8 {
        self as u8
    }

    /// The status that a received byte means, if this authenticator could have sent it.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.byte() == byte)
    }

    /// A stable snake_case name for logs and tests.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::InvalidCommand => "invalid_command",
            Self::InvalidParameter => "invalid_parameter",
            Self::InvalidLength => "invalid_length",
            Self::InvalidSequence => "invalid_sequence",
            Self::CborUnexpectedType => "cbor_unexpected_type",
            Self::InvalidCbor => "invalid_cbor",
            Self::MissingParameter => "missing_parameter",
            Self::LimitExceeded => "limit_exceeded",
            Self::LargeBlobStorageFull => "large_blob_storage_full",
            Self::CredentialExcluded => "credential_excluded",
            Self::UnsupportedAlgorithm => "unsupported_algorithm",
            Self::OperationDenied => "operation_denied",
            Self::KeyStoreFull => "key_store_full",
            Self::UnsupportedOption => "unsupported_option",
            Self::InvalidOption => "invalid_option",
            Self::KeepaliveCancel => "keepalive_cancel",
            Self::NoCredentials => "no_credentials",
            Self::UserActionTimeout => "user_action_timeout",
            Self::NotAllowed => "not_allowed",
            Self::PinInvalid => "pin_invalid",
            Self::PinBlocked => "pin_blocked",
            Self::PinAuthInvalid => "pin_auth_invalid",
            Self::PinAuthBlocked => "pin_auth_blocked",
            Self::PinNotSet => "pin_not_set",
            Self::PuatRequired => "puat_required",
            Self::PinPolicyViolation => "pin_policy_violation",
            Self::RequestTooLarge => "request_too_large",
            Self::UvBlocked => "uv_blocked",
            Self::IntegrityFailure => "integrity_failure",
            Self::InvalidSubcommand => "invalid_subcommand",
            Self::UvInvalid => "uv_invalid",
            Self::UnauthorizedPermission => "unauthorized_permission",
            Self::Other => "other",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Status;

    #[test]
    fn every_status_survives_the_wire() {
        for status in Status::ALL {
            assert_eq!(Status::from_byte(status.byte()), Some(status));
        }
        assert_eq!(Status::from_byte(0x38), None);
    }

    #[test]
    fn codes_and_bytes_are_distinct() {
        for (at, one) in Status::ALL.iter().enumerate() {
            for other in Status::ALL.iter().skip(at + 1) {
                assert_ne!(one.byte(), other.byte());
                assert_ne!(one.code(), other.code());
            }
        }
    }
}
