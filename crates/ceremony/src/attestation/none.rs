//! `none` (L3 section 8.7).

use super::statement::Statement;
use super::{AttestationType, Verdict};
use crate::Refusal;

/// The statement must be the empty map. A client that strips attestation and leaves something behind is not doing what it says.
pub(super) fn verify(statement: Statement<'_>) -> Result<Verdict, Refusal> {
    if !statement.is_empty() {
        return Err(Refusal::NoneAttstmtNotEmpty);
    }
    Ok(Verdict {
        kind: AttestationType::None,
        x5c: Vec::new(),
    })
}
