//! `/admin/policies` and `/admin/groups`: forms, what they would do, and saving.

use axum::http::StatusCode;
use policy::model::*;

use crate::page;
use crate::world::{Answer, Browser, TestApp, authenticator};

/// The fields of a page's form as a browser would send them.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub(super) fn of(answer: &Answer) -> Self {
        let mut fields = Vec::new();
        for rest in answer.body.split('<').skip(1) {
            let (tag, text) = rest.split_once('>').unwrap();
            let value = |name: &str| attribute(tag, name);
            let Some(name) = value("name").filter(|name| *name != "csrf") else {
                continue;
            };
            let kind = value("type").unwrap_or_default();
            let ticked = tag.ends_with(" checked") || tag.contains(" checked ");
            if tag.starts_with("textarea") {
                fields.push((name.to_owned(), unescape(text)));
            } else if tag.starts_with("select") {
                let options = answer.body.split(tag).nth(1).unwrap();
                let options = options.split("</select>").next().unwrap();
                let chosen = options.split('<').find(|one| one.contains(" selected"));
                let first = options.split('<').find(|one| one.starts_with("option"));
                let chosen = chosen.or(first).and_then(|tag| attribute(tag, "value"));
                fields.push((name.to_owned(), unescape(chosen.unwrap_or_default())));
            } else if tag.starts_with("input") && (!matches!(kind, "checkbox" | "radio") || ticked)
            {
                fields.push((
                    name.to_owned(),
                    unescape(value("value").unwrap_or_default()),
                ));
            }
        }
        Self(fields)
    }

    /// The only value of a field.
    pub(super) fn set(mut self, name: &str, value: &str) -> Self {
        self.0.retain(|(field, _)| field != name);
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    /// One value more.
    pub(super) fn add(mut self, name: &str, value: &str) -> Self {
        self.0.push((name.to_owned(), value.to_owned()));
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.0.retain(|(field, _)| field != name);
        self
    }

    fn get(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }

    pub(super) async fn post(&self, browser: &mut Browser<'_>, path: &str) -> Answer {
        let pairs = self.0.iter();
        let pairs = pairs.map(|(name, value)| (name.as_str(), value.as_str()));
        browser.post(path, &pairs.collect::<Vec<_>>()).await
    }
}

fn attribute<'t>(tag: &'t str, name: &str) -> Option<&'t str> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split('"').next()
}

fn unescape(text: &str) -> String {
    text.replace("&#34;", "\"")
        .replace("&#39;", "'")
        .replace("&#60;", "<")
        .replace("&#62;", ">")
        .replace("&#38;", "&")
}

/// Opens the form at `path`, sends it with a change, and saves what the preview shows.
pub(super) async fn save(
    browser: &mut Browser<'_>,
    path: &str,
    change: impl FnOnce(Fields) -> Fields,
) -> Answer {
    let form = browser.get(path).await;
    page::check(&form);
    let preview = change(Fields::of(&form)).post(browser, path).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    page::check(&preview);
    Fields::of(&preview)
        .post(browser, "/admin/policies/save")
        .await
}

async fn policies(world: &TestApp) -> Policies {
    let tenant = world.app.tenants.default().id;
    world
        .write(move |tx| Box::pin(async move { store::policies::load(tx, tenant).await }))
        .await
}

/// Somebody with this role only, signed in with a passkey.
async fn holder<'w>(world: &'w TestApp, name: &str, role: Role) -> Browser<'w> {
    let (user, browser) = world.user_with_passkey(name, &mut authenticator()).await;
    let now = world.app.clock.now();
    world
        .write(move |tx| {
            Box::pin(async move { store::roles::assign(tx, user.tenant, user.id, role, now).await })
        })
        .await;
    browser
}

