//! Which names promise that what they stand for is a secret: names of variables, arguments, annotations, keys in a text.
//! One rule for all of them, so that what is hidden in one place is not told in another.

/// How far a name promises a secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Promise {
    /// Not at all.
    No,
    /// Where it is the name of a variable; in a sentence it is a word like any other: `key`, `auth`, `pass`.
    Weak,
    /// Yes; but what it stands for may be a counter, or a word that says that there is none: `api_key`, `token`.
    Likely,
    /// Whatever stands there: `password`.
    Sure,
}

/// What a name holds that promises one; a search for names looks for these, and [`promise`] decides.
pub(super) const PARTS: &str = "pass|pwd|psw|[_.-]pw|secret|token|key|auth|cred|private|dsn|jwt|otp|bearer|salt|seed|mnemonic|signature|cookie|session";

/// Words that stand for nothing but a secret.
const SURE: &[&str] = &[
    "pass", "psw", "pw", "pwd", "passcode", "cred", "creds", "mnemonic",
];
/// Parts of a word that stand for nothing but a secret: `dbpassword`, `pgpasswd`, `clientsecret`.
const SURE_PARTS: &[&str] = &[
    "passwor",
    "passwd",
    "passphrase",
    "secret",
    "credential",
    "userpwd",
    "requirepass",
];
/// Words that end in `pass` and are none.
const OTHER_PASS: &[&str] = &[
    "bypass",
    "compass",
    "overpass",
    "underpass",
    "trespass",
    "encompass",
    "surpass",
];
/// Words that most often stand for a secret.
const LIKELY: &[&str] = &[
    "token",
    "tokens",
    "jwt",
    "bearer",
    "otp",
    "totp",
    "salt",
    "seed",
    "signature",
    "cookie",
    "cookies",
    "session",
    "sessionid",
    "dsn",
    "passkey",
];
/// Words before `key` that make it the key of a lock; written as one word, too.
const LOCKS: &[&str] = &[
    "api",
    "access",
    "secret",
    "private",
    "priv",
    "account",
    "auth",
    "encryption",
    "encrypt",
    "decryption",
    "decrypt",
    "crypto",
    "cipher",
    "signing",
    "sign",
    "signature",
    "master",
    "shared",
    "client",
    "license",
    "licence",
    "ssh",
    "gpg",
    "pgp",
    "jwt",
    "hmac",
    "aes",
    "rsa",
    "session",
    "service",
    "admin",
    "app",
    "consumer",
    "deploy",
    "fernet",
    "root",
    "token",
    "webhook",
    "storage",
    "subscription",
    "tls",
    "ssl",
    "wg",
    "wireguard",
    "host",
    "age",
    "data",
    "integration",
];
/// Words before `key` that make it the key of a table, a map or a pair of keys that anybody may see.
const TABLES: &[&str] = &[
    "public",
    "pub",
    "primary",
    "foreign",
    "sort",
    "partition",
    "cache",
    "routing",
    "group",
    "lookup",
    "index",
    "range",
    "row",
    "topology",
    "label",
    "annotation",
    "object",
    "message",
    "event",
    "config",
    "dict",
    "lock",
    "metric",
    "map",
    "bucket",
    "unique",
    "natural",
    "composite",
    "shard",
    "ordering",
    "queue",
    "column",
    "field",
    "header",
    "selector",
    "hot",
    "short",
    "dedup",
    "idempotency",
    "by",
];
/// What is told of a secret and is none: where it lies, how long it is, until when it is good.
const ABOUT: &[&str] = &[
    "file",
    "files",
    "filename",
    "path",
    "paths",
    "dir",
    "directory",
    "name",
    "names",
    "namespace",
    "ttl",
    "count",
    "counts",
    "counter",
    "len",
    "length",
    "size",
    "limit",
    "limits",
    "max",
    "min",
    "expiry",
    "expires",
    "expired",
    "expiration",
    "timeout",
    "seconds",
    "minutes",
    "hours",
    "days",
    "age",
    "mode",
    "type",
    "kind",
    "enabled",
    "disabled",
    "required",
    "alg",
    "algorithm",
    "policy",
    "host",
    "hostname",
    "port",
    "ref",
    "version",
    "prefix",
    "suffix",
    "user",
    "username",
    "issuer",
    "audience",
    "url",
    "uri",
    "endpoint",
    "provider",
    "method",
    "interval",
    "rotation",
    "class",
    "format",
    "encoding",
    "field",
    "column",
    "rounds",
    "cost",
    "iterations",
    "attempts",
    "retries",
    "state",
    "manager",
    "store",
    "server",
    "service",
    "addr",
    "address",
    "region",
    "used",
    "usage",
    "budget",
    "total",
    "cache",
    "checksum",
];

