use policy::model::TenantId;

use super::claims::IdClaims;
use super::metadata;
use crate::app::AppState;
use crate::jose::TokenType;
use crate::web::Problem;

/// The claims of an `id_token_hint`: an ID token this tenant signed. It may have expired, since it only says who somebody
/// was (Core section 3.1.2.1); an access token, another tenant's token or a changed one is nothing.
pub async fn read(
    app: &AppState,
    tenant: TenantId,
    token: &str,
) -> Result<Option<IdClaims>, Problem> {
    let keys = app
        .keyring
        .of(app, tenant)
        .await
        .map_err(|fault| Problem::internal(format!("signing keys: {fault}")))?;
    let issuer = metadata::issuer(app.config.origin(), tenant);
    let claims = keys
        .published()
        .verify::<IdClaims>(TokenType::IdToken, token)
        .ok();
    Ok(claims.filter(|claims| claims.iss == issuer))
}
