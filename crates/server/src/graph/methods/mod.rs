//! `users/{user}/authentication` and `me/authentication`: what somebody signs in with.

mod creation_options;
mod empty;
mod envelope;
pub(super) mod fido2;
mod list;
mod pass;
mod password;
mod preferences;
mod totp;
mod views;

use axum::http::StatusCode;
use policy::scopes::Operation;

use super::table::{Route, Verb};
use crate::graph_handler;

pub const ROUTES: &[Route] = &[
    Route::new(
        Verb::Get,
        "users/{user}/authentication/methods",
        Operation::ReadMethods,
        "List authentication methods",
        graph_handler!(list::list),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/methods/{method}",
        Operation::ReadMethods,
        "Get an authentication method",
        graph_handler!(list::get),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Post,
        "users/{user}/authentication/methods/{method}/resetPassword",
        Operation::ResetPassword,
        "Reset a password",
        graph_handler!(password::reset),
    ),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/fido2Methods",
        Operation::ReadPasskeys,
        "List passkeys",
        graph_handler!(fido2::list),
    )
    .own(Operation::ReadOwnPasskeys),
    Route::new(
        Verb::Post,
        "users/{user}/authentication/fido2Methods",
        Operation::ManagePasskeys,
        "Register a passkey",
        graph_handler!(fido2::create),
    )
    .own(Operation::ManageOwnPasskeys)
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/fido2Methods/creationOptions",
        Operation::ManagePasskeys,
        "Get options for registering a passkey",
        graph_handler!(creation_options::get),
    )
    .own(Operation::ManageOwnPasskeys),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/fido2Methods/{method}",
        Operation::ReadPasskeys,
        "Get a passkey",
        graph_handler!(fido2::get),
    )
    .own(Operation::ReadOwnPasskeys),
    Route::new(
        Verb::Patch,
        "users/{user}/authentication/fido2Methods/{method}",
        Operation::ManagePasskeys,
        "Rename a passkey",
        graph_handler!(fido2::rename),
    )
    .own(Operation::ManageOwnPasskeys),
    Route::new(
        Verb::Delete,
        "users/{user}/authentication/fido2Methods/{method}",
        Operation::ManagePasskeys,
        "Delete a passkey",
        graph_handler!(fido2::delete),
    )
    .own(Operation::ManageOwnPasskeys),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/temporaryAccessPassMethods",
        Operation::ReadPasses,
        "List Temporary Access Passes",
        graph_handler!(pass::list),
    )
    .own(Operation::ReadOwnPasses),
    Route::new(
        Verb::Post,
        "users/{user}/authentication/temporaryAccessPassMethods",
        Operation::ManagePasses,
        "Issue a Temporary Access Pass",
        graph_handler!(pass::create),
    )
    .gives(StatusCode::CREATED),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/temporaryAccessPassMethods/{method}",
        Operation::ReadPasses,
        "Get a Temporary Access Pass",
        graph_handler!(pass::get),
    )
    .own(Operation::ReadOwnPasses),
    Route::new(
        Verb::Delete,
        "users/{user}/authentication/temporaryAccessPassMethods/{method}",
        Operation::ManagePasses,
        "Delete a Temporary Access Pass",
        graph_handler!(pass::delete),
    ),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/passwordMethods",
        Operation::ReadMethods,
        "List passwords",
        graph_handler!(password::list),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/passwordMethods/{method}",
        Operation::ReadMethods,
        "Get a password",
        graph_handler!(password::get),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Post,
        "users/{user}/authentication/passwordMethods/{method}/resetPassword",
        Operation::ResetPassword,
        "Reset a password",
        graph_handler!(password::reset),
    ),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/softwareOathMethods",
        Operation::ReadMethods,
        "List one-time code generators",
        graph_handler!(totp::list),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/softwareOathMethods/{method}",
        Operation::ReadMethods,
        "Get a one-time code generator",
        graph_handler!(totp::get),
    )
    .own(Operation::ReadOwnMethods),
    Route::new(
        Verb::Delete,
        "users/{user}/authentication/softwareOathMethods/{method}",
        Operation::ManageMethods,
        "Delete a one-time code generator",
        graph_handler!(totp::delete),
    )
    .own(Operation::ManageOwnMethods),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/signInPreferences",
        Operation::ReadMethods,
        "Get sign-in preferences",
        graph_handler!(preferences::sign_in),
    )
    .own(Operation::ReadOwnMethods)
    .beta(),
    Route::new(
        Verb::Get,
        "users/{user}/authentication/requirements",
        Operation::ReadMethods,
        "Get per-user requirements",
        graph_handler!(preferences::requirements),
    )
    .own(Operation::ReadOwnMethods)
    .beta(),
    Route::new(
        Verb::Patch,
        "users/{user}/authentication/signInPreferences",
        Operation::ManageMethods,
        "Set sign-in preferences",
        graph_handler!(preferences::update_sign_in),
    )
    .own(Operation::ManageOwnMethods)
    .gives(StatusCode::NO_CONTENT)
    .beta(),
    Route::new(
        Verb::Patch,
        "users/{user}/authentication/requirements",
        Operation::WriteRequirements,
        "Set per-user requirements",
        graph_handler!(preferences::update_requirements),
    )
    .gives(StatusCode::NO_CONTENT)
    .beta(),
    empty::kind("users/{user}/authentication/phoneMethods", "List phones"),
    empty::kind(
        "users/{user}/authentication/emailMethods",
        "List mail addresses",
    ),
    empty::kind(
        "users/{user}/authentication/microsoftAuthenticatorMethods",
        "List Microsoft Authenticators",
    ),
    empty::kind(
        "users/{user}/authentication/windowsHelloForBusinessMethods",
        "List Windows Hello keys",
    ),
    empty::kind(
        "users/{user}/authentication/platformCredentialMethods",
        "List platform credentials",
    ),
    empty::kind(
        "users/{user}/authentication/externalAuthenticationMethods",
        "List external methods",
    ),
    empty::kind("users/{user}/authentication/operations", "List operations"),
    empty::kind(
        "users/{user}/authentication/hardwareOathMethods",
        "List hardware code generators",
    )
    .beta(),
    empty::kind(
        "users/{user}/authentication/passwordlessMicrosoftAuthenticatorMethods",
        "List passwordless Microsoft Authenticators",
    )
    .beta(),
];
