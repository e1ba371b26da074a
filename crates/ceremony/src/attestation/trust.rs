//! Whether anybody trusted vouches for a statement (L3 section 7.1 steps 23 and 24).

use super::chain::{self, PathRules};
use super::{
    AttestationFacts, AttestationFormat, AttestationType, Attested, TrustOutcome, TrustRequirement,
    Verdict, statement,
};
use crate::identifiers::sha256;
use crate::{Anchor, AttestationSubject, Lookup, Refusal, TrustAnchors};

/// The model is one that the relying party accepts.
pub(super) fn check_model(attested: &Attested<'_>) -> Result<(), Refusal> {
    match &attested.policy.allowed_aaguids {
        Some(allowed) if !allowed.contains(&attested.credential.aaguid) => {
            Err(Refusal::AaguidNotAllowedByPolicy)
        }
        _ => Ok(()),
    }
}

pub(super) fn assess(
    format: AttestationFormat,
    verdict: Verdict,
    attested: &Attested<'_>,
    anchors: &dyn TrustAnchors,
) -> Result<AttestationFacts, Refusal> {
    let (trust, anchor) = match (
        attested.policy.trust,
        evaluate(format, &verdict, attested, anchors),
    ) {
        (TrustRequirement::Require, Err(refusal)) => return Err(refusal),
        (TrustRequirement::Ignore, _) | (_, Err(Refusal::AttestationRequired)) => {
            (TrustOutcome::NotEvaluated, None)
        }
        (_, Ok(anchor)) => (TrustOutcome::Trusted, anchor),
        (TrustRequirement::Report, Err(refusal)) => (TrustOutcome::Untrusted(refusal), None),
    };
    let Verdict { kind, x5c } = verdict;
    Ok(AttestationFacts {
        format,
        kind,
        trust,
        anchor,
        x5c,
        parts: Vec::new(),
    })
}

/// SHA-256 of the anchor that vouches, where anybody asked.
fn evaluate(
    format: AttestationFormat,
    verdict: &Verdict,
    attested: &Attested<'_>,
    anchors: &dyn TrustAnchors,
) -> Result<Option<[u8; 32]>, Refusal> {
    if attested.policy.trust == TrustRequirement::Ignore {
        return Ok(None);
    }
    let subject = AttestationSubject {
        format,
        aaguid: attested.credential.aaguid,
        x5c: &verdict.x5c,
    };
    match anchors.look_up(&subject) {
        Lookup::Refuse(refusal) => Err(refusal),
        _ if matches!(
            verdict.kind,
            AttestationType::None | AttestationType::SelfAttestation
        ) =>
        {
            Err(Refusal::AttestationRequired)
        }
        Lookup::Unknown => Err(untrusted(format)),
        Lookup::Anchors(anchors) => {
            let found = find_path(&verdict.x5c, &anchors, attested);
            found.map(Some).map_err(|refusal| match refusal {
                Refusal::UntrustedChain => untrusted(format),
                other => other,
            })
        }
    }
}

const fn untrusted(format: AttestationFormat) -> Refusal {
    match format {
        AttestationFormat::AndroidSafetynet => Refusal::SafetynetHostnameOrChain,
        _ => Refusal::UntrustedChain,
    }
}

fn find_path(
    x5c: &[Vec<u8>],
    anchors: &[&Anchor],
    attested: &Attested<'_>,
) -> Result<[u8; 32], Refusal> {
    let (leaf, intermediates) = x5c.split_first().ok_or(Refusal::AttstmtMalformedX5c)?;
    let rules = PathRules {
        legacy: statement::legacy(attested),
        ..PathRules::at(attested.now)
    };
    let path = chain::verify_path(leaf, intermediates, anchors, &rules)?;
    let anchor = anchors.get(path.anchor()).ok_or(Refusal::UntrustedChain)?;
    Ok(sha256(anchor.der()))
}
