//! From what came in to what is asked for: text, options, clicks and forms all end in one call.

use std::collections::BTreeMap;

use super::handle::HandleError;
use super::inbound::{Act, FieldError, Inbound, Reply};
use super::{App, Tenant, answer, custom_fields};
use crate::domain::{Actor, Ask, Command, Place, Refusal, Utterance};
use crate::language::presses::Press;
use crate::language::{
    Call, Filled, Listener, Misunderstood, Need, Understanding, Verb, forms, grammar, message_text, severity,
    understand,
};
use crate::render::Form;
use crate::store::{StoredForm, Tx};

pub(super) enum Intake {
    /// It is clear what is asked for. `place` is where it was asked first: a form keeps the place where it was opened.
    /// `said`: how it was said, so that it can be mended where it is refused for something in it.
    Understood { utterance: Utterance, revision: Option<i32>, place: Place, said: Box<StoredForm> },
    /// There is nothing to decide yet: a form, a question back, a choice that was kept.
    Answered(Reply),
}

impl App {
    pub(super) async fn intake(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
    ) -> Result<Intake, HandleError> {
        let parsed = match &inbound.act {
            Act::Says { command, text } => grammar::parse(command, text),
            Act::Writes { text } => match message_text::command_in(text) {
                Some((command, text)) => grammar::parse(command, text),
                None => return Ok(Intake::Answered(Reply::Quiet)),
            },
            Act::Chooses { command, verb, options } => grammar::from_options(command, verb, options),
            Act::Presses { button } => return self.pressed(tx, tenant, actor, inbound, button).await,
            Act::Selects { form, field, value } => return self.selected(tx, inbound, form, field, value).await,
            Act::Continues { form } => return self.continued(tx, tenant, actor, inbound, form).await,
            Act::Submits { form, fields } => return self.submitted(tx, tenant, actor, inbound, form, fields).await,
            // Heard before it comes to this.
            Act::OpensHome
            | Act::WasDeactivated
            | Act::IsActive
            | Act::BotWasRemoved { .. }
            | Act::BotIsMember
            | Act::Types { .. } => return Ok(Intake::Answered(Reply::Quiet)),
        };
        match parsed {
            Ok(call) => self.called(tx, tenant, actor, inbound, call, None).await,
            Err(misunderstood) => self.misunderstood(tenant, &misunderstood),
        }
    }

    async fn called(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
        call: Call,
        button: Option<Press>,
    ) -> Result<Intake, HandleError> {
        let call = severity::settled(call, &tenant.policy);
        let listener = listener(tenant, actor, &inbound.place);
        match understand(&call, &listener) {
            Understanding::Clear(utterance) => {
                let revision = button.and_then(|button| button.revision);
                let said = Box::new(new_form(inbound, call, button));
                Ok(Intake::Understood { utterance, revision, place: inbound.place.clone(), said })
            }
            Understanding::Missing => self.open_form(tx, tenant, actor, inbound, call, button).await,
            // A click says no more than its button does: the rest is asked.
            Understanding::Wrong(_) if button.is_some() => {
                self.open_form(tx, tenant, actor, inbound, call, button).await
            }
            Understanding::Wrong(wrong) => {
                let sentence = wrong.into_iter().map(|(_, sentence)| sentence).collect::<Vec<_>>().join("\n");
                let examples = call.verb().map(|verb| vec![verb.example.to_owned()]).unwrap_or_default();
                self.misunderstood(tenant, &Misunderstood { sentence, examples })
            }
        }
    }

    async fn pressed(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
        button: &str,
    ) -> Result<Intake, HandleError> {
        match Press::parse(button) {
            Some(press) => self.called(tx, tenant, actor, inbound, press.call(), Some(press)).await,
            None => Ok(Intake::Answered(Reply::Tell { message: answer::old_button() })),
        }
    }

