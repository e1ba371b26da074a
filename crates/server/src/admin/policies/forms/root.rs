use policy::model::{AttestationRoot, RootCertificate, Timestamp, moment_of_certificate};

use uuid::Uuid;

use super::reader::Reader;
use super::scope::lines;
use super::{Draw, words};
use crate::pages::form::{Control, Field, Section};
use crate::pages::{Text, When};

const LONGEST_NAME: usize = 256;

pub fn blank() -> AttestationRoot {
    AttestationRoot {
        name: String::new(),
        created: Timestamp::from_micros(0),
        modified: Timestamp::from_micros(0),
        certificate: RootCertificate::default(),
        models: Vec::new(),
    }
}

/// The certificate is asked for once: another one is another root.
pub fn form(draw: Draw<'_>, one: &AttestationRoot, is_new: bool) -> Vec<Section> {
    let text = draw.text;
    let name = Control::Text {
        value: one.name.clone(),
        longest: LONGEST_NAME,
    };
    let value = match one.certificate.is_empty() {
        true => String::new(),
        false => one.certificate.to_pem(),
    };
    let certificate = is_new.then(|| {
        let control = Control::Lines { value };
        Field::new("certificate", text.say("own-root-certificate"), control)
            .hint(text.say("own-root-certificate-hint"))
    });
    let name = Field::new("name", text.say("column-name"), name);
    let model = |aaguid: &Uuid| words::model(&draw.desk.models, *aaguid);
    let models = lines(one.models.iter().map(model));
    let models = Field::new("models", text.say("own-root-models"), models)
        .hint(text.say("own-root-models-hint"));
    let fields = [name, models].into_iter().chain(certificate).collect();
    let section = Section::new("main", text.say("policy-what"), fields);
    match is_new {
        true => vec![section],
        false => vec![section.hint(facts(text, one).join(" · "))],
    }
}

/// Whose it is, until when, and what it is called.
pub fn facts(text: Text, one: &AttestationRoot) -> Vec<String> {
    let Some(anchor) = one.certificate.anchor() else {
        return Vec::new();
    };
    let day = |time| When::from(moment_of_certificate(time)).plain();
    let days = format!("{} – {}", day(anchor.not_before()), day(anchor.not_after()));
    let fingerprint = one.certificate.fingerprint().to_string();
    let models = (!one.models.is_empty()).then(|| {
        text.count("own-root-models-count", one.models.len())
            .into_owned()
    });
    let mut facts = vec![
        anchor.name(),
        text.with("own-root-valid", "days", days).into_owned(),
        text.with("own-root-fingerprint", "digest", fingerprint)
            .into_owned(),
    ];
    facts.extend(models);
    facts
}

pub fn read(reader: &mut Reader<'_>, one: &mut AttestationRoot, is_new: bool) {
    one.name = reader.text("name");
    one.models = reader.models("models");
    if is_new {
        one.certificate = reader.certificate("certificate");
    }
}
