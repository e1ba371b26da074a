use std::fmt;

/// Why query options were refused. Each names the option, so that whoever wrote the request finds the place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueryRefusal {
    /// The query string, or one option of it, is longer than anybody needs.
    TooLong(&'static str),
    /// A percent sign that is no escape, or bytes that are no UTF-8.
    BadEncoding,
    /// `$` and a word that is no option.
    UnknownOption(String),
    /// An option that came twice.
    Repeated(&'static str),
    /// An option that this collection does not take.
    NotHere(&'static str),
    /// A number outside its range, or none.
    OutOfRange(&'static str, u32, u32),
    /// Something that cannot be read, and what was expected where.
    Malformed(&'static str, &'static str, usize),
    /// A field that cannot be asked for, and those that can.
    UnknownField(&'static str, String, Vec<&'static str>),
    /// A value of the wrong kind, and what the field expects.
    WrongKind(&'static str, &'static str),
    /// A comparison that the field does not know here.
    Unsupported(String, &'static str),
    /// Parentheses, `not` or lambdas too deep in one another.
    TooDeep(&'static str),
    /// More comparisons or names than anybody needs.
    TooMany(&'static str),
    /// A `$skiptoken` that this server did not make.
    BadToken,
}

impl QueryRefusal {
    /// For programs; stable.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::TooLong(_) => "query_too_long",
            Self::BadEncoding => "query_bad_encoding",
            Self::UnknownOption(_) => "query_unknown_option",
            Self::Repeated(_) => "query_repeated_option",
            Self::NotHere(_) => "query_option_not_here",
            Self::OutOfRange(..) => "query_out_of_range",
            Self::Malformed(..) => "query_malformed",
            Self::UnknownField(..) => "query_unknown_field",
            Self::WrongKind(..) => "query_wrong_kind",
            Self::Unsupported(..) => "query_unsupported",
            Self::TooDeep(_) => "query_too_deep",
            Self::TooMany(_) => "query_too_many",
            Self::BadToken => "query_bad_token",
        }
    }
}

/// The sentence for whoever wrote the request.
impl fmt::Display for QueryRefusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong(option) => write!(f, "{option} is too long."),
            Self::BadEncoding => f.write_str("The query string is not percent-encoded UTF-8."),
            Self::UnknownOption(name) => write!(f, "The query option '{name}' is not known."),
            Self::Repeated(option) => write!(f, "The query option '{option}' was given twice."),
            Self::NotHere(option) => {
                write!(
                    f,
                    "The query option '{option}' is not available for this resource."
                )
            }
            Self::OutOfRange(option, least, most) => {
                write!(
                    f,
                    "The query option '{option}' takes a number from {least} to {most}."
                )
            }
            Self::Malformed(option, expected, at) => {
                write!(
                    f,
                    "{option} cannot be read: {expected} was expected at position {at}."
                )
            }
            Self::UnknownField(option, field, allowed) if allowed.is_empty() => {
                write!(
                    f,
                    "{option} cannot name '{field}': no field is available here."
                )
            }
            Self::UnknownField(option, field, allowed) => {
                let allowed = allowed.join(", ");
                write!(
                    f,
                    "{option} cannot name '{field}'. Available fields: {allowed}."
                )
            }
            Self::WrongKind(field, wants) => {
                write!(f, "$filter: the field '{field}' expects {wants}.")
            }
            Self::Unsupported(what, why) => write!(f, "$filter: '{what}' {why}."),
            Self::TooDeep(option) => write!(f, "{option} is nested too deep."),
            Self::TooMany(option) => write!(f, "{option} names too many things."),
            Self::BadToken => {
                f.write_str("$skiptoken is not one of an @odata.nextLink of this collection.")
            }
        }
    }
}
