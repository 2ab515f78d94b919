//! Settings as people write them, and what they are told.

use std::{collections::BTreeMap, path::Path};

use ceo_commands::{
    model::{ChannelId, RoleId},
    policy::{Gate, Who},
};

use super::{Settings, load, read, template, timing};

const GOOD: &str = r#"
[discord]
token = "abc.def.ghi"
guild = 2000
[discord.channels]
ops = "3000"
alerts = "3001"
audit = "3002"
[[discord.places]]
channel = "3001"
cluster = "staging"
[[clusters]]
name = "prod"
namespaces = ["ceoagent", "payments"]
production = true
[[clusters]]
name = "staging"
kubeconfig = "kubeconfig"
context = "staging"
namespaces = ["ceoagent"]
[roles]
operator = ["111", "112"]
lead = ["222"]
[[policy]]
who = ["role:operator"]
may = ["read", "sensitive", "note", "change"]
where = ["*/*"]
[[policy]]
who = ["role:operator"]
may = ["release"]
where = ["prod/*"]
gate = { approve = [{ count = 1, of = ["role:lead"] }, { count = 2, of = ["role:333", "user:444"] }], reason = true }
[timing]
approve_within = "2s"
sweep_every = "1s"
"#;

/// Raw settings out of TOML, without any of the checks.
pub(super) fn raw<T: serde::de::DeserializeOwned>(toml: &str) -> T {
    let source = config::File::from_str(toml, config::FileFormat::Toml);
    let read = config::Config::builder().add_source(source).build();
    read.and_then(config::Config::try_deserialize).unwrap()
}

fn read_in(text: &str, env: &[(&str, &str)]) -> Result<Settings, Vec<String>> {
    let home = tempfile::tempdir().unwrap();
    std::fs::write(home.path().join("kubeconfig"), "").unwrap();
    std::fs::create_dir(home.path().join("runbook")).unwrap();
    std::fs::write(home.path().join("token"), "  from-the-file\n").unwrap();
    let file = home.path().join("ceo.toml");
    std::fs::write(&file, text).unwrap();
    let env: BTreeMap<String, String> = env
        .iter()
        .map(|(k, v)| ((*k).to_owned(), (*v).to_owned()))
        .collect();
    load(&file, &env).map_err(|list| list.iter().map(ToString::to_string).collect())
}

#[test]
fn a_good_file_is_read() {
    let s = read_in(GOOD, &[]).unwrap();
    assert_eq!(s.discord.guild, 2000);
    assert_eq!(s.discord.token.expose(), "abc.def.ghi");
    assert_eq!(s.discord.channels.ops, ChannelId(3000));
    assert_eq!(s.discord.channels.audit, ChannelId(3002));
    let place = &s.discord.places[&ChannelId(3001)];
    assert_eq!((place.0.as_str(), place.1.as_str()), ("staging", "ceoagent"));
    let place = &s.discord.default_place;
    assert_eq!((place.0.as_str(), place.1.as_str()), ("prod", "ceoagent"));
    assert!(s.clusters[1].kubeconfig.as_ref().unwrap().is_absolute());
    assert!(
        s.store.url.expose().starts_with("sqlite:/"),
        "{}",
        s.store.url.expose()
    );
    assert_eq!(s.http.listen.port(), 9180);
    assert_eq!(
        s.policy.rules[0].who,
        [Who::Role(RoleId(111)), Who::Role(RoleId(112))]
    );
    let Some(Gate::Approve(quorum)) = &s.policy.rules[1].gate else {
        panic!("no quorum");
    };
    assert!(quorum.reason && quorum.every.len() == 1);
    assert!(quorum.every[0].len() == 2 && quorum.every[0][1].count == 2);
    assert_eq!(s.timing.approve_within.as_secs(), 2);
}

