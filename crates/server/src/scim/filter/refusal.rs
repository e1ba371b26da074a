use std::fmt;

/// Why a filter or a path was refused. One variant per rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum FilterRefusal {
    /// Longer than anybody needs.
    TooLong,
    /// Parentheses, brackets or `not` too deep in one another.
    TooDeep,
    /// More comparisons than anybody needs.
    TooMany,
    /// It cannot be read: what was expected, and where.
    Malformed(&'static str, usize),
    /// An attribute that cannot be asked for, and those that can.
    UnknownAttribute(String, Vec<&'static str>),
    /// A value or an operator that the attribute does not know, and what it wants.
    WrongKind(&'static str, &'static str),
    /// Brackets behind an attribute that is no list, or inside others.
    NotHere(&'static str),
}

impl FilterRefusal {
    /// For programs; stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "filter_too_long",
            Self::TooDeep => "filter_too_deep",
            Self::TooMany => "filter_too_many",
            Self::Malformed(..) => "filter_malformed",
            Self::UnknownAttribute(..) => "filter_unknown_attribute",
            Self::WrongKind(..) => "filter_wrong_kind",
            Self::NotHere(_) => "filter_brackets_not_here",
        }
    }
}

/// The sentence for whoever wrote the request.
impl fmt::Display for FilterRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong => f.write_str("The expression is too long."),
            Self::TooDeep => f.write_str("The expression is nested too deep."),
            Self::TooMany => f.write_str("The expression compares too many things."),
            Self::Malformed(expected, at) => {
                write!(
                    f,
                    "The expression cannot be read: {expected} was expected at position {at}."
                )
            }
            Self::UnknownAttribute(name, allowed) => {
                let allowed = allowed.join(", ");
                write!(
                    f,
                    "There is no attribute '{name}' here. Available attributes: {allowed}."
                )
            }
            Self::WrongKind(name, wants) => write!(f, "The attribute '{name}' expects {wants}."),
            Self::NotHere(name) => {
                write!(
                    f,
                    "The attribute '{name}' takes no expression in brackets here."
                )
            }
        }
    }
}
