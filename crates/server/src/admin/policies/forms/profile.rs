use policy::model::{
    AttestationRule, CertificationLevel, CompromiseRule, CrossDevice, ModelQuery, ModelStatus,
    PasskeyMethod, PasskeyProfile, PasskeyType, ProfileId, RestrictionKind, Sha256,
    UserVerification,
};
use uuid::Uuid;

use super::Draw;
use super::reader::Reader;
use super::scope::lines;
use super::words::{self, Words};
use crate::pages::Text;
use crate::pages::form::{Choice, Control, Field, Section};

const LONGEST_NAME: usize = 256;
const MOST_DAYS: u32 = 36_500;
const MOST_PER_USER: u32 = 1_000;
const TRANSPORTS: [(&str, &str); 5] = [
    ("usb", "transport-usb"),
    ("nfc", "transport-nfc"),
    ("ble", "transport-ble"),
    ("internal", "transport-internal"),
    ("hybrid", "transport-hybrid"),
];

pub fn form(draw: Draw<'_>, method: &PasskeyMethod, id: Option<ProfileId>) -> Option<Vec<Section>> {
    let blank = PasskeyProfile::open(draw.fresh.into(), "");
    let profile = match id {
        Some(id) => method.profiles.iter().find(|one| one.id == id)?,
        None => &blank,
    };
    let text = draw.text;
    Some(vec![
        Section::new("main", text.say("profile-main"), main(text, profile)),
        Section::new(
            "list",
            text.say("profile-list"),
            restrictions(draw, profile),
        )
        .hint(text.say("profile-list-hint")),
        Section::new(
            "properties",
            text.say("profile-models"),
            models(text, profile),
        )
        .hint(text.say("profile-models-hint"))
        .folded(),
        Section::new("life", text.say("profile-life"), life(text, profile)).folded(),
        Section::new("more", text.say("profile-more"), more(draw, profile)).folded(),
    ])
}

fn main(text: Text, profile: &PasskeyProfile) -> Vec<Field> {
    let name = Control::Text {
        value: profile.name.clone(),
        longest: LONGEST_NAME,
    };
    let types = PasskeyType::choices(text, |kind| profile.types.contains(kind));
    let attestation = AttestationRule::choices(text, |rule| profile.attestation == *rule);
    vec![
        Field::new("name", text.say("column-name"), name),
        Field::new("types", text.say("profile-types"), Control::Ticks(types)),
        Field::new(
            "attestation",
            text.say("passkey-attestation"),
            Control::Radio(attestation),
        )
        .hint(text.say("profile-attestation-hint")),
        cross_device(
            text,
            "crossDevice.registration",
            "cross-device-registration",
            profile.cross_device.registration,
        )
        .hint(text.say("cross-device-hint")),
        cross_device(
            text,
            "crossDevice.signIn",
            "cross-device-sign-in",
            profile.cross_device.sign_in,
        ),
    ]
}

fn cross_device(text: Text, member: &str, label: &str, chosen: CrossDevice) -> Field {
    let choices = CrossDevice::choices(text, |one| *one == chosen);
    Field::new(member, text.say(label), Control::Select(choices))
}

fn restrictions(draw: Draw<'_>, profile: &PasskeyProfile) -> Vec<Field> {
    let text = draw.text;
    let list = &profile.restrictions;
    let kinds = [
        ("allow", "restriction-allow", RestrictionKind::Allow),
        ("block", "restriction-block", RestrictionKind::Block),
    ];
    let kinds = kinds.map(|(sent, id, kind)| Choice::new(sent, text.say(id), list.kind == kind));
    let model = |aaguid| words::model(&draw.desk.models, aaguid);
    let models = list.aaguids.iter().copied().map(model);
    vec![
        Field::new(
            "restrictions.enforced",
            text.say("restriction-enforced"),
            Control::Tick { on: list.enforced },
        ),
        Field::new(
            "restrictions.kind",
            text.say("restriction-kind"),
            Control::Radio(kinds.to_vec()),
        ),
        Field::new(
            "restrictions.aaguids",
            text.say("models-listed"),
            lines(models),
        )
        .hint(text.say("models-listed-hint")),
    ]
}