#[tokio::test]
async fn every_page_about_policies_is_a_page() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    for path in [
        "/admin/policies",
        "/admin/policies/passkeys",
        "/admin/policies/passkeys/method",
        "/admin/policies/passkeys/method?view=json",
        "/admin/policies/targets/0",
        "/admin/policies/targets/new",
        "/admin/policies/profiles/new",
        "/admin/policies/profiles/00000000-0000-0000-0000-000000000001",
        "/admin/policies/passes",
        "/admin/policies/passes?view=json",
        "/admin/policies/preferred",
        "/admin/policies/availability",
        "/admin/policies/availability?view=json",
        "/admin/policies/strengths",
        "/admin/policies/strengths/new",
        "/admin/policies/access",
        "/admin/policies/access/new",
        "/admin/policies/locations",
        "/admin/policies/locations/new",
        "/admin/policies/contexts",
        "/admin/policies/contexts/new",
        "/admin/policies/roots",
        "/admin/policies/roots/new",
        "/admin/policies/templates",
        "/admin/policies/profiles/new?template=certifiedLevel2",
        "/admin/policies/profiles/new?template=stagedAuthenticator&part=1",
        "/admin/groups",
        "/admin/groups/new",
    ] {
        let answer = admin.get(path).await;
        assert_eq!(answer.status, StatusCode::OK, "{path} {}", answer.body);
        page::check(&answer);
    }
    for path in [
        "/admin/policies/targets/9",
        "/admin/policies/profiles/00000000-0000-0000-0000-000000000099",
        "/admin/policies/access/00000000-0000-0000-0000-000000000099",
        "/admin/policies/pigeons",
        "/admin/policies/profiles/new?template=pigeons",
        "/admin/policies/profiles/new?template=syncedWelcome&part=1",
        "/admin/policies/campaigns",
        "/admin/policies/passes/new",
    ] {
        admin.get(path).await.refused(404, "not_found");
    }
}

#[tokio::test]
async fn a_form_that_is_sent_as_it_is_changes_nothing() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let before = policies(&world).await;
    for path in [
        "/admin/policies/passkeys/method",
        "/admin/policies/targets/0",
        "/admin/policies/targets/1",
        "/admin/policies/profiles/00000000-0000-0000-0000-000000000001",
        "/admin/policies/profiles/00000000-0000-0000-0000-000000000002",
        "/admin/policies/passes",
        "/admin/policies/preferred",
    ] {
        save(&mut admin, path, |fields| fields)
            .await
            .redirects_to("/admin/policies");
        assert_eq!(policies(&world).await, before, "{path}");
    }
}

#[tokio::test]
async fn a_profile_is_edited_looked_at_and_saved() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/profiles/00000000-0000-0000-0000-000000000001";
    let saved = save(&mut admin, path, |fields| {
        fields
            .set("name", "Everyday")
            .set("types", "deviceBound")
            .set("attestation", "always")
            .set("restrictions.enforced", "true")
            .set("restrictions.kind", "block")
            .set(
                "restrictions.aaguids",
                "Windows Hello\nee882879-721c-4913-9775-3dfcce97072a YubiKey",
            )
            .set("maximumAgeDays", "365")
            .set("models.minimumCertification", "L1+")
            .set("models.withoutStatus", "revoked")
            .set("selfService", "no")
    });
    saved
        .await
        .redirects_to("/admin/policies/passkeys?done=policy-saved");
    let profile = policies(&world).await.passkeys.profiles[0].clone();
    assert_eq!(profile.name, "Everyday");
    assert_eq!(profile.types, [PasskeyType::DeviceBound]);
    assert_eq!(profile.attestation, AttestationRule::Always);
    assert_eq!(profile.restrictions.kind, RestrictionKind::Block);
    assert_eq!(profile.restrictions.aaguids.len(), 4);
    assert_eq!(profile.maximum_age_days, Some(365));
    let query = profile.models.unwrap();
    assert_eq!(
        query.minimum_certification,
        Some(CertificationLevel::L1Plus)
    );
    assert_eq!(query.without_status, [ModelStatus::Revoked]);
    assert_eq!(profile.self_service, Some(false));
}

