//! What a secret looks like. Each pattern hides one of its groups, so that the line around the secret can still be read;
//! where form alone would hide half of every log, a second look at the value decides.

use std::sync::LazyLock;

use regex::{Captures, Match, Regex, RegexSet};

use super::MARK;

/// A form of secrets.
pub(super) struct Pattern {
    pub(super) find: Regex,
    /// Whether what was found is one: the whole, and the part that would be hidden.
    is_secret: fn(&str, &str) -> bool,
}

/// All of them, and one search for whether any could match.
pub(super) struct Patterns {
    pub(super) any: RegexSet,
    pub(super) each: Vec<Pattern>,
}

type Form = (&'static str, fn(&str, &str) -> bool);

/// Looks like one, is one.
fn always(_: &str, _: &str) -> bool {
    true
}

/// Words of a sentence (`basic authentication`) are no credentials.
fn random(_: &str, value: &str) -> bool {
    value.bytes().any(|b| b.is_ascii_digit())
        || value.bytes().skip(1).any(|b| b.is_ascii_uppercase())
        || value.len() >= 24
}

/// A line of a private key whose first line is out of sight; a checksum is hexadecimal and stays.
fn key_body(_: &str, value: &str) -> bool {
    !value.bytes().all(|b| b.is_ascii_hexdigit())
}

/// The value of a name that promises a secret. Counters of tokens, and words that say that there is none, stay.
fn assigned(whole: &str, value: &str) -> bool {
    let value = value.trim_matches(['"', '\'', '\\']);
    const NOTHING: [&str; 12] = [
        "null",
        "nil",
        "none",
        "<nil>",
        "true",
        "false",
        "undefined",
        "empty",
        "missing",
        "required",
        "invalid",
        "expired",
    ];
    if value.is_empty() || NOTHING.contains(&value.to_ascii_lowercase().as_str()) {
        return false;
    }
    let name = whole
        .split([':', '='])
        .next()
        .unwrap_or_default()
        .to_ascii_lowercase();
    let strong = ["passw", "pwd", "secret"].iter().any(|word| name.contains(word));
    let number = value
        .bytes()
        .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b','));
    strong || (!number && (value.len() >= 20 || !value.bytes().all(|b| b.is_ascii_lowercase())))
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
    (
        r#"\b[a-zA-Z][a-zA-Z0-9+.-]*://[^\s:/@"'<>]*:([^\s/?#"'<>]+)@"#,
        always,
    ),
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
    // Assignments to names that promise a secret: password=…, "api_key": "…", AWS_SECRET_ACCESS_KEY: ….
    (
        r#"(?i)[a-z0-9_.-]*(?:passwor[dt]|passwd|passphrase|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|account[_-]?key|credential)[a-z0-9_.-]*\\?["']?\s*[:=]\s*(?:\\"([^"\\]+)|"((?:[^"\\]|\\.)+)"|'([^']+)'|([^\s"',;&}\\]{3,}))"#,
        assigned,
    ),
    // On a command line, and in SQL.
    (
        r#"(?i)\s--?(?:password|passwd|token|secret|api-key)\s+["']?([^\s"'-][^\s"']{2,})"#,
        always,
    ),
    (
        r"(?i)\b(?:identified\s+(?:with\s+\S+\s+)?by|password)\s+'([^']+)'",
        always,
    ),
];

pub(super) static PATTERNS: LazyLock<Patterns> = LazyLock::new(|| {
    // Only literals are compiled here, and a test compiles each of them: none is ever left out.
    let any = RegexSet::new(FORMS.iter().map(|(form, _)| form)).unwrap_or_else(|_| RegexSet::empty());
    let each = FORMS
        .iter()
        .filter_map(|(form, is_secret)| {
            Some(Pattern {
                find: Regex::new(form).ok()?,
                is_secret: *is_secret,
            })
        })
        .collect();
    Patterns { any, each }
});

impl Pattern {
    /// The text with what this finds hidden; `None` when that is nothing.
    pub(super) fn clean(&self, text: &str, hidden: &mut usize) -> Option<String> {
        let mut changed = 0;
        let cleaned = self
            .find
            .replace_all(text, |found: &Captures<'_>| {
                hide(found, self.is_secret, &mut changed)
            })
            .into_owned();
        *hidden += changed;
        (changed > 0).then_some(cleaned)
    }
}

/// Hides the first group that took part, or the whole where there is none.
pub(super) fn hide(found: &Captures<'_>, is_secret: fn(&str, &str) -> bool, hidden: &mut usize) -> String {
    let whole = found.get_match();
    let secret: Match<'_> = (1..found.len()).find_map(|n| found.get(n)).unwrap_or(whole);
    let text = whole.as_str();
    // A value that is hidden already is not counted again.
    let done = secret.as_str().starts_with(MARK) || secret.as_str() == MARK.trim_end_matches(']');
    if done || !is_secret(text, secret.as_str()) {
        return text.to_owned();
    }
    *hidden += 1;
    let (from, to) = (secret.start() - whole.start(), secret.end() - whole.start());
    format!("{}{MARK}{}", &text[..from], &text[to..])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_compiles() {
        for (form, _) in FORMS {
            assert!(Regex::new(form).is_ok(), "{form}");
        }
        assert_eq!(PATTERNS.each.len(), FORMS.len());
        assert_eq!(PATTERNS.any.len(), FORMS.len());
    }
}
