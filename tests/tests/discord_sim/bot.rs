//! A small bot made with serenity, as the product is: the same client library, rate limiter on, REST over TLS.

use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use ceo_tests::discord::{DiscordSim, Options, Rates};
use serenity::all::{
    ActionRowComponent, AutocompleteChoice, CommandInteraction, CommandOptionType, ComponentInteraction,
    Context, CreateActionRow, CreateAttachment, CreateAutocompleteResponse, CreateButton, CreateCommand,
    CreateCommandOption, CreateInputText, CreateInteractionResponse as Response,
    CreateInteractionResponseFollowup as FollowUp, CreateInteractionResponseMessage as Reply, CreateModal,
    EditInteractionResponse, EventHandler, GatewayIntents, GuildId, Http, HttpBuilder, InputTextStyle,
    Interaction, ModalInteraction, Ready, ResumedEvent, ShardManager,
};
use serenity::async_trait;
use tokio::sync::watch;
use tokio::task::JoinHandle;

pub(crate) const CHANNEL: u64 = 3000;
pub(crate) const OPERATOR: u64 = 501;
pub(crate) const LEAD: u64 = 502;
pub(crate) const SOON: Duration = Duration::from_secs(20);

/// What the bot has lived through.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Life {
    pub(crate) readies: usize,
    pub(crate) resumes: usize,
    pub(crate) commands: Vec<(u64, String)>,
}

struct Handler {
    life: watch::Sender<Life>,
}

/// A guild with an operator and a lead.
pub(crate) async fn guild(options: Options) -> anyhow::Result<DiscordSim> {
    let sim = DiscordSim::start(options).await?;
    sim.add_channel(CHANNEL, "ops");
    sim.add_role(111, "operator");
    sim.add_role(222, "lead");
    sim.add_member(OPERATOR, "olga", "Olga", &[111]);
    sim.add_member(LEAD, "leo", "Leo", &[222]);
    Ok(sim)
}

pub(crate) fn relaxed() -> Options {
    Options {
        rates: Some(Rates::relaxed()),
        identify_every: Duration::ZERO,
        ..Options::default()
    }
}

/// The bot's REST client: discord.com resolves to the simulation.
pub(crate) fn rest(sim: &DiscordSim) -> anyhow::Result<Http> {
    // The second test of a process finds it installed.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .resolve("discord.com", sim.rest_addr())
        .add_root_certificate(reqwest::Certificate::from_pem(sim.ca_pem().as_bytes())?)
        .timeout(Duration::from_secs(10))
        .build()?;
    let http = HttpBuilder::new(sim.bot_token()).client(client).build();
    http.set_application_id(sim.application_id().into());
    Ok(http)
}

pub(crate) struct Bot {
    pub(crate) http: Arc<Http>,
    pub(crate) life: watch::Receiver<Life>,
    pub(crate) shards: Arc<ShardManager>,
    pub(crate) task: JoinHandle<Result<(), serenity::Error>>,
}

impl Drop for Bot {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Connects a bot, registers its commands and waits until it is ready.
pub(crate) async fn connect(sim: &DiscordSim) -> anyhow::Result<Bot> {
    let mut bot = connect_with(sim, GatewayIntents::GUILDS).await?;
    let commands = GuildId::new(sim.guild_id())
        .set_commands(&bot.http, vec![command()])
        .await?;
    anyhow::ensure!(commands.len() == 1 && commands[0].name == "ceo");
    tokio::time::timeout(SOON, bot.life.wait_for(|life| life.readies == 1)).await??;
    Ok(bot)
}

pub(crate) async fn connect_with(sim: &DiscordSim, intents: GatewayIntents) -> anyhow::Result<Bot> {
    let (sender, life) = watch::channel(Life::default());
    let builder = serenity::client::ClientBuilder::new_with_http(rest(sim)?, intents);
    let mut client = builder.event_handler(Handler { life: sender }).await?;
    let url = client.ws_url.lock().await.clone();
    anyhow::ensure!(url.starts_with("ws://127."), "serenity fell back to {url}");
    let (http, shards) = (Arc::clone(&client.http), Arc::clone(&client.shard_manager));
    let task = tokio::spawn(async move { client.start().await });
    Ok(Bot {
        http,
        life,
        shards,
        task,
    })
}

pub(crate) fn command() -> CreateCommand {
    let sub = |name: &str| CreateCommandOption::new(CommandOptionType::SubCommand, name, "an operation");
    let text = CreateCommandOption::new(CommandOptionType::String, "text", "what")
        .required(true)
        .set_autocomplete(true);
    let count = CreateCommandOption::new(CommandOptionType::Integer, "count", "how many")
        .min_int_value(1)
        .max_int_value(9);
    let who = CreateCommandOption::new(CommandOptionType::User, "who", "for whom");
    let mut command = CreateCommand::new("ceo")
        .description("Kubernetes")
        .description_localized("zh-CN", "集群操作")
        .default_member_permissions(serenity::all::Permissions::empty())
        .add_option(
            sub("echo")
                .add_sub_option(text)
                .add_sub_option(count)
                .add_sub_option(who),
        );
    for name in [
        "quick", "form", "buttons", "file", "followup", "silent", "twice", "ping",
    ] {
        command = command.add_option(sub(name));
    }
    command
}

#[async_trait]
impl EventHandler for Handler {
    async fn ready(&self, _: Context, _: Ready) {
        self.life.send_modify(|life| life.readies += 1);
    }

    async fn resume(&self, _: Context, _: ResumedEvent) {
        self.life.send_modify(|life| life.resumes += 1);
    }

