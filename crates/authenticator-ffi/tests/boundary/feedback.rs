//! Feedback through the boundary.

use crate::shell::*;
use authenticator::rules::feedback::Bundle;
use authenticator_ffi::*;
use std::sync::Arc;

/// A shell and an app that has something to tell.
fn after_an_incident() -> (Arc<Shell>, Arc<PasskeyApp>) {
    let (shell, app) = Shell::with_app(AttestationKind::None);
    app.could_not_connect(Operation::SignIn, silent()).unwrap();
    (shell, app)
}

fn state(app: &PasskeyApp) -> Vec<(String, String)> {
    let listed = app.feedbacks().unwrap().into_iter();
    listed.map(|one| (one.id, one.state)).collect()
}

#[test]
fn feedback_made_offline_is_sent_later_under_the_same_id() {
    let (shell, app) = after_an_incident();
    shell.state().online = false;
    let id = app.make_feedback().unwrap();
    assert_eq!(id.len(), 14);
    assert_eq!(state(&app), [(id.clone(), "queued".to_owned())]);
    assert_eq!(app.feedback_to_send(), Ok(None));
    // The app is started again, and there is a connection.
    let again = shell
        .app(&description(AttestationKind::None), policy())
        .unwrap();
    shell.state().online = true;
    let sending = again.feedback_to_send().unwrap().unwrap();
    assert_eq!(sending.id, id);
    let bundle = Bundle::decode(&sending.bytes).unwrap();
    assert_eq!(bundle.id.to_string(), id);
    assert_eq!(bundle.items[0].code, "other_side_silent");
    assert_eq!(again.feedback_to_send().unwrap(), Some(sending));
    assert_eq!(again.feedback_arrived("0000-0000-0000"), Ok(false));
    assert_eq!(again.feedback_arrived("not an id"), Ok(false));
    let spoken = id.to_lowercase().replace('-', " ");
    assert_eq!(again.feedback_arrived(&spoken), Ok(true));
    assert_eq!(again.feedback_arrived(&id), Ok(false));
    assert_eq!(state(&again), [(id, "sent".to_owned())]);
    assert_eq!(again.feedback_to_send(), Ok(None));
}

#[test]
fn why_there_is_no_feedback_is_said() {
    let (_, quiet) = Shell::with_app(AttestationKind::None);
    assert_eq!(quiet.make_feedback(), Err(FeedbackFault::NothingToTell));
    let (shell, app) = after_an_incident();
    for call in ["entries", "write"] {
        shell.state().broken = Some(call);
        assert_eq!(app.make_feedback(), Err(FeedbackFault::NotKept), "{call}");
        assert!(app.failed_calls().unwrap().iter().any(|one| one == call));
    }
    shell.state().broken = None;
    assert_eq!(app.feedbacks(), Ok(Vec::new()));
    for _ in 0..8 {
        app.make_feedback().unwrap();
    }
    assert_eq!(app.make_feedback(), Err(FeedbackFault::Full));
    assert_eq!(app.feedbacks().unwrap().len(), 8);
}

#[test]
fn a_shelf_that_cannot_be_read_is_not_shown_as_one_without_feedback() {
    let (shell, app) = after_an_incident();
    let id = app.make_feedback().unwrap();
    shell.state().broken = Some("entries");
    assert_eq!(app.feedbacks(), Err(AppError::ShellFailed));
    assert_eq!(app.feedback_to_send(), Err(AppError::ShellFailed));
    assert_eq!(app.feedback_arrived(&id), Err(AppError::ShellFailed));
    shell.state().broken = Some("write");
    assert_eq!(app.feedback_arrived(&id), Ok(false));
    shell.state().broken = Some("online");
    assert_eq!(app.feedback_to_send(), Ok(None));
    shell.state().broken = None;
    assert_eq!(app.feedback_to_send().unwrap().unwrap().id, id);
}