    /// Keeps the call until the rest of it comes. A form that an unlinked account may not use is opened all the same:
    /// who may do what is decided in one place only.
    async fn open_form(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
        mut call: Call,
        button: Option<Press>,
    ) -> Result<Intake, HandleError> {
        let mut filled = match self.filled(tx, tenant, actor.person(), &inbound.place, &mut call).await? {
            Ok(filled) => filled,
            Err(refusal) => {
                return Ok(Intake::Answered(Reply::Tell { message: answer::Teller::refused(&refusal, None) }));
            }
        };
        // What is on a list is for people of the house alone.
        if actor.person().is_some() {
            self.asking_for_item(tx, inbound, &mut call, &mut filled).await?;
            self.asking_about_skipped(tx, tenant, inbound, &call, &mut filled).await?;
        }
        let call = match custom_fields::of_verb(&call) {
            Some(of) => self.asking_for_fields(tx, inbound, of, call).await?,
            None => call,
        };
        let stored = StoredForm { filled, ..new_form(inbound, call, button) };
        tx.save_form(&stored, self.clock.now()).await?;
        Ok(Intake::Answered(ask(&stored, tenant)))
    }

    async fn selected(
        &self,
        tx: &mut Tx,
        inbound: &Inbound,
        form: &str,
        field: &str,
        value: &str,
    ) -> Result<Intake, HandleError> {
        let Some(mut stored) = own_form(tx, inbound, form).await? else {
            return Ok(Intake::Answered(Reply::Tell { message: answer::old_form() }));
        };
        if stored.call.verb().is_some_and(|verb| verb.takes(field)) {
            stored.call.give(field, value);
            tx.save_form(&stored, self.clock.now()).await?;
        }
        Ok(Intake::Answered(Reply::Quiet))
    }

    /// Goes on with a form whose choices were made one by one. Where nothing else is missing, that sends it.
    async fn continued(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
        form: &str,
    ) -> Result<Intake, HandleError> {
        let Some(stored) = own_form(tx, inbound, form).await? else {
            return Ok(Intake::Answered(Reply::Tell { message: answer::old_form() }));
        };
        let listener = listener(tenant, actor, &stored.place);
        match understand(&stored.call, &listener) {
            Understanding::Clear(_) if stored.call.refused => Ok(Intake::Answered(ask(&stored, tenant))),
            // What was filled in is read before it is sent.
            Understanding::Clear(_) if stored.filled.is_empty() => {
                self.submitted(tx, tenant, actor, inbound, form, &BTreeMap::new()).await
            }
            Understanding::Clear(_) | Understanding::Missing | Understanding::Wrong(_) => {
                Ok(Intake::Answered(ask(&stored, tenant)))
            }
        }
    }

    async fn submitted(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        actor: &Actor,
        inbound: &Inbound,
        form: &str,
        fields: &BTreeMap<String, String>,
    ) -> Result<Intake, HandleError> {
        let Some(mut stored) = own_form(tx, inbound, form).await? else {
            return Ok(Intake::Answered(Reply::Tell { message: answer::old_form() }));
        };
        let Some(verb) = stored.call.verb() else {
            return Ok(Intake::Answered(Reply::Tell { message: answer::old_form() }));
        };
        for (name, value) in fields.iter().filter(|(name, _)| verb.takes(name)) {
            stored.call.given.remove(name);
            stored.call.give(name, &value.chars().take(grammar::chars_max(name)).collect::<String>());
        }
        let listener = listener(tenant, actor, &stored.place);
        let errors = match understand(&stored.call, &listener) {
            Understanding::Clear(mut utterance) => {
                let Some(error) = another(&stored, &utterance) else {
                    name_sources(&stored, &mut utterance);
                    tx.close_form(&stored.id, self.clock.now()).await?;
                    let revision = stored.button.and_then(|button| button.revision);
                    let place = stored.place.clone();
                    return Ok(Intake::Understood { utterance, revision, place, said: Box::new(stored) });
                };
                vec![error]
            }
            Understanding::Missing => missing(&stored.call),
            Understanding::Wrong(wrong) => {
                wrong.into_iter().map(|(field, sentence)| FieldError { field: field.to_owned(), sentence }).collect()
            }
        };
        // What was given stays given: nobody types a rollback plan twice at 3 a.m.
        tx.save_form(&stored, self.clock.now()).await?;
        let form = form_of(&stored, verb, tenant);
        Ok(Intake::Answered(Reply::Faults { form, errors }))
    }

