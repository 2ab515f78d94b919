//! What a person reads stands in `texts/`: nowhere else is there a sentence.

use ceo_commands::ops::catalogue;

use crate::{
    none,
    scan::{Literal, Source, sources},
};

/// Where people are spoken to.
const ROOMS: [&str; 2] = ["commands/src", "bot/src/discord"];

/// What a text may be said in without a person reading it: logs, attributes, reasons for whoever repairs the program, and
/// what is compared with the words of others.
const FOR_NOBODY: [&str; 31] = [
    "#",
    // What a parser of serde's wanted: a part of an error of parsing.
    "fn expecting",
    "trace!",
    "debug!",
    "info!",
    "warn!",
    "error!",
    "event!",
    "info_span!",
    "debug_span!",
    "Failure::Internal",
    "anyhow!",
    "bail!",
    "context",
    "with_context",
    "expect",
    "panic!",
    "assert!",
    "assert_eq!",
    "debug_assert!",
    "unreachable!",
    "matches!",
    "split_once",
    "rsplit_once",
    "contains",
    "starts_with",
    "ends_with",
    "strip_prefix",
    "strip_suffix",
    "find",
    // Lines of a shell, which are compared.
    "stands_for",
];

/// Texts of two words that are none to be read, each with its reason: the file, a part of the text, why.
const EXCUSED: [(&str, &str, &str); 0] = [];

fn sentences(sources: &[Source], commands: &[String]) -> Vec<String> {
    let mut wrong = Vec::new();
    for source in sources
        .iter()
        .filter(|s| !s.only_tests && !s.path.contains("/texts/"))
    {
        for literal in &source.literals {
            let excused = EXCUSED
                .iter()
                .any(|(path, part, _)| source.path.ends_with(path) && literal.value.contains(part));
            if is_read(literal)
                && is_sentence(&literal.value)
                && !excused
                && !commands.contains(&literal.value)
            {
                wrong.push(format!("{}:{}: \"{}\"", source.path, literal.line, literal.value));
            }
        }
    }
    wrong
}

fn is_read(literal: &Literal) -> bool {
    !literal.inside.iter().any(|around| {
        let around = around.strip_prefix("tracing::").unwrap_or(around);
        FOR_NOBODY.contains(&around)
    })
}

/// Two words of a language with a blank between, or Chinese.
fn is_sentence(text: &str) -> bool {
    let chinese = text.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    // What stands between braces is filled in.
    let mut shown = String::new();
    let mut depth = 0;
    for c in text.chars() {
        match c {
            '{' => depth += 1,
            '}' => depth -= 1,
            c if depth == 0 => shown.push(c),
            _ => {}
        }
    }
    let mut before = false;
    let two = shown.replace("\\n", " ").split(' ').any(|piece| {
        let word = piece
            .trim_matches(|c: char| matches!(c, ',' | '.' | ':' | ';' | '!' | '?' | '\'' | '"' | '(' | ')'));
        let is_word = !word.is_empty()
            && word
                .chars()
                .all(|c| c.is_ascii_alphabetic() || matches!(c, '\'' | '-'));
        let both = before && is_word;
        before = is_word;
        both
    });
    chinese || two
}

#[test]
fn no_sentence_stands_outside_the_texts() {
    let commands: Vec<String> = catalogue::all().iter().map(|e| e.spec.path.to_owned()).collect();
    none("sentences outside texts/", sentences(&sources(&ROOMS), &commands));
}

mod planted {
    use super::*;

    fn found(text: &str) -> usize {
        let sources = [Source::of("commands/src/a.rs", text, false)];
        sentences(&sources, &["get pods".to_owned()]).len()
    }

    #[test]
    fn a_sentence_is_found() {
        for text in [
            "line![\"Only \", user, \" can confirm this.\"]",
            "fn f() -> &'static str { \"not ready\" }",
            "let s = format!(\"{n} of {m} pods ready\");",
            "const S: &str = \"未就绪\";",
            "fn expecting(&self) { self.f(\"none\") }\nfn told(&self) { self.f(\"All is well\") }",
            "trait T { fn expecting(&self); }\nimpl A { const S: &str = \"All is well\"; }",
            "x.push_str(\"It is\\nover now\")",
        ] {
            assert_eq!(found(text), 1, "{text}");
        }
    }

    #[test]
    fn what_no_person_reads_is_none() {
        for text in [
            "tracing::warn!(n, \"the store is down\");",
            "warn!(error = %e, \"not read: {}\", f(\"a b\"))",
            "#[error(\"it changed meanwhile\")]",
            "Err(Failure::Internal(format!(\"ticket {id} is gone\")))",
            "m.split_once(\" is waiting to start: \")",
            "let s = \"application/json\"; let p = \"/spec/replicas\"; let w = \"awaiting_confirm\"; let f = \"{a} · {b}\";",
            "let c = \"get pods\";",
            "fn expecting(&self, f: &mut Formatter<'_>) -> fmt::Result {\n f.write_str(\"a map of texts\")\n}",
            "// \"a comment here\"\n#[cfg(test)]\nmod tests { const S: &str = \"a b c\"; }",
        ] {
            assert_eq!(found(text), 0, "{text}");
        }
        let source = Source::of(
            "commands/src/texts/a.rs",
            "text! { en: [\"All is well\"] }",
            false,
        );
        assert!(sentences(&[source], &[]).is_empty());
    }
}
