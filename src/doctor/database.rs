//! The database: there, safe, with a schema and an organisation.

use secrecy::ExposeSecret;
use sqlx::postgres::PgConnectOptions;

use super::Finding;
use super::finding::causes;
use crate::config::RunSettings;
use crate::domain::Organisation;
use crate::store::Store;

/// How it is, and whom the bot would serve.
pub async fn examine(settings: &RunSettings) -> (Finding, Vec<Organisation>) {
    match look(settings).await {
        Ok(organisations) => {
            let line = "Postgres answers, keeps what it acknowledges, and the bot's role cannot rewrite the log.";
            (Finding::good(line), organisations)
        }
        Err(sentence) => (Finding::wrong(sentence), Vec::new()),
    }
}

async fn look(settings: &RunSettings) -> Result<Vec<Organisation>, String> {
    let url = settings.database.database_url.expose_secret();
    let options: PgConnectOptions = url
        .parse()
        .map_err(|_| "DATABASE_URL is no address of Postgres, like postgres://wardroom_app@host/wardroom.")?;
    let store =
        Store::connect(options, 1).await.map_err(|error| format!("Postgres cannot be reached: {}.", causes(&error)))?;
    store.check().await.map_err(|error| format!("Postgres: {error}."))?;
    store
        .clock_offset()
        .await
        .map_err(|_| "The database has no schema of Wardroom; run `wardroom migrate` as a role that may create one.")?;
    if store.role_owns_log().await.map_err(|error| causes(&error))? {
        return Err("The bot connects as a role that could rewrite the log; connect as wardroom_app.".to_owned());
    }
    let organisations = organisations(&store).await.map_err(|error| causes(&error))?;
    if organisations.is_empty() {
        return Err("No organisation is loaded; run `wardroom org apply FILE`.".to_owned());
    }
    Ok(organisations)
}

async fn organisations(store: &Store) -> Result<Vec<Organisation>, crate::store::StoreError> {
    let mut found = Vec::new();
    for tenant in store.tenants().await? {
        found.push(store.begin(tenant).await?.organisation().await?);
    }
    Ok(found)
}