    /// A refusal that the form can mend: what was said stays said, and the field tells what is wrong with it.
    pub(super) async fn send_back(
        &self,
        tx: &mut Tx,
        tenant: &Tenant,
        mut said: StoredForm,
        refusal: &Refusal,
    ) -> Result<Option<Reply>, HandleError> {
        let (Some(field), Some(verb)) = (refusal.field.clone(), said.call.verb()) else { return Ok(None) };
        said.call.refused = true;
        tx.save_form(&said, self.clock.now()).await?;
        // Beside a field nothing is set as code.
        let sentence = format!("{} {} Rule {}.", refusal.sentence, refusal.next, refusal.rule).replace('`', "\"");
        let form = form_of(&said, verb, tenant);
        Ok(Some(Reply::Faults { form, errors: vec![FieldError { field, sentence }] }))
    }

    fn misunderstood(&self, tenant: &Tenant, misunderstood: &Misunderstood) -> Result<Intake, HandleError> {
        let data = serde_json::json!({ "sentence": misunderstood.sentence, "examples": misunderstood.examples });
        let message = self.renderer.message("answer/misunderstood", &data, &tenant.organisation)?;
        Ok(Intake::Answered(Reply::Tell { message }))
    }
}

fn new_form(inbound: &Inbound, call: Call, button: Option<Press>) -> StoredForm {
    StoredForm {
        id: format!("f{:016x}", rand::random::<u64>()),
        account: inbound.account.clone(),
        place: inbound.place.clone(),
        call,
        button,
        filled: Filled::default(),
    }
}

fn listener<'a>(tenant: &'a Tenant, actor: &'a Actor, place: &'a Place) -> Listener<'a> {
    Listener { organisation: &tenant.organisation, policy: &tenant.policy, me: actor.person(), place }
}

/// A form can be sent by the account that opened it, and by nobody else.
async fn own_form(tx: &mut Tx, inbound: &Inbound, id: &str) -> Result<Option<StoredForm>, HandleError> {
    Ok(tx.form(id).await?.filter(|form| form.account == inbound.account))
}

/// A form that a card opened is about what that card showed, whatever number is typed into it.
fn another(stored: &StoredForm, utterance: &Utterance) -> Option<FieldError> {
    let shown = stored.button?.subject;
    let about = stored.call.verb()?.about()?;
    (utterance.subject? != shown).then(|| FieldError {
        field: about.name.to_owned(),
        sentence: format!("This is about {shown}: type that number, or close the form."),
    })
}

/// What was filled in and what was typed over it goes into the log with the request.
fn name_sources(stored: &StoredForm, utterance: &mut Utterance) {
    if let Ask::Command(Command::RequestEmergency(form)) = &mut utterance.ask {
        form.sources = stored.filled.sources(&stored.call);
    }
}

fn ask(stored: &StoredForm, tenant: &Tenant) -> Reply {
    match stored.call.verb() {
        Some(verb) => Reply::Ask { form: form_of(stored, verb, tenant) },
        None => Reply::Tell { message: answer::old_form() },
    }
}

fn form_of(stored: &StoredForm, verb: &'static Verb, tenant: &Tenant) -> Form {
    let form = forms::form(&stored.id, &stored.call, stored.button, verb, &tenant.organisation, &tenant.policy);
    forms::with_filled(form, &stored.call, &stored.filled, &tenant.organisation)
}

/// Every missing answer, by name.
fn missing(call: &Call) -> Vec<FieldError> {
    let Some(verb) = call.verb() else { return Vec::new() };
    let missing = |need: Need| -> Vec<FieldError> {
        let args = verb.args.iter().filter(|arg| arg.need == need && call.get(arg.name).is_none());
        args.map(|arg| FieldError {
            field: arg.name.to_owned(),
            sentence: format!("{} is needed. {}.", arg.label, arg.hint),
        })
        .collect()
    };
    let asked = missing(Need::Asked);
    // Needed because of what else was said.
    if asked.is_empty() { missing(Need::Offered) } else { asked }
}
