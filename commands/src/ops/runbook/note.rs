//! `/ceo runbook note`: keeps a note with a section of the team's manual.

use super::super::contract::{EventFor, Record, RecordContext, Spec};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, Suggest},
    manual::{NewNote, Notebook, NotebookId, Section, find, meant, target},
    model::{Report, Scope, Tone},
    policy::Verb,
    ports::manual::all_sections,
    texts::runbook as say,
};

const SECTION: Opt<String> = Opt::text("section")
    .suggest(Suggest::Section)
    .about(say::section_option);
const TEXT: Opt<String> = Opt::text("text").about(say::note_option);

/// How long a note may be, in characters.
const LONGEST: usize = 1000;
/// Sections that are named where none, or more than one, is meant.
const NEAR: usize = 5;

/// The command.
pub struct RunbookNote;

/// Its words.
pub struct RunbookNoteArgs {
    section: String,
    text: String,
    here: Scope,
}

impl Record for RunbookNote {
    const SPEC: Spec = Spec::new("runbook note", Verb::Note)
        .about(say::note_summary)
        .options(&[&SECTION, &TEXT]);
    type Args = RunbookNoteArgs;
    type Of = Notebook;

    fn parse(input: &mut Input) -> Result<Self::Args, BadInput> {
        let args = RunbookNoteArgs {
            section: input.take(&SECTION)?,
            text: input.take(&TEXT)?,
            here: input.here(),
        };
        match args.text.chars().count() {
            0 => Err(BadInput::new(say::empty_note())),
            n if n > LONGEST => Err(BadInput::new(say::long_note(n, LONGEST))),
            _ => Ok(args),
        }
    }

    async fn event(&self, args: Self::Args, cx: &RecordContext<'_>) -> Result<EventFor<Notebook>, Failure> {
        if !cx.manual.is_there() {
            return Err(BadInput::new(say::none()).hint(say::how_to_add()).into());
        }
        let files = match cx.manual.files().await {
            Ok(files) => files,
            Err(why) => return Err(BadInput::new(say::unreadable(&why)).into()),
        };
        let all = all_sections(&files);
        let section = one(&all, &args.section)?;
        Ok(EventFor {
            id: NotebookId,
            event: NewNote {
                target: target(section),
                heading: section.heading().to_owned(),
                text: args.text,
            },
            at: Some(args.here),
        })
    }

    fn told(&self, now: &Notebook) -> Report {
        let Some(note) = &now.new else {
            return Report::default();
        };
        Report::new(Tone::Good, say::kept_with(&note.heading))
            .line(say::note(&note.text))
            .line(say::where_notes_are())
    }
}

/// The one section that is meant.
fn one<'a>(all: &'a [Section], asked: &str) -> Result<&'a Section, BadInput> {
    let labels = |found: &[&Section]| -> Vec<String> {
        let near = found.iter().take(NEAR);
        near.map(|section| section.label()).collect()
    };
    match meant(all, asked).as_slice() {
        [one] => Ok(one),
        [] => {
            let bad = BadInput::new(say::no_section(asked));
            let near = find(all, asked);
            Err(if near.is_empty() {
                bad.hint(say::look_for_it())
            } else {
                bad.hint(say::sections_near(&labels(&near)))
            })
        }
        several => {
            Err(BadInput::new(say::several_sections(asked)).hint(say::sections_near(&labels(several))))
        }
    }
}