    async fn interaction_create(&self, context: Context, interaction: Interaction) {
        let outcome = match interaction {
            Interaction::Command(command) => self.command(&context.http, command).await,
            Interaction::Autocomplete(command) => suggest(&context.http, command).await,
            Interaction::Component(component) => pressed(&context.http, component).await,
            Interaction::Modal(modal) => filled(&context.http, modal).await,
            _ => Ok(()),
        };
        if let Err(error) = outcome {
            eprintln!("bot: {error:#}");
        }
    }
}

impl Handler {
    async fn command(&self, http: &Http, command: CommandInteraction) -> anyhow::Result<()> {
        let name = command
            .data
            .options
            .first()
            .map(|option| option.name.clone())
            .unwrap_or_default();
        self.life
            .send_modify(|life| life.commands.push((command.id.get(), name.clone())));
        match name.as_str() {
            "quick" => {
                let reply = Reply::new().content("at once").ephemeral(true);
                command.create_response(http, Response::Message(reply)).await?;
            }
            "form" => command.create_response(http, Response::Modal(form())).await?,
            "buttons" => {
                let reply = Reply::new().content("choose").components(vec![buttons()]);
                command.create_response(http, Response::Message(reply)).await?;
            }
            "file" => {
                let file = CreateAttachment::bytes(b"line one\nline two".to_vec(), "pod.log");
                let reply = Reply::new().content("see the file").add_file(file);
                command.create_response(http, Response::Message(reply)).await?;
            }
            "followup" => {
                command.defer_ephemeral(http).await?;
                command
                    .create_followup(http, FollowUp::new().content("first, public?"))
                    .await?;
                command
                    .create_followup(http, FollowUp::new().content("second"))
                    .await?;
            }
            "silent" => {}
            "twice" => {
                command.defer(http).await?;
                let again = command.defer(http).await;
                let text = again
                    .err()
                    .map_or("no error".to_owned(), |error| error.to_string());
                command
                    .edit_response(http, EditInteractionResponse::new().content(text))
                    .await?;
            }
            "ping" => {
                let reply = Reply::new().content(format!("wake up <@{LEAD}>"));
                command.create_response(http, Response::Message(reply)).await?;
            }
            _ => echo(http, &command).await?,
        }
        Ok(())
    }
}

async fn echo(http: &Http, command: &CommandInteraction) -> anyhow::Result<()> {
    command.defer(http).await?;
    let mut words = Vec::new();
    let options = command.data.options();
    let Some(serenity::all::ResolvedValue::SubCommand(options)) =
        options.first().map(|one| one.value.clone())
    else {
        anyhow::bail!("no subcommand");
    };
    for option in &options {
        words.push(match &option.value {
            serenity::all::ResolvedValue::String(text) => (*text).to_owned(),
            serenity::all::ResolvedValue::Integer(number) => number.to_string(),
            serenity::all::ResolvedValue::User(user, _) => user.name.clone(),
            other => format!("{other:?}"),
        });
    }
    let roles = command.member.as_ref().context("a member")?.roles.len();
    let text = format!("{} ({roles} role, {})", words.join(" "), command.locale);
    command
        .edit_response(http, EditInteractionResponse::new().content(text))
        .await?;
    Ok(())
}

fn buttons() -> CreateActionRow {
    CreateActionRow::Buttons(vec![
        CreateButton::new("v1:update").label("Update"),
        CreateButton::new("v1:form").label("Form"),
        CreateButton::new("v1:ack").label("Ack"),
        CreateButton::new("v1:off").label("Off").disabled(true),
        CreateButton::new_link("https://example.com").label("Link"),
    ])
}

fn form() -> CreateModal {
    let reason = CreateInputText::new(InputTextStyle::Short, "Reason", "reason")
        .min_length(3)
        .max_length(20);
    CreateModal::new("v1:why", "Why").components(vec![CreateActionRow::InputText(reason)])
}

async fn suggest(http: &Http, command: CommandInteraction) -> anyhow::Result<()> {
    let typed = command
        .data
        .autocomplete()
        .map(|option| option.value.to_owned())
        .unwrap_or_default();
    let choice = AutocompleteChoice::new(format!("{typed} (known)"), typed);
    let answer = CreateAutocompleteResponse::new().set_choices(vec![choice]);
    command
        .create_response(http, Response::Autocomplete(answer))
        .await?;
    Ok(())
}

async fn pressed(http: &Http, component: ComponentInteraction) -> anyhow::Result<()> {
    match component.data.custom_id.as_str() {
        "v1:update" => {
            let text = format!("updated by {}", component.user.name);
            let reply = Reply::new().content(text).components(Vec::new());
            component
                .create_response(http, Response::UpdateMessage(reply))
                .await?;
        }
        "v1:form" => component.create_response(http, Response::Modal(form())).await?,
        _ => {
            component.create_response(http, Response::Acknowledge).await?;
            component
                .edit_response(http, EditInteractionResponse::new().content("acknowledged"))
                .await?;
        }
    }
    Ok(())
}

async fn filled(http: &Http, modal: ModalInteraction) -> anyhow::Result<()> {
    let inputs = modal.data.components.iter().flat_map(|row| &row.components);
    let texts: Vec<String> = inputs
        .filter_map(|part| match part {
            ActionRowComponent::InputText(input) => input.value.clone(),
            _ => None,
        })
        .collect();
    let from = if modal.message.is_some() {
        "a button"
    } else {
        "a command"
    };
    let reply = Reply::new()
        .content(format!("{}: from {from}", texts.join(",")))
        .ephemeral(true);
    modal.create_response(http, Response::Message(reply)).await?;
    Ok(())
}
