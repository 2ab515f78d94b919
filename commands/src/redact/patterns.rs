//! What a secret looks like. Each pattern hides one of its groups, so that the line around the secret can still be read;
//! where form alone would hide half of every log, a second look at the value decides.

use std::sync::LazyLock;

use regex::{Match, Regex, RegexSet};

use super::{
    mark::MARK,
    names::{self, PARTS},
};

/// A form of secrets.
pub(super) struct Pattern {
    find: Regex,
    secret: Decide,
}

/// All of them, and one search for whether any could match.
pub(super) struct Patterns {
    pub(super) any: RegexSet,
    pub(super) each: Vec<Pattern>,
}

/// How many bytes of what was found are a secret, from its begin: the whole, and the part that would be hidden.
type Decide = fn(&str, &str) -> usize;
type Form = (&'static str, Decide);

/// Looks like one, is one.
fn always(_: &str, value: &str) -> usize {
    value.len()
}

fn all_if(secret: bool, value: &str) -> usize {
    if secret { value.len() } else { 0 }
}

/// Words of a sentence (`basic authentication`) are no credentials.
fn random(_: &str, value: &str) -> usize {
    let drawn = value.bytes().any(|b| b.is_ascii_digit())
        || value.bytes().skip(1).any(|b| b.is_ascii_uppercase())
        || value.len() >= 24;
    all_if(drawn, value)
}

/// A line of a private key whose first line is out of sight; a checksum is hexadecimal and stays.
fn key_body(_: &str, value: &str) -> usize {
    all_if(!value.bytes().all(|b| b.is_ascii_hexdigit()), value)
}

/// What stands between the colon and the last `@` of a URL. After the name of a web server it may be a port and a path.
fn login(whole: &str, value: &str) -> usize {
    let port = value.split(['/', '?', '#']).next().unwrap_or_default();
    let web = ["http://", "https://", "ws://", "wss://"]
        .iter()
        .any(|scheme| whole.starts_with(scheme));
    let is_port = port.len() < value.len() && port.len() <= 5 && port.bytes().all(|b| b.is_ascii_digit());
    all_if(!(web && is_port), value)
}

/// The value of a name that promises a secret.
fn assigned(whole: &str, value: &str) -> usize {
    let before = whole.get(..whole.len() - value.len()).unwrap_or_default();
    let sign = before.rfind([':', '=']).unwrap_or(before.len());
    let (name, behind) = before.split_at(sign);
    let in_query = name.starts_with(['?', '&']);
    let name = name.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let quoted = behind.contains(['"', '\'']);
    let prose = !quoted && behind.starts_with(':') && behind.len() > 1;
    // `volume "api-secret" : secret "api-secret" not found` says what failed, and assigns nothing.
    let apart = prose && before.get(..sign).is_some_and(|name| name.ends_with([' ', '\t']));
    let end = if quoted {
        value.len()
    } else {
        end_of_bare(value, in_query)
    };
    let value = value.get(..end).unwrap_or(value);
    let word = value.bytes().all(|b| b.is_ascii_lowercase());
    // Of one letter in a sentence it is not known what it is.
    let told = prose && value.len() < 3 || apart && word;
    all_if(!told && names::hides_in_text(name, value, prose), value)
}

/// The value of `?key=` within a URL.
fn in_query(_: &str, value: &str) -> usize {
    random(value, value)
}

/// What follows a flag whose name promises a secret.
fn after_flag(whole: &str, value: &str) -> usize {
    let before = whole.get(..whole.len() - value.len()).unwrap_or_default();
    let name = before.trim_matches(|c: char| !c.is_alphanumeric() && c != '_');
    let quoted = before.ends_with(['"', '\'']);
    let end = if quoted {
        value.len()
    } else {
        end_of_bare(value, false)
    };
    let value = value.get(..end).unwrap_or(value);
    all_if(names::hides_after_flag(name, value), value)
}

/// Where a value without quotes ends that goes to the next blank: at the `&` of a query, at a quote that closes what stands
/// around it, before the marks of a sentence or a list behind it.
fn end_of_bare(value: &str, in_query: bool) -> usize {
    let query = in_query.then(|| value.find(['&', '#'])).flatten();
    let mut end = query.unwrap_or(value.len());
    let closes = |at: usize| {
        let rest = value.get(at + 1..).unwrap_or_default();
        let rest = rest.trim_start_matches('\\');
        rest.is_empty() || rest.starts_with([',', '}', ']', ')', ';', ':', '"'])
    };
    if let Some((at, _)) = value
        .match_indices(['"', '\''])
        .find(|(at, _)| *at < end && closes(*at))
    {
        end = at;
    }
    let head = value.get(..end).unwrap_or(value);
    head.trim_end_matches([',', ';', '\\']).len()
}

const FORMS: &[Form] = &[
    // Private keys of any kind, whole; one that does not end is hidden to the end of the text.
    (
        r"(?s)-----BEGIN [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----.*?(?:-----END [A-Z0-9 ]*PRIVATE KEY(?: BLOCK)?-----|\z)",
        always,
    ),
    (r"(?m)^[ \t]*([A-Za-z0-9+/]{64})[ \t\r]*$", key_body),
    (r"\bAGE-SECRET-KEY-1[A-Z0-9]{50,}", always),
    // JSON web tokens, signed or encrypted.
    (
        r"\beyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{4,}(?:\.[A-Za-z0-9_-]*){1,3}",
        always,
    ),
    // The password in a URL, and a token in place of the user.
    (r#"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/"'<>]*:([^\s"]+)@"#, login),
    (r"\b[a-zA-Z][a-zA-Z0-9+.-]*://([A-Za-z0-9_~.-]{20,})@", random),
    // Headers.
    (
        r#"(?i)\b(?:proxy-)?authorization\\?["']?\s*[:=]\s*\[?\\?["']?(?:(?:basic|bearer|bot|digest|negotiate|token)\s+)?([^\s"',;\\\]]{6,})"#,
        always,
    ),
    (r"(?i)\b(?:bearer|basic|bot)\s+([A-Za-z0-9._~+/=-]{12,})", random),
    (
        r#"(?i)\b(?:set-)?cookie\\?["']?\s*[:=]\s*\[?\\?["']?([A-Za-z0-9_.-]+=[^\r\n"']+)"#,
        always,
    ),
    // Keys by their makers' marks. AWS, Google, Azure, Alibaba, Tencent, DigitalOcean.
    (r"\b(?:AKIA|ASIA|ABIA|ACCA)[0-9A-Z]{16}\b", always),
    (r"\bAIza[0-9A-Za-z_-]{35}", always),
    (
        r"\bya29\.[0-9A-Za-z_-]{20,}|\bGOCSPX-[0-9A-Za-z_-]{20,}|\b1//0[0-9A-Za-z_-]{20,}",
        always,
    ),
    (r"(?i)\bAccountKey=([A-Za-z0-9+/=]{20,})", always),
    (r"[?&]sig=([A-Za-z0-9%+/=_-]{16,})", always),
    (r"\b[A-Za-z0-9_~.-]{3}8Q~[A-Za-z0-9_~.-]{31,34}", always),
    (r"\bLTAI[0-9A-Za-z]{12,24}\b|\bAKID[0-9A-Za-z]{13,40}\b", always),
    (r"\bdo[opr]_v1_[0-9a-f]{64}", always),
    (
        r"(?i)X-Amz-(?:Signature|Security-Token|Credential)=([A-Za-z0-9%+/=_-]{16,})",
        always,
    ),
    // GitHub, GitLab, Slack, Stripe, OpenAI and Anthropic, npm, PyPI, Docker, Vault, SendGrid, Hugging Face, Telegram.
    (
        r"\bgh[pousr]_[A-Za-z0-9]{20,}|\bgithub_pat_[A-Za-z0-9_]{20,}",
        always,
    ),
    (r"\bgl(?:pat|dt|rt|cbt|ptt|ft|soat)-[A-Za-z0-9_-]{16,}", always),
    (
        r"\bxox[abeoprs]-[A-Za-z0-9-]{10,}|\bxapp-[A-Za-z0-9-]{10,}",
        always,
    ),
    // Addresses that are secrets themselves: whoever knows one posts there. Slack, Teams, Feishu and Lark, WeCom, DingTalk.
    (
        r"hooks\.slack\.com/(?:services|workflows|triggers)/([A-Za-z0-9/_-]{20,})",
        always,
    ),
    (
        r"(?:webhook\.office\.com/webhookb2|outlook\.office\.com/webhook)/([A-Za-z0-9@/_-]{20,})",
        always,
    ),
    (
        r"open\.(?:feishu\.cn|larksuite\.com)/open-apis/bot/v2/hook/([A-Za-z0-9-]{16,})",
        always,
    ),
    (
        r"qyapi\.weixin\.qq\.com/cgi-bin/webhook/send\?key=([A-Za-z0-9-]{16,})",
        always,
    ),
    (
        r"\b(?:sk|rk|pk|whsec)[-_](?:live|test|ant|proj|svcacct|admin|or)[-_][A-Za-z0-9_-]{10,}|\bsk-[A-Za-z0-9]{20,}|\bwhsec_[A-Za-z0-9]{20,}",
        always,
    ),
    (
        r"\bnpm_[A-Za-z0-9]{30,}|\bpypi-[A-Za-z0-9_-]{40,}|\bdckr_pat_[A-Za-z0-9_-]{20,}",
        always,
    ),
    (r"\bhv[sbr]\.[A-Za-z0-9_-]{20,}|\bhf_[A-Za-z0-9]{30,}", always),
    (r"\bSG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}", always),
    (r"\b(?:bot)?([0-9]{8,10}:[A-Za-z0-9_-]{35})\b", always),
    // Grafana, New Relic, Databricks, Shopify, Atlassian, Notion, Linear, Terraform, Doppler, Pulumi, Tailscale, RubyGems,
    // Groq, xAI, Replicate, Mailgun, Twilio.
    (
        r"\bglsa_[A-Za-z0-9]{20,}_[0-9a-f]{8}\b|\bglc_eyJ[A-Za-z0-9+/=]{20,}|\bNRAK-[A-Z0-9]{20,}|\bdapi[0-9a-f]{32}\b",
        always,
    ),
    (
        r"\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}\b|\bATATT3x[A-Za-z0-9_=-]{40,}|\bntn_[A-Za-z0-9]{40,}|\blin_api_[A-Za-z0-9]{30,}",
        always,
    ),
    (
        r"\b[A-Za-z0-9]{14}\.atlasv1\.[A-Za-z0-9_=-]{50,}|\bdp\.(?:pt|st|ct|sa)\.[A-Za-z0-9_.-]{30,}|\bpul-[0-9a-f]{40}\b|\btskey-[a-z]+-[A-Za-z0-9-]{16,}",
        always,
    ),
    (
        r"\brubygems_[0-9a-f]{48}\b|\bgsk_[A-Za-z0-9]{40,}|\bxai-[A-Za-z0-9]{40,}|\br8_[A-Za-z0-9]{30,}|\bkey-[0-9a-f]{32}\b|\bSK[0-9a-f]{32}\b",
        always,
    ),
    // Discord: bot tokens and webhooks.
    (
        r"\b[MNO][A-Za-z0-9_-]{22,27}\.[A-Za-z0-9_-]{6}\.[A-Za-z0-9_-]{27,}",
        always,
    ),
    (
        r"discord(?:app)?\.com/api/webhooks/[0-9]+/([A-Za-z0-9_-]{20,})",
        always,
    ),
    // As Go's driver for MySQL writes an address.
    (r#"\b[\w.-]+:([^\s"']+)@(?:tcp|unix)\("#, always),
    // On a command line, and in SQL.
    (
        r#"(?i)\b(?:identified\s+(?:with\s+\S+\s+)?by|password)\s+'([^']+)'"#,
        always,
    ),
    (
        r#"(?i)\b(?:requirepass|masterauth|auth-pass\s+\S+)\s+\\?["']?([^\s"']+)"#,
        always,
    ),
    (r"\bsshpass\s+-p\s*(\S+)", always),
    (
        r"\b(?:mysql|mariadb)[a-z-]*\s(?:[^|;&\n]*\s)?-p([^\s-]\S*)",
        always,
    ),
    (r"\bredis-cli\s(?:[^|;&\n]*\s)?-a\s+(\S+)", always),
    (
        r#"\bcurl\s(?:[^|;&\n]*\s)?(?:-u|--user)[\s=]+["']?[^\s:"']+:([^\s"']+)"#,
        always,
    ),
    (
        r"(?i)[?&](?:key|auth|code|sig|pass|pwd)=([^\s&#\x22']{6,})",
        in_query,
    ),
];

/// What stands behind a name and a sign: in quotes, in quotes within quotes, or without.
const VALUE: &str = r#"(?:\\"((?:[^"\\]|\\[^"])+)|"((?:[^"\\]|\\.)+)|'([^']+)|([^\s"']\S*))"#;

/// Assignments to names that promise a secret (`password=…`, `"api_key": "…"`, `AWS_SECRET_ACCESS_KEY: …`), and flags.
fn named() -> [(String, Decide); 2] {
    let name = format!(r"[a-z0-9_.-]*(?:{PARTS})[a-z0-9_.-]*");
    [
        (
            format!(r#"(?i)[?&]?{name}\\?["']?[ \t]*[:=]{{1,2}}>?[ \t]*{VALUE}"#),
            assigned,
        ),
        (
            format!(
                r#"(?i)(?:^|[\s"'\[,(=])--?{name}(?:\\?["']\s*,?\s*\\?["']([^"'\\]+)|[ \t]+\\?["']([^"'\\]+)|[ \t]+([^\s"'-]\S*))"#
            ),
            after_flag,
        ),
    ]
}

fn all() -> impl Iterator<Item = (String, Decide)> {
    let forms = FORMS
        .iter()
        .map(|(form, secret)| (ends_of_ascii_words(form), *secret));
    forms.chain(named())
}

/// With `\b` between letters of ASCII and all else. Secrets are made of those, and may stand right behind a Chinese word;
/// with the ends of all languages' words the search of a text that is not ASCII throughout is many times slower, too.
fn ends_of_ascii_words(form: &str) -> String {
    form.replace(r"\b", r"(?-u:\b)")
}

pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    // Only literals are compiled here, and a test compiles each of them: none is ever left out.
    let any = RegexSet::new(all().map(|(form, _)| form)).unwrap_or_else(|_| RegexSet::empty());
    let each = all()
        .filter_map(|(form, secret)| {
            Some(Pattern {
                find: Regex::new(&form).ok()?,
                secret,
            })
        })
        .collect();
    Patterns { any, each }
});

impl Pattern {
    /// The text with what this finds hidden; `None` when that is nothing.
    pub(super) fn clean(&self, text: &str, hidden: &mut usize) -> Option<String> {
        clean(&self.find, self.secret, text, hidden)
    }
}

/// The text with what a form finds hidden; `None` when that is nothing. What was found and is no secret is looked through
/// again from its value on: a secret may stand within it.
pub(super) fn clean(find: &Regex, secret: Decide, text: &str, hidden: &mut usize) -> Option<String> {
    let mut out = String::new();
    let (mut told, mut from, mut changed) = (0, 0, false);
    while let Some(found) = find.captures_at(text, from) {
        let whole = found.get_match();
        let value: Match<'_> = (1..found.len()).find_map(|n| found.get(n)).unwrap_or(whole);
        let length = hidden_of(whole, value, secret);
        if length > 0 {
            out.push_str(text.get(told..value.start()).unwrap_or_default());
            out.push_str(MARK);
            told = value.start() + length;
            changed = true;
            *hidden += usize::from(!value.as_str().starts_with(MARK));
            from = told;
        } else if value.start() > whole.start() {
            from = value.start();
        } else {
            from = whole.end();
        }
        // Nothing was found, and at the same place it would be found for ever.
        if whole.is_empty() {
            from = whole.end() + text.get(whole.end()..)?.chars().next().map_or(1, char::len_utf8);
        }
        if from > text.len() {
            break;
        }
    }
    changed.then(|| out + text.get(told..).unwrap_or_default())
}

/// How many bytes of a value that was found are hidden.
fn hidden_of(whole: Match<'_>, value: Match<'_>, secret: Decide) -> usize {
    // A value that is hidden already is not counted again; what is left of one that was hidden in part goes, too.
    let done = value
        .as_str()
        .strip_prefix(MARK)
        .is_some_and(|rest| !rest.starts_with(char::is_alphanumeric));
    let upto = whole.as_str().get(..value.end() - whole.start());
    if done || value.as_str() == MARK.trim_end_matches(']') {
        0
    } else {
        secret(upto.unwrap_or(whole.as_str()), value.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        for (form, _) in all() {
            assert!(Regex::new(&form).is_ok(), "{form}");
        }
        assert_eq!(PATTERNS.each.len(), all().count());
        assert_eq!(PATTERNS.any.len(), all().count());
    }
}
