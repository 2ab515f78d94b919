//! No report, however large or strange, renders to a message that Discord would refuse or that pings anybody.

use ceo_commands::model::{
    Act, Action, Block, ChannelId, Code, Field, File, Locale, Progress, Report, RoleId, Span, Step,
    StepState, Style, Table, Text, TicketId, Timestamp, Tone, UserId,
};
use proptest::{collection::vec, option, prelude::*};
use serde_json::Value as Json;

use super::{
    draw::Wall,
    render::{self, Drawn},
};

/// Text that tries things: markdown, mentions, escapes, wide letters, long runs.
fn words() -> impl Strategy<Value = String> {
    let nasty = prop_oneof![
        Just("@everyone".to_owned()),
        Just("<@123456789012345678>".to_owned()),
        Just("<@&222>".to_owned()),
        Just("```".to_owned()),
        Just("`".to_owned()),
        Just("](https://evil.example)".to_owned()),
        Just("\u{1b}[31m".to_owned()),
        Just("\n# ".to_owned()),
        Just("**__||~~".to_owned()),
        Just("扩容🙂".to_owned()),
        Just("\u{202e}\u{0}\r\t".to_owned()),
        "[ -~]{0,40}",
        "\\PC{0,30}",
        (1_usize..3000).prop_map(|n| "x".repeat(n)),
        (1_usize..1500).prop_map(|n| "*_".repeat(n)),
        (1_usize..400).prop_map(|n| "line\n".repeat(n)),
    ];
    vec(nasty, 0..5).prop_map(|parts| parts.concat())
}

fn span() -> impl Strategy<Value = Span> {
    prop_oneof![
        words().prop_map(Span::Plain),
        words().prop_map(Span::Bold),
        words().prop_map(Span::Code),
        any::<i32>().prop_map(|s| Span::Ago(Timestamp::from_second(i64::from(s)).unwrap())),
        any::<u64>().prop_map(|id| Span::User(UserId(id))),
        any::<u64>().prop_map(|id| Span::Role(RoleId(id))),
        any::<u64>().prop_map(|id| Span::Channel(ChannelId(id))),
        (words(), words()).prop_map(|(label, url)| Span::Link { label, url }),
        words().prop_map(|rest| Span::Link {
            label: rest.clone(),
            url: format!("https://{rest}")
        }),
        any::<i64>().prop_map(|id| Span::TicketLink(TicketId(id))),
        (words(), words()).prop_map(|(label, key)| Span::MessageLink { label, key }),
    ]
}

fn text() -> impl Strategy<Value = Text> {
    (vec(span(), 0..4), option::of(vec(span(), 0..4))).prop_map(|(en, zh)| match zh {
        Some(zh) => Text::each(en, zh),
        None => Text::same(en),
    })
}

fn cell() -> impl Strategy<Value = Text> {
    words().prop_map(Text::from)
}

fn lines(most: usize) -> impl Strategy<Value = Vec<Text>> {
    vec(text(), 0..most)
}

fn action() -> impl Strategy<Value = Action> {
    (0..Act::ALL.len(), words(), option::of(words()), text()).prop_map(|(act, subject, extra, label)| {
        Action {
            act: Act::ALL[act],
            subject,
            extra,
            label,
            style: Style::Danger,
        }
    })
}

fn step() -> impl Strategy<Value = Step> {
    let state = prop_oneof![
        any::<u32>().prop_map(|s| StepState::Done(u64::from(s))),
        any::<i32>().prop_map(|s| StepState::Running(Timestamp::from_second(i64::from(s)).unwrap())),
        Just(StepState::ToCome),
        Just(StepState::Skipped),
        Just(StepState::Failed),
    ];
    (text(), state).prop_map(|(name, state)| Step { name, state })
}

fn block() -> impl Strategy<Value = Block> {
    prop_oneof![
        6 => text().prop_map(Block::Text),
        1 => (words(), words()).prop_map(|(language, text)| Block::Code(Code { language, text })),
        1 => (vec(cell(), 0..8), vec(vec(cell(), 0..8), 0..30))
            .prop_map(|(head, rows)| Block::Table(Table { head, rows })),
        1 => (words(), text(), vec(any::<u8>(), 0..3000)).prop_map(|(name, description, bytes)| {
            Block::File(File::new(name, description, bytes))
        }),
        1 => (any::<u32>(), any::<u32>())
            .prop_map(|(done, total)| Block::Progress(Progress { done, total })),
        1 => vec(step(), 0..30).prop_map(Block::Steps),
        4 => (text(), lines(5), any::<bool>())
            .prop_map(|(name, lines, inline)| Block::Field(Field { name, lines, inline })),
    ]
}

