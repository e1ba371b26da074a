//! What both ceremonies expect alike.

use crate::Origin;

/// Whether the relying party's pages may run ceremonies inside frames of other origins (L3 section 7.1 steps 10-11).
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub enum Framing {
    /// Never.
    #[default]
    Forbidden,
    /// Inside pages of these origins. A client of Level 2 does not name the page (`topOrigin`); it is accepted, as Level 3 says.
    Within(Vec<Origin>),
}

/// Whether the user presence flag must be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum UserPresence {
    /// It must.
    #[default]
    Required,
    /// It may be clear: conditional creation (L3 section 7.1 step 15), or a probe that signs nobody in.
    Optional,
}
