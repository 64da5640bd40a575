//! Logging: text for people, JSON for machines; other crates only where something is wrong. Metrics for `/metrics`.

use std::io::IsTerminal;
use std::sync::OnceLock;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

/// Spans of serenity and slack-morphism carry bodies and tokens, so they speak only where something is wrong; serenity warns at every
/// orderly end.
const DEFAULT_FILTER: &str = "warn,serenity=error,graphile_worker=error,wardroom=info";

/// For commands whose own words matter more than the log's: only what goes wrong. They read whole tables, so that a slow
/// statement is none.
pub const QUIET: &str = "warn,serenity=error,graphile_worker=error,sqlx=error";

/// Starts logging to standard error. `filter` is a `tracing` filter, as in `RUST_LOG`.
pub fn start(filter: Option<&str>, json: bool) {
    let filter =
        filter.and_then(|filter| EnvFilter::try_new(filter).ok()).unwrap_or_else(|| EnvFilter::new(DEFAULT_FILTER));
    let builder = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let builder = builder.with_ansi(std::io::stderr().is_terminal());
    // A second start (tests in one process) keeps the first one's settings.
    let _ = if json { builder.json().try_init() } else { builder.compact().try_init() };
}

/// Seconds that split quick answers from slow ones, and those from what a platform gives up on (3 s).
const BUCKETS: [f64; 10] = [0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1.0, 3.0, 10.0];

/// Seconds that split messages on time from late ones, and those from very late ones: 10 s, 1 min, 10 min, 1 h, 1 day.
const DELAYS: [f64; 7] = [1.0, 3.0, 10.0, 60.0, 600.0, 3_600.0, 86_400.0];

/// The metrics of this process as Prometheus reads them. The first call begins to count: what was counted before is lost.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).expect("there are buckets");
        let delay = Matcher::Full("wardroom_delivery_delay_seconds".to_owned());
        let builder = builder.set_buckets_for_metric(delay, &DELAYS).expect("there are buckets");
        let handle = builder.install_recorder().expect("nothing else records this process's metrics");
        describe();
        handle
    })
}

/// Says beside each number what it means.
fn describe() {
    use metrics::{describe_counter, describe_gauge, describe_histogram};
    describe_histogram!("wardroom_answer_seconds", "From a command or click to its answer.");
    describe_histogram!("wardroom_delivery_delay_seconds", "From a decision to its message in a place.");
    describe_gauge!("wardroom_deliveries_waiting", "Messages that are still to be sent.");
    describe_gauge!(
        "wardroom_jobs_failed",
        "Jobs that failed and are to be tried again, or that nobody tries any more."
    );
    describe_gauge!(
        "wardroom_invalid_requests",
        "Requests that Discord refused (401, 403, 429) in the current ten minutes: it bans an address that has 10,000."
    );
    describe_counter!(
        "wardroom_send_total",
        "Calls to a platform by how they ended: ok, refused, rate_limited, unclear."
    );
    describe_counter!("wardroom_checkpoints_total", "Signed checkpoints of the decision log.");
    describe_counter!("wardroom_checkpoints_cosigned_total", "Checkpoints that a witness has cosigned.");
    describe_counter!(
        "wardroom_witness_disputes_total",
        "Checkpoints that a witness finds not to continue what it has cosigned."
    );
    describe_counter!(
        "wardroom_checkpoints_pending_total",
        "Answers that went out before their entry was signed outside the database, because that took too long."
    );
    describe_gauge!("wardroom_siem_lag_entries", "Entries of the log that the SIEM has not taken yet.");
    describe_counter!("wardroom_siem_sent_total", "Entries that the SIEM has taken, repetitions included.");
    describe_counter!("wardroom_siem_failures_total", "Batches that the SIEM did not take.");
    describe_counter!("wardroom_rate_limited_total", "Times that a platform asked to wait.");
    describe_counter!("wardroom_refusals_total", "Refusals of deliveries by the platform's own code.");
    describe_counter!("wardroom_say_given_up_total", "Messages that were refused for a day and given up.");
}
