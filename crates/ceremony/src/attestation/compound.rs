//! `compound` (L3 section 8.9): several statements about one passkey.

use super::statement::Statement;
use super::{
    AttestationFacts, AttestationFormat, AttestationType, Attested, CompoundRule, TrustOutcome,
    trust, verify_simple,
};
use crate::cbor::{Map, Value};
use crate::{Refusal, TrustAnchors};

/// More statements than any authenticator makes.
const MAX_STATEMENTS: usize = 8;

pub(super) fn verify(
    statement: &Value<'_>,
    attested: &Attested<'_>,
    anchors: &dyn TrustAnchors,
) -> Result<AttestationFacts, Refusal> {
    let statements = read(statement)?;
    let judged: Vec<_> = statements
        .iter()
        .map(|map| verify_part(map, attested, anchors))
        .collect();
    let parts = match attested.policy.compound {
        CompoundRule::All => judged.into_iter().collect::<Result<Vec<_>, _>>()?,
        CompoundRule::Any => any(judged)?,
    };
    Ok(summarize(parts))
}

/// An array of at least two objects.
fn read<'v, 'a>(statement: &'v Value<'a>) -> Result<Vec<&'v Map<'a>>, Refusal> {
    let items = statement
        .as_array()
        .ok_or(Refusal::CompoundAttstmtNotArrayOfObjects)?;
    let maps: Option<Vec<_>> = items.iter().map(Value::as_map).collect();
    let maps = maps.ok_or(Refusal::CompoundAttstmtNotArrayOfObjects)?;
    if maps.len() < 2 {
        return Err(Refusal::CompoundTooFew);
    }
    if maps.len() > MAX_STATEMENTS {
        return Err(Refusal::AttstmtMalformed);
    }
    Ok(maps)
}

fn verify_part(
    map: &Map<'_>,
    attested: &Attested<'_>,
    anchors: &dyn TrustAnchors,
) -> Result<AttestationFacts, Refusal> {
    let name = map
        .get("fmt")
        .and_then(Value::as_text)
        .filter(|name| !name.is_empty())
        .ok_or(Refusal::CompoundSubstatementInvalid)?;
    let format =
        AttestationFormat::from_name(name).ok_or(Refusal::CompoundSubstatementUnknownFormat)?;
    if format == AttestationFormat::Compound {
        return Err(Refusal::CompoundNested);
    }
    let statement = map
        .get("attStmt")
        .and_then(Value::as_map)
        .ok_or(Refusal::CompoundSubstatementInvalid)?;
    let verdict = verify_simple(format, Statement::new(statement), attested)?;
    trust::assess(format, verdict, attested, anchors)
}

/// Those that hold; if none does, the first reason. A nested compound is refused even so: it is no statement at all.
fn any(judged: Vec<Result<AttestationFacts, Refusal>>) -> Result<Vec<AttestationFacts>, Refusal> {
    if judged.contains(&Err(Refusal::CompoundNested)) {
        return Err(Refusal::CompoundNested);
    }
    let first = judged.iter().find_map(|part| part.as_ref().err().copied());
    let parts: Vec<_> = judged.into_iter().filter_map(Result::ok).collect();
    match first {
        Some(refusal) if parts.is_empty() => Err(refusal),
        _ => Ok(parts),
    }
}

/// The compound is as strong as its strongest statement.
fn summarize(parts: Vec<AttestationFacts>) -> AttestationFacts {
    let strongest = parts
        .iter()
        .max_by_key(|part| (part.trust == TrustOutcome::Trusted, strength(part.kind)));
    AttestationFacts {
        format: AttestationFormat::Compound,
        kind: strongest.map_or(AttestationType::None, |part| part.kind),
        trust: strongest.map_or(TrustOutcome::NotEvaluated, |part| part.trust),
        anchor: strongest.and_then(|part| part.anchor),
        x5c: strongest.map(|part| part.x5c.clone()).unwrap_or_default(),
        parts,
    }
}

const fn strength(kind: AttestationType) -> u8 {
    match kind {
        AttestationType::None => 0,
        AttestationType::SelfAttestation => 1,
        AttestationType::AnonymizationCa | AttestationType::Certified => 2,
    }
}