fn models(text: Text, profile: &PasskeyProfile) -> Vec<Field> {
    let nothing = ModelQuery::default();
    let query = profile.models.as_ref().unwrap_or(&nothing);
    let transports = TRANSPORTS.map(|(sent, id)| {
        let chosen = query.transports.iter().any(|one| one == sent);
        Choice::new(sent, text.say(id), chosen)
    });
    let status = ModelStatus::choices(text, |one| query.without_status.contains(one));
    let ways = UserVerification::choices(text, |one| query.user_verification.contains(one));
    let tick = |member: &str, label: &str, on| {
        Field::new(
            format!("models.{member}"),
            text.say(label),
            Control::Tick { on },
        )
    };
    vec![
        Field::new(
            "models.vendors",
            text.say("models-vendors"),
            lines(query.vendors.iter().cloned()),
        ),
        Field::new(
            "models.minimumCertification",
            text.say("models-certification"),
            Control::Select(certification(text, query.minimum_certification)),
        ),
        Field::new(
            "models.withoutStatus",
            text.say("models-without-status"),
            Control::Ticks(status),
        ),
        Field::new(
            "models.transports",
            text.say("models-transports"),
            Control::Ticks(transports.to_vec()),
        ),
        Field::new(
            "models.userVerification",
            text.say("models-user-verification"),
            Control::Ticks(ways),
        ),
        tick(
            "secondFactorSetUp",
            "models-second-factor",
            query.second_factor_set_up,
        )
        .hint(text.say("models-provider-hint")),
        tick("deviceLock", "models-device-lock", query.device_lock),
        tick(
            "endToEndEncrypted",
            "models-end-to-end",
            query.end_to_end_encrypted,
        ),
    ]
}

fn life(text: Text, profile: &PasskeyProfile) -> Vec<Field> {
    let number = |name: &str, label: &str, value: Option<u32>, least, most| {
        let value = value.map(|one| one.to_string()).unwrap_or_default();
        Field::new(
            name,
            text.say(label),
            Control::Number { value, least, most },
        )
    };
    vec![
        number(
            "maximumAgeDays",
            "profile-age",
            profile.maximum_age_days,
            1,
            MOST_DAYS,
        )
        .hint(text.say("profile-no-limit")),
        number("idleDays", "profile-idle", profile.idle_days, 1, MOST_DAYS)
            .hint(text.say("profile-no-limit")),
        number(
            "warningDays",
            "profile-warning",
            Some(profile.warning_days),
            0,
            MOST_DAYS,
        ),
        number(
            "graceDays",
            "profile-grace",
            Some(profile.grace_days),
            0,
            MOST_DAYS,
        )
        .hint(text.say("profile-grace-hint")),
        number(
            "maximumPerUser",
            "profile-number",
            profile.maximum_per_user,
            1,
            MOST_PER_USER,
        )
        .hint(text.say("profile-no-limit")),
    ]
}

fn more(draw: Draw<'_>, profile: &PasskeyProfile) -> Vec<Field> {
    let text = draw.text;
    let own = [
        ("", "self-service-as-method", None),
        ("yes", "self-service-yes", Some(true)),
        ("no", "self-service-no", Some(false)),
    ];
    let own = own.map(|(sent, id, on)| Choice::new(sent, text.say(id), profile.self_service == on));
    let compromise = CompromiseRule::choices(text, |rule| profile.on_compromise == *rule);
    let own_roots = &draw.desk.everything.policies.roots;
    let is_own = |root: &&Sha256| {
        let mut own = own_roots.iter().map(|one| one.certificate.fingerprint());
        own.any(|own| own == **root)
    };
    let roots = profile.roots.iter().filter(|root| !is_own(root));
    let roots = roots.map(ToString::to_string);
    let own_roots = own_roots.iter().map(|one| {
        let root = one.certificate.fingerprint();
        Choice::new(root.to_string(), &one.name, profile.roots.contains(&root))
    });
    let own_roots: Vec<_> = own_roots.collect();
    let guests = Control::Tick { on: profile.guests };
    let quantum = Control::Tick {
        on: profile.post_quantum_only,
    };
    let mut fields = vec![
        Field::new(
            "selfService",
            text.say("method-self-service"),
            Control::Select(own.to_vec()),
        ),
        Field::new("guests", text.say("profile-guests"), guests),
        Field::new("postQuantumOnly", text.say("profile-post-quantum"), quantum),
        Field::new(
            "onCompromise",
            text.say("profile-compromise"),
            Control::Radio(compromise),
        ),
        Field::new("roots", text.say("profile-roots"), lines(roots))
            .hint(text.say("profile-roots-hint")),
    ];
    if !own_roots.is_empty() {
        fields.push(
            Field::new(
                "ownRoots",
                text.say("profile-own-roots"),
                Control::Ticks(own_roots),
            )
            .hint(text.say("profile-own-roots-hint")),
        );
    }
    fields
}

