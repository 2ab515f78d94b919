//! Each form: the planted value is nowhere, the mark is there, the line around it is whole.

use std::borrow::Cow;

use regex::Regex;

use super::*;
use crate::{
    input::Value,
    model::{Action, Report},
};

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn what_looks_like_a_secret_is_hidden_and_the_line_around_it_stays() {
    let run = |n: usize, of: &str| of.chars().cycle().take(n).collect::<String>();
    let mixed = |n: usize| run(n, "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7");
    let upper = |n: usize| run(n, "AB3DE6GH9JK2MN5PQ8ST1VW4YZ7");
    let hex = |n: usize| run(n, "0f3a9c5e7b1d");
    for (secret, before, after) in [
        ("hunter22".to_owned(), "url=postgres://ceo:", "@postgres/ceo up"),
        ("p@ss:w0rd".to_owned(), "dsn postgres://ceo:", "@db:5432/x up"),
        (mixed(32), "cloning https://", "@git.example/x.git"),
        ("abcdefghijklmnop".to_owned(), "Authorization: Bearer ", " end"),
        ("dXNlcjpwYXNz".to_owned(), "authorization=Basic ", " end"),
        (mixed(24), "sent bearer ", " to it"),
        ("sid=abc; theme=dark".to_owned(), "Cookie: ", ""),
        ("swordfish".to_owned(), "password=", " next"),
        ("correct horse battery".to_owned(), "password=\"", "\" next"),
        ("k-123456".to_owned(), r#"{"api_key": ""#, r#"", "n": 1}"#),
        ("k-123456".to_owned(), r#"msg="{\"api_key\":\""#, r#"\"}" n=1"#),
        (mixed(40), "AWS_SECRET_ACCESS_KEY: ", ""),
        (format!("AKIA{}", upper(16)), "id ", " used"),
        (format!("AIza{}", mixed(35)), "key ", " used"),
        (format!("ya29.{}", mixed(40)), "got ", " from google"),
        (
            format!("{}==", mixed(86)),
            "AccountName=x;AccountKey=",
            ";Endpoint=y",
        ),
        (mixed(43), "GET /blob?sv=2024&sig=", "&se=1 200"),
        (format!("LTAI{}", mixed(20)), "oss ", " used"),
        (format!("AKID{}", mixed(32)), "cos ", " used"),
        (format!("ghp_{}", mixed(36)), "push with ", " failed"),
        (format!("github_pat_{}", mixed(50)), "push with ", " failed"),
        (format!("glpat-{}", mixed(20)), "pull with ", " failed"),
        (format!("xoxb-{}", mixed(30)), "slack ", " failed"),
        (format!("sk_live_{}", mixed(24)), "stripe ", " failed"),
        (format!("sk-ant-{}", mixed(40)), "llm ", " failed"),
        (
            format!("T02/B03/{}", mixed(24)),
            "SLACK_WEBHOOK=https://hooks.slack.com/services/",
            " 404",
        ),
        (
            format!("{}@{}/IncomingWebhook/{}", hex(32), hex(32), hex(32)),
            "posting to https://acme.webhook.office.com/webhookb2/",
            " failed",
        ),
        (
            hex(32),
            "https://open.feishu.cn/open-apis/bot/v2/hook/",
            " failed",
        ),
        (
            hex(32),
            "https://qyapi.weixin.qq.com/cgi-bin/webhook/send?key=",
            " failed",
        ),
        (
            format!("123456789:{}", mixed(35)),
            "GET https://api.telegram.org/bot",
            "/getMe",
        ),
        (format!("123456789:{}", mixed(35)), "TELEGRAM=", " failed"),
        (format!("sk-svcacct-{}", mixed(40)), "llm ", " failed"),
        (format!("sk-or-v1-{}", hex(64)), "llm ", " failed"),
        (format!("glsa_{}_{}", mixed(32), hex(8)), "grafana ", " failed"),
        (format!("glc_eyJ{}", mixed(40)), "grafana ", " failed"),
        (format!("NRAK-{}", upper(27)), "relic ", " failed"),
        (format!("dapi{}", hex(32)), "bricks ", " failed"),
        (format!("shpat_{}", hex(32)), "shop ", " failed"),
        (format!("ATATT3x{}", mixed(60)), "jira ", " failed"),
        (format!("ntn_{}", mixed(46)), "notion ", " failed"),
        (format!("lin_api_{}", mixed(40)), "linear ", " failed"),
        (
            format!("{}.atlasv1.{}", mixed(14), mixed(60)),
            "terraform ",
            " failed",
        ),
        (format!("dp.pt.{}", mixed(43)), "doppler ", " failed"),
        (format!("pul-{}", hex(40)), "pulumi ", " failed"),
        (format!("tskey-auth-{}", mixed(28)), "tailscale ", " failed"),
        (format!("rubygems_{}", hex(48)), "gem ", " failed"),
        (format!("gsk_{}", mixed(52)), "groq ", " failed"),
        (format!("xai-{}", mixed(80)), "grok ", " failed"),
        (format!("r8_{}", mixed(37)), "replicate ", " failed"),
        (format!("key-{}", hex(32)), "mailgun ", " failed"),
        (format!("SK{}", hex(32)), "twilio ", " failed"),
        (format!("npm_{}", mixed(36)), "npm ", " failed"),
        (format!("hvs.{}", mixed(30)), "vault ", " failed"),
        (format!("hf_{}", mixed(34)), "model ", " failed"),
        (format!("dop_v1_{}", hex(64)), "do ", " failed"),
        (
            mixed(40),
            "POST https://discord.com/api/webhooks/123456789/",
            " 404",
        ),
        (
            format!("M{}.{}.{}", mixed(25), mixed(6), mixed(38)),
            "login ",
            " refused",
        ),
        (
            format!("eyJ{}.{}.{}", mixed(20), mixed(30), mixed(43)),
            "jwt ",
            " expired",
        ),
        (
            format!("eyJ{}.{}.{}.{}.x", mixed(20), mixed(9), mixed(9), mixed(9)),
            "jwe ",
            " expired",
        ),
        ("s3cr3t!".to_owned(), "run psql --password ", " -h db"),
        ("it's".replace('\'', "x"), "ALTER ROLE ceo PASSWORD '", "'"),
        (mixed(64), "", ""),
        (format!("AGE-SECRET-KEY-1{}", upper(58)), "age ", ""),
        (
            "-----BEGIN PRIVATE KEY-----\\nMIIE\\n-----END PRIVATE KEY-----".to_owned(),
            "{\"k\":\"",
            "\"}",
        ),
    ] {
        let (text, hidden) = Redactor::default()
            .clean(&format!("{before}{secret}{after}"))
            .to_owned_pair();
        assert_eq!(text, format!("{before}{MARK}{after}"));
        assert!(hidden >= 1, "{before}{secret}{after}");
    }
}

#[test]
fn a_secret_right_behind_a_word_of_another_script_is_hidden() {
    let key = format!("AKIA{}", "AB3DE6GH9JK2MN5P");
    let told = Redactor::default().text(&format!("密钥{key}，clé{key}"));
    assert_eq!(told, "密钥[hidden]，clé[hidden]");
}

#[test]
fn what_is_none_stays() {
    for text in [
        "nothing to hide: tokens 42 of 70",
        "max_tokens: 4096 prompt_tokens=1234 token_count=7",
        "basic authentication failed, bearer authentication required",
        "token: expired, password: null",
        "secrets \"db-creds\" not found",
        "GET http://host:8080/path?email=a@b.example 200",
        "sha256:9f2c0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d",
        "0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d0f3a9c5e7b1d0f3a",
        "2026-11-22T20:02:59Z level=info msg=\"listening on :8000\"",
        "pod ceoagent-api-5d8f7c9b4-x7k2p of replicaset ceoagent-api-5d8f7c9b4",
    ] {
        assert_eq!(Redactor::default().clean(text), (Cow::Borrowed(text), 0));
    }
}

#[test]
fn known_values_are_hidden_in_every_form() {
    let redactor = Redactor::new(["corr&ct horse".to_owned()]);
    for form in [
        "corr&ct horse",
        "corr%26ct+horse",
        "corr%26ct%20horse",
        "Y29yciZjdCBob3JzZQ==",
        "Y29yciZjdCBob3JzZQ",
    ] {
        assert_eq!(redactor.text(&format!("a {form} b")), "a [hidden] b", "{form}");
    }
    assert_eq!(redactor.clean("corr&ct horse, corr&ct horse").1, 2);
    let short = Redactor::new(["seven77".to_owned()]);
    assert_eq!(short.text("seven77"), "seven77");
}

#[test]
fn values_that_are_no_text_are_hidden_as_what_they_are_read_as() {
    let value = b"p\xe4ssw\xf6rd-of-the-db";
    let redactor = Redactor::new([value.to_vec()]);
    for told in [
        String::from_utf8_lossy(value).into_owned(),
        "p\u{e4}ssw\u{f6}rd-of-the-db".to_owned(),
        "cORzc3f2cmQtb2YtdGhlLWRi".to_owned(),
        hex::encode(value),
        "p%E4ssw%F6rd-of-the-db".to_owned(),
    ] {
        assert_eq!(redactor.text(&format!("a {told} b")), "a [hidden] b", "{told}");
    }
}

#[test]
fn where_a_value_ends() {
    for (text, told) in [
        ("password=Xk9,rest next", "password=[hidden] next"),
        ("password=a&b=c next", "password=[hidden] next"),
        (
            "GET /x?password=a1b2c3&n=1 200",
            "GET /x?password=[hidden]&n=1 200",
        ),
        (
            "open postgres://u:p/ss#w@db now",
            "open postgres://u:[hidden]@db now",
        ),
        ("ceo:p@ss/w0rd@tcp(db:3306)/ceo", "ceo:[hidden]@tcp(db:3306)/ceo"),
        (
            r#"{"msg":"login password=abc1","n":1}"#,
            r#"{"msg":"login password=[hidden]","n":1}"#,
        ),
        ("secret := \"x-1-y\" end", "secret := \"[hidden]\" end"),
        ("password=[hidden]tail next", "password=[hidden] next"),
        (
            "redis-server --requirepass hunter2",
            "redis-server --requirepass [hidden]",
        ),
        (
            "redis-cli -h x -a hunter2 ping",
            "redis-cli -h x -a [hidden] ping",
        ),
        (
            "token_type=bearer,api_key=k-1-2-3",
            "token_type=bearer,api_key=[hidden]",
        ),
    ] {
        assert_eq!(Redactor::default().text(text), told);
    }
}

#[test]
fn what_kubernetes_says_of_secrets_is_told() {
    for text in [
        "MountVolume.SetUp failed for volume \"api-secret\" : secret \"api-secret\" not found",
        "couldn't find key DB_PASSWORD in Secret ceoagent/api-secrets",
        "env DB_PASSWORD from secretKeyRef key password name db",
        "spec.volumes[x].secret.secretName: db-creds",
        "spec.tolerations[0].key: node-role",
        "spec.automountServiceAccountToken: false",
        "cache_key=user:123:profile primaryKey=7",
        "level=info passed=12 author=bob auth_method=token key=user:1",
    ] {
        assert_eq!(Redactor::default().text(text), text);
    }
}

#[test]
fn arguments_are_hidden_wherever_the_list_cuts_them() {
    let told = |list: &[&str]| Redactor::default().arguments(list).join(" ");
    assert_eq!(
        told(&["redis-server", "--requirepass", "hunter2", "--port", "6379"]),
        "redis-server --requirepass [hidden] --port 6379"
    );
    assert_eq!(
        told(&["app", "--password=x", "--tls-key", "/etc/tls/tls.key"]),
        "app --password=[hidden] --tls-key /etc/tls/tls.key"
    );
    assert_eq!(
        told(&["/usr/bin/redis-cli", "-a", "hunter2", "ping"]),
        "/usr/bin/redis-cli -a [hidden] ping"
    );
    assert_eq!(
        told(&["mysql", "-phunter2", "-h", "db"]),
        "mysql -p[hidden] -h db"
    );
    assert_eq!(
        told(&["env", "DB_PASS=hunter2", "app"]),
        "env DB_PASS=[hidden] app"
    );
    assert_eq!(
        told(&["sh", "-c", "app --api-key 'k 1'"]),
        "sh -c app --api-key '[hidden]'"
    );
}

#[test]
fn each_line_of_a_known_file_is_hidden_and_the_longest_value_wins() {
    let redactor = Redactor::new([
        "first line of a file\nsecond line of a file\nok\n".to_owned(),
        "longer-value-here".to_owned(),
        "longer-value".to_owned(),
    ]);
    assert_eq!(redactor.text("x second line of a file y"), "x [hidden] y");
    assert_eq!(redactor.text("ok longer-value-here"), "ok [hidden]");
}

#[test]
fn patterns_of_the_settings_hide_their_group() {
    let more = ["id-(\\d+)", "XX+"].map(|p| Regex::new(p).unwrap());
    let redactor = Redactor::default().with_patterns(more);
    assert_eq!(
        redactor.clean("id-123 XXX"),
        (Cow::Owned("id-[hidden] [hidden]".to_owned()), 2)
    );
    assert_eq!(redactor.clean("id-[hidden]").1, 0);
}

#[test]
fn what_is_hidden_is_not_hidden_again_nor_told_by_debug() {
    let redactor = Redactor::new(["valuevalue".to_owned()]);
    let (once, n) = redactor
        .clean("password=swordfish url=redis://:abc123@redis valuevalue")
        .to_owned_pair();
    assert_eq!(n, 3);
    assert_eq!(redactor.clean(&once), (Cow::Borrowed(once.as_str()), 0));
    assert!(!format!("{redactor:?}").contains("valuevalue"));
}

#[test]
fn what_is_quoted_is_plain_and_hidden_whole() {
    let redactor = Redactor::default();
    let body = "MIIEpAIBAAKCAQEA7bq0jS1Yp2V5tQ9sZr4x8uLw3nKfTgHcVbNmQwErTyUiOpAs";
    let key = format!(
        "up\n-----BEGIN RSA PRIVATE KEY-----\nlevel=info {body}\n-----END RSA PRIVATE KEY----- on\nend\n"
    );
    assert_eq!(redactor.quote(&key), "up\n[hidden]\n[hidden]\n[hidden] on\nend");
    assert_eq!(
        redactor.quote("\u{1b}[31mpass\u{1b}[0mword=sword\u{0}fish\u{7}"),
        "password=[hidden]"
    );
    let line = crate::line!["image ", crate::model::code("password=swordfish"), " end"];
    assert_eq!(redactor.line(line).plain(), "image password=[hidden] end");
}

#[test]
fn a_button_that_would_repeat_a_secret_is_left_out_and_that_is_told() {
    use crate::{input::options_to_line, model::Tone};
    let button = |grep: &str| {
        let options = [
            (
                "workload".to_owned(),
                Value::Text("prod/shop/deployment/api".to_owned()),
            ),
            ("grep".to_owned(), Value::Text(grep.to_owned())),
        ];
        Action::run("logs", options_to_line(&options.into()), "Continue")
    };
    let report = |grep: &str| {
        let plain = Report::new(Tone::Info, "Logs").footer("paused");
        Redactor::default().report(plain.action(button("timeout")).action(button(grep)))
    };
    let token = format!("ghp_{}", "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7aB3dE6gH9");
    for secret in [token.as_str(), "password=swordfish", "postgres://ceo:hunter22@db"] {
        let clean = report(secret);
        assert_eq!(clean.actions, [button("timeout")], "{secret}");
        let footer = clean.footer.unwrap().plain();
        assert!(
            footer.starts_with("paused · ") && footer.contains("no button repeats it"),
            "{footer}"
        );
    }
    let clean = report("error|timeout");
    assert_eq!(
        (clean.actions.len(), clean.footer.unwrap().plain().as_str()),
        (2, "paused")
    );
}

trait Owned {
    fn to_owned_pair(self) -> (String, usize);
}

impl Owned for (Cow<'_, str>, usize) {
    fn to_owned_pair(self) -> (String, usize) {
        (self.0.into_owned(), self.1)
    }
}
