//! `views.*`: forms and the app's home.

use serde_json::json;

use super::SlackWorkspace;
use super::api::{ApiError, ApiResult};
use super::args::Args;
use super::blocks;
use super::modals::Modal;
use super::state::State;

/// Modals that can lie on top of each other.
pub const MODALS_MAX: usize = 3;

impl SlackWorkspace {
    pub(super) fn views_open(&self, state: &mut State, args: &Args) -> ApiResult {
        let modal = self.checked_modal(args)?;
        let trigger = args.filled("trigger_id").ok_or("invalid_arguments")?;
        let user = state.live.spend_trigger(&trigger)?;
        let answer = json!({"view": modal.json(&self.cast)});
        state.live.modals.insert(user, vec![modal]);
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn views_push(&self, state: &mut State, args: &Args) -> ApiResult {
        let mut modal = self.checked_modal(args)?;
        let trigger = args.filled("trigger_id").ok_or("invalid_arguments")?;
        let user = state.live.spend_trigger(&trigger)?;
        let stack = state.live.modals.entry(user).or_default();
        if stack.len() >= MODALS_MAX {
            return Err("push_limit_reached".into());
        }
        modal.lie_on(stack.last());
        let answer = json!({"view": modal.json(&self.cast)});
        stack.push(modal);
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn views_update(&self, state: &mut State, args: &Args) -> ApiResult {
        let new = self.checked_modal(args)?;
        let (view_id, external_id) = (args.filled("view_id"), args.filled("external_id"));
        let named = |modal: &&mut Modal| match (&view_id, &external_id) {
            (Some(id), _) => modal.id == *id,
            (None, Some(id)) => modal.view["external_id"] == **id,
            (None, None) => false,
        };
        let modal = state.live.modals.values_mut().flatten().find(named).ok_or("not_found")?;
        if args.filled("hash").is_some_and(|hash| hash != modal.hash) {
            return Err("hash_conflict".into());
        }
        modal.replace(new);
        let answer = json!({"view": modal.json(&self.cast)});
        state.changed = true;
        Ok(answer)
    }

    pub(super) fn views_publish(&self, state: &mut State, args: &Args) -> ApiResult {
        let user = args.filled("user_id").ok_or("invalid_arguments")?;
        if !self.cast.knows(&user) {
            return Err("user_not_found".into());
        }
        let view = args.json("view").ok_or("invalid_arguments")?;
        let problems = blocks::check_home(&view);
        if !problems.is_empty() {
            return Err(ApiError::with_messages("invalid_arguments", problems));
        }
        let home = Modal::new(view);
        let answer = home.json(&self.cast);
        let mut kept = answer.clone();
        kept["at"] = json!(self.now().timestamp_millis());
        state.live.homes.insert(user, kept);
        state.changed = true;
        Ok(json!({"view": answer}))
    }

    fn checked_modal(&self, args: &Args) -> Result<Modal, ApiError> {
        let view = args.json("view").ok_or("invalid_arguments")?;
        self.modal_from(view).map_err(|problems| ApiError::with_messages("invalid_arguments", problems))
    }
}