#[tokio::test]
async fn a_conditional_access_policy_goes_through_its_whole_life() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    world.user("ada@localhost").await;
    save(&mut admin, "/admin/policies/locations/new", |fields| {
        fields
            .set("name", "Office")
            .set("ranges", "192.0.2.0/24\n2001:db8::1")
            .set("trusted", "true")
    })
    .await
    .redirects_to("/admin/policies/locations?done=policy-saved");
    let made = save(&mut admin, "/admin/policies/access/new", |fields| {
        assert_eq!(
            fields.get("state"),
            Some("enabledForReportingButNotEnforced")
        );
        fields
            .set("name", "Keys for administrators")
            .set(
                "conditions.users.include.roles",
                &Role::GlobalReader.template_id().to_string(),
            )
            .add(
                "conditions.users.include.roles",
                &Role::SecurityReader.template_id().to_string(),
            )
            .set("conditions.users.exclude.users", "ADA@localhost")
            .set("conditions.locations.exclude", "allTrusted")
            .set("conditions.platforms.include", "linux")
            .set("grant", "strength")
            .set(
                "grant.strength",
                &policy::strength::PHISHING_RESISTANT.to_string(),
            )
            .set("session.signInFrequency", "timeBased")
            .set("session.signInFrequency.minutes", "8")
            .set("session.unit", "hours")
    });
    made.await
        .redirects_to("/admin/policies/access?done=policy-saved");
    let kept = policies(&world).await.access[0].clone();
    let conditions = &kept.conditions;
    assert_eq!(
        conditions.users.include.roles,
        [Role::GlobalReader, Role::SecurityReader]
    );
    assert_eq!(conditions.users.exclude.users.len(), 1);
    assert_eq!(
        conditions.platforms.as_ref().unwrap().include,
        [Platform::Linux]
    );
    assert_eq!(
        kept.grant,
        AccessGrant::Strength(policy::strength::PHISHING_RESISTANT)
    );
    assert_eq!(
        kept.session.sign_in_frequency,
        Some(SignInFrequency::Minutes(480))
    );
    let list = admin.get("/admin/policies/access").await;
    let shown = page::check(&list);
    assert!(shown.contains("Keys for administrators"), "{shown}");
    assert!(shown.contains("except ada@localhost"), "{shown}");

    let path = format!("/admin/policies/access/{}", kept.id);
    let same = save(&mut admin, &path, |fields| fields).await;
    same.redirects_to("/admin/policies/access");
    let again = policies(&world).await.access[0].clone();
    assert_eq!(
        AccessPolicy {
            modified: kept.modified,
            ..again
        },
        kept
    );
    save(&mut admin, &path, |fields| fields.add("delete", "true"))
        .await
        .redirects_to("/admin/policies/access?done=policy-removed");
    assert!(policies(&world).await.access.is_empty());
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_nothing_is_lost() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/access/new";
    let form = Fields::of(&admin.get(path).await)
        .set("name", "Keys & more")
        .set("conditions.users.include.users", "nobody@localhost")
        .set("session.signInFrequency", "timeBased");
    let refused = form.post(&mut admin, path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = page::check(&refused);
    assert!(
        shown.contains("href=\"#conditions.users.include.users\""),
        "{shown}"
    );
    assert!(
        shown.contains("“nobody@localhost” was not found"),
        "{shown}"
    );
    assert!(
        shown.contains("id=\"session.signInFrequency.minutes-fault\""),
        "{shown}"
    );
    let kept = Fields::of(&refused);
    assert_eq!(kept.get("name"), Some("Keys & more"));
    assert_eq!(
        kept.get("conditions.users.include.users"),
        Some("nobody@localhost")
    );

    let nobody = kept
        .set("conditions.users.include.users", "")
        .set("session.signInFrequency", "");
    let refused = nobody.post(&mut admin, path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let shown = page::check(&refused);
    assert!(shown.contains("Say for whom it is."), "{shown}");
    assert!(policies(&world).await.access.is_empty());
}

#[tokio::test]
async fn a_form_is_changed_again_after_the_preview() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/contexts/new";
    let form = Fields::of(&admin.get(path).await).set("name", "Payments");
    assert_eq!(form.get("id"), Some("c1"));
    let preview = form.post(&mut admin, path).await;
    let again = Fields::of(&preview)
        .add("again", "true")
        .post(&mut admin, path)
        .await;
    let fields = Fields::of(&again);
    assert_eq!(fields.get("name"), Some("Payments"));
    assert_eq!(fields.get("version"), Some("0"));
    assert!(policies(&world).await.contexts.is_empty());
}

