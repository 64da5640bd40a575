//! A tiny bot on serenity's gateway client, so that what the server sends is proven against serenity's typed models.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use insta::assert_snapshot;
use serenity::all::{
    ActionRowComponent, ButtonStyle, ClientBuilder, CommandInteraction, Context, CreateActionRow, CreateButton,
    CreateEmbed, CreateInputText, CreateInteractionResponse, CreateInteractionResponseFollowup,
    CreateInteractionResponseMessage, CreateModal, CreateSelectMenu, CreateSelectMenuKind, CreateSelectMenuOption,
    EditInteractionResponse, EventHandler, GatewayIntents, Guild, HttpBuilder, InputTextStyle, Interaction, Ready,
    ResolvedValue, ShardManager,
};
use tokio::sync::mpsc;

use super::*;

struct TinyBot {
    seen: mpsc::UnboundedSender<String>,
}

#[serenity::async_trait]
impl EventHandler for TinyBot {
    async fn ready(&self, _: Context, ready: Ready) {
        self.seen.send(format!("ready as {}", ready.user.name)).unwrap();
    }

    async fn guild_create(&self, _: Context, guild: Guild, _: Option<bool>) {
        let (channels, members, roles) = (guild.channels.len(), guild.members.len(), guild.roles.len());
        self.seen.send(format!("guild {}: {channels} channels, {members} members, {roles} roles", guild.name)).unwrap();
    }

    async fn resume(&self, _: Context, _: serenity::all::ResumedEvent) {
        self.seen.send("resumed".to_owned()).unwrap();
    }

    async fn message(&self, _: Context, message: serenity::all::Message) {
        self.seen.send(format!("heard {}: {:?}", message.author.name, message.content)).unwrap();
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let result = match &interaction {
            Interaction::Command(command) => answer_command(&context, command).await,
            Interaction::Component(click) => {
                let text = format!("{} clicked {}: {:?}", click.user.name, click.data.custom_id, click.data.kind);
                let update = CreateInteractionResponseMessage::new().content(text);
                click.create_response(&context, CreateInteractionResponse::UpdateMessage(update)).await
            }
            Interaction::Modal(modal) => {
                let values: Vec<String> =
                    modal.data.components.iter().flat_map(|row| &row.components).map(value).collect();
                let text = format!("{} entered {}", modal.user.name, values.join(" and "));
                let message = CreateInteractionResponseMessage::new().content(text).ephemeral(true);
                modal.create_response(&context, CreateInteractionResponse::Message(message)).await
            }
            other => panic!("unexpected {other:?}"),
        };
        let outcome = result.map_or_else(|error| format!("failed: {error}"), |()| "answered".to_owned());
        self.seen.send(outcome).unwrap();
    }
}

fn value(component: &ActionRowComponent) -> String {
    match component {
        ActionRowComponent::InputText(input) => {
            format!("{}={}", input.custom_id, input.value.clone().unwrap_or_default())
        }
        other => panic!("unexpected {other:?}"),
    }
}

