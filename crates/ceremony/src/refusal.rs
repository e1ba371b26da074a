//! Why a ceremony was refused: one variant per rule.

/// Writes the enum, its stable codes and the list of all variants from one table, so that a rule cannot exist in one and miss in another.
macro_rules! refusals {
    ($( $(#[$doc:meta])* $name:ident = $code:literal, )+) => {
        /// The reason why a registration or an assertion was refused.
        ///
        /// A closed enum: one variant for each rule of the relying party, carried unchanged to the log and to the screen. It never
        /// holds bytes of the peer, so that it can be logged as it is.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Refusal {
            $( $(#[$doc])* $name, )+
        }

        impl Refusal {
            /// Every refusal there is, in the order of the ceremony.
            pub const ALL: &'static [Self] = &[ $( Self::$name, )+ ];

            /// The stable code of this refusal: lower-case ASCII words joined by `_`. Codes are never renamed or reused.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self { $( Self::$name => $code, )+ }
            }
        }
    };
}

refusals! {
    // --- the JSON around everything (L3 section 5.1, toJSON forms)
    /// The response is not the JSON object that `toJSON()` makes, a member is missing or has the wrong type, or it is too large.
    MalformedResponse = "malformed_response",
    /// `id` or `rawId` is missing, empty or not base64url, or the two differ.
    ResponseIdInvalid = "response_id_invalid",
    /// `type` of the response is not `public-key`.
    CredentialTypeInvalid = "credential_type_invalid",

    // --- client data (L3 sections 5.8.1, 7.1 steps 5-11, 7.2 steps 8-14)
    /// `clientDataJSON` is not UTF-8, not a JSON object, lacks a member or is too large.
    MalformedClientData = "malformed_client_data",
    /// `type` is not the one of this ceremony.
    TypeMismatch = "type_mismatch",
    /// The challenge is not the one that was issued.
    ChallengeMismatch = "challenge_mismatch",
    /// The origin is not one of the expected origins, compared whole.
    OriginMismatch = "origin_mismatch",
    /// The ceremony ran in a cross-origin frame and the relying party does not expect to be framed.
    CrossOriginNotAllowed = "cross_origin_not_allowed",
    /// `topOrigin` is not one of the pages that may frame the relying party.
    TopOriginNotAllowed = "top_origin_not_allowed",
    /// `topOrigin` is present although the ceremony was not cross-origin; no conforming client does that.
    TopOriginWithoutCrossOrigin = "top_origin_without_cross_origin",
    /// `tokenBinding` is present and is not an object with a status (Level 2).
    TokenBindingFormatInvalid = "token_binding_format_invalid",
    /// `tokenBinding.status` is not one of the values of Level 2.
    TokenBindingStatusInvalid = "token_binding_status_invalid",
    /// `tokenBinding.status` is `present` without an id.
    TokenBindingIdMissing = "token_binding_id_missing",

    // --- authenticator data (L3 section 6.1)
    /// The authenticator data is too short, cut off, or its extension map is not valid.
    MalformedAuthenticatorData = "malformed_authenticator_data",
    /// Bytes follow the attestation object, the authenticator data or another structure that must end.
    TrailingBytes = "trailing_bytes",
    /// The RP ID hash is that of another relying party.
    RpIdHashMismatch = "rp_id_hash_mismatch",
    /// The user presence flag is clear.
    UpNotSet = "up_not_set",
    /// User verification is required and its flag is clear.
    UvRequiredNotSet = "uv_required_not_set",
    /// The backup state flag is set on a credential that is not backup eligible.
    BsWithoutBe = "bs_without_be",
    /// The backup eligibility differs from the one recorded at registration; it is fixed for life.
    BeChanged = "be_changed",
    /// A registration without attested credential data.
    AtFlagMissing = "at_flag_missing",
    /// The signature counter did not grow: perhaps a cloned authenticator.
    CounterRegress = "counter_regress",

    // --- credential id, user handle, key, signature
    /// The credential id is empty or longer than 1023 bytes.
    CredentialIdLength = "credential_id_length",
    /// The id of the response is not the attested or the expected one.
    CredentialIdMismatch = "credential_id_mismatch",
    /// The user was not known beforehand and the response names none.
    UserHandleMissing = "user_handle_missing",
    /// The user handle is not the one of the account that owns the passkey.
    UserHandleMismatch = "user_handle_mismatch",
    /// The key's algorithm was not offered.
    AlgNotAllowed = "alg_not_allowed",
    /// The COSE key is not well formed, not on its curve or of a wrong length.
    MalformedCoseKey = "malformed_cose_key",
    /// The key or algorithm is too weak: SHA-1, a short RSA modulus, an even or tiny exponent.
    InsecureKeyOrAlg = "insecure_key_or_alg",
    /// The signature of the assertion does not verify.
    BadSignature = "bad_signature",

    // --- attestation object (L3 section 6.5)
    /// The attestation object is not the CBOR map it should be.
    MalformedAttestationObject = "malformed_attestation_object",
    /// `attStmt` is not a map (an array for `compound`).
    AttstmtNotAMap = "attstmt_not_a_map",
    /// The attestation statement format is not supported.
    UnknownAttestationFormat = "unknown_attestation_format",
    /// Format `none` with a statement that is not empty.
    NoneAttstmtNotEmpty = "none_attstmt_not_empty",

    // --- attestation statements (L3 section 8)
    /// A member of the statement has the wrong type.
    AttstmtMalformed = "attstmt_malformed",
    /// `alg` is missing.
    AttstmtMissingAlg = "attstmt_missing_alg",
    /// `sig` is missing.
    AttstmtMissingSig = "attstmt_missing_sig",
    /// `x5c` is missing.
    AttstmtMissingX5c = "attstmt_missing_x5c",
    /// `ver` is missing.
    AttstmtMissingVer = "attstmt_missing_ver",
    /// `certInfo` is missing.
    AttstmtMissingCertinfo = "attstmt_missing_certinfo",
    /// `pubArea` is missing.
    AttstmtMissingPubarea = "attstmt_missing_pubarea",
    /// `response` is missing.
    AttstmtMissingResponse = "attstmt_missing_response",
    /// The statement uses ECDAA, which Level 2 removed.
    AttstmtEcdaa = "attstmt_ecdaa",
    /// `alg` is not known or cannot be used for this statement.
    AttstmtUnsupportedAlg = "attstmt_unsupported_alg",
    /// `alg` is not the algorithm of the key that signs.
    AttstmtAlgMismatch = "attstmt_alg_mismatch",
    /// `x5c` is empty, is not an array of byte strings, or a certificate does not parse or lacks the
    /// extension that its format rests on.
    AttstmtMalformedX5c = "attstmt_malformed_x5c",
    /// The signature of the statement does not verify.
    BadAttestationSignature = "bad_attestation_signature",
    /// The attested key is not the credential key.
    AttestationKeyMismatch = "attestation_key_mismatch",

    // --- certificates
    /// The attestation certificate is not X.509 version 3.
    CertVersion = "cert_version",
    /// The subject of a packed attestation certificate is not as section 8.2.1 wants it.
    PackedCertSubject = "packed_cert_subject",
    /// The basic constraints are missing or name a certificate authority where none may be (or none where one must be).
    CertBasicConstraints = "cert_basic_constraints",
    /// A certificate of the path has expired.
    CertExpired = "cert_expired",
    /// A certificate of the path is not valid yet.
    CertNotYetValid = "cert_not_yet_valid",
    /// A certificate of the path has been revoked.
    CertRevoked = "cert_revoked",
    /// The AAGUID in the certificate is not the one of the authenticator data, or its extension is critical.
    X5cAaguidExtensionMismatch = "x5c_aaguid_extension_mismatch",
    /// No path from the attestation certificate to a trust anchor.
    UntrustedChain = "untrusted_chain",

    // --- tpm
    /// `ver` is not `2.0`.
    TpmVersion = "tpm_version",
    /// The public area is not the credential key.
    TpmPubareaKeyMismatch = "tpm_pubarea_key_mismatch",
    /// The public area is malformed or its parameters are not those of a signing key.
    TpmPubareaParams = "tpm_pubarea_params",
    /// `certInfo` is malformed.
    TpmCertinfoMalformed = "tpm_certinfo_malformed",
    /// `certInfo` does not begin with `TPM_GENERATED_VALUE`.
    TpmCertinfoMagic = "tpm_certinfo_magic",
    /// `certInfo` is not an `TPM_ST_ATTEST_CERTIFY` structure.
    TpmCertinfoType = "tpm_certinfo_type",
    /// `certInfo` certifies another object than `pubArea`.
    TpmCertinfoName = "tpm_certinfo_name",
    /// `extraData` is not the hash of what was attested.
    TpmExtradataMismatch = "tpm_extradata_mismatch",
    /// The subject of the attestation identity key certificate is not empty.
    TpmAikSubjectNotEmpty = "tpm_aik_subject_not_empty",
    /// The attestation identity key certificate is not for attestation identity keys.
    TpmAikEku = "tpm_aik_eku",
    /// The subject alternative name does not name a known TPM.
    TpmAikSan = "tpm_aik_san",

    // --- android-key
    /// The attestation challenge is not the client data hash.
    AndroidKeyChallengeMismatch = "android_key_challenge_mismatch",
    /// The key may be used by all applications, so it is not bound to the RP ID.
    AndroidKeyAllApplications = "android_key_all_applications",
    /// The key was not generated in the keystore.
    AndroidKeyOrigin = "android_key_origin",
    /// The key may be used for something else than signing.
    AndroidKeyPurpose = "android_key_purpose",

    // --- android-safetynet
    /// The format is only for passkeys that are stored already, never for new ones.
    SafetynetNotAllowed = "safetynet_not_allowed",
    /// The response is not a JWS with the members it must have.
    SafetynetMalformed = "safetynet_malformed",
    /// The nonce is not the hash of what was attested.
    SafetynetNonceMismatch = "safetynet_nonce_mismatch",
    /// `ctsProfileMatch` is not true.
    SafetynetCtsFalse = "safetynet_cts_false",
    /// The certificate is not for the attestation service's host, or its chain is broken.
    SafetynetHostnameOrChain = "safetynet_hostname_or_chain",
    /// The timestamp is in the future or too old.
    SafetynetTimestamp = "safetynet_timestamp",

    // --- apple
    /// The nonce in the certificate is missing or not the hash of what was attested.
    AppleNonceMismatch = "apple_nonce_mismatch",

    // --- fido-u2f
    /// `x5c` does not hold exactly one certificate.
    U2fX5cNotSingle = "u2f_x5c_not_single",
    /// The attestation key is not on P-256.
    U2fCertKeyNotP256 = "u2f_cert_key_not_p256",
    /// A coordinate of the credential key is not 32 bytes long.
    U2fCoordinateLength = "u2f_coordinate_length",
    /// The AAGUID of a U2F authenticator is not zero (only when the caller asks for this check).
    U2fAaguidNotZero = "u2f_aaguid_not_zero",

    // --- compound
    /// Fewer than two statements.
    CompoundTooFew = "compound_too_few",
    /// A compound statement within a compound statement.
    CompoundNested = "compound_nested",
    /// A statement of the compound lacks `fmt` or `attStmt`, or they have the wrong type.
    CompoundSubstatementInvalid = "compound_substatement_invalid",
    /// A statement of the compound has an unsupported format.
    CompoundSubstatementUnknownFormat = "compound_substatement_unknown_format",
    /// The compound statement is not an array of objects.
    CompoundAttstmtNotArrayOfObjects = "compound_attstmt_not_array_of_objects",

    // --- what the relying party decided beforehand
    /// The relying party does not accept this authenticator model.
    AaguidNotAllowedByPolicy = "aaguid_not_allowed_by_policy",
    /// The relying party requires an attestation and the response brings none, or only a self attestation.
    AttestationRequired = "attestation_required",
    /// The authenticator model never makes self attestations (its metadata statement says so).
    SelfAttestationSuspect = "self_attestation_suspect",
    /// The metadata service reports the authenticator model as compromised or revoked.
    AuthenticatorCompromised = "authenticator_compromised",
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.code())
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::Refusal;
    use std::collections::HashSet;

    #[test]
    fn codes_are_distinct_snake_case() {
        let codes: HashSet<_> = Refusal::ALL.iter().map(|refusal| refusal.code()).collect();
        assert_eq!(codes.len(), Refusal::ALL.len());
        for code in codes {
            assert!(
                code.bytes()
                    .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_'),
                "{code}"
            );
        }
    }
}