/// How far a name promises a secret.
pub(super) fn promise(name: &str) -> Promise {
    let words = words(name);
    let Some(last) = words.last() else {
        return Promise::No;
    };
    if words.len() > 1 && ABOUT.contains(&last.as_str()) {
        return Promise::No;
    }
    let alone = words.len() == 1;
    let of = |(at, word): (usize, &String)| {
        let before = at.checked_sub(1).and_then(|at| words.get(at)).map(String::as_str);
        of_word(word, before, at + 1 == words.len())
    };
    let all = words.iter().enumerate().map(of).max().unwrap_or(Promise::No);
    let short = [
        "pass",
        "pw",
        "cred",
        "creds",
        "salt",
        "seed",
        "session",
        "signature",
        "cookie",
        "cookies",
        "dsn",
    ];
    if alone && short.contains(&last.as_str()) {
        return Promise::Weak;
    }
    all
}

fn of_word(word: &str, before: Option<&str>, last: bool) -> Promise {
    let ends = |end: &str| word.strip_suffix(end).filter(|begin| !begin.is_empty());
    let one_pass = ends("pass").is_some() && !OTHER_PASS.contains(&word);
    if SURE.contains(&word)
        || one_pass
        || ends("pwd").is_some()
        || SURE_PARTS.iter().any(|part| word.contains(part))
    {
        return Promise::Sure;
    }
    if LIKELY.contains(&word) || ends("token").is_some() || ends("tokens").is_some() {
        return Promise::Likely;
    }
    if let Some(begin) = ends("key").or_else(|| ends("keys"))
        && LOCKS.contains(&begin)
    {
        return Promise::Likely;
    }
    match word {
        "key" | "keys" if before.is_some_and(|before| TABLES.contains(&before)) => Promise::No,
        "key" | "keys" if before.is_some() => Promise::Likely,
        "auth" | "private" if before.is_some() && last => Promise::Likely,
        "key" | "keys" => Promise::Weak,
        "auth" | "private" if last => Promise::Weak,
        _ if ends("auth").is_some_and(|begin| !matches!(begin, "o" | "pre" | "no" | "un")) => Promise::Likely,
        _ => Promise::No,
    }
}

/// The words of a name: `JWT_SIGNING_KEY`, `jwtSigningKey` and `jwt.signing-key` are the same three.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before = ' ';
    let letters: Vec<char> = name.chars().collect();
    for (at, &c) in letters.iter().enumerate() {
        let next_is_small = letters.get(at + 1).is_some_and(|next| next.is_lowercase());
        let hump = c.is_uppercase() && (before.is_lowercase() || (before.is_uppercase() && next_is_small));
        if !c.is_alphanumeric() || hump || c.is_numeric() != before.is_numeric() && before.is_alphanumeric() {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before = c;
    }
    // A number counts: `PASSWORD_2` is a password.
    words.retain(|word| !word.is_empty() && !word.chars().all(char::is_numeric));
    words
}

/// Whether the value of a variable, an argument or an annotation is hidden whole.
pub(super) fn hides(name: &str, value: &str) -> bool {
    if value.is_empty() || matches!(value, "true" | "false") {
        return false;
    }
    let login = value.contains("://") && value.contains('@');
    let counts = is_number(value) && name.to_ascii_lowercase().ends_with("tokens");
    login
        || match promise(name) {
            Promise::Sure => true,
            Promise::Likely | Promise::Weak => !counts && !is_path(value),
            // A name that speaks of a secret, and a value that looks like one.
            Promise::No => speaks(name) && looks_drawn(value),
        }
}

/// Whether a part of a text is hidden that stands behind a name and `=` or `:`. `prose`: behind `: ` and without quotes.
pub(super) fn hides_in_text(name: &str, value: &str, prose: bool) -> bool {
    const NOTHING: [&str; 16] = [
        "null",
        "nil",
        "none",
        "<nil>",
        "<none>",
        "true",
        "false",
        "undefined",
        "empty",
        "missing",
        "required",
        "invalid",
        "expired",
        "unset",
        "redacted",
        "***",
    ];
    if value.is_empty() || NOTHING.contains(&value.to_ascii_lowercase().as_str()) {
        return false;
    }
    let word = value.len() < 20 && value.bytes().all(|b| b.is_ascii_lowercase());
    let parts = words(name);
    let bare = parts.len() == 1 && parts.iter().all(|word| LIKELY.contains(&word.as_str()));
    match promise(name) {
        Promise::Sure => true,
        Promise::Likely if is_number(value) => !bare && !name.to_ascii_lowercase().ends_with("tokens"),
        Promise::Likely => !is_path(value) && !(word && (prose || bare)),
        Promise::Weak | Promise::No => false,
    }
}

