//! Migrations: run as a role that may create roles and schemas, never as the bot's own.

use graphile_worker::WorkerOptions;
use sqlx::PgPool;
use sqlx::postgres::{PgConnectOptions, PgPoolOptions};

use super::error::Doing;
use super::{MIGRATOR, StoreError};

/// The bot's own role: what `run` connects as.
pub const APP_ROLE: &str = "wardroom_app";

/// Brings a database to this version, and gives the bot's role its rights. Harmless to repeat.
pub async fn migrate(options: PgConnectOptions) -> Result<(), StoreError> {
    let pool = PgPoolOptions::new().max_connections(2).connect_with(options).await.doing("connecting to migrate")?;
    MIGRATOR
        .run(&pool)
        .await
        .map_err(|error| StoreError::Database { doing: "running migrations", source: error.into() })?;
    prepare_queue(&pool).await?;
    pool.close().await;
    Ok(())
}

/// The job queue brings its own schema; its tables have row-level security without a policy, so the bot gets one.
async fn prepare_queue(pool: &PgPool) -> Result<(), StoreError> {
    WorkerOptions::default()
        .pg_pool(pool.clone())
        .schema("graphile_worker")
        .listen_os_shutdown_signals(false)
        .init()
        .await
        .map_err(|error| StoreError::Impossible { what: format!("the job queue's schema: {error}") })?;
    sqlx::raw_sql(
        "grant usage on schema graphile_worker to wardroom_app;
         grant all on all tables in schema graphile_worker to wardroom_app;
         grant all on all sequences in schema graphile_worker to wardroom_app;
         do $$ declare queue_table text; begin
           for queue_table in select format('%I.%I', schemaname, tablename) from pg_tables
             where schemaname = 'graphile_worker' and rowsecurity
           loop
             execute format('drop policy if exists wardroom on %s', queue_table);
             execute format('create policy wardroom on %s to wardroom_app using (true) with check (true)', queue_table);
           end loop;
         end $$;",
    )
    .execute(pool)
    .await
    .doing("giving the bot its rights on the job queue")?;
    Ok(())
}

/// Makes a database where it is missing.
pub async fn ensure_database(options: PgConnectOptions, name: &str) -> Result<(), StoreError> {
    let pool = PgPoolOptions::new().max_connections(1).connect_with(options).await.doing("connecting to Postgres")?;
    let exists: bool = sqlx::query_scalar("select exists (select from pg_database where datname = $1)")
        .bind(name)
        .fetch_one(&pool)
        .await
        .doing("looking for the database")?;
    if !exists {
        let quoted = name.replace('"', "");
        sqlx::query(sqlx::AssertSqlSafe(format!("create database \"{quoted}\"")))
            .execute(&pool)
            .await
            .doing("creating the database")?;
    }
    pool.close().await;
    Ok(())
}
