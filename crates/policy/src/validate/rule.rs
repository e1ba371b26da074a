use std::fmt;

/// Why a policy was not kept: where, and which rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The member of the document, as a path (`profiles[1].restrictions.aaguids`); empty is the document itself. Of
    /// [`Rule::InUse`] the name of the policy that stands in the way.
    pub field: String,
    /// The rule.
    pub rule: Rule,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.field.as_str() {
            "" => f.write_str(self.rule.code()),
            field => write!(f, "{field}: {}", self.rule.code()),
        }
    }
}

/// What a policy has to keep to. One variant per rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Rule {
    /// Has no name.
    NameMissing,
    /// A text is longer than this many characters.
    TextTooLong(usize),
    /// A text contains control characters.
    TextNotPlain,
    /// Another one of its kind has this name; case does not matter.
    NameTaken,
    /// Another one has this id.
    IdTaken,
    /// A list is longer than this.
    TooMany(usize),
    /// The document is longer than this many bytes of JSON.
    TooLarge(usize),
    /// A number is below the first or above the second.
    OutOfRange(u32, u32),
    /// No such user.
    UnknownUser,
    /// No such group.
    UnknownGroup,
    /// No such application.
    UnknownApplication,
    /// No such passkey profile.
    UnknownProfile,
    /// No such authentication strength.
    UnknownStrength,
    /// No such named location.
    UnknownLocation,
    /// No such authentication context.
    UnknownContext,
    /// Another policy names what would be taken away.
    InUse,
    /// Built-in strengths are the same everywhere.
    BuiltIn,
    /// Is for nobody.
    NobodyIncluded,
    /// Leaves out everybody it is for.
    EverybodyExcluded,
    /// The same thing is on both sides.
    IncludedAndExcluded,
    /// A target opens no profile.
    ProfilesMissing,
    /// No type of passkey passes.
    TypesMissing,
    /// Attestation is demanded of synced passkeys, whose providers give none.
    AttestedSynced,
    /// An allow list counts and is empty.
    AllowListEmpty,
    /// Roots are named and attestation is not asked for.
    RootsWithoutAttestation,
    /// What is asked of synced-passkey providers is asked of device-bound passkeys only.
    ProviderOfDeviceBound,
    /// Every status that the metadata can give is ruled out.
    EveryStatusExcluded,
    /// No such transport.
    UnknownTransport,
    /// A strength without combinations.
    CombinationsMissing,
    /// A list of models that count is empty.
    ModelsMissing,
    /// Lists of models that have to hold together have no model in common.
    ModelsDisjoint,
    /// Passkeys are described, and no combination contains one.
    PasskeyNotCombined,
    /// A certification level is demanded without the attestation that would prove the model.
    CertificationWithoutAttestation,
    /// A conditional access policy is for nothing.
    TargetMissing,
    /// A conditional access policy asks nothing and says nothing about the session.
    AsksNothing,
    /// There is one session for all applications, so its persistence cannot differ between them.
    PersistenceOfSomeApplications,
    /// A named location without ranges.
    RangesMissing,
    /// Authentication contexts are called `c1` to `c99`.
    ContextId,
    /// The shortest life is longer than the usual one, or that longer than the longest.
    LifetimesCrossed,
    /// No single certificate.
    CertificateMalformed,
    /// A certificate that may not issue others.
    CertificateNotAuthority,
    /// A certificate with a key that no path may end at.
    CertificateKey,
    /// A certificate past its end.
    CertificateExpired,
    /// This certificate is kept already.
    CertificateTaken,
    /// An issuer that is no https address.
    IssuerNotHttps,
    /// No key to check signatures with.
    KeysMissing,
    /// A key without type or name.
    KeyMalformed,
    /// A key that only its owner may have.
    KeyPrivate,
    /// Ends before it starts.
    EndsBeforeStart,
    /// Waves do not follow one another in time.
    WavesUnordered,
    /// One person could make themselves the second.
    SecondPersonBypassed,
    /// A refusal without a reason.
    ReasonMissing,
    /// The AAGUID of no model.
    ModelNil,
}