/// Whether an argument is hidden that follows a flag of that name.
pub(super) fn hides_after_flag(name: &str, value: &str) -> bool {
    match promise(name) {
        Promise::No => false,
        Promise::Weak => looks_drawn(value),
        Promise::Likely => !is_path(value) && !is_number(value),
        Promise::Sure => true,
    }
}

fn speaks(name: &str) -> bool {
    words(name)
        .iter()
        .any(|word| of_word(word, None, true) > Promise::No)
}

fn is_number(value: &str) -> bool {
    value
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','))
}

/// A place in a file system. A secret may begin with a slash, but not go on in small letters.
fn is_path(value: &str) -> bool {
    let Some(rest) = value.strip_prefix('/') else {
        return false;
    };
    let plain = |part: &str| {
        !part.is_empty()
            && part.len() <= 40
            && part
                .bytes()
                .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'_'))
    };
    rest.contains('/') && rest.split('/').all(plain)
}

/// Long, and of more than small letters or digits: nobody's word.
fn looks_drawn(value: &str) -> bool {
    let has = |of: fn(&u8) -> bool| value.as_bytes().iter().any(of);
    let plain = value.contains(['/', '.', '-', ' ']);
    value.len() >= 12 && !plain && has(u8::is_ascii_digit) && has(|b| b.is_ascii_alphabetic())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_promise_a_secret() {
        for name in [
            "DB_PASS",
            "SMTP_PASS",
            "DBPASS",
            "PGPASSWORD",
            "mysql_pwd",
            "requirepass",
            "clientSecret",
            "ADMIN_PASSWORD_2",
            "spring.datasource.password",
            "agent-inject-secret-db",
            "PASSWORT",
            "credentials",
            "SECRET",
            "ROOT_PW",
        ] {
            assert_eq!(promise(name), Promise::Sure, "{name}");
        }
        for name in [
            "REDIS_AUTH",
            "redisauth",
            "ENCRYPTION_KEY",
            "JWT_SIGNING_KEY",
            "apiKey",
            "APIKEY",
            "X-Api-Key",
            "AWS_ACCESS_KEY_ID",
            "GITHUB_TOKEN",
            "token",
            "SENTRY_DSN",
            "accesstoken",
            "OTP_SEED",
            "SESSION_COOKIE",
            "ENCRYPTION_KEY_OLD",
        ] {
            assert_eq!(promise(name), Promise::Likely, "{name}");
        }
    }

    #[test]
    fn names_that_do_not() {
        for name in ["key", "auth", "pass", "KEY", "private"] {
            assert_eq!(promise(name), Promise::Weak, "{name}");
        }
        for name in [
            "image",
            "monkey",
            "KEYCLOAK",
            "passed",
            "bypass",
            "compass",
            "author",
            "authentication",
            "oauth",
            "PUBLIC_KEY",
            "cache_key",
            "primaryKey",
            "topologyKey",
            "secretName",
            "PASSWORD_FILE",
            "token_type",
            "TOKEN_TTL",
            "AUTH_URL",
            "SECRET_NAMESPACE",
            "keyboard",
            "auth_db",
            "",
            "__",
            "PASSENGER",
        ] {
            assert_eq!(promise(name), Promise::No, "{name}");
        }
    }

    #[test]
    fn what_a_variable_holds_is_hidden_by_its_name() {
        for (name, value) in [
            ("REDIS_AUTH", "plain"),
            ("KEY", "x"),
            ("DB_PASS", "123"),
            ("API_TOKEN", "99"),
            ("AUTH_URL", "aB3dE6gH9jK2mN5p"),
            ("UPSTREAM", "redis://u:p@h"),
            ("TLS_KEY", "/aB3dE6gH9/jK2mN5p"),
        ] {
            assert!(hides(name, value), "{name}={value}");
        }
        for (name, value) in [
            ("REDIS_AUTH", ""),
            ("USE_AUTH", "true"),
            ("MAX_TOKENS", "4096"),
            ("TLS_KEY", "/etc/tls/tls.key"),
            ("TOKEN_TTL", "15m"),
            ("AUTH_URL", "https://auth.example/login"),
            ("SECRET_NAME", "db-creds"),
            ("HOST", "aB3dE6gH9jK2mN5p"),
        ] {
            assert!(!hides(name, value), "{name}={value}");
        }
    }
}
