//! The facts of a run as JSON, for scripts.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, absolute};

use anyhow::Context as _;
use policy::model::Role;
use serde_json::{Value, json};

use super::Demonstration;
use super::directory::{Account, Client};
use crate::flow::{SecretText, pass_code, totp};

/// Writes the facts into a new file that only this account can read: it is full of secrets.
pub fn write(file: &Path, demonstration: &Demonstration) -> anyhow::Result<()> {
    let text = serde_json::to_string_pretty(&facts(demonstration)?)?;
    let mut out = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(file)
        .with_context(|| format!("cannot make the new file {}", file.display()))?;
    writeln!(out, "{text}")?;
    Ok(())
}

fn facts(demonstration: &Demonstration) -> anyhow::Result<Value> {
    let app = &demonstration.server.app;
    let directory = &demonstration.directory;
    let tenant = app.tenants.default();
    let origin = app.config.origin();
    let client = |client: &Client| {
        json!({
            "clientId": client.id.to_string(),
            "clientSecret": client.secret.expose(),
            "redirectUris": client.redirect_uris,
        })
    };
    let groups = directory.groups.iter();
    Ok(json!({
        "origin": origin,
        "ca": absolute(&demonstration.ca)?,
        "tenantId": tenant.id.to_string(),
        "tenantDomain": tenant.domains.first(),
        "rpId": app.config.relying_party.rp_id.as_str(),
        "graph": {
            "base": origin,
            "tokenEndpoint": format!("{origin}/{}/oauth2/v2.0/token", tenant.id),
            "clientId": directory.graph.id.to_string(),
            "clientSecret": directory.graph.secret.expose(),
            // Base64 of PKCS#8, P-256; signs assertions for `private_key_jwt` under this `kid`.
            "privateKey": directory.graph.key.as_ref().map(SecretText::expose),
            "keyId": "demo",
        },
        "publicClient": {
            "clientId": directory.public.id.to_string(),
            "redirectUris": directory.public.redirect_uris,
        },
        "webClient": client(&directory.web),
        "signalReceiver": client(&directory.receiver),
        "sampleApp": {"url": demonstration.application, "clientId": directory.sample_app.id.to_string()},
        "users": directory.people.iter().map(account).collect::<Vec<_>>(),
        "groups": groups.map(|group| json!({"id": group.id.to_string(), "displayName": group.display_name})).collect::<Vec<_>>(),
    }))
}

/// Only what the account has: a script that finds a `password` may count on it.
fn account(account: &Account) -> Value {
    let mut facts = json!({
        "id": account.user.id.to_string(),
        "userPrincipalName": account.user.user_principal_name,
        "displayName": account.user.display_name,
        "userType": account.user.user_type.as_str(),
        "accountEnabled": account.user.enabled,
        "roles": account.roles.iter().map(|role| Role::display_name(*role)).collect::<Vec<_>>(),
        "groups": account.groups.iter().map(ToString::to_string).collect::<Vec<_>>(),
    });
    let secrets = [
        (
            "password",
            account
                .password
                .as_ref()
                .map(|text| text.expose().to_owned()),
        ),
        (
            "totpSecret",
            account
                .totp
                .as_ref()
                .map(|secret| totp::base32(secret.expose())),
        ),
        ("temporaryAccessPass", account.pass.as_ref().map(shown)),
    ];
    if let Some(members) = facts.as_object_mut() {
        for (name, secret) in secrets {
            members.extend(secret.map(|secret| (name.to_owned(), Value::String(secret))));
        }
    }
    facts
}

fn shown(code: &SecretText) -> String {
    pass_code::grouped(code).expose().to_owned()
}
