//! authenticatorSelection (CTAP 2.2, section 6.9): "is it you?", answered by a touch.

use super::approved;
use crate::env::{Env, Purpose, Question};
use crate::status::Status;

pub(crate) fn decide(env: &mut impl Env) -> Result<(), Status> {
    let question = Question {
        purpose: Purpose::Select,
        rp_id: "",
        verify: false,
    };
    approved(env.ask_user(&question), false).map(drop)
}
