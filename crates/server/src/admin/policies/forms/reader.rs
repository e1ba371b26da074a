use policy::model::RootCertificate;
use uuid::Uuid;

use super::Mistakes;
use crate::flow::govern::read::Lookup;
use crate::pages::Text;
use crate::pages::form::Sent;

/// Models that Entra offers by name.
const PRESETS: [(&str, &[u128]); 2] = [
    (
        "Windows Hello",
        &[
            0x08987058_cadc_4b81_b6e1_30de50dcbe96,
            0x9ddd1817_af5a_4672_a2b9_3e3dd95000a9,
            0x6028b017_b1d4_4c02_b4b3_afcdafc96bb2,
        ],
    ),
    (
        "Microsoft Authenticator",
        &[
            0x90a3ccdf_635c_4729_a248_9b709135078f,
            0xde1e552d_db1d_4423_a619_566b625cdc84,
        ],
    ),
];

/// Takes a form apart and collects what cannot be understood.
pub struct Reader<'a> {
    text: Text,
    sent: &'a Sent,
    lookup: &'a Lookup,
    mistakes: Mistakes,
}

impl<'a> Reader<'a> {
    pub const fn new(text: Text, sent: &'a Sent, lookup: &'a Lookup) -> Self {
        Self {
            text,
            sent,
            lookup,
            mistakes: Vec::new(),
        }
    }

    pub fn finish(self) -> Result<(), Mistakes> {
        if self.mistakes.is_empty() {
            Ok(())
        } else {
            Err(self.mistakes)
        }
    }

    pub const fn lookup(&self) -> &'a Lookup {
        self.lookup
    }

    /// A text without spaces around it.
    pub fn text(&self, field: &str) -> String {
        self.sent.text(field).trim().replace("\r\n", "\n")
    }

    pub fn tick(&self, field: &str) -> bool {
        self.sent.has(field)
    }

    /// A number, or nothing.
    pub fn number(&mut self, field: &str) -> Option<u32> {
        let typed = self.sent.text(field).trim();
        if typed.is_empty() {
            return None;
        }
        let number = typed.parse().ok();
        if number.is_none() {
            let message = self.text.say("form-not-a-number").into_owned();
            self.mistakes.push((field.to_owned(), message));
        }
        number
    }

    /// A number that has to be there.
    pub fn needed(&mut self, field: &str, before: u32) -> u32 {
        if self.sent.text(field).trim().is_empty() {
            let message = self.text.say("form-not-a-number").into_owned();
            self.mistakes.push((field.to_owned(), message));
        }
        self.number(field).unwrap_or(before)
    }

    /// The one that was chosen; `before` if none was, as of a form that does not offer it.
    pub fn one<T>(&self, field: &str, parse: impl Fn(&str) -> Option<T>, before: T) -> T {
        parse(self.sent.text(field)).unwrap_or(before)
    }

    /// Those that were ticked. What is not offered cannot be ticked, so it is passed over.
    pub fn ticked<T>(&self, field: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        self.sent.all(field).filter_map(parse).collect()
    }

    /// Entries, one in a line; each that cannot be understood is named.
    pub fn entries<T>(&mut self, field: &str, parse: impl Fn(&str) -> Option<T>) -> Vec<T> {
        let mut all = Vec::new();
        let lines: Vec<String> = self.sent.lines(field).map(str::to_owned).collect();
        for line in lines {
            match parse(&line) {
                Some(one) => all.push(one),
                None => self.unknown(field, &line),
            }
        }
        all
    }

    /// A certificate in PEM. A private key that was pasted by mistake is understood as nothing and kept nowhere.
    pub fn certificate(&mut self, field: &str) -> RootCertificate {
        RootCertificate::parse(self.sent.text(field)).unwrap_or_else(|_| {
            let message = self.text.say("form-no-certificate").into_owned();
            self.mistakes.push((field.to_owned(), message));
            RootCertificate::default()
        })
    }

    /// Public keys, as a JWK set or one key.
    pub fn keys(&mut self, field: &str) -> Vec<serde_json::Value> {
        super::source::keys(self.sent.text(field)).unwrap_or_else(|| {
            let message = self.text.say("form-no-keys").into_owned();
            self.mistakes.push((field.to_owned(), message));
            Vec::new()
        })
    }

    /// Models: an AAGUID and whatever follows it in the line, or the name of some that belong together.
    pub fn models(&mut self, field: &str) -> Vec<Uuid> {
        let mut models = self.entries(field, parse_models).concat();
        let mut seen = std::collections::BTreeSet::new();
        models.retain(|model| seen.insert(*model));
        models
    }

    fn unknown(&mut self, field: &str, line: &str) {
        let shown: String = line.chars().take(80).collect();
        let message = self.text.with("form-unknown-entry", "entry", shown);
        self.mistakes.push((field.to_owned(), message.into_owned()));
    }
}

fn parse_models(line: &str) -> Option<Vec<Uuid>> {
    let name = line.trim_start_matches('+').trim();
    let preset = PRESETS
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name));
    if let Some((_, models)) = preset {
        return Some(models.iter().map(|model| Uuid::from_u128(*model)).collect());
    }
    let first = line.split_whitespace().next()?;
    Uuid::try_parse(first).ok().map(|model| vec![model])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_typed_with_or_without_their_names() {
        let yubikey = "ee882879-721c-4913-9775-3dfcce97072a";
        let model = Uuid::try_parse(yubikey).ok();
        let line = format!("{yubikey}  YubiKey 5");
        assert_eq!(parse_models(&line), model.map(|one| vec![one]));
        assert_eq!(
            parse_models("+ windows hello").map(|all| all.len()),
            Some(3)
        );
        assert_eq!(
            parse_models("Microsoft Authenticator").map(|all| all.len()),
            Some(2)
        );
        assert_eq!(parse_models("my key"), None);
    }
}
