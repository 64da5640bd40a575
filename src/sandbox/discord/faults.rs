//! Faults that a test asks for, and the record of every request that came in.

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;
use tokio::time::Instant;

use super::error::ApiError;

/// The newest requests are kept, older ones forgotten: a long-running sandbox must not grow.
const CALLS_KEPT: usize = 2_000;

/// Something that goes wrong for the next `times` requests on a route such as `POST /channels/{id}/messages`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum DiscordFault {
    /// Answers 429 and asks to wait.
    RateLimit { route: String, times: u32, retry_after_millis: u64 },
    /// Answers, and says that with this the route's budget is spent for so long; what comes earlier is answered 429.
    Exhaust { route: String, times: u32, reset_after_millis: u64 },
    /// Refuses with the given status and Discord code.
    Fail { route: String, times: u32, status: u16, code: u64, message: String },
    /// Answers 500 and does nothing.
    ServerError { route: String, times: u32 },
    /// Does what was asked, then answers 500: the caller can't know.
    LoseAnswer { route: String, times: u32 },
    /// Waits before doing anything.
    Slow { route: String, times: u32, millis: u64 },
}

/// What a fault does to one request.
#[derive(Debug, PartialEq)]
pub(super) enum Effect {
    Refuse(ApiError),
    LoseAnswer,
    Delay(u64),
    /// The budget is spent for so many milliseconds.
    Spend(u64),
}

#[derive(Debug, Default)]
pub(super) struct Faults {
    waiting: Vec<DiscordFault>,
    /// Requests whose budget is spent until a moment, by method and path.
    spent: HashMap<String, Instant>,
    calls: VecDeque<(String, Value)>,
}

impl Faults {
    pub(super) fn add(&mut self, fault: DiscordFault) {
        self.waiting.push(fault);
    }

    pub(super) fn mend(&mut self) {
        self.waiting.clear();
    }

    /// Takes one turn of every kind of fault that is due for a request.
    pub(super) fn take(&mut self, method: &str, path: &str) -> Vec<Effect> {
        let call = format!("{method} {path}");
        self.spent.retain(|_, until| *until > Instant::now());
        if let Some(until) = self.spent.get(&call) {
            let left = until.saturating_duration_since(Instant::now());
            return vec![Effect::Refuse(ApiError::rate_limited(u64::try_from(left.as_millis()).unwrap_or(0) + 1))];
        }
        let mut effects = Vec::new();
        for fault in &mut self.waiting {
            let (route, times, effect) = fault.parts();
            if *times > 0 && matches(route, method, path) {
                *times -= 1;
                if let Effect::Spend(millis) = effect {
                    self.spent.insert(call.clone(), Instant::now() + Duration::from_millis(millis));
                }
                effects.push(effect);
            }
        }
        self.waiting.retain_mut(|fault| *fault.parts().1 > 0);
        effects
    }

    pub(super) fn record(&mut self, route: String, body: Value) {
        if self.calls.len() >= CALLS_KEPT {
            self.calls.pop_front();
        }
        self.calls.push_back((route, body));
    }

    pub(super) fn calls(&self) -> Vec<(String, Value)> {
        self.calls.iter().cloned().collect()
    }
}

impl DiscordFault {
    fn parts(&mut self) -> (&str, &mut u32, Effect) {
        match self {
            DiscordFault::RateLimit { route, times, retry_after_millis } => {
                (route, times, Effect::Refuse(ApiError::rate_limited(*retry_after_millis)))
            }
            DiscordFault::Exhaust { route, times, reset_after_millis } => {
                (route, times, Effect::Spend(*reset_after_millis))
            }
            DiscordFault::Fail { route, times, status, code, message } => {
                (route, times, Effect::Refuse(ApiError::new(*status, *code, message)))
            }
            DiscordFault::ServerError { route, times } => (route, times, Effect::Refuse(ApiError::server_error())),
            DiscordFault::LoseAnswer { route, times } => (route, times, Effect::LoseAnswer),
            DiscordFault::Slow { route, times, millis } => (route, times, Effect::Delay(*millis)),
        }
    }
}

/// Whether a route written with `{id}` placeholders is the one of a request.
fn matches(route: &str, method: &str, path: &str) -> bool {
    let Some((wanted, pattern)) = route.split_once(' ') else {
        return false;
    };
    let pattern: Vec<&str> = pattern.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    wanted == method
        && pattern.len() == parts.len()
        && pattern.iter().zip(&parts).all(|(wanted, part)| {
            // `@me` and `@original` are places of their own, never an id.
            if wanted.starts_with('{') { !part.starts_with('@') } else { wanted == part }
        })
}

/// The route of a request with its ids and tokens replaced: `POST /channels/{id}/messages`.
pub(super) fn template(method: &str, segments: &[&str]) -> String {
    let secret = matches!(segments.first(), Some(&("webhooks" | "interactions")));
    let mut route = format!("{method} ");
    for (index, part) in segments.iter().enumerate() {
        let part = match *part {
            _ if secret && index == 2 => "{token}",
            part if part.parse::<u64>().is_ok() => "{id}",
            part => part,
        };
        route.push('/');
        route.push_str(part);
    }
    route
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn routes_are_told_apart_by_method_shape_and_words() {
        assert!(matches("POST /channels/{id}/messages", "POST", "/channels/12/messages"));
        assert!(!matches("POST /channels/{id}/messages", "GET", "/channels/12/messages"));
        assert!(!matches("PATCH /webhooks/{a}/{t}/messages/{id}", "PATCH", "/webhooks/1/t/messages/@original"));
        assert!(matches("PATCH /channels/12", "PATCH", "/channels/12"));
        assert!(!matches("PATCH /channels/12", "PATCH", "/channels/13"));
    }

    #[test]
    fn a_fault_lasts_as_many_times_as_it_was_asked_for() {
        let mut faults = Faults::default();
        faults.add(DiscordFault::Slow { route: "GET /gateway".into(), times: 2, millis: 5 });
        assert_eq!(faults.take("GET", "/gateway"), vec![Effect::Delay(5)]);
        assert_eq!(faults.take("GET", "/gateway"), vec![Effect::Delay(5)]);
        assert_eq!(faults.take("GET", "/gateway"), vec![]);
    }

    #[test]
    fn ids_and_tokens_are_left_out_of_the_recorded_route() {
        assert_eq!(template("POST", &["channels", "7", "messages"]), "POST /channels/{id}/messages");
        assert_eq!(
            template("PATCH", &["webhooks", "7", "abc", "messages", "@original"]),
            "PATCH /webhooks/{id}/{token}/messages/@original"
        );
    }
}