fn report() -> impl Strategy<Value = Report> {
    let small = (
        option::of(text()),
        option::of(any::<i64>().prop_map(TicketId)),
        option::of(text()),
        vec(any::<u64>().prop_map(RoleId), 0..20),
    );
    (text(), vec(block(), 0..40), small, vec(action(), 0..40)).prop_map(
        |(title, blocks, (place, ticket, footer, ping), actions)| Report {
            title,
            tone: Tone::Bad,
            place,
            ticket,
            blocks,
            footer,
            actions,
            links: vec![],
            ping,
            mention: None,
        },
    )
}

/// Length in UTF-16 units, the strictest way of counting.
fn len(json: &Json) -> usize {
    json.as_str().unwrap_or_default().encode_utf16().count()
}

fn check(drawn: &Drawn, report: &Report, max_file: usize) {
    let body = &drawn.body;
    assert!(len(&body["content"]) <= 2000);
    assert_eq!(body["allowed_mentions"], serde_json::json!({"parse": []}));
    let only: Vec<String> = report.ping.iter().take(10).map(|r| format!("<@&{r}>")).collect();
    assert_eq!(body["content"].as_str().unwrap(), only.join(" "));
    let embed = &body["embeds"][0];
    assert!(embed.get("title").is_some() || embed.get("description").is_some());
    let mut total = 0;
    for (part, max) in [
        (&embed["title"], 256),
        (&embed["description"], 4096),
        (&embed["footer"]["text"], 2048),
    ] {
        assert!(len(part) <= max, "{} over {max}", len(part));
        assert!(part.is_null() || !part.as_str().unwrap().trim().is_empty());
        total += len(part);
    }
    let fields = embed["fields"].as_array().cloned().unwrap_or_default();
    assert!(fields.len() <= 25);
    for field in &fields {
        assert!((1..=256).contains(&len(&field["name"])));
        assert!(
            (1..=1024).contains(&len(&field["value"])),
            "{}",
            len(&field["value"])
        );
        total += len(&field["name"]) + len(&field["value"]);
    }
    assert!(total <= 6000, "{total} in all");
    check_buttons(body);
    check_files(drawn, max_file);
    // Every fence that opens closes: an odd number would swallow what follows.
    let description = embed["description"].as_str().unwrap_or_default();
    assert_eq!(description.matches("```").count() % 2, 0, "{description}");
}

fn check_buttons(body: &Json) {
    let rows = body["components"].as_array().unwrap();
    assert!(rows.len() <= 5);
    let mut ids = std::collections::BTreeSet::new();
    for row in rows {
        let buttons = row["components"].as_array().unwrap();
        assert!((1..=5).contains(&buttons.len()));
        for button in buttons {
            assert!((1..=80).contains(&len(&button["label"])));
            assert!((1..=100).contains(&len(&button["custom_id"])));
            assert!(
                ids.insert(button["custom_id"].as_str().unwrap().to_owned()),
                "an id stands twice"
            );
        }
    }
}

