//! Secrets are planted under names that promise them, in every form in which they stand somewhere: none is told.

use proptest::{prelude::*, sample::select};
use serde_json::{Value, json};

use super::diff;
use crate::{
    cluster::template_changes,
    model::{Report, Text, Tone, code},
    redact::Redactor,
};

/// Names of variables, arguments, annotations and keys.
const NAMES: &[&str] = &[
    "DB_PASS",
    "SMTP_PASS",
    "REDIS_AUTH",
    "ENCRYPTION_KEY",
    "JWT_SIGNING_KEY",
    "DATABASE_PASSWORD",
    "PGPASSWORD",
    "MYSQL_PWD",
    "API_KEY",
    "APIKEY",
    "apiKey",
    "X-Api-Key",
    "CLIENT_SECRET",
    "clientSecret",
    "SECRET_KEY_BASE",
    "DJANGO_SECRET",
    "GITHUB_TOKEN",
    "ACCESS_TOKEN",
    "refreshToken",
    "AWS_SECRET_ACCESS_KEY",
    "STRIPE_SECRET",
    "LDAP_BIND_PASSWORD",
    "MAIL_PASSWORD",
    "ROOT_PW",
    "ADMIN_PASSWD",
    "KEYSTORE_PASSPHRASE",
    "PRIVATE_KEY",
    "MASTER_KEY",
    "SSH_PRIVATE_KEY",
    "SESSION_SECRET",
    "COOKIE_SECRET",
    "WEBHOOK_SECRET",
    "OAUTH_CLIENT_SECRET",
    "BASIC_AUTH",
    "REGISTRY_AUTH",
    "DBPASS",
    "requirepass",
    "auth-token",
    "db.password",
    "spring.datasource.password",
    "CREDENTIALS",
    "SERVICE_CREDENTIAL",
    "OTP_SEED",
    "HMAC_KEY",
    "FERNET_KEY",
    "VAULT_TOKEN",
];

/// A secret as people and programs make them; never one that a name stands in by chance.
fn secret() -> impl Strategy<Value = String> {
    let drawn = prop_oneof![
        "[A-Za-z0-9]{10,24}",
        "[A-Za-z0-9+/]{20,40}",
        "[a-z]{12,18}",
        "[A-Za-z0-9][A-Za-z0-9!#$%^*+,./:;=?@_~|&-]{10,24}[A-Za-z0-9]",
    ];
    drawn.prop_filter("long enough to be found", |text| text.len() >= 10)
}

/// What a program or a controller might write of it.
fn lines(name: &str, secret: &str) -> Vec<String> {
    let in_query: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    vec![
        format!("starting with {name}={secret}"),
        format!("{name}=\"{secret}\" set"),
        format!("{name}='{secret}' set"),
        format!("{{\"{name}\":\"{secret}\",\"level\":\"info\"}}"),
        format!("msg=\"{{\\\"{name}\\\":\\\"{secret}\\\"}}\" n=1"),
        format!("exec: app --{name} {secret} --port 80"),
        format!("exec: app --{name}={secret} --port 80"),
        format!("exec [\"app\", \"--{name}\", \"{secret}\"]"),
        format!("GET /login?{name}={in_query}&n=1 200"),
        format!("connecting to postgres://ceo:{secret}@db:5432/ceo?sslmode=off"),
        format!("Error: level=debug,{name}={secret}"),
        format!("token_type=bearer,{name}={secret}"),
    ]
}

fn found(told: &str, secret: &str) -> bool {
    let encoded: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
    told.contains(secret) || told.contains(&encoded)
}

fn template(name: &str, value: &str, secret: &str) -> Value {
    json!({
        "metadata": {"annotations": {format!("example.com/{name}"): secret}},
        "spec": {"containers": [{
            "name": "api", "image": "api:v1",
            "env": [
                {"name": name, "value": value},
                {"name": "UPSTREAM", "value": format!("amqp://ceo:{value}@queue/%2f")},
                {"name": "FLAGS", "value": format!("--{name} {value}")},
            ],
            "args": ["serve", format!("--{name}"), value, format!("--{name}={value}"), "--port", "80"],
            "command": ["sh", "-c", format!("exec app --{name} '{value}'")],
            "livenessProbe": {"httpGet": {"path": "/", "httpHeaders": [{"name": name, "value": value}]}},
        }]},
    })
}

proptest! {
    #[test]
    fn nothing_tells_a_planted_secret(name in select(NAMES), secret in secret(), other in secret()) {
        let redactor = Redactor::default();
        for line in lines(name, &secret) {
            let told = redactor.quote(&line);
            prop_assert!(!found(&told, &secret), "{} is told as {}", line, told);
            let report = Report::new(Tone::Bad, "it").line(crate::line!["event: ", code(&line)]);
            prop_assert!(!found(&redactor.report(report).plain(), &secret), "{}", line);
        }
        let (before, after) = (template(name, &other, &other), template(name, &secret, &secret));
        let difference = diff::templates("api", &before, &after, Some(&redactor));
        let told = format!("{difference:?}");
        prop_assert!(!found(&told, &secret) && !found(&told, &other), "{}", told);
        prop_assert!(told.contains(name), "what was changed is told: {}", told);
        let causes = template_changes(&before, &after, Some(&redactor));
        let told: String = causes.iter().map(Text::plain).collect();
        prop_assert!(!found(&told, &secret) && !found(&told, &other), "{}", told);
    }

    #[test]
    fn a_known_value_of_any_bytes_is_told_in_no_form(bytes in proptest::collection::vec(1_u8.., 16..40)) {
        use base64::{Engine as _, engine::general_purpose::STANDARD};
        let value: Vec<u8> = bytes.into_iter().filter(|b| !matches!(b, b'\r' | b'\n')).collect();
        let redactor = Redactor::new([value.clone()]);
        let encoded = STANDARD.encode(&value);
        let told = redactor.text(&format!("data: {encoded} end"));
        prop_assert!(!told.contains(encoded.trim_end_matches('=')), "{}", told);
        let text = String::from_utf8_lossy(&value).into_owned();
        let graphic = text.chars().filter(char::is_ascii_graphic).count();
        let told = redactor.text(&format!("a {text} b"));
        prop_assert!(graphic < 8 || value.len() < 8 || !told.contains(&text), "{} in {}", text, told);
    }
}
