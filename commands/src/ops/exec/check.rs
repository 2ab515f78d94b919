//! `/ceo exec check`: runs a check of the settings in a container, and tells what it wrote and how it ended.

use std::{sync::Arc, time::Duration};

use super::super::{
    buttons,
    contract::{Answer, Args, Context, Query, Spec},
};
use crate::{
    cluster::{Ended, InContainer, Ran},
    failure::Failure,
    health::{self, exit},
    input::{BadInput, Input, Opt, WorkloadOrPod},
    logs::{Names, Target},
    model::{Block, Code, File, Report, Scope, Text, Tone},
    objects::Pod,
    policy::Verb,
    ports::checks::NamedCheck,
    texts::exec as say,
};

const CHECK: Opt<String> = Opt::check("check").about(say::check);
const WORKLOAD: Opt<WorkloadOrPod> = Opt::workload_or_pod("workload").about(say::workload);
const HOST: Opt<Option<String>> = Opt::text("host").about(say::host).optional();
const CONTAINER: Opt<Option<String>> = Opt::container("container", "workload")
    .about(say::container)
    .optional();

/// How much of what was written stands in the message; all of it goes along as a file then.
const INLINE: usize = 1300;

/// The command.
pub struct ExecCheck;

/// Its words.
pub struct ExecCheckArgs {
    check: String,
    asked: WorkloadOrPod,
    host: Option<String>,
    container: Option<String>,
}

impl Args for ExecCheckArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            check: input.take(&CHECK)?,
            asked: input.take(&WORKLOAD)?,
            host: input.take(&HOST)?,
            container: input.take(&CONTAINER)?,
        })
    }

    fn scope(&self) -> Scope {
        self.asked.scope()
    }
}

impl Query for ExecCheck {
    const SPEC: Spec = Spec::new("exec check", Verb::Sensitive)
        .about(say::check_summary)
        .private()
        .options(&[&CHECK, &WORKLOAD, &HOST, &CONTAINER]);
    type Args = ExecCheckArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        if !cx.checks.enabled {
            let report = Report::new(Tone::Off, say::not_enabled()).line(say::how_to_enable());
            return Ok(report.into());
        }
        let check = named(&args.check, &cx.checks.all)?;
        let words = check.words(args.host.as_deref())?;
        let target = Target::find(args.asked, cx.view).await?;
        let cached = cx.view.cached(target.cluster(), target.namespace())?;
        cached.fresh_again().await?;
        let wanted = args.container.as_deref().or(check.container.as_deref());
        let container = Names::of(&target, &cached).choose(wanted, &target.short())?;
        let Some(pod) = runs(&target.pods(&cached), &container.name) else {
            let report = Report::new(Tone::Waiting, say::nothing_runs(&target.short(), &container.name));
            return Ok(report.at(target.place()).into());
        };
        let place = InContainer {
            cluster: target.cluster().to_owned(),
            namespace: target.namespace().to_owned(),
            pod,
            container: container.name,
        };
        // Before anything runs: what is secret there must be known to be hidden.
        let redactor = cx.view.redactor(&place.cluster, &place.namespace, cx.redactor);
        let redactor = redactor.await?;
        let began = tokio::time::Instant::now();
        let ran = cx.view.run_check(&place, &words, check.within).await?;
        let text = redactor.quote(&String::from_utf8_lossy(&ran.output));
        let told = Told {
            check,
            place: &place,
            words: redactor.quote_in_a_line(&words.join(" ")),
            took: began.elapsed(),
        };
        let mut report = drawn(&told, &ran, text.trim_end()).at(target.place());
        if let Target::Workload(workload) = &target {
            report = report.action(buttons::status(workload));
        }
        Ok(report.into())
    }
}

fn named<'a>(name: &str, all: &'a [NamedCheck]) -> Result<&'a NamedCheck, BadInput> {
    all.iter().find(|check| check.name == name).ok_or_else(|| {
        let names: Vec<String> = all.iter().map(|check| check.name.clone()).collect();
        BadInput::new(say::no_such(name)).hint(say::there_are(&names))
    })
}

/// A pod whose container runs: a ready one before others, then by name.
fn runs(pods: &[Arc<Pod>], container: &str) -> Option<String> {
    let running = pods.iter().filter(|pod| {
        let mut all = pod.status.container_statuses.iter();
        all.any(|status| *status.name == *container && status.state.running.is_some())
    });
    let best = running.min_by_key(|pod| (!health::state(pod).ready, pod.metadata.name.to_string()))?;
    Some(best.metadata.name.to_string())
}

/// What was run.
struct Told<'a> {
    check: &'a NamedCheck,
    place: &'a InContainer,
    words: String,
    took: Duration,
}

fn drawn(told: &Told<'_>, ran: &Ran, text: &str) -> Report {
    let name = &told.check.name;
    let (tone, title) = match &ran.ended {
        Ended::Code(0) => (Tone::Good, say::passed(name)),
        Ended::Code(code) => (Tone::Bad, say::failed(name, *code, &exit::words(*code, None))),
        Ended::NotStarted(_) => (Tone::Bad, say::not_started(name)),
        Ended::NotInTime => (Tone::Waiting, say::not_in_time(name, told.check.within)),
        Ended::TooMuch => (Tone::Waiting, say::too_much(name)),
        Ended::NotKnown => (Tone::Waiting, say::not_known(name)),
    };
    let mut report = Report::new(tone, title)
        .line(say::ran(&told.words, &told.place.pod, &told.place.container))
        .line(say::took(told.took));
    if let Ended::NotStarted(why) = &ran.ended {
        report.add(Text::from(why.as_str()));
    }
    if text.is_empty() {
        if matches!(ran.ended, Ended::Code(_)) {
            report.add(say::wrote_nothing());
        }
        return report;
    }
    let shown: String = text.chars().take(INLINE).collect();
    let whole = shown.len() == text.len();
    report = report.code(Code {
        language: String::new(),
        text: shown,
    });
    if !whole {
        let file = File::new(format!("{name}.txt"), say::file(name), text.as_bytes().to_vec());
        report.blocks.push(Block::File(file));
    }
    report
}
