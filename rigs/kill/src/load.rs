//! People who sign in and out, and a passkey that is deleted, until the server is gone.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use anyhow::{Result, ensure};
use keyward::cli::tour::SoftwareAuthenticator;

use crate::person::Person;

/// What the server said it had done, before it died.
pub enum Acknowledged {
    SignIn(Person, String),
    SignOut(Person),
}

/// Signs in, now and then out again, until the server is gone. What goes wrong while it still lives is a failure of its own.
pub async fn sign_in_and_out(
    person: Person,
    authenticator: &mut SoftwareAuthenticator,
    dying: &AtomicBool,
) -> Result<Vec<Acknowledged>> {
    let mut acknowledged = Vec::new();
    for number in 0_u32.. {
        let mut now = person.clone();
        let done = if number % 3 < 2 {
            let signed_in = sign_in(&mut now, authenticator).await;
            signed_in.map(|found| found.map(|correlation| Acknowledged::SignIn(now, correlation)))
        } else {
            let signed_out = sign_in_then_out(&mut now, authenticator).await;
            signed_out.map(|found| found.map(Acknowledged::SignOut))
        };
        match done {
            Ok(one) => acknowledged.extend(one),
            Err(_) if dying.load(Ordering::SeqCst) => break,
            Err(error) => return Err(error.context("before the server was killed")),
        }
    }
    Ok(acknowledged)
}

/// `None` if policies were changed while it was under way, twice.
async fn sign_in(
    person: &mut Person,
    authenticator: &mut SoftwareAuthenticator,
) -> Result<Option<String>> {
    let answer = person.sign_in(authenticator).await?;
    if answer.is_overtaken() {
        return Ok(None);
    }
    ensure!(
        answer.status.is_success(),
        "{}: {}",
        answer.status,
        answer.body
    );
    Ok(Some(answer.correlation))
}

/// The browser as it was before it signed out: its cookies must be worth nothing.
async fn sign_in_then_out(
    person: &mut Person,
    authenticator: &mut SoftwareAuthenticator,
) -> Result<Option<Person>> {
    if sign_in(person, authenticator).await?.is_none() {
        return Ok(None);
    }
    let before = person.clone();
    let page = person.visit("/security-info").await?;
    let answer = person.post_form("/signout", &page, &[]).await?;
    ensure!(
        answer.status.is_redirection(),
        "{}: {}",
        answer.status,
        answer.body
    );
    Ok(Some(before))
}

/// Deletes the passkey shortly before the end; true if the server said it did.
pub async fn delete(
    person: &mut Person,
    path: &str,
    moment: Duration,
    dying: &AtomicBool,
) -> Result<bool> {
    tokio::time::sleep(moment).await;
    let attempt = async {
        let page = person.visit(path).await?;
        let answer = person.post_form(path, &page, &[]).await?;
        ensure!(
            answer.status.is_redirection(),
            "{}: {}",
            answer.status,
            answer.body
        );
        Ok(())
    };
    match attempt.await {
        Ok(()) => Ok(true),
        Err(_) if dying.load(Ordering::SeqCst) => Ok(false),
        Err(error) => Err(error.context("a deletion before the server was killed")),
    }
}