#[tokio::test]
async fn a_document_is_edited_as_json() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/passes";
    let form = Fields::of(&admin.get(&format!("{path}?view=json")).await);
    let text = form
        .get("document")
        .unwrap()
        .replace("\"length\": 8", "\"length\": 12");
    let preview = form.set("document", &text).post(&mut admin, path).await;
    assert_eq!(preview.status, StatusCode::OK, "{}", preview.body);
    Fields::of(&preview)
        .post(&mut admin, "/admin/policies/save")
        .await
        .redirects_to("/admin/policies?done=policy-saved");
    assert_eq!(policies(&world).await.passes.length, 12);

    let form = Fields::of(&admin.get(&format!("{path}?view=json")).await);
    let text = text.replace("\"length\"", "\"lenght\"");
    let refused = form.set("document", &text).post(&mut admin, path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page::check(&refused).contains("lenght"), "{}", refused.body);
    let kept = Fields::of(&refused);
    assert_eq!(kept.get("document"), Some(text.as_str()));
}

#[tokio::test]
async fn of_two_administrators_the_second_is_told() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/passes";
    let early = Fields::of(&admin.get(path).await);
    save(&mut admin, path, |fields| fields.set("length", "10"))
        .await
        .redirects_to("/admin/policies");
    let stale = early.set("length", "20").post(&mut admin, path).await;
    stale.refused(409, "policy_stale");
    page::check(&stale);
    let late = [
        ("kind", "passes"),
        ("id", ""),
        ("version", "0"),
        (
            "document",
            &serde_json::to_string(&PassPolicy::default()).unwrap(),
        ),
    ];
    admin
        .post("/admin/policies/save", &late)
        .await
        .refused(409, "policy_stale");
    assert_eq!(policies(&world).await.passes.length, 10);
}

#[tokio::test]
async fn each_kind_of_policy_takes_its_own_role() {
    let world = TestApp::new().await;
    let methods = serde_json::to_string(&PassPolicy::default()).unwrap();
    let context = r#"{"id":"c1","name":"Payments","available":true}"#;
    let post = |kind: &str, document: &str| {
        [
            ("kind", kind.to_owned()),
            ("id", String::new()),
            ("version", "0".to_owned()),
            ("document", document.to_owned()),
        ]
    };
    for (name, role, may_methods, may_access) in [
        ("reader@localhost", Role::GlobalReader, false, false),
        (
            "helper@localhost",
            Role::AuthenticationAdministrator,
            false,
            false,
        ),
        (
            "methods@localhost",
            Role::AuthenticationPolicyAdministrator,
            true,
            false,
        ),
        (
            "access@localhost",
            Role::ConditionalAccessAdministrator,
            false,
            true,
        ),
    ] {
        let mut browser = holder(&world, name, role).await;
        for (kind, document, may) in [
            ("passes", methods.as_str(), may_methods),
            ("context", context, may_access),
        ] {
            let fields = post(kind, document);
            let fields: Vec<_> = fields
                .iter()
                .map(|(name, value)| (*name, value.as_str()))
                .collect();
            let answer = browser.post("/admin/policies/save", &fields).await;
            if may {
                answer.redirects_to("/admin/policies");
            } else {
                answer.refused(403, "role_missing");
            }
        }
    }
    let mut helper = holder(&world, "other@localhost", Role::AuthenticationAdministrator).await;
    helper
        .get("/admin/policies")
        .await
        .refused(403, "role_missing");
    let mut reader = holder(&world, "only@localhost", Role::SecurityReader).await;
    let shown = reader.get("/admin/policies/passes").await;
    assert!(!page::check(&shown).contains("See what it would do"));
}