/// Levels, and none.
pub fn certification(text: Text, chosen: Option<CertificationLevel>) -> Vec<Choice> {
    let any = Choice::new("", text.say("certification-any"), chosen.is_none());
    let levels = CertificationLevel::choices(text, |level| chosen == Some(*level));
    std::iter::once(any).chain(levels).collect()
}

pub fn read(
    reader: &mut Reader<'_>,
    method: &mut PasskeyMethod,
    id: Option<ProfileId>,
    fresh: Uuid,
) {
    let known = id.and_then(|id| method.profiles.iter_mut().find(|one| one.id == id));
    match known {
        Some(profile) => read_into(reader, profile),
        None => {
            let mut profile = PasskeyProfile::open(fresh.into(), "");
            read_into(reader, &mut profile);
            method.profiles.push(profile);
        }
    }
}

fn read_into(reader: &mut Reader<'_>, profile: &mut PasskeyProfile) {
    profile.name = reader.text("name");
    profile.types = reader.ticked("types", PasskeyType::of);
    profile.attestation = reader.one("attestation", AttestationRule::of, profile.attestation);
    let cross = &mut profile.cross_device;
    cross.registration = reader.one(
        "crossDevice.registration",
        CrossDevice::of,
        cross.registration,
    );
    cross.sign_in = reader.one("crossDevice.signIn", CrossDevice::of, cross.sign_in);
    profile.restrictions.enforced = reader.tick("restrictions.enforced");
    let kind = |sent: &str| match sent {
        "allow" => Some(RestrictionKind::Allow),
        "block" => Some(RestrictionKind::Block),
        _ => None,
    };
    profile.restrictions.kind = reader.one("restrictions.kind", kind, profile.restrictions.kind);
    profile.restrictions.aaguids = reader.models("restrictions.aaguids");
    let query = read_query(reader);
    profile.models = (query != ModelQuery::default()).then_some(query);
    profile.maximum_age_days = reader.number("maximumAgeDays");
    profile.idle_days = reader.number("idleDays");
    profile.warning_days = reader.needed("warningDays", profile.warning_days);
    profile.grace_days = reader.needed("graceDays", profile.grace_days);
    profile.maximum_per_user = reader.number("maximumPerUser");
    let own = |sent: &str| match sent {
        "yes" => Some(Some(true)),
        "no" => Some(Some(false)),
        _ => Some(None),
    };
    profile.self_service = reader.one("selfService", own, None);
    profile.guests = reader.tick("guests");
    profile.post_quantum_only = reader.tick("postQuantumOnly");
    profile.on_compromise = reader.one("onCompromise", CompromiseRule::of, profile.on_compromise);
    let root = |line: &str| Sha256::try_from(line.to_owned()).ok();
    profile.roots = reader.ticked("ownRoots", root);
    profile.roots.extend(reader.entries("roots", root));
}

fn read_query(reader: &mut Reader<'_>) -> ModelQuery {
    let level = |sent: &str| Some(CertificationLevel::of(sent));
    let transport = |sent: &str| {
        let known = TRANSPORTS.iter().any(|(name, _)| *name == sent);
        known.then(|| sent.to_owned())
    };
    ModelQuery {
        vendors: reader.entries("models.vendors", |line| Some(line.to_owned())),
        minimum_certification: reader.one("models.minimumCertification", level, None),
        without_status: reader.ticked("models.withoutStatus", ModelStatus::of),
        transports: reader.ticked("models.transports", transport),
        user_verification: reader.ticked("models.userVerification", UserVerification::of),
        second_factor_set_up: reader.tick("models.secondFactorSetUp"),
        device_lock: reader.tick("models.deviceLock"),
        end_to_end_encrypted: reader.tick("models.endToEndEncrypted"),
    }
}
