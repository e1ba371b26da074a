//! Forms made of parts, for pages with many fields: one template draws them all.
//!
//! The name of a field is the path of the member it edits (`conditions.users.include.groups`), and its id too: so a rule
//! that names a member finds the field, and the summary of what is wrong links to it.

/// A form without its buttons.
#[derive(Debug, Clone, Default)]
pub struct Form {
    /// Its parts, from top to bottom.
    pub sections: Vec<Section>,
    /// What is wrong, for the summary over the form.
    pub faults: Vec<Fault>,
}

/// Fields that belong together.
#[derive(Debug, Clone)]
pub struct Section {
    /// Unique in the form; the heading's id.
    pub id: &'static str,
    /// The heading.
    pub title: String,
    /// A sentence below it.
    pub hint: Option<String>,
    /// Shown as a heading that opens.
    pub folded: bool,
    /// Its fields.
    pub fields: Vec<Field>,
}

/// One field.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name and id.
    pub name: String,
    /// What it is called.
    pub label: String,
    /// What to enter.
    pub hint: Option<String>,
    /// How it is entered.
    pub control: Control,
    /// What is wrong with it.
    pub fault: Option<String>,
}

/// How a field is entered.
#[derive(Debug, Clone)]
pub enum Control {
    /// One line.
    Text {
        /// As entered.
        value: String,
        /// Characters.
        longest: usize,
    },
    /// Several entries, one in a line.
    Lines {
        /// As entered.
        value: String,
    },
    /// A number, or nothing.
    Number {
        /// As entered.
        value: String,
        /// Smallest.
        least: u32,
        /// Largest.
        most: u32,
    },
    /// Yes or no.
    Tick {
        /// Yes.
        on: bool,
    },
    /// Any of these.
    Ticks(Vec<Choice>),
    /// One of these.
    Radio(Vec<Choice>),
    /// One of many.
    Select(Vec<Choice>),
}

/// One of several.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is sent.
    pub value: String,
    /// What it is called.
    pub label: String,
    /// It is chosen.
    pub chosen: bool,
}

/// Something wrong, in the summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// The id of the field, if it belongs to one.
    pub field: Option<String>,
    /// The field's label; empty if it belongs to none.
    pub label: String,
    /// What is wrong.
    pub message: String,
}

/// What was sent.
#[derive(Debug, Clone, Default)]
pub struct Sent(Vec<(String, String)>);

impl Form {
    /// Shows what was sent instead of what was there, so that nobody has to type it again.
    #[must_use]
    pub fn filled(mut self, sent: &Sent) -> Self {
        let fields = self.sections.iter_mut().flat_map(|one| &mut one.fields);
        for field in fields {
            field.fill(sent);
        }
        self
    }

    /// Says what is wrong at the field whose member `path` is or lies in.
    pub fn mark(&mut self, path: &str, message: String) {
        let fields = self.sections.iter_mut().flat_map(|one| &mut one.fields);
        let nearest = fields
            .filter(|field| lies_in(path, &field.name))
            .max_by_key(|field| field.name.len());
        let mut fault = Fault {
            field: None,
            label: String::new(),
            message: message.clone(),
        };
        if let Some(field) = nearest {
            fault.field = Some(field.name.clone());
            fault.label.clone_from(&field.label);
            let said = field.fault.get_or_insert_default();
            if !said.contains(&message) {
                if !said.is_empty() {
                    said.push(' ');
                }
                said.push_str(&message);
            }
        }
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }
}

/// Whether the member `path` is the field `name` or a part of it.
fn lies_in(path: &str, name: &str) -> bool {
    path.strip_prefix(name)
        .is_some_and(|rest| rest.is_empty() || rest.starts_with(['.', '[']))
}

impl Section {
    /// A part that is always open.
    pub fn new(id: &'static str, title: impl Into<String>, fields: Vec<Field>) -> Self {
        Self {
            id,
            title: title.into(),
            hint: None,
            folded: false,
            fields,
        }
    }

    /// The same with a sentence below the heading.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same, closed until it is wanted or says something.
    #[must_use]
    pub const fn folded(mut self) -> Self {
        self.folded = true;
        self
    }

    /// Whether a folded part has something to show.
    pub fn is_open(&self) -> bool {
        let says = |field: &Field| field.fault.is_some() || field.control.says_something();
        self.fields.iter().any(says)
    }
}