#[test]
fn the_environment_wins_and_the_default_loses() {
    let env = [
        ("CEO__DISCORD__TOKEN", "other"),
        ("CEO__DISCORD__GUILD", "77"),
        ("CEO__HTTP__LISTEN", "127.0.0.1:1"),
        ("CEO__TIMING__LEASE", "9s"),
        ("CEO__STORE__URL", "postgres://u:hunter2@h/d"),
    ];
    let s = read_in(GOOD, &env).unwrap();
    assert_eq!((s.discord.token.expose(), s.discord.guild), ("other", 77));
    assert_eq!((s.http.listen.port(), s.timing.lease.as_secs()), (1, 9));
    let dump = format!("{s:?}");
    assert!(
        !dump.contains("hunter2") && !dump.contains("other"),
        "a secret shows: {dump}"
    );
}

#[test]
fn a_token_file_is_read_and_trimmed() {
    let text = GOOD.replace("token = \"abc.def.ghi\"", "token_file = \"token\"");
    assert_eq!(
        read_in(&text, &[]).unwrap().discord.token.expose(),
        "from-the-file"
    );
}

#[test]
fn incidents_call_whom_the_settings_name_and_else_nobody() {
    assert!(read_in(GOOD, &[]).unwrap().mention.is_empty());
    let text = GOOD.replace(
        "[roles]",
        "[alerts]\nmention = [\"role:operator\", \"role:111\"]\n[roles]",
    );
    let mention = read_in(&text, &[]).unwrap().mention;
    assert_eq!(mention, [RoleId(111), RoleId(112)]);
}

#[test]
fn the_mark_of_the_rules_changes_with_them() {
    let one = read_in(GOOD, &[]).unwrap().policy.version;
    assert_eq!(one, read_in(GOOD, &[]).unwrap().policy.version);
    let two = read_in(&GOOD.replace("count = 1", "count = 2"), &[])
        .unwrap()
        .policy
        .version;
    assert_ne!(one, two);
}

