//! What an authenticator of the organisation says went wrong: taken without anybody being signed in, since signing in is what failed,
//! and read by whoever may read the audit log.

use authenticator::rules::feedback::{Bundle, BundleError, FeedbackId};
use axum::http::StatusCode;
use policy::Denial;
use policy::model::{TenantId, Timestamp};
use policy::roles::Task;
use store::StoreError;
use store::feedback::{Feedback, Kept};

use super::govern::Governor;
use super::refusal::Refused;
use crate::app::AppState;
use crate::web::Problem;

/// Bundles of one tenant at a time. A stranger who fills this keeps others from being helped for a while, and nothing else.
const MOST: i64 = 10_000;

/// Why feedback was not taken, or not shown.
#[derive(Clone, Debug)]
pub enum FeedbackRefusal {
    /// The bytes are no bundle.
    NotABundle(BundleError),
    /// Another bundle is kept under this id.
    Taken,
    /// Too many are kept.
    Full,
    /// What was typed is no id.
    NotAnId,
    /// There is none under this id, or it is too old.
    NotFound,
    /// Policy says no.
    Denied(Denial),
    /// Our own fault.
    Internal(String),
}

/// Keeps a bundle; its id, and whether it is new.
pub async fn take(
    app: &AppState,
    tenant: TenantId,
    bytes: &[u8],
) -> Result<(FeedbackId, bool), FeedbackRefusal> {
    let bundle = Bundle::decode(bytes).map_err(FeedbackRefusal::NotABundle)?;
    let id = bundle.id;
    let new = Feedback {
        received: app.clock.now(),
        bundle: bytes.to_vec(),
    };
    let kept = app.store.write(move |tx| {
        Box::pin(async move { store::feedback::keep(tx, tenant, &id.compact(), &new, MOST).await })
    });
    match kept.await.map_err(|error: StoreError| internal(&error))? {
        Kept::New => Ok((id, true)),
        Kept::Already => Ok((id, false)),
        Kept::Another => Err(FeedbackRefusal::Taken),
        Kept::Full => Err(FeedbackRefusal::Full),
    }
}

/// The bundle under the id that somebody read out, and when it came.
pub async fn find(
    app: &AppState,
    by: &Governor,
    typed: &str,
) -> Result<(Bundle, Timestamp), FeedbackRefusal> {
    by.may(Task::ReadAudit).map_err(FeedbackRefusal::Denied)?;
    let id = FeedbackId::parse(typed).map_err(|_| FeedbackRefusal::NotAnId)?;
    let tenant = by.tenant();
    let found = app.store.read_point(move |tx| {
        Box::pin(async move { store::feedback::find(tx, tenant, &id.compact()).await })
    });
    let found: Option<Feedback> = found.await.map_err(|error: StoreError| internal(&error))?;
    let found = found.ok_or(FeedbackRefusal::NotFound)?;
    let bundle = Bundle::decode(&found.bundle)
        .map_err(|error| FeedbackRefusal::Internal(format!("stored feedback: {error}")))?;
    Ok((bundle, found.received))
}

fn internal(error: &StoreError) -> FeedbackRefusal {
    FeedbackRefusal::Internal(format!("store: {error}"))
}

impl Refused for FeedbackRefusal {
    fn code(&self) -> &'static str {
        match self {
            Self::NotABundle(_) => "feedback_malformed",
            Self::Taken => "feedback_id_taken",
            Self::Full => "feedback_full",
            Self::NotAnId => "feedback_id_invalid",
            Self::NotFound => "feedback_not_found",
            Self::Denied(denial) => denial.code(),
            Self::Internal(_) => "internal",
        }
    }

    fn user_sentence(&self) -> String {
        match self {
            Self::NotABundle(_) => "This is no feedback that can be read here. Update the app, then send it again.",
            Self::Taken => "Another feedback has this id. Make a new one and send it.",
            Self::Full => "There is no room for more feedback at the moment. Try again tomorrow, and tell your administrator.",
            Self::NotAnId => "This is no id of a feedback. It has twelve characters in three groups; one of them may be wrong.",
            Self::NotFound => "There is no feedback with this id. It may not have been sent yet, or it is older than thirty days.",
            Self::Denied(denial) => denial.user_sentence(),
            Self::Internal(_) => "Something went wrong on our side. Please try again.",
        }
        .to_owned()
    }

    fn admin_sentence(&self) -> String {
        match self {
            Self::NotABundle(error) => format!("Feedback was refused: {error}."),
            Self::Full => format!("The tenant has {MOST} feedbacks, which is as many as are kept."),
            Self::Denied(denial) => denial.admin_sentence().to_owned(),
            Self::Internal(why) => why.clone(),
            other => other.user_sentence(),
        }
    }

    fn status(&self) -> StatusCode {
        match self {
            Self::NotABundle(_) | Self::NotAnId => StatusCode::BAD_REQUEST,
            Self::Taken => StatusCode::CONFLICT,
            Self::Full => StatusCode::SERVICE_UNAVAILABLE,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Denied(_) => StatusCode::FORBIDDEN,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<FeedbackRefusal> for Problem {
    fn from(refusal: FeedbackRefusal) -> Self {
        refusal.problem()
    }
}