#[tokio::test]
async fn a_profile_in_use_is_not_deleted() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/profiles/00000000-0000-0000-0000-000000000001";
    let form = Fields::of(&admin.get(path).await).add("delete", "true");
    let refused = form.post(&mut admin, path).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page::check(&refused).contains("There is no such passkey profile"));
    assert_eq!(policies(&world).await.passkeys.profiles.len(), 2);
}

#[tokio::test]
async fn a_synced_key_for_administrators_is_pointed_out() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let list = "/admin/policies/passkeys";
    let warning = "Administrators may use synced passkeys";
    assert!(!admin.get(list).await.body.contains(warning));
    save(&mut admin, "/admin/policies/targets/0", |fields| {
        fields.add("profiles", "00000000-0000-0000-0000-000000000001")
    })
    .await
    .redirects_to(list);
    assert!(page::check(&admin.get(list).await).contains(warning));
}

#[tokio::test]
async fn groups_are_made_filled_and_deleted_on_their_pages() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    world.user("ada@localhost").await;
    let unnamed = admin
        .post("/admin/groups/new", &[("display_name", " ")])
        .await;
    unnamed.refused(422, "field_invalid");
    page::check(&unnamed);
    let made = admin
        .post("/admin/groups/new", &[("display_name", "Pilots")])
        .await;
    made.redirects_to("/admin/groups/");
    let path = made.location().split('?').next().unwrap().to_owned();
    let nobody = admin
        .post(&format!("{path}/members"), &[("user", "nobody@localhost")])
        .await;
    nobody.refused(422, "field_invalid");
    assert!(page::check(&nobody).contains("value=\"nobody@localhost\""));
    let added = admin
        .post(&format!("{path}/members"), &[("user", "ada@localhost")])
        .await;
    added.redirects_to(&format!("{path}?done=member-added"));
    let ada = world.stored_user("ada@localhost").await.id.to_string();
    assert!(page::check(&admin.get(&path).await).contains("ada@localhost"));
    let removed = admin
        .post(&format!("{path}/members/remove"), &[("user", &ada)])
        .await;
    removed.redirects_to(&format!("{path}?done=member-removed"));
    let renamed = admin
        .post(
            &path,
            &[("display_name", "First wave"), ("description", "Ring 1")],
        )
        .await;
    renamed.redirects_to(&path);
    assert!(page::check(&admin.get("/admin/groups?search=first").await).contains("Ring 1"));

    let target = path.rsplit('/').next().unwrap().to_owned();
    save(&mut admin, "/admin/policies/passkeys/method", |fields| {
        fields.add("exclude.groups", &target)
    })
    .await
    .redirects_to("/admin/policies/passkeys");
    page::check(&admin.get(&format!("{path}/delete")).await);
    admin
        .post(&format!("{path}/delete"), &[])
        .await
        .refused(409, "group_in_use");
    save(&mut admin, "/admin/policies/passkeys/method", |fields| {
        fields.without("exclude.groups")
    })
    .await
    .redirects_to("/admin/policies/passkeys");
    let deleted = admin.post(&format!("{path}/delete"), &[]).await;
    deleted.redirects_to("/admin/groups?done=group-deleted");
    admin.get(&path).await.refused(404, "not_found");
}

#[tokio::test]
async fn groups_take_a_role_and_some_a_higher_one() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let made = admin
        .post(
            "/admin/groups/new",
            &[("display_name", "Tier 0"), ("role_assignable", "true")],
        )
        .await;
    let path = made.location().split('?').next().unwrap().to_owned();
    let mut groups = holder(&world, "groups@localhost", Role::GroupsAdministrator).await;
    for (action, fields) in [
        ("/members", &[("user", "groups@localhost")][..]),
        ("/delete", &[]),
        ("", &[("display_name", "Mine")]),
    ] {
        let answer = groups.post(&format!("{path}{action}"), fields).await;
        answer.refused(403, "target_protected");
    }
    groups
        .post("/admin/groups/new", &[("display_name", "Mine")])
        .await
        .redirects_to("/admin/groups/");
    let mut reader = holder(&world, "reader@localhost", Role::SecurityReader).await;
    assert!(!page::check(&reader.get(&path).await).contains("/delete\""));
    reader
        .post("/admin/groups/new", &[("display_name", "x")])
        .await
        .refused(403, "role_missing");
}

