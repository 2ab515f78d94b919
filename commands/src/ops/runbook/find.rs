//! `/ceo runbook find`: the sections of the team's manual that speak of something, with the commands that do in the chat
//! what their lines do.

use super::{
    super::contract::{Answer, Args, Context, Query, Spec},
    in_chat::{self, InChat},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt},
    manual::{ALL, NOTED, Part, Section, find, target},
    model::{Action, Block, Code, Report, Scope, Tone},
    policy::Verb,
    ports::{AuditEntry, AuditFilter, manual::all_sections},
    texts::runbook as say,
};

const WORDS: Opt<String> = Opt::text("words").about(say::words);

/// Sections that are shown, the best first.
const SECTIONS: usize = 5;
/// How much of a section is shown; what is longer is cut with a word about it.
const LENGTH: usize = 1500;
/// What a short line counts as: a message has room for some thirty of them.
const LINE: usize = 50;
/// Notes that are shown with a section.
const NOTES: usize = 5;
/// Rows of the audit that are looked through for them.
const ROWS: u32 = 1000;
/// Buttons below a section.
const BUTTONS: usize = 4;

/// The command.
pub struct RunbookFind;

/// Its words.
pub struct RunbookFindArgs {
    words: String,
    here: Scope,
}

impl Args for RunbookFindArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            words: input.take(&WORDS)?,
            here: input.here(),
        })
    }

    fn scope(&self) -> Scope {
        self.here.clone()
    }
}

impl Query for RunbookFind {
    const SPEC: Spec = Spec::new("runbook find", Verb::Read)
        .about(say::find_summary)
        .options(&[&WORDS]);
    type Args = RunbookFindArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        if !cx.manual.is_there() {
            let report = Report::new(Tone::Off, say::none()).line(say::how_to_add());
            return Ok(report.into());
        }
        let files = match cx.manual.files().await {
            Ok(files) => files,
            Err(why) => return Ok(Report::new(Tone::Bad, say::unreadable(&why)).into()),
        };
        let all = all_sections(&files);
        let found = find(&all, &args.words);
        if found.is_empty() {
            let report = Report::new(Tone::Off, say::nothing(&args.words))
                .line(say::looked_at(all.len(), files.len()));
            return Ok(report.into());
        }
        let specs = cx.rights.commands();
        let kept = notes(cx).await;
        let page = |section: &Section| with_notes(drawn(section, &specs), section, kept.as_deref());
        Ok(Answer::Pages(
            found.into_iter().take(SECTIONS).map(page).collect(),
        ))
    }
}

/// The rows of the audit that are notes, newest first; `None` where the store does not answer.
async fn notes(cx: &Context<'_>) -> Option<Vec<AuditEntry>> {
    let filter = AuditFilter {
        target: Some(ALL.to_owned()),
        limit: ROWS,
        ..AuditFilter::default()
    };
    match cx.records.audit(filter).await {
        Ok(rows) => {
            let entries = rows.into_iter().map(|row| row.entry);
            Some(entries.filter(|entry| entry.event == NOTED).collect())
        }
        Err(error) => {
            tracing::warn!(%error, "the notes of the manual were not read");
            None
        }
    }
}

/// A section with the notes that people kept with it, newest first.
fn with_notes(report: Report, section: &Section, kept: Option<&[AuditEntry]>) -> Report {
    let Some(kept) = kept else {
        return report.line(say::notes_unknown());
    };
    let name = target(section);
    let mut of_it = kept.iter().filter(|entry| entry.target == name);
    let shown = of_it.by_ref().take(NOTES);
    let report = shown.fold(report, |report, entry| {
        report.line(say::note_by(entry.actor, entry.at, &entry.detail))
    });
    match of_it.count() {
        0 => report,
        more => report.line(say::older_notes(more)),
    }
}

/// A section: what it says, and behind each block of lines what does the same in the chat.
fn drawn(section: &Section, specs: &[&'static Spec]) -> Report {
    let title = match section.path.last() {
        Some(heading) => heading.as_str(),
        None => section.file.as_str(),
    };
    let mut report = Report::new(Tone::Info, title).line(say::stands_in(&section.file, &section.path));
    let mut left = LENGTH;
    let mut buttons: Vec<InChat> = Vec::new();
    for part in &section.parts {
        let length = match part {
            Part::Line(line) => line.plain().chars().count(),
            Part::Code { text, .. } => text.chars().count(),
        }
        .max(LINE);
        if length > left {
            report.add(say::goes_on(&section.file));
            break;
        }
        left -= length;
        match part {
            Part::Line(line) => report.add(Block::Text(line.clone())),
            Part::Code { language, text } => {
                report = report.code(Code {
                    language: language.clone(),
                    text: text.clone(),
                });
                let same: Vec<InChat> = in_chat::of_block(text, specs);
                for one in &same {
                    report.add(say::in_chat(&one.line()));
                }
                buttons.extend(same);
            }
        }
    }
    buttons.dedup();
    let actions = buttons.iter().filter(|one| one.only_shows()).take(BUTTONS);
    for one in actions {
        report = report.action(Action::run(one.path(), one.options(), say::button(one.path())));
    }
    report
}