fn check_files(drawn: &Drawn, max_file: usize) {
    assert!(drawn.files.len() <= 10);
    assert!(drawn.files.iter().map(|f| f.bytes.len()).sum::<usize>() <= max_file);
    for file in &drawn.files {
        assert!(len(&Json::String(file.description.clone())) <= 1024);
        assert!(!file.name.is_empty() && file.name.len() <= 100);
        assert!(
            file.name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._-".contains(c)),
            "{}",
            file.name
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_report_breaks_a_limit_or_pings_anybody(
        report in report(),
        max_file in 0_usize..5000,
        locale in prop_oneof![Just(Locale::En), Just(Locale::ZhCn)],
    ) {
        let wall = Wall { guild: 1, max_file, locale, ..Wall::default() };
        check(&render::draw(&report, &wall), &report, max_file);
        let plain = render::draw_plainly(&report, "7c21e0", locale);
        let silent = Report { ping: Vec::new(), ..report };
        check(&plain, &silent, max_file);
    }
}

#[test]
fn what_was_cut_is_in_the_file() {
    let report = Report::new(Tone::Info, "Logs").code(Code {
        language: String::new(),
        text: (0..500).map(|n| format!("line {n}\n")).collect(),
    });
    let drawn = render::draw(
        &report,
        &Wall {
            max_file: 1 << 20,
            ..Wall::default()
        },
    );
    assert_eq!(drawn.files.len(), 1);
    assert_eq!(drawn.files[0].name, "full.txt");
    let text = String::from_utf8(drawn.files[0].bytes.clone()).unwrap();
    assert!(text.contains("line 0\n") && text.contains("line 499\n"));
}

#[test]
fn a_message_is_drawn_in_the_language_of_its_place() {
    let report = Report::new(Tone::Info, ceo_commands::texts::discord::stopped())
        .line("-")
        .action(Action::new(
            Act::Stop,
            "v",
            ceo_commands::texts::discord::stop(),
            Style::Secondary,
        ));
    let said = |locale| {
        let wall = Wall {
            locale,
            ..Wall::default()
        };
        let body = render::draw(&report, &wall).body;
        let button = body["components"][0]["components"][0]["label"].clone();
        [body["embeds"][0]["title"].clone(), button].map(|word| word.as_str().unwrap().to_owned())
    };
    assert_eq!(said(Locale::En), ["stopped", "Stop"]);
    assert_eq!(said(Locale::ZhCn), ["已停止", "停止"]);
}

#[test]
fn blocks_are_drawn_in_their_order() {
    let report = Report::new(Tone::Info, "t")
        .line("first")
        .code(Code {
            language: String::new(),
            text: "code".to_owned(),
        })
        .progress(Progress { done: 1, total: 2 })
        .line("behind the bar")
        .block(Block::Steps(vec![
            Step {
                name: "Back up".into(),
                state: StepState::Done(61),
            },
            Step {
                name: "Change".into(),
                state: StepState::ToCome,
            },
        ]));
    let drawn = render::draw(&report, &Wall::default());
    assert_eq!(
        drawn.body["embeds"][0]["description"],
        "first\n```\ncode\n```\n`████████░░░░░░░░` behind the bar\n✓ Back up · 1 min 1 s\n· Change"
    );
}

#[test]
fn a_card_reads_as_it_should() {
    let report = Report::new(
        Tone::Good,
        ceo_commands::line![
            ceo_commands::model::code("deployment/ceoagent-api"),
            " is healthy"
        ],
    )
    .at("prod / ceoagent")
    .line(ceo_commands::line![
        "3 of 3 pods ready, image ",
        ceo_commands::model::code("acme/ceo:v1.1.0")
    ])
    .field("Open incidents", "none")
    .action(Action::run("logs", "workload=deployment/ceoagent-api", "Logs"))
    .footer("prod · 7c21e0");
    let drawn = render::draw(&report, &Wall::default());
    assert_eq!(
        drawn.body,
        serde_json::json!({
            "content": "",
            "allowed_mentions": {"parse": []},
            "embeds": [{
                "title": "`deployment/ceoagent-api` is healthy · prod / ceoagent",
                "description": "3 of 3 pods ready, image `acme/ceo:v1.1.0`",
                "color": 0x57_F287,
                "fields": [{"name": "Open incidents", "value": "none", "inline": false}],
                "footer": {"text": "prod · 7c21e0"},
            }],
            "components": [{"type": 1, "components": [{
                "type": 2, "style": 2, "label": "Logs", "custom_id": "v1:run:logs:workload=deployment/ceoagent-api",
            }]}],
        })
    );
    assert!(drawn.files.is_empty());
}

#[test]
fn a_verdict_that_names_a_person_is_a_line_because_titles_show_no_mentions() {
    let report = Report::new(
        Tone::Off,
        ceo_commands::line!["This is for ", UserId(5), " to decide, who asked for it."],
    );
    let drawn = render::draw(&report, &Wall::default());
    assert_eq!(drawn.body["embeds"][0].get("title"), None);
    assert_eq!(
        drawn.body["embeds"][0]["description"],
        "**This is for <@5> to decide, who asked for it.**"
    );
}