#[tokio::test]
async fn the_preview_names_whom_it_touches_and_what_nobody_could_undo_is_not_saved() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/passkeys/method";
    let form = Fields::of(&admin.get(&format!("{path}?view=json")).await);
    let text = form.get("document").unwrap();
    let off = text.replacen("\"enabled\": true", "\"enabled\": false", 1);
    assert_ne!(off, text);
    let preview = form.set("document", &off).post(&mut admin, path).await;
    let shown = page::check(&preview);
    assert!(shown.contains("One passkey stops working."), "{shown}");
    assert!(shown.contains(&world.first.administrator), "{shown}");
    assert!(shown.contains("It cannot be saved like this."), "{shown}");
    let refused = Fields::of(&preview)
        .post(&mut admin, "/admin/policies/save")
        .await;
    refused.refused(409, "locks_everybody_out");
    assert!(policies(&world).await.passkeys.enabled);
}

/// Whoever administers may not take themselves out of what lets them in, nor put themselves into what keeps them out.
#[tokio::test]
async fn a_membership_that_lets_the_last_administrator_in_is_kept() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let me = world.stored_user(&world.first.administrator).await;
    let (other, _) = world
        .user_with_passkey("eve@localhost", &mut authenticator())
        .await;
    let group = async |admin: &mut Browser<'_>, name: &str| {
        let made = admin
            .post("/admin/groups/new", &[("display_name", name)])
            .await;
        let path = made.location().split('?').next().unwrap().to_owned();
        let id: GroupId = path.rsplit('/').next().unwrap().parse().unwrap();
        (path, id)
    };
    let (inside, spared) = group(&mut admin, "Spared").await;
    let (outside, barred) = group(&mut admin, "Barred").await;
    let name = me.user_principal_name.clone();
    let into = |path: &str| format!("{path}/members");
    let added = admin.post(&into(&inside), &[("user", &name)]).await;
    added.redirects_to(&inside);
    world
        .access_policy(7, AccessState::Enabled, AccessGrant::Block)
        .await;
    let mut policy = policies(&world).await.access.swap_remove(0);
    policy.conditions.users.exclude = Scope::group(spared);
    world.policy(PolicyDocument::Access(Box::new(policy))).await;
    world
        .change_passkey_method(|method| method.exclude = Scope::group(barred))
        .await;

    let id = me.id.to_string();
    let out = format!("{inside}/members/remove");
    for (path, field) in [(out.as_str(), &id), (into(&outside).as_str(), &name)] {
        let refused = admin.post(path, &[("user", field)]).await;
        refused.refused(409, "locks_everybody_out");
    }
    let records = world.audits(&me).await;
    let refused = records
        .iter()
        .filter(|one| one.reason == "locks_everybody_out");
    assert_eq!(refused.count(), 2);
    // With another administrator who comes in, it is their own affair.
    world.role(&other, Role::GlobalAdministrator).await;
    let kept = admin
        .post(&into(&inside), &[("user", "eve@localhost")])
        .await;
    kept.redirects_to(&inside);
    let left = admin.post(&out, &[("user", &id)]).await;
    left.redirects_to(&inside);
}

#[tokio::test]
async fn a_profile_begins_with_a_template() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let list = admin.get("/admin/policies/templates").await;
    let list = page::check(&list);
    for template in policy::templates::Template::ALL {
        assert!(
            list.contains(&format!("template={}", template.code())),
            "{list}"
        );
    }
    let path = "/admin/policies/profiles/new";
    let form = admin.get(&format!("{path}?template=certifiedLevel2")).await;
    let fields = Fields::of(&form).set("name", "Certified keys");
    let preview = fields.post(&mut admin, path).await;
    page::check(&preview);
    let saved = Fields::of(&preview)
        .post(&mut admin, "/admin/policies/save")
        .await;
    saved.redirects_to("/admin/policies/passkeys");
    let profiles = policies(&world).await.passkeys.profiles;
    let made = profiles.last().unwrap();
    let nil = ProfileId::from_bytes([0; 16]);
    let template = policy::templates::Template::CertifiedLevel2;
    let expected = PasskeyProfile {
        id: made.id,
        name: "Certified keys".to_owned(),
        ..template.profiles(&mut || nil).remove(0)
    };
    assert_eq!(*made, expected);
}

