use super::{Faults, Rule};
use crate::model::SecondPerson;

/// Hours that a request may stay open: up to thirty days.
const HOURS: (u32, u32) = (1, 720);

/// With a role for an account of one's own, or a pass of another administrator, one person is two. So whatever waits for a second
/// person, roles and ways in do.
pub(super) fn check(one: &SecondPerson, faults: &mut Faults) {
    faults.range(one.hours, HOURS.0, HOURS.1, "hours");
    let bypassed = one.is_on() && !(one.roles && one.methods);
    faults.add_if(bypassed, "", Rule::SecondPersonBypassed);
}
