//! Templates to messages: handlebars, strict, with what people wrote never read as markup.

use std::path::Path;

use chrono::{DateTime, Utc};
use handlebars::{Context, Handlebars, Helper, HelperResult, Output, RenderContext, RenderErrorReason};
use serde_json::Value;

use super::markup::{self, END, TOKEN};
use super::message::{Message, Text};
use super::templates::TEMPLATES;
use crate::domain::{Organisation, Platform};

/// All templates, ready to render.
#[derive(Debug)]
pub struct Renderer {
    handlebars: Handlebars<'static>,
}

#[derive(Debug, thiserror::Error)]
pub enum RenderError {
    #[error("template {name} cannot be read")]
    Template { name: String, source: Box<handlebars::TemplateError> },
    #[error("template {name} cannot be rendered")]
    Render { name: String, source: Box<handlebars::RenderError> },
    #[error("templates of {folder} cannot be read")]
    Folder { folder: String, source: std::io::Error },
}

impl Renderer {
    /// The templates of the binary; a file of the same name in `folder` takes precedence.
    pub fn new(folder: Option<&Path>) -> Result<Renderer, RenderError> {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.register_escape_fn(markup::literal);
        handlebars.register_helper("person", Box::new(person));
        handlebars.register_helper("time", Box::new(time));
        handlebars.register_helper("channel", Box::new(channel));
        handlebars.register_helper("words", Box::new(words));
        handlebars.register_helper("phrase", Box::new(phrase));
        handlebars.register_helper("platform_name", Box::new(platform_name));
        for (name, source) in TEMPLATES {
            let source = match folder {
                Some(folder) => overriding(folder, name)?.unwrap_or_else(|| (*source).to_owned()),
                None => (*source).to_owned(),
            };
            handlebars
                .register_template_string(name, source.trim_end())
                .map_err(|source| RenderError::Template { name: (*name).to_owned(), source: Box::new(source) })?;
        }
        Ok(Renderer { handlebars })
    }

    /// A whole message.
    pub fn message(&self, name: &str, data: &Value, organisation: &Organisation) -> Result<Message, RenderError> {
        Ok(markup::message(&self.render(name, data)?, organisation))
    }

    /// One line of text: what happened, as people read it in the room, in the timeline and in the log.
    pub fn line(&self, name: &str, data: &Value, organisation: &Organisation) -> Result<Text, RenderError> {
        let rendered = self.render(name, data)?;
        Ok(markup::inline(&rendered.trim().replace('\n', " "), organisation))
    }

    fn render(&self, name: &str, data: &Value) -> Result<String, RenderError> {
        self.handlebars
            .render(name, data)
            .map_err(|source| RenderError::Render { name: name.to_owned(), source: Box::new(source) })
    }
}

fn overriding(folder: &Path, name: &str) -> Result<Option<String>, RenderError> {
    match std::fs::read_to_string(folder.join(format!("{name}.hbs"))) {
        Ok(source) => Ok(Some(source)),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(RenderError::Folder { folder: folder.display().to_string(), source }),
    }
}

fn param<'a>(helper: &'a Helper<'_>, index: usize) -> &'a Value {
    helper.param(index).map_or(&Value::Null, |param| param.value())
}

fn text(value: &Value) -> String {
    value.as_str().map(str::to_owned).unwrap_or_default()
}

/// A part of a token: on one line, and without what ends a part or a token.
fn part(value: &Value) -> String {
    let ends = |c: &char| *c == '|' || matches!(c, TOKEN..=markup::CLOSE);
    text(value).chars().filter(|c| !ends(c)).map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// `{{person id}}` or `{{person id fallback}}`: a person, by name where they live elsewhere. `wardroom` is itself.
fn person(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let id = part(param(helper, 0));
    let fallback = part(param(helper, 1));
    match id.as_str() {
        "wardroom" => out.write("Wardroom")?,
        "" => out.write("nobody")?,
        id => {
            let fallback = if fallback.is_empty() { id } else { &fallback };
            out.write(&format!("{TOKEN}p|{id}|{fallback}{END}"))?;
        }
    }
    Ok(())
}

/// `{{time at}}`, `{{time at "date"}}`, `{{time at "relative"}}`: a moment, in each reader's own zone.
fn time(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let value = text(param(helper, 0));
    let at: DateTime<Utc> =
        value.parse().map_err(|_| RenderErrorReason::Other(format!("{{{{time}}}} needs a moment, not “{value}”")))?;
    let style = helper.param(1).map_or_else(|| "clock".to_owned(), |style| text(style.value()));
    out.write(&format!("{TOKEN}t|{}|{style}{END}", at.timestamp()))?;
    Ok(())
}

/// `{{channel place name}}`: a channel, as a link on its own platform.
fn channel(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let place = param(helper, 0);
    let (platform, workspace, channel) = (part(&place["platform"]), part(&place["workspace"]), part(&place["channel"]));
    let name = part(param(helper, 1));
    out.write(&format!("{TOKEN}c|{platform}|{workspace}|{channel}|{name}{END}"))?;
    Ok(())
}

/// `{{phrase word}}`: a word of ours as people read it, `peer_reviewer` as "peer reviewer", `passed(early)` with a gap.
fn phrase(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    out.write(&markup::literal(&text(param(helper, 0)).replace('_', " ").replace('(', " (")))?;
    Ok(())
}

/// `{{platform_name word}}`: a platform as people write it, `slack` as "Slack".
fn platform_name(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let word = text(param(helper, 0));
    out.write(Platform::parse(&word).map_or("", Platform::name))?;
    Ok(())
}

/// `{{words list}}`: words with commas. With `max=10` no more than ten, and how many others there are; `see="/inc sum"`
/// and `of=subject` name the command that shows them.
fn words(
    helper: &Helper<'_>,
    _: &Handlebars<'_>,
    _: &Context,
    _: &mut RenderContext<'_, '_>,
    out: &mut dyn Output,
) -> HelperResult {
    let list = param(helper, 0).as_array().cloned().unwrap_or_default();
    let max = helper.hash_get("max").and_then(|max| max.value().as_u64()).and_then(|max| usize::try_from(max).ok());
    let shown: Vec<String> = list.iter().take(max.unwrap_or(usize::MAX)).map(text).collect();
    out.write(&markup::literal(&shown.join(", ")))?;
    let others = list.len() - shown.len();
    if others > 0 {
        out.write(&format!(" … and {others} more"))?;
        let said = |name| helper.hash_get(name).map(|value| part(value.value())).unwrap_or_default();
        let command = format!("{} {}", said("see"), said("of"));
        if !command.trim().is_empty() {
            out.write(&format!(": `{}`", command.trim()))?;
        }
    }
    Ok(())
}