/// One change to a good file, and what must be said of it: the key and a part of the sentence.
// As a table it can be read; formatted it cannot.
#[rustfmt::skip]
const MISTAKES: &[(&str, &str, &str)] = &[
    ("guild = 2000", "", "discord.guild: is missing"),
    ("guild = 2000", "guild = \"abc\"", "discord.guild: \"abc\" is no id"),
    ("guild = 2000", "guild = [1]", "discord.guild: a list, expected text in quotes"),
    ("guild = 2000", "guild = 2000\nlanguage = \"zh\"", "discord.language: \"zh\" is none that the bot speaks; expected \"en\" or \"zh-CN\""),
    ("guild = 2000", "guild = 2000\ngild = 1", "discord.gild: there is no such key; did you mean \"guild\"?"),
    ("token = \"abc.def.ghi\"", "", "discord.token: is missing"),
    ("token = \"abc.def.ghi\"", "token = \"Bot abc\"", "discord.token: begins with \"Bot \""),
    ("token = \"abc.def.ghi\"", "token_file = \"nowhere\"", "nowhere cannot be read"),
    ("token = \"abc.def.ghi\"", "token = \"a\"\ntoken_file = \"token\"", "discord.token: is set, and so is"),
    ("guild = 2000", "guild = 2000\nlanguage = 3", "discord.language: \"3\" is none that the bot speaks"),
    ("guild = 2000", "guild = 2000\napi_address = \"here\"", "discord.api_address: \"here\" is not an address"),
    ("guild = 2000", "guild = 2000\nextra_ca = \"token\"", "discord.extra_ca: token holds no certificate"),
    ("cluster = \"staging\"", "cluster = \"stagin\"", "discord.places[0].cluster: there is no cluster \"stagin\"; did you mean \"staging\"?"),
    ("cluster = \"staging\"", "namespace = \"paymets\"", "discord.places[0].namespace: \"paymets\" is not among the namespaces of the cluster prod; did you mean \"payments\"?"),
    ("name = \"staging\"", "name = \"prod\"", "clusters[1].name: there are two clusters \"prod\""),
    ("name = \"staging\"", "name = \"a/b\"", "clusters[1].name: \"a/b\" cannot be a cluster's name"),
    ("kubeconfig = \"kubeconfig\"", "kubeconfig = \"absent\"", "clusters[1].kubeconfig: "),
    ("audit = \"3002\"", "", "discord.channels.audit: is missing"),
    ("audit = \"3002\"", "audit = \"3000\"", "discord.channels.audit: has another use, too"),
    ("audit = \"3002\"", "audit = \"3001\"", "discord.channels.audit: has another use, too"),
    ("production = true", "production = 7", "clusters[0].production: integer `7`, expected true or false"),
    ("namespaces = [\"ceoagent\", \"payments\"]", "namespaces = []", "clusters[0].namespaces: is missing"),
    ("namespaces = [\"ceoagent\", \"payments\"]", "namespaces = [\"Bad\"]", "clusters[0].namespaces[0]: \"Bad\" cannot be"),
    ("[roles]", "[store]\nurl = \"mysql://x:secretword@y\"\n[roles]", "store.url: is not understood"),
    ("[roles]", "[http]\nlisten = \"9180\"\n[roles]", "http.listen: \"9180\" is not an address"),
    ("[roles]", "[prometheus]\nurl = \"prom\"\n[roles]", "prometheus.url: is not an address"),
    ("[roles]", "[prometheus]\n[roles]", "prometheus.url: is missing"),
    ("[roles]", "[prometheus]\nurl = \"http://p\"\ncluster = \"prud\"\n[roles]", "prometheus.cluster: there is no cluster \"prud\"; did you mean \"prod\"?"),
    ("[roles]", "[prometheus]\nurl = \"http://p\"\ntoken = \"a\"\ntoken_file = \"token\"\n[roles]", "prometheus.token: is set, and so is prometheus.token_file"),
    ("[roles]", "[links]\ngrafana = \"https://u:secretword@g\"\n[roles]", "links.grafana: holds a user or a password"),
    ("[roles]", "[links]\ngrafana = \"grafana\"\n[roles]", "links.grafana: is not an address"),
    ("[roles]", "[[panels]]\nname = \"a\"\nquery = \"up\"\nbelow = \"high\"\n[roles]", "panels[0].below: string \"high\", expected a number"),
    ("[roles]", "[timming]\n[roles]", "timming: there is no such section; did you mean \"timing\"?"),
    ("[roles]", "[redact]\npatterns = [\"(\"]\n[roles]", "redact.patterns[0]: is not a regular expression"),
    ("[roles]", "[log]\nformat = \"jsn\"\n[roles]", "log.format: \"jsn\" is no format; did you mean \"json\"?"),
    ("[roles]", "[[limits.replicas]]\nwhere = [\"*/*\"]\n[roles]", "limits.replicas[0].max: is missing"),
    ("[roles]", "[limits]\nchanges_an_hour = 0\n[roles]", "limits.changes_an_hour: integer `0`, expected a whole number of at least 1"),
    ("[roles]", "[alerts]\nmention = [\"role:operatr\"]\n[roles]", "alerts.mention[0]: there is no role \"operatr\" in [roles]; did you mean \"operator\"?"),
    ("[roles]", "[alerts]\nmention = [\"user:5\"]\n[roles]", "alerts.mention: \"user:5\" is a person; expected roles"),
    ("lead = [\"222\"]", "lead = []", "roles.lead: is empty"),
    ("lead = [\"222\"]", "lead = [\"Lead\"]", "roles.lead[0]: \"Lead\" is no id"),
    ("who = [\"role:operator\"]", "who = []", "policy[0].who: is empty"),
    ("who = [\"role:operator\"]", "who = [\"role:operatr\"]", "policy[0].who[0]: there is no role \"operatr\" in [roles]; did you mean \"operator\"?"),
    ("who = [\"role:operator\"]", "who = [\"operator\"]", "did you mean \"role:operator\"?"),
    ("who = [\"role:operator\"]", "who = [\"user:bob\"]", "policy[0].who[0]: \"bob\" is no user's id"),
    ("\"read\"", "\"raed\"", "policy[0].may[0]: \"raed\" is neither a verb nor a command; did you mean \"read\"?"),
    ("where = [\"prod/*\"]", "where = [\"prod\"]", "policy[1].where[0]: \"prod\" is no place"),
    ("where = [\"prod/*\"]", "where = [\"prud/*\"]", "policy[1].where[0]: no cluster is called \"prud\"; did you mean \"prod\"?"),
    ("where = [\"prod/*\"]", "where = [\"prod/ceoagnt\"]", "did you mean \"ceoagent\"?"),
    ("{ count = 1, of = [\"role:lead\"] }, ", "{ count = 1, of = [] }, ", "policy[1].gate.approve[0].of: is empty"),
    ("{ count = 1, of = [\"role:lead\"] }, ", "{ count = 0, of = [\"role:lead\"] }, ", "policy[1].gate.approve[0].count: integer `0`"),
    ("{ count = 1, of = [\"role:lead\"] }, ", "{ cuont = 1, of = [\"role:lead\"] }, ", "policy[1].gate.approve[0].cuont: there is no such key; did you mean \"count\"?"),
    ("{ count = 1, of = [\"role:lead\"] }, ", "{ count = 2, of = [\"user:5\"] }, ", "policy[1].gate.approve[0].count: 2 of 1 cannot agree"),
    ("where = [\"prod/*\"]\ngate", "where = [\"prod/*\"]\ndeny = true\ngate", "policy[1].gate: has no meaning in a rule that denies"),
    ("where = [\"*/*\"]", "where = [\"*/*\"]\ngate = \"confrim\"", "policy[0].gate: \"confrim\" is no gate"),
    ("where = [\"*/*\"]", "where = [\"*/*\"]\ngate = { approve = [] }", "policy[0].gate.approve: is empty, so nobody"),
    ("where = [\"*/*\"]", "where = [\"*/*\"]\ngate = 3", "policy[0].gate: integer `3`, expected \"none\""),
    ("where = [\"*/*\"]", "where = [\"*/*\"]\ngate = \"confirm\"", "policy[0].gate: stands before note, read, sensitive, which asks nobody"),
    ("may = [\"release\"]", "may = [\"release\", \"logs\"]", "policy[1].gate: stands before logs, which asks nobody"),
    ("may = [\"release\"]", "may = [\"rollback\", \"alert\"]", "policy[1].gate: stands before alert ack, alert silence, which asks nobody"),
    ("\"change\"]", "\"change\", \"danger\"]", "policy[0].gate: is missing; danger needs other people"),
    ("approve_within = \"2s\"", "approve_within = \"2\"", "timing.approve_within: \"2\" is not a length of time"),
    ("approve_within = \"2s\"", "approve_within = \"0s\"", "timing.approve_within: \"0s\" is too short"),
    ("approve_within = \"2s\"", "aprove_within = \"2s\"", "timing.aprove_within: there is no such key; did you mean \"approve_within\"?"),
    ("sweep_every = \"1s\"", "stuck_after = \"31m\"", "timing.stuck_after: 31m is not shorter than timing.change_deadline"),
];