impl Rule {
    /// One of each, for tables and tests.
    pub const ALL: &'static [Self] = &[
        Self::NameMissing,
        Self::TextTooLong(0),
        Self::TextNotPlain,
        Self::NameTaken,
        Self::IdTaken,
        Self::TooMany(0),
        Self::TooLarge(0),
        Self::OutOfRange(0, 0),
        Self::UnknownUser,
        Self::UnknownGroup,
        Self::UnknownApplication,
        Self::UnknownProfile,
        Self::UnknownStrength,
        Self::UnknownLocation,
        Self::UnknownContext,
        Self::InUse,
        Self::BuiltIn,
        Self::NobodyIncluded,
        Self::EverybodyExcluded,
        Self::IncludedAndExcluded,
        Self::ProfilesMissing,
        Self::TypesMissing,
        Self::AttestedSynced,
        Self::AllowListEmpty,
        Self::RootsWithoutAttestation,
        Self::ProviderOfDeviceBound,
        Self::EveryStatusExcluded,
        Self::UnknownTransport,
        Self::CombinationsMissing,
        Self::ModelsMissing,
        Self::ModelsDisjoint,
        Self::PasskeyNotCombined,
        Self::CertificationWithoutAttestation,
        Self::TargetMissing,
        Self::AsksNothing,
        Self::PersistenceOfSomeApplications,
        Self::RangesMissing,
        Self::ContextId,
        Self::LifetimesCrossed,
        Self::CertificateMalformed,
        Self::CertificateNotAuthority,
        Self::CertificateKey,
        Self::CertificateExpired,
        Self::CertificateTaken,
        Self::IssuerNotHttps,
        Self::KeysMissing,
        Self::KeyMalformed,
        Self::KeyPrivate,
        Self::EndsBeforeStart,
        Self::WavesUnordered,
        Self::SecondPersonBypassed,
        Self::ReasonMissing,
        Self::ModelNil,
    ];

    /// The stable code.
    #[must_use]
    pub const fn code(self) -> &'static str {
        self.texts().0
    }

    /// What the administrator is told.
    #[must_use]
    pub fn sentence(self) -> String {
        self.texts().1.replace("{limit}", &self.limit())
    }

    /// The bound that was crossed, in digits; empty where the rule has none.
    #[must_use]
    pub fn limit(self) -> String {
        match self {
            Self::TextTooLong(limit) | Self::TooMany(limit) | Self::TooLarge(limit) => {
                limit.to_string()
            }
            Self::OutOfRange(least, most) => format!("{least}–{most}"),
            _ => String::new(),
        }
    }

    const fn texts(self) -> (&'static str, &'static str) {
        match self {
            Self::NameMissing => ("policy_name_missing", "Give it a name."),
            Self::TextTooLong(_) => (
                "policy_text_too_long",
                "This text may have {limit} characters.",
            ),
            Self::TextNotPlain => (
                "policy_text_not_plain",
                "This text contains characters that cannot be shown.",
            ),
            Self::NameTaken => (
                "policy_name_taken",
                "Another one has this name. Names tell policies apart, so choose another.",
            ),
            Self::IdTaken => ("policy_id_taken", "Another one has this id."),
            Self::TooMany(_) => ("policy_too_many", "There may be {limit} of these."),
            Self::TooLarge(_) => (
                "policy_too_large",
                "The whole policy may have {limit} bytes. Use groups instead of many single entries.",
            ),
            Self::OutOfRange(..) => (
                "policy_out_of_range",
                "This number has to be in the range {limit}.",
            ),
            Self::UnknownUser => ("policy_unknown_user", "There is no such user."),
            Self::UnknownGroup => ("policy_unknown_group", "There is no such group."),
            Self::UnknownApplication => (
                "policy_unknown_application",
                "There is no such application.",
            ),
            Self::UnknownProfile => (
                "policy_unknown_profile",
                "There is no such passkey profile. A profile that a target names cannot be deleted.",
            ),
            Self::UnknownStrength => (
                "policy_unknown_strength",
                "There is no such authentication strength.",
            ),
            Self::UnknownLocation => (
                "policy_unknown_location",
                "There is no such named location.",
            ),
            Self::UnknownContext => (
                "policy_unknown_context",
                "There is no such authentication context.",
            ),
            Self::InUse => (
                "policy_in_use",
                "A conditional access policy names it. Change that policy first.",
            ),
            Self::BuiltIn => (
                "policy_built_in",
                "Built-in strengths cannot be changed or deleted. Make a custom one.",
            ),
            Self::NobodyIncluded => ("policy_nobody_included", "Say for whom it is."),
            Self::EverybodyExcluded => (
                "policy_everybody_excluded",
                "Everybody is excluded, so it is for nobody. Switch it off instead.",
            ),
            Self::IncludedAndExcluded => (
                "policy_included_and_excluded",
                "The same entry is included and excluded. Exclusion would win; take one of them out.",
            ),
            Self::ProfilesMissing => (
                "policy_profiles_missing",
                "A target needs at least one passkey profile.",
            ),
            Self::TypesMissing => (
                "policy_types_missing",
                "Choose device-bound, synced or both: with neither, no passkey passes.",
            ),
            Self::AttestedSynced => (
                "policy_attested_synced",
                "Providers of synced passkeys give no attestation, so no passkey passes. Allow device-bound ones or do not ask for attestation.",
            ),
            Self::AllowListEmpty => (
                "policy_allow_list_empty",
                "The allow list is enforced and empty, so no passkey passes.",
            ),
            Self::RootsWithoutAttestation => (
                "policy_roots_without_attestation",
                "Roots vouch for attested passkeys only. Ask for attestation or take the roots out.",
            ),
            Self::ProviderOfDeviceBound => (
                "policy_provider_of_device_bound",
                "Only providers of synced passkeys have these protections, and synced passkeys are not allowed.",
            ),
            Self::EveryStatusExcluded => (
                "policy_every_status_excluded",
                "Every status is ruled out, so no passkey passes.",
            ),
            Self::UnknownTransport => (
                "policy_unknown_transport",
                "Transports are usb, nfc, ble, internal and hybrid.",
            ),
            Self::CombinationsMissing => (
                "policy_combinations_missing",
                "A strength needs at least one combination of methods.",
            ),
            Self::ModelsMissing => (
                "policy_models_missing",
                "The list of models that count is empty, so no passkey counts.",
            ),
            Self::ModelsDisjoint => (
                "policy_models_disjoint",
                "These lists have no model in common, so no passkey counts.",
            ),
            Self::PasskeyNotCombined => (
                "policy_passkey_not_combined",
                "It says what passkeys have to be like, and none of its combinations contains a passkey.",
            ),
            Self::CertificationWithoutAttestation => (
                "policy_certification_without_attestation",
                "Without attestation the model is only claimed, so its certification proves nothing. Ask for attestation too.",
            ),
            Self::TargetMissing => (
                "policy_target_missing",
                "Say for which applications, contexts or action it is.",
            ),
            Self::AsksNothing => (
                "policy_asks_nothing",
                "It asks nothing and says nothing about the session. Choose what it does.",
            ),
            Self::PersistenceOfSomeApplications => (
                "policy_persistence_of_some_applications",
                "One session serves all applications, so this needs all of them as target.",
            ),
            Self::RangesMissing => (
                "policy_ranges_missing",
                "A named location needs at least one address range.",
            ),
            Self::ContextId => (
                "policy_context_id",
                "Authentication contexts are called c1 to c99.",
            ),
            Self::LifetimesCrossed => (
                "policy_lifetimes_crossed",
                "The shortest life may not be longer than the usual one, nor that longer than the longest.",
            ),
            Self::CertificateMalformed => (
                "policy_certificate_malformed",
                "This is not one certificate. Paste the whole PEM block of the root, from BEGIN CERTIFICATE to END CERTIFICATE.",
            ),
            Self::CertificateNotAuthority => (
                "policy_certificate_not_authority",
                "This certificate may not issue others, so it is no root. Take the one at the end of the maker's chain.",
            ),
            Self::CertificateKey => (
                "policy_certificate_key",
                "Its key is of a kind that is not used here: take RSA of 2048 bits or more, P-256, P-384, P-521, Ed25519 or ML-DSA.",
            ),
            Self::CertificateTaken => (
                "policy_certificate_taken",
                "This certificate is kept already, perhaps under another name.",
            ),
            Self::IssuerNotHttps => (
                "policy_issuer_not_https",
                "The issuer is the https address that its tokens name as “iss”.",
            ),
            Self::KeysMissing => (
                "policy_keys_missing",
                "Without a public key no event could be believed. Paste the JWK set that the other system publishes.",
            ),
            Self::KeyMalformed => (
                "policy_key_malformed",
                "Each key is a JSON Web Key with “kty” and “kid”.",
            ),
            Self::KeyPrivate => (
                "policy_key_private",
                "This is a private or symmetric key. It was not kept; treat it as known to others, and paste the public one.",
            ),
            Self::CertificateExpired => (
                "policy_certificate_expired",
                "This certificate has expired, so nothing it vouches for would count.",
            ),
            Self::EndsBeforeStart => ("policy_ends_before_start", "It would end before it starts."),
            Self::WavesUnordered => (
                "policy_waves_unordered",
                "Each wave has to start later than the one before.",
            ),
            Self::ModelNil => (
                "policy_model_nil",
                "The AAGUID of zeros is no model: every authenticator that does not name its model has it.",
            ),
            Self::ReasonMissing => (
                "policy_reason_missing",
                "Say why: everybody who is refused reads it.",
            ),
            Self::SecondPersonBypassed => (
                "policy_second_person_bypassed",
                "Roles and sign-in methods need a second person too: otherwise one administrator could give themselves a second account.",
            ),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn codes_are_unique_and_snake_case() {
        let codes: BTreeSet<_> = Rule::ALL.iter().map(|rule| rule.code()).collect();
        assert_eq!(codes.len(), Rule::ALL.len());
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte == b'_';
        assert!(codes.iter().all(|code| code.bytes().all(plain)));
    }

    #[test]
    fn a_sentence_names_its_limit() {
        assert!(Rule::OutOfRange(8, 48).sentence().contains("8–48"));
        for rule in Rule::ALL {
            assert!(!rule.sentence().contains('{'), "{rule:?}");
        }
    }
}
