//! Which columns of the two logs are hashed, in which order. INSERT, SELECT and hash all use these lists.

use super::Log;

/// One form per log.
#[derive(Debug)]
pub struct Form {
    /// Stands in front of the open columns. It changes whenever the columns do.
    pub label: &'static str,
    /// Columns that stay, as SQL lists them.
    pub open: &'static str,
    /// Columns that can be erased, part by part.
    pub parts: &'static [FormPart],
}

/// Columns that are erased together.
#[derive(Debug)]
pub struct FormPart {
    /// Stands in front of the columns.
    pub label: &'static str,
    /// The columns, as SQL lists them.
    pub columns: &'static str,
    /// What is in them after an erasure.
    pub erased: &'static [Erased],
}

/// What an erased column holds.
#[derive(Debug)]
pub enum Erased {
    /// This text.
    Text(&'static str),
    /// The text of this open column.
    Same(&'static str),
}

macro_rules! audit_open {
    () => {
        "tenant_id, id, happened, activity, category, service, result, reason, actor, actor_id, \
         target_ids, user_id, credential_id, aaguid, passkey_type, correlation"
    };
}
macro_rules! audit_actor {
    () => {
        "initiated_by, user_agent"
    };
}
macro_rules! audit_subject {
    () => {
        "targets, details"
    };
}
macro_rules! sign_in_open {
    () => {
        "tenant_id, id, happened, user_id, application_id, application_name, interactive, \
         error_code, failure_code, multi_factor, passkey_id, credential_id, aaguid, passkey_type, \
         backed_up, session_id, policy_version, correlation"
    };
}
macro_rules! sign_in_person {
    () => {
        "user_principal_name, user_display_name, failure_reason, steps, ip_address, user_agent, \
         decision"
    };
}
pub(crate) use {audit_actor, audit_open, audit_subject, sign_in_open, sign_in_person};

/// The form of the audit log.
pub const AUDIT: Form = Form {
    label: "keyward audit record 1",
    open: audit_open!(),
    parts: &[AUDIT_ACTOR, AUDIT_SUBJECT],
};

/// Who did it.
pub const AUDIT_ACTOR: FormPart = FormPart {
    label: "keyward audit actor 1",
    columns: audit_actor!(),
    erased: &[Erased::Same("actor"), Erased::Text("")],
};

/// Whom it was done to.
pub const AUDIT_SUBJECT: FormPart = FormPart {
    label: "keyward audit subject 1",
    columns: audit_subject!(),
    erased: &[Erased::Same("target_ids"), Erased::Text("[]")],
};

/// The form of the sign-in log.
pub const SIGN_INS: Form = Form {
    label: "keyward sign-in record 1",
    open: sign_in_open!(),
    parts: &[SIGN_IN_PERSON],
};

/// Who signed in, and from where.
pub const SIGN_IN_PERSON: FormPart = FormPart {
    label: "keyward sign-in person 1",
    columns: sign_in_person!(),
    erased: &[
        Erased::Text(""),
        Erased::Text(""),
        Erased::Text(""),
        Erased::Text("[]"),
        Erased::Text(""),
        Erased::Text(""),
        Erased::Text("{}"),
    ],
};

impl Log {
    /// How its records are hashed.
    pub(crate) const fn form(self) -> &'static Form {
        match self {
            Self::Audit => &AUDIT,
            Self::SignIns => &SIGN_INS,
        }
    }
}

/// The names in a list of columns.
pub fn names(columns: &'static str) -> impl Iterator<Item = &'static str> {
    columns.split(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_of_a_part_says_what_is_left_of_it() {
        for log in Log::ALL {
            for part in log.form().parts {
                assert_eq!(names(part.columns).count(), part.erased.len(), "{part:?}");
                for erased in part.erased {
                    if let Erased::Same(open) = erased {
                        assert!(names(log.form().open).any(|name| name == *open));
                    }
                }
            }
        }
    }
}