#[test]
fn each_mistake_is_told_with_its_key() {
    for (from, to, expected) in MISTAKES {
        assert!(GOOD.contains(from), "the good file has no {from}");
        let told = read_in(&GOOD.replacen(from, to, 1), &[]).expect_err(expected);
        assert!(
            told.iter().any(|p| p.contains(expected)),
            "{from} -> {to}\nexpected {expected}\ntold {told:#?}"
        );
        assert!(!told.iter().any(|p| p.contains("secretword")), "{told:?}");
        assert_eq!(
            told.len(),
            1,
            "{from} -> {to}: one mistake, told more than once: {told:#?}"
        );
    }
}

#[test]
fn all_mistakes_are_told_at_once() {
    let text = r#"
        colour = "red"
        [discord]
        guild = [1]
        toekn = "x"
        channels = { ops = true, alerts = "x" }
        places = [7, { channel = "5", cluster = "nowhere" }]
        [[clusters]]
        name = 5.5
        namespaces = ["A", 3, {}]
        [timing]
        lease = "soon"
        stuck_after = false
    "#;
    let told = read_in(text, &[("CEO__HTTP__LISTEN", "x")]).unwrap_err();
    let keys: Vec<&str> = told.iter().filter_map(|p| p.split(": ").next()).collect();
    for key in [
        "colour",
        "discord.guild",
        "discord.toekn",
        "discord.token",
        "discord.channels.ops",
        "discord.channels.alerts",
        "discord.channels.audit",
        "discord.places[0]",
        "clusters[0].name",
        "clusters[0].namespaces[0]",
        "clusters[0].namespaces[2]",
        "policy",
        "timing.lease",
        "timing.stuck_after",
        "http.listen",
    ] {
        assert!(keys.contains(&key), "{key} is not told: {told:#?}");
    }
    assert!(
        told.iter()
            .any(|p| p.ends_with("(from the environment variable CEO__HTTP__LISTEN)"))
    );
    assert_eq!(keys.len(), 15, "{told:#?}");
}