#[tokio::test]
async fn profiles_travel_as_a_file() {
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let path = "/admin/policies/templates";
    let file = admin.get(&format!("{path}/export")).await;
    assert_eq!(file.headers["content-type"], "application/json");
    let taken = admin.post(path, &[("file", &file.body)]).await;
    // Both are there already: names tell profiles apart.
    taken.refused(422, "Another one has this name");
    let file = file.body.replace("\"name\": \"", "\"name\": \"Other ");
    let preview = admin.post(path, &[("file", &file)]).await;
    page::check(&preview);
    assert_eq!(policies(&world).await.passkeys.profiles.len(), 2, "not yet");
    let saved = Fields::of(&preview)
        .post(&mut admin, "/admin/policies/save")
        .await;
    saved.redirects_to("/admin/policies/passkeys");
    let profiles = policies(&world).await.passkeys.profiles;
    assert_eq!(profiles.len(), 4);
    let mut ids: Vec<_> = profiles.iter().map(|one| one.id).collect();
    ids.dedup();
    assert_eq!(ids.len(), 4, "each has an id of its own");

    let newer = file.replacen("\"types\"", "\"onlyOnMondays\": true, \"types\"", 1);
    let long = " ".repeat(256 * 1024 + 1);
    for (wrong, why) in [
        ("{}", "cannot be read"),
        ("[1, 2", "cannot be read"),
        (newer.as_str(), "onlyOnMondays"),
        (long.as_str(), "longer than"),
    ] {
        let refused = admin.post(path, &[("file", wrong)]).await;
        refused.refused(422, why);
        page::check(&refused);
    }
    let mut reader = holder(&world, "reader@localhost", Role::GlobalReader).await;
    let refused = reader.post(path, &[("file", &file)]).await;
    refused.refused(403, "role_missing");
}

/// Whether there are passkeys at all is a setting with a reason, and it does not lock its last administrator out.
#[tokio::test]
async fn a_cloud_without_passkeys_says_why() {
    const PAGE: &str = "/admin/policies/availability";
    const REASON: &str = "The cloud of this region has none.";
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let overview = admin.get("/admin/policies").await;
    assert!(overview.body.contains(PAGE), "{}", overview.body);
    let silent = Fields::of(&admin.get(PAGE).await).without("available");
    let silent = silent.post(&mut admin, PAGE).await;
    assert!(silent.status.is_client_error(), "{}", silent.body);
    assert!(silent.body.contains("reads it"), "{}", silent.body);
    let off = |fields: Fields| fields.without("available").set("reason", REASON);
    save(&mut admin, PAGE, off)
        .await
        .refused(409, "locks_everybody_out");
    assert!(policies(&world).await.availability.available);
}

#[tokio::test]
async fn a_profile_says_what_it_takes_from_other_devices() {
    const PROFILE: &str = "/admin/policies/profiles/00000000-0000-0000-0000-000000000001";
    let world = TestApp::new().await;
    let mut admin = world.administrator(&mut authenticator()).await;
    let saved = save(&mut admin, PROFILE, |fields| {
        fields
            .set("crossDevice.registration", "notWithAttestation")
            .set("crossDevice.signIn", "blocked")
    });
    saved.await.redirects_to("/admin/policies/passkeys");
    let stored = policies(&world).await;
    let mut profiles = stored.passkeys.profiles.iter();
    let profile = profiles
        .find(|one| one.id == PasskeyProfile::DEFAULT)
        .unwrap();
    let rule = CrossDeviceRule {
        registration: CrossDevice::NotWithAttestation,
        sign_in: CrossDevice::Blocked,
    };
    assert_eq!(profile.cross_device, rule);
    let list = admin.get("/admin/policies/passkeys").await;
    assert!(list.body.contains("Other devices limited"), "{}", list.body);
}