async fn answer_command(context: &Context, command: &CommandInteraction) -> serenity::Result<()> {
    assert!(command.member.as_ref().is_some_and(|member| member.permissions.is_some()));
    let options = command.data.options();
    let verb = options.first().map_or("", |option| option.name);
    if verb == "form" {
        let inputs = [
            CreateInputText::new(InputTextStyle::Short, "Title", "title").min_length(3),
            CreateInputText::new(InputTextStyle::Paragraph, "Impact", "impact").required(false),
        ];
        let rows = inputs.map(CreateActionRow::InputText).to_vec();
        let modal = CreateModal::new("declare", "Declare an incident").components(rows);
        return command.create_response(context, CreateInteractionResponse::Modal(modal)).await;
    }
    if verb == "slow" {
        command.defer(context).await?;
        command.edit_response(context, EditInteractionResponse::new().content("done at last")).await?;
        let followup = CreateInteractionResponseFollowup::new().content("and one more").ephemeral(true);
        return command.create_followup(context, followup).await.map(drop);
    }
    let Some(ResolvedValue::SubCommand(values)) = options.first().map(|option| &option.value) else {
        panic!("{options:?}")
    };
    let told: Vec<String> = values
        .iter()
        .map(|option| match option.value {
            ResolvedValue::String(text) => format!("{}={text}", option.name),
            ResolvedValue::User(user, member) => format!("{}={} {}", option.name, user.name, member.is_some()),
            ResolvedValue::Channel(channel) => format!("{}={}", option.name, channel.name.clone().unwrap_or_default()),
            ref other => panic!("unexpected {other:?}"),
        })
        .collect();
    let buttons = vec![
        CreateButton::new("approve").label("Approve").style(ButtonStyle::Success),
        CreateButton::new("off").label("Reject").disabled(true),
    ];
    let choices = vec![CreateSelectMenuOption::new("Payments", "pay"), CreateSelectMenuOption::new("Search", "find")];
    let menu =
        CreateSelectMenu::new("service", CreateSelectMenuKind::String { options: choices }).placeholder("Service");
    let embed = CreateEmbed::new().title("INC-1").description(told.join(", ")).field("Lead", format!("<@{RAJ}>"), true);
    let message = CreateInteractionResponseMessage::new()
        .embed(embed)
        .components(vec![CreateActionRow::Buttons(buttons), CreateActionRow::SelectMenu(menu)]);
    command.create_response(context, CreateInteractionResponse::Message(message)).await
}

struct Running {
    seen: mpsc::UnboundedReceiver<String>,
    shards: Arc<ShardManager>,
}

impl Running {
    async fn start(lab: &Lab) -> Running {
        let (seen, receiver) = mpsc::unbounded_channel();
        let http = HttpBuilder::new(TOKEN).proxy(&lab.base).ratelimiter_disabled(true);
        let http = http.application_id(APPLICATION.parse().unwrap()).build();
        let intents = GatewayIntents::GUILDS | GatewayIntents::GUILD_MESSAGES | GatewayIntents::DIRECT_MESSAGES;
        let mut client = ClientBuilder::new_with_http(http, intents).event_handler(TinyBot { seen }).await.unwrap();
        let shards = Arc::clone(&client.shard_manager);
        tokio::spawn(async move { client.start().await });
        let mut running = Running { seen: receiver, shards };
        let mut greeting = [running.next().await, running.next().await];
        greeting.sort();
        assert_eq!(greeting, ["guild Acme: 2 channels, 4 members, 2 roles", "ready as wardroom"]);
        running
    }

    async fn next(&mut self) -> String {
        tokio::time::timeout(Duration::from_secs(20), self.seen.recv()).await.unwrap().unwrap()
    }

    /// Waits for a line, passing over others.
    async fn until(&mut self, line: &str) {
        while self.next().await != line {}
    }
}