impl Field {
    /// A field.
    pub fn new(name: impl Into<String>, label: impl Into<String>, control: Control) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: None,
            control,
            fault: None,
        }
    }

    /// The same with what to enter.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The ids of what describes it, for `aria-describedby`; empty if nothing does.
    pub fn described_by(&self) -> String {
        let hint = self.hint.as_ref().map(|_| format!("{}-hint", self.name));
        let fault = self.fault.as_ref().map(|_| format!("{}-fault", self.name));
        let ids: Vec<_> = hint.into_iter().chain(fault).collect();
        ids.join(" ")
    }

    fn fill(&mut self, sent: &Sent) {
        match &mut self.control {
            Control::Text { value, .. } | Control::Number { value, .. } => {
                *value = sent.text(&self.name).to_owned();
            }
            Control::Lines { value } => *value = sent.text(&self.name).to_owned(),
            Control::Tick { on } => *on = sent.has(&self.name),
            Control::Ticks(choices) | Control::Radio(choices) | Control::Select(choices) => {
                for choice in choices {
                    choice.chosen = sent.all(&self.name).any(|value| value == choice.value);
                }
            }
        }
    }
}

impl Control {
    /// Rows of a field for several entries.
    pub fn rows(&self) -> usize {
        match self {
            Self::Lines { value } => value.lines().count().clamp(2, 11) + 1,
            _ => 1,
        }
    }

    fn says_something(&self) -> bool {
        match self {
            Self::Text { value, .. } | Self::Lines { value } | Self::Number { value, .. } => {
                !value.is_empty()
            }
            Self::Tick { on } => *on,
            Self::Ticks(choices) => choices.iter().any(|choice| choice.chosen),
            // The first one says that nothing was chosen.
            Self::Radio(choices) | Self::Select(choices) => {
                choices.iter().skip(1).any(|choice| choice.chosen)
            }
        }
    }
}

impl Choice {
    /// A choice.
    pub fn new(value: impl Into<String>, label: impl Into<String>, chosen: bool) -> Self {
        Self {
            value: value.into(),
            label: label.into(),
            chosen,
        }
    }
}

impl Sent {
    /// What was sent, in its order.
    pub const fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The first value of a field; empty if there is none.
    pub fn text(&self, name: &str) -> &str {
        let mut pairs = self.0.iter().filter(|(field, _)| field == name);
        pairs.next().map_or("", |(_, value)| value)
    }

    /// All values of a field.
    pub fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let pairs = self.0.iter().filter(move |(field, _)| field == name);
        pairs.map(|(_, value)| value.as_str())
    }

    /// Whether it was sent at all, as a ticked box is.
    pub fn has(&self, name: &str) -> bool {
        self.all(name).next().is_some()
    }

    /// The entries of a field: its values and their lines, without empty ones.
    pub fn lines<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        let lines = self.all(name).flat_map(str::lines).map(str::trim);
        lines.filter(|line| !line.is_empty())
    }

    /// The names of all fields.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::indexing_slicing, reason = "a failed setup is a failed test")]
    use super::*;

    fn form() -> Form {
        let lines = |value: &str| Control::Lines {
            value: value.to_owned(),
        };
        let choices = ["a", "b"].map(|one| Choice::new(one, one, one == "a"));
        let fields = vec![
            Field::new("who.include.groups", "Groups", lines("old")),
            Field::new("who", "Who", Control::Tick { on: true }),
            Field::new("kinds", "Kinds", Control::Ticks(choices.to_vec())),
        ];
        Form {
            sections: vec![Section::new("only", "Only", fields)],
            faults: Vec::new(),
        }
    }

    fn sent(pairs: &[(&str, &str)]) -> Sent {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        Sent::new(pairs.iter().map(own).collect())
    }

    #[test]
    fn what_was_sent_is_shown_again() {
        let filled = form().filled(&sent(&[("kinds", "b"), ("who.include.groups", "new\n")]));
        let fields = &filled.sections[0].fields;
        assert!(matches!(&fields[0].control, Control::Lines { value } if value == "new\n"));
        assert!(matches!(fields[1].control, Control::Tick { on: false }));
        let Control::Ticks(choices) = &fields[2].control else {
            unreachable!("it was made of choices")
        };
        assert_eq!(
            choices.iter().map(|one| one.chosen).collect::<Vec<_>>(),
            [false, true]
        );
    }

    #[test]
    fn a_fault_stands_at_the_nearest_field() {
        let mut form = form();
        form.mark("who.include.groups[3]", "No such group.".to_owned());
        form.mark("who.include.groups[4]", "No such group.".to_owned());
        form.mark("who.exclude", "Too much.".to_owned());
        form.mark("whose", "Elsewhere.".to_owned());
        let fields = &form.sections[0].fields;
        assert_eq!(fields[0].fault.as_deref(), Some("No such group."));
        assert_eq!(fields[1].fault.as_deref(), Some("Too much."));
        let at: Vec<_> = form.faults.iter().map(|one| one.field.as_deref()).collect();
        assert_eq!(at, [Some("who.include.groups"), Some("who"), None]);
    }

    #[test]
    fn entries_are_lines_and_values() {
        let sent = sent(&[("x", " one \n\n two"), ("y", "other"), ("x", "three")]);
        assert_eq!(sent.lines("x").collect::<Vec<_>>(), ["one", "two", "three"]);
    }
}
