//! `/ceo rollout history`: the revisions that can be gone back to, and which of them worked.

use super::super::{
    contract::{Answer, Args, Context, Query, Spec},
    diff, options, quote,
    rights::{GET, LIST, Rbac},
    rollback,
    which_revision::{own_cause, tag},
};
use crate::{
    cluster::{Revision, WorkloadObject},
    diagnosis::{History, Standing},
    failure::Failure,
    input::{BadInput, Input, Opt},
    line,
    model::{Report, Scope, Text, Tone, WorkloadName, code},
    policy::Verb,
    texts::{rollback as rollback_texts, rollout as say},
};

const REVISION: Opt<Option<i64>> = Opt::revision("revision", "workload")
    .about(say::revision)
    .optional();

/// Revisions on a page.
const A_PAGE: usize = 10;

/// The command.
pub struct RolloutHistory;

/// Its words.
pub struct HistoryArgs {
    workload: WorkloadName,
    revision: Option<i64>,
}

impl Args for HistoryArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            workload: input.take(&options::WORKLOAD)?,
            revision: input.take(&REVISION)?,
        })
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

impl Query for RolloutHistory {
    const SPEC: Spec = Spec::new("rollout history", Verb::Read)
        .stands_for(&["kubectl rollout history"])
        .about(say::history)
        .options(&[&options::WORKLOAD, &REVISION])
        .rbac(&[
            Rbac::on("apps/deployments", GET),
            Rbac::on("apps/statefulsets", GET),
            Rbac::on("apps/daemonsets", GET),
            Rbac::on("apps/replicasets", LIST),
            Rbac::on("apps/controllerrevisions", LIST),
        ]);
    type Args = HistoryArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let object = cx.view.workload(&workload).await?;
        let mut revisions = cx.view.revisions(&object).await?;
        revisions.sort_by_key(|r| std::cmp::Reverse(r.number));
        let cached = cx.view.cached(&workload.cluster, &workload.namespace)?;
        let history = History::of(&cached, &workload, cx.records.worked(&workload).await?);
        match args.revision {
            Some(number) => compared(&object, number, &revisions, &history, cx).await,
            None => Ok(Answer::Pages(pages(&object, &revisions, &history))),
        }
    }
}

/// The revisions, the newest first, ten on a page.
fn pages(object: &WorkloadObject, revisions: &[Revision], history: &History) -> Vec<Report> {
    let workload = object.workload();
    let running = revisions.iter().find(|r| r.current).map(|r| r.number);
    let best = history.newest(revisions, Standing::Worked);
    let mut chunks: Vec<&[Revision]> = revisions.chunks(A_PAGE).collect();
    if chunks.is_empty() {
        chunks.push(&[]);
    }
    let page = |chunk: &&[Revision]| {
        let rows = chunk.iter().flat_map(|r| row(r, revisions, history));
        let report = Report::new(Tone::Info, say::history_of(&workload.short(), revisions.len()))
            .at(workload.scope().place())
            .lines(rows)
            .footer(say::as_seen_by_the_bot());
        match best {
            Some(best) => report.action(rollback::button(&workload, best, running)),
            None => report,
        }
    };
    chunks.iter().map(page).collect()
}

/// `7 · v1.2.0 · asked for now, 3 pods · worked · made <t>`, and why it was made.
fn row(revision: &Revision, all: &[Revision], history: &History) -> Vec<Text> {
    let images: Vec<&str> = revision.images.iter().map(|(_, image)| image.as_str()).collect();
    let what = tag(revision).map_or_else(|| images.join(", "), str::to_owned);
    let mut parts = vec![
        line![crate::model::bold(revision.number.to_string())],
        line![code(what)],
    ];
    if revision.current {
        parts.push(say::asked_for_now());
    }
    if revision.pods > 0 {
        parts.push(say::with_pods(revision.pods));
    }
    parts.push(standing(history.standing(revision)));
    parts.extend(revision.created.map(say::made));
    let cause = own_cause(revision, all).map(|cause| line!["↳ ", code(cause)]);
    [Text::joined(parts, &Text::from(" · "))]
        .into_iter()
        .chain(cause)
        .collect()
}

fn standing(standing: Standing) -> Text {
    match standing {
        Standing::Worked => say::worked(),
        Standing::Failed => say::failed(),
        Standing::NotKnown => say::not_known(),
    }
}

/// A revision beside what is asked for now.
async fn compared(
    object: &WorkloadObject,
    number: i64,
    revisions: &[Revision],
    history: &History,
    cx: &Context<'_>,
) -> Result<Answer, Failure> {
    let workload = object.workload();
    let name = workload.short();
    let Some(revision) = revisions.iter().find(|r| r.number == number) else {
        let numbers: Vec<String> = revisions.iter().rev().map(|r| r.number.to_string()).collect();
        return Err(BadInput::new(rollback_texts::no_such(&name, number))
            .hint(rollback_texts::it_holds(&numbers))
            .into());
    };
    let quotes = quote::redactor(&workload.scope(), true, cx).await;
    let mut report = Report::new(Tone::Info, say::compared(&name, number))
        .at(workload.scope().place())
        .lines(row(revision, revisions, history));
    match diff::templates(
        &workload.name,
        &object.template(),
        &revision.template,
        quotes.as_deref(),
    ) {
        Some(diff) => {
            report = report.line(say::read_as());
            diff.add_to(&mut report);
            let running = revisions.iter().find(|r| r.current).map(|r| r.number);
            report = report.action(rollback::button(&workload, revision, running));
        }
        None => report = report.line(say::the_same()),
    }
    Ok(report.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ops::which_revision::tests::revision;

    #[test]
    fn a_row_says_what_runs_and_what_worked() {
        let mut all: Vec<Revision> = (1..=3).map(|n| revision(n, None)).collect();
        (all[2].current, all[2].pods, all[1].pods) = (true, 2, 1);
        all[0].change_cause = Some("bump to v1".to_owned());
        let history = History::noted(&["api-1", "!api-2"]);
        let told = |at: usize| {
            let lines: Vec<String> = row(&all[at], &all, &history).iter().map(Text::plain).collect();
            lines.join("\n")
        };
        assert!(
            told(2).contains("asked for now · 2 pods · not known whether it worked"),
            "{}",
            told(2)
        );
        assert!(told(1).contains("1 pod · failed"), "{}", told(1));
        assert!(!told(1).contains("asked for now"), "{}", told(1));
        assert!(
            told(0).contains("v1") && told(0).contains(" · worked · "),
            "{}",
            told(0)
        );
        assert!(!told(0).contains("pod"), "{}", told(0));
        assert!(told(0).contains("bump to v1"), "{}", told(0));
    }
}