#[tokio::test]
async fn a_command_is_answered_with_a_card_that_can_be_clicked() {
    let lab = Lab::start().await;
    lab.register().await;
    let mut bot = Running::start(&lab).await;
    assert!(lab.server.connected());
    lab.server.say("ana", "ops", "/inc declare checkout returns 502 severity: SEV 2 room: #random").await.unwrap();
    bot.until("answered").await;
    assert_snapshot!(lab.server.transcript("ops"), @r"
    wardroom: INC-1
      title=checkout returns 502, severity=sev2, room=random
      Lead: @raj
      [Approve] [Reject (off)]
      <Service>
    ");
    let card = lab.server.find_message("ops", "INC-1").unwrap();
    let disabled = lab.server.press("raj", "ops", &card, "off").await;
    assert_eq!(disabled, Err("off is disabled".to_owned()));
    let absent = lab.server.press("raj", "ops", &card, "nothing").await;
    assert_eq!(absent, Err("the message has no nothing; it has: approve, off, service".to_owned()));
    lab.server.press("raj", "ops", &card, "approve").await.unwrap();
    assert!(lab.server.transcript("ops").starts_with("wardroom: raj clicked approve: Button (edited)\n"));
    lab.server.select("ana", "ops", &card, "service", "Search").await.unwrap();
    let text = lab.server.transcript("ops");
    assert!(
        text.starts_with("wardroom: ana clicked service: StringSelect { values: [\"find\"] } (edited)\n"),
        "{text}"
    );
    bot.shards.shutdown_all().await;
}

#[tokio::test]
async fn a_form_opens_is_checked_and_brings_its_values() {
    let lab = Lab::start().await;
    lab.register().await;
    let _bot = Running::start(&lab).await;
    lab.server.command("ana", "ops", &["inc", "form"], BTreeMap::new()).await.unwrap();
    let modal = lab.server.modal("ana").unwrap();
    assert_eq!(modal["title"], "Declare an incident");
    let id = modal["id"].as_str().unwrap();
    let values = |title: &str| BTreeMap::from([("title".to_owned(), title.to_owned())]);
    let short = lab.server.submit("ana", id, values("ab")).await;
    assert_eq!(short, Err("Title: must be 3 or more in length".to_owned()));
    let missing = lab.server.submit("ana", id, values(" ")).await;
    assert_eq!(missing, Err("Title: this field is required".to_owned()));
    assert_eq!(lab.server.modal("ana").unwrap()["errors"]["title"], "this field is required");
    lab.server.submit("ana", id, values("Checkout down")).await.unwrap();
    assert_eq!(lab.server.modal("ana"), None);
    assert_eq!(lab.server.last_private("ana").unwrap(), "wardroom: ana entered title=Checkout down and impact=\n");
    assert_eq!(lab.server.transcript("ops"), "");
    assert_eq!(lab.server.private("raj"), "");
}

#[tokio::test]
async fn an_answer_can_be_deferred_filled_in_and_followed_up() {
    let lab = Lab::start().await;
    lab.register().await;
    let mut bot = Running::start(&lab).await;
    lab.server.say("ana", "ops", "/inc slow").await.unwrap();
    bot.until("answered").await;
    assert_eq!(lab.server.transcript("ops"), "wardroom: done at last\n");
    assert_eq!(lab.server.private("ana"), "wardroom: and one more\n");
    let answer = &lab.server.view("raj")["channels"][0]["messages"][0];
    assert_eq!(answer["interaction"], json!({ "user": "Ana Lima", "name": "inc slow" }));
}

#[tokio::test]
async fn a_person_named_in_a_command_is_resolved() {
    let lab = Lab::start().await;
    lab.register().await;
    let mut bot = Running::start(&lab).await;
    lab.server.say("ana", "ops", "/inc lead @raj").await.unwrap();
    bot.until("answered").await;
    assert!(lab.server.transcript("ops").contains("who=raj true"));
}

#[tokio::test]
async fn a_connection_that_breaks_is_resumed_and_misses_nothing() {
    let lab = Lab::start().await;
    lab.register().await;
    let mut bot = Running::start(&lab).await;
    lab.server.drop_connections().await;
    lab.server.say("ana", "ops", "hello there").await.unwrap();
    // What is said in a channel reaches a bot without the message content intent as an empty text.
    bot.until("heard ana: \"\"").await;
    lab.server.say("ana", "@wardroom", "in private").await.unwrap();
    bot.until("heard ana: \"in private\"").await;
    lab.server.ask_to_reconnect().await;
    bot.until("resumed").await;
    lab.server.say("ana", "ops", "/inc declare again").await.unwrap();
    bot.until("answered").await;
}

#[tokio::test]
async fn a_repeated_interaction_is_refused_by_its_first_answer() {
    let lab = Lab::start().await;
    lab.register().await;
    let mut bot = Running::start(&lab).await;
    lab.server.say("ana", "ops", "/inc declare once").await.unwrap();
    bot.until("answered").await;
    lab.server.repeat_last_interaction().await;
    while !bot.next().await.contains("already been acknowledged") {}
    assert_eq!(lab.server.transcript("ops").matches("INC-1").count(), 1);
}