#[test]
fn a_file_that_is_none_is_told() {
    let told = load(Path::new("nowhere/ceo.toml"), &BTreeMap::new()).unwrap_err();
    assert!(told[0].to_string().contains("ceo-bot init"), "{told:?}");
    let told = read_in("[discord\nguild", &[]).unwrap_err();
    assert!(told.len() == 1 && told[0].contains("line 1"), "{told:?}");
}

/// The template with its optional lines switched on and its blanks filled in.
fn filled() -> String {
    let mut id = 1000;
    template()
        .lines()
        .map(|line| {
            let bare = line.strip_prefix("# ").unwrap_or(line);
            let word: String = bare
                .chars()
                .take_while(|c| c.is_alphanumeric() || *c == '_')
                .collect();
            let is_key = !word.is_empty() && bare[word.len()..].starts_with(" = ");
            let is_table = bare.starts_with('[');
            let mut line = if is_key || is_table { bare } else { "" }.to_owned();
            while let (Some(from), Some(to)) = (line.find('<'), line.find('>')) {
                id += 1;
                line.replace_range(from..=to, &id.to_string());
            }
            line + "\n"
        })
        .collect()
}

#[test]
fn the_template_holds_every_key_and_no_other() {
    let text = filled()
        .replace("token_file = \"discord-token\"\n", "")
        .replace("extra_ca = \"ca.pem\"\n", "")
        .replace("\nca = \"own-ca.pem\"\n", "\n")
        .replace("\ntoken_file = \"prometheus-token\"\n", "\n")
        .replace("\nabove = 99.5\n", "\n")
        .replace("\nservice = \"ceoagent-api:80\"\n", "\n");
    read_in(&text, &[]).unwrap();
    let template = template();
    for section in read::SECTIONS {
        assert!(template.contains(&format!("[{section}")), "{section}");
    }
    for table in [
        "discord",
        "discord.channels",
        "discord.places",
        "clusters",
        "store",
        "http",
        "prometheus",
        "panels",
        "links",
        "probes",
        "policy",
        "policy.gate",
        "policy.gate.approve",
        "limits",
        "limits.replicas",
        "runbook",
        "exec",
        "checks",
        "redact",
        "log",
    ] {
        assert!(!read::keys(table).is_empty(), "{table} has no keys");
        for key in read::keys(table) {
            assert!(
                template.contains(&format!("{key} = ")) || template.contains(&format!("[{table}.{key}")),
                "{table}.{key} is not in the template"
            );
        }
    }
    for key in timing::KEYS {
        assert!(template.contains(&format!("{} = \"{}\"", key.name, key.default)));
    }
}

#[test]
fn the_template_as_written_tells_what_to_fill_in() {
    let told = read_in(&template(), &[("CEO__DISCORD__TOKEN", "abc")]).unwrap_err();
    for key in [
        "discord.guild",
        "discord.channels.ops",
        "roles.viewer[0]",
        "roles.lead[0]",
    ] {
        assert!(told.iter().any(|p| p.starts_with(key)), "{key}: {told:#?}");
    }
}
