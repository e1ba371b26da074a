//! `/security-info/totp`: an authenticator app is set up by scanning a secret and proving that it arrived.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};
use serde::Deserialize;

use super::sheet::{Sheet, back};
use crate::app::AppState;
use crate::flow::credentials::{self, CredentialRefusal, TotpOffer};
use crate::flow::{Caller, SecretText};
use crate::pages::{Account, Frame, Language, Place, RefusalView, render_with};
use crate::web::{CheckedForm, Problem, RegisteringSession};

const HERE: &str = "/security-info/totp";

#[derive(Debug, Deserialize)]
pub(super) struct Request {
    /// The sealed offer from the page.
    enrolment: String,
    code: SecretText,
}

#[derive(Template)]
#[template(path = "security_info/totp.html")]
struct Page {
    frame: Frame,
    account: Account,
    refusal: Option<RefusalView>,
    enrolment: String,
    qr: String,
    secret: String,
}

pub(super) async fn show(
    State(app): State<AppState>,
    RegisteringSession { current: session }: RegisteringSession,
    language: Language,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let offer = credentials::offer_totp(&app, &session)
        .await
        .map_err(|refusal| sheet.way_on(refusal.into(), HERE))?;
    page(&sheet, StatusCode::OK, None, &offer)
}

/// A wrong code shows the same secret again: it is in the person's app by then.
pub(super) async fn submit(
    State(app): State<AppState>,
    caller: Caller,
    RegisteringSession { current: session }: RegisteringSession,
    language: Language,
    CheckedForm(request): CheckedForm<Request>,
) -> Result<Response, Problem> {
    let sheet = Sheet {
        app: &app,
        session: &session,
        language,
    };
    let sealed = &request.enrolment;
    match credentials::enrol_totp(&app, &caller, &session, sealed, request.code).await {
        Ok(()) => Ok(back("totp-added")),
        Err(CredentialRefusal::WrongCode) => {
            let offer = credentials::reopen_totp(&app, &session, sealed)
                .map_err(|refusal| sheet.way_on(refusal.into(), HERE))?;
            let problem: Problem = CredentialRefusal::WrongCode.into();
            let refusal = sheet.refusal(&problem, caller.correlation).at("code");
            page(&sheet, problem.status, Some(refusal), &offer)
        }
        Err(refusal) => Err(sheet.way_on(refusal.into(), HERE)),
    }
}

fn page(
    sheet: &Sheet<'_>,
    status: StatusCode,
    refusal: Option<RefusalView>,
    offer: &TotpOffer,
) -> Result<Response, Problem> {
    let page = Page {
        frame: sheet.frame(),
        account: sheet.account(),
        refusal,
        enrolment: offer.sealed.clone(),
        qr: qr(offer.uri.expose())?,
        secret: in_fours(offer.secret.expose()),
    };
    Ok(render_with(status, &page))
}

/// An SVG of plain attributes: the page's policy forbids styles in the markup.
fn qr(uri: &str) -> Result<String, Problem> {
    let code = QrCode::with_error_correction_level(uri, EcLevel::M)
        .map_err(|error| Problem::internal(format!("no QR code for an enrolment: {error}")))?;
    let image = code
        .render::<svg::Color<'_>>()
        .min_dimensions(192, 192)
        .build();
    let start = image.find("<svg").unwrap_or_default();
    Ok(image.get(start..).unwrap_or_default().to_owned())
}

/// Groups of four are easier to copy by hand.
fn in_fours(secret: &str) -> String {
    let mut grouped = String::with_capacity(secret.len() * 5 / 4);
    for (place, character) in secret.chars().enumerate() {
        if place > 0 && place % 4 == 0 {
            grouped.push(' ');
        }
        grouped.push(character);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_groups() {
        assert_eq!(in_fours("ABCDEFGHIJ"), "ABCD EFGH IJ");
        assert_eq!(in_fours(""), "");
    }

    #[test]
    fn the_picture_is_markup_without_styles_or_scripts() {
        let uri = "otpauth://totp/Keyward:ada?secret=ABCDEFGHIJKLMNOP&issuer=<b>Keyward</b>";
        let image = qr(uri).unwrap_or_default();
        assert!(image.starts_with("<svg") && image.ends_with("</svg>"));
        for banned in ["style", "script", "<b>", "otpauth"] {
            assert!(!image.contains(banned), "{banned}");
        }
    }
}
