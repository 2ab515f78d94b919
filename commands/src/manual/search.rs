//! Which sections speak of what was asked for. Words of Latin letters are words; Chinese sets no blanks between its words, so
//! each two neighbouring characters count as one.

use bm25::{Document, SearchEngineBuilder, Tokenizer};

use super::Section;

/// How much more a word in a heading says than one below it.
const HEADING: usize = 3;

/// The sections that hold some of the words, the best first.
#[must_use]
pub fn find<'a>(all: &'a [Section], words: &str) -> Vec<&'a Section> {
    let documents = all.iter().enumerate().map(|(at, section)| {
        let headings = section.path.last().map(String::as_str).unwrap_or_default();
        let weighed = format!("{}\n{}", format!("{headings}\n").repeat(HEADING), section.words());
        Document::new(at, weighed)
    });
    let documents: Vec<Document<usize>> = documents.collect();
    let engine =
        SearchEngineBuilder::<usize, u32, Words>::with_tokenizer_and_documents(Words, documents).build();
    let found = engine.search(words, None);
    found.iter().filter_map(|one| all.get(one.document.id)).collect()
}

/// Cuts a text into what is searched for.
struct Words;

impl Tokenizer for Words {
    fn tokenize(&self, text: &str) -> Vec<String> {
        let mut out = Vec::new();
        let lower = text.to_lowercase();
        for word in lower.split(|c: char| !c.is_alphanumeric()) {
            cut(word, &mut out);
        }
        out
    }
}

/// A run of letters and digits of any script.
fn cut(run: &str, out: &mut Vec<String>) {
    let mut rest = run;
    while let Some(first) = rest.chars().next() {
        let wide = is_wide(first);
        let end = rest.find(|c: char| is_wide(c) != wide).unwrap_or(rest.len());
        let (same, behind) = rest.split_at(end);
        let letters: Vec<char> = same.chars().collect();
        match (wide, letters.as_slice()) {
            (true, [_, _, ..]) => out.extend(letters.windows(2).map(|two| two.iter().collect::<String>())),
            _ => out.push(same.to_owned()),
        }
        rest = behind;
    }
}

/// Whether it belongs to a script that sets no blanks between words: Chinese, Japanese.
fn is_wide(c: char) -> bool {
    matches!(c, '\u{3040}'..='\u{30ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}')
}

#[cfg(test)]
mod tests {
    use super::{super::sections, *};

    const TEXT: &str = "# 运维手册\n\n## 故障排查\n\n### Pod 无法启动\n\n状态为 `CrashLoopBackOff`\n\n### 数据库连接问题\n\n检查数据库 Pod，SELECT 1\n\n## Restore the database\n\nStop the service first.\n\n## 性能问题\n\n响应时间过长\n";

    fn found(words: &str) -> Vec<String> {
        let all = sections("m.md", TEXT);
        let found = find(&all, words);
        found
            .iter()
            .map(|section| section.path.last().cloned().unwrap_or_default())
            .collect()
    }

    #[test]
    fn sections_are_found_by_words_of_both_scripts() {
        assert_eq!(
            found("数据库连接").first().map(String::as_str),
            Some("数据库连接问题")
        );
        assert_eq!(found("crashloopbackoff"), ["Pod 无法启动"]);
        assert_eq!(
            found("Pod无法启动").first().map(String::as_str),
            Some("Pod 无法启动")
        );
        assert_eq!(
            found("restore DATABASE").first().map(String::as_str),
            Some("Restore the database")
        );
        assert_eq!(found("响应时间"), ["性能问题"]);
    }

    #[test]
    fn what_stands_nowhere_finds_nothing() {
        for words in ["kafka", "", "。、", "宇宙"] {
            assert_eq!(found(words), Vec::<String>::new(), "{words}");
        }
    }
}
