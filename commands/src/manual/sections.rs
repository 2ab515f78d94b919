//! A manual as its sections: what stands below a heading, up to the next one.

use std::mem::take;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use crate::model::{Span, Text};

/// What stands below a heading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Section {
    /// The file that it stands in.
    pub file: String,
    /// Its heading, behind those that it stands under.
    pub path: Vec<String>,
    /// What it says, in order.
    pub parts: Vec<Part>,
}

/// A piece of a section.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    /// A line of text: a paragraph, or an entry of a list.
    Line(Text),
    /// A block in which every character counts: commands.
    Code {
        /// What it is written in: `bash`.
        language: String,
        /// The block.
        text: String,
    },
}

impl Section {
    /// Everything that it says, headings included, without any formatting.
    #[must_use]
    pub fn words(&self) -> String {
        let parts = self.parts.iter().map(|part| match part {
            Part::Line(line) => line.plain(),
            Part::Code { text, .. } => text.clone(),
        });
        self.path
            .iter()
            .cloned()
            .chain(parts)
            .collect::<Vec<_>>()
            .join("\n")
    }
}

/// The sections of a file that say something, in order.
#[must_use]
pub fn sections(file: &str, markdown: &str) -> Vec<Section> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_TASKLISTS | Options::ENABLE_STRIKETHROUGH;
    let mut reading = Reading::new(file);
    for event in Parser::new_ext(markdown, options) {
        reading.take(event);
    }
    reading.end_section();
    reading.done
}

/// Where the reading is.
struct Reading {
    file: String,
    done: Vec<Section>,
    /// The headings above, each with its level.
    above: Vec<(u8, String)>,
    parts: Vec<Part>,
    /// The line that is being read.
    line: Vec<Span>,
    bold: bool,
    /// The language of the code block that is being read, and its text.
    code: Option<(String, String)>,
    heading: Option<u8>,
    /// How deep in lists.
    lists: usize,
}

impl Reading {
    fn new(file: &str) -> Self {
        Self {
            file: file.to_owned(),
            done: Vec::new(),
            above: Vec::new(),
            parts: Vec::new(),
            line: Vec::new(),
            bold: false,
            code: None,
            heading: None,
            lists: 0,
        }
    }

    fn take(&mut self, event: Event<'_>) {
        match event {
            Event::Start(tag) => self.begin(tag),
            Event::End(tag) => self.end(tag),
            Event::Text(text) => self.text(&text),
            Event::Code(text) => self.line.push(Span::Code(text.into_string())),
            Event::SoftBreak => self.text(" "),
            Event::HardBreak => self.end_line(),
            Event::TaskListMarker(done) => self.text(if done { "☑ " } else { "☐ " }),
            _ => {}
        }
    }

    fn begin(&mut self, tag: Tag<'_>) {
        match tag {
            Tag::Heading { level, .. } => {
                self.end_section();
                self.heading = Some(level as u8);
            }
            Tag::CodeBlock(kind) => {
                self.end_line();
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.into_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::Strong => self.bold = true,
            Tag::List(_) => {
                self.end_line();
                self.lists += 1;
            }
            Tag::Item => {
                self.end_line();
                self.text(&format!("{}• ", "  ".repeat(self.lists.saturating_sub(1))));
            }
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Heading(_) => self.end_heading(),
            TagEnd::CodeBlock => {
                if let Some((language, text)) = self.code.take() {
                    let text = text.trim_end().to_owned();
                    self.parts.push(Part::Code { language, text });
                }
            }
            TagEnd::Strong => self.bold = false,
            TagEnd::List(_) => self.lists = self.lists.saturating_sub(1),
            TagEnd::TableCell => self.text(" | "),
            TagEnd::Paragraph | TagEnd::Item | TagEnd::TableRow | TagEnd::TableHead => self.end_line(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        if let Some((_, code)) = &mut self.code {
            code.push_str(text);
            return;
        }
        if self.bold {
            self.line.push(Span::Bold(text.to_owned()));
            return;
        }
        match self.line.last_mut() {
            Some(Span::Plain(before)) => before.push_str(text),
            _ => self.line.push(Span::Plain(text.to_owned())),
        }
    }

    fn end_line(&mut self) {
        let line = Text::same(take(&mut self.line));
        if !line.plain().trim_matches([' ', '•', '|']).is_empty() {
            self.parts.push(Part::Line(line));
        }
    }

    fn end_heading(&mut self) {
        let Some(level) = self.heading.take() else { return };
        let words = Text::same(take(&mut self.line)).plain();
        self.above.retain(|(above, _)| *above < level);
        self.above.push((level, words.trim().to_owned()));
    }

    fn end_section(&mut self) {
        self.end_line();
        let parts = take(&mut self.parts);
        if !parts.is_empty() {
            self.done.push(Section {
                file: self.file.clone(),
                path: self.above.iter().map(|(_, heading)| heading.clone()).collect(),
                parts,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "# Manual\n\n## Pods\n\n**Sign**: it `crashes`\n\n```bash\nkubectl get pods\n```\n\n- one\n- two\n  - three\n\n### Deeper\n\nlast\n\n## Empty\n\n## Tables\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n- [ ] to do\n";

    #[test]
    fn a_section_is_what_stands_below_its_heading() {
        let all = sections("m.md", TEXT);
        let paths: Vec<String> = all.iter().map(|section| section.path.join(" > ")).collect();
        assert_eq!(
            paths,
            ["Manual > Pods", "Manual > Pods > Deeper", "Manual > Tables"]
        );
        let told: Vec<String> = all[0]
            .parts
            .iter()
            .map(|part| match part {
                Part::Line(line) => line.plain(),
                Part::Code { language, text } => format!("{language}: {text}"),
            })
            .collect();
        assert_eq!(
            told,
            [
                "Sign: it crashes",
                "bash: kubectl get pods",
                "• one",
                "• two",
                "  • three"
            ]
        );
        let Part::Line(line) = &all[0].parts[0] else {
            panic!("a line")
        };
        assert!(
            line.all_spans()
                .any(|span| *span == Span::Code("crashes".to_owned()))
        );
        assert_eq!(all[2].words(), "Manual\nTables\na | b | \n1 | 2 | \n• ☐ to do");
    }

    #[test]
    fn what_is_no_markdown_is_one_section_or_none() {
        assert_eq!(sections("a", ""), []);
        let plain = sections("a", "only words");
        assert_eq!((plain.len(), plain[0].path.len()), (1, 0));
        assert_eq!(sections("a", "```\nnever closed")[0].parts.len(), 1);
    }
}
