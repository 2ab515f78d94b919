//! `/ceo exec check`: runs a check of the settings in a container, and tells what it wrote and how it ended.

use super::{
    super::{
        buttons,
        contract::{Answer, Args, Context, Query, Spec},
    },
    told::{Told, running},
};
use crate::{
    cluster::InContainer,
    failure::Failure,
    input::{BadInput, Input, Opt, WorkloadOrPod},
    logs::{Names, Target},
    model::{Report, Scope, Tone},
    policy::Verb,
    ports::checks::NamedCheck,
    texts::exec as say,
};

const CHECK: Opt<String> = Opt::check("check").about(say::check);
pub(super) const WORKLOAD: Opt<WorkloadOrPod> = Opt::workload_or_pod("workload").about(say::workload);
const HOST: Opt<Option<String>> = Opt::text("host").about(say::host).optional();
pub(super) const CONTAINER: Opt<Option<String>> = Opt::container("container", "workload")
    .about(say::container)
    .optional();

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
        let Some(pod) = running(&target.pods(&cached), &container.name) else {
            let report = Report::new(Tone::Waiting, say::nothing_runs(&target.short(), &container.name));
            return Ok(report.at(target.place()).into());
        };
        let place = InContainer {
            cluster: target.cluster().to_owned(),
            namespace: target.namespace().to_owned(),
            pod: pod.metadata.name.to_string(),
            container: container.name,
        };
        // Before anything runs: what is secret there must be known to be hidden.
        let redactor = cx.view.redactor(&place.cluster, &place.namespace, cx.redactor);
        let redactor = redactor.await?;
        let began = tokio::time::Instant::now();
        let ran = cx.view.run_check(&place, &words, check.within).await?;
        let text = redactor.quote(&String::from_utf8_lossy(&ran.output));
        let told = Told {
            name: &check.name,
            place: &place,
            words: &redactor.quote_in_a_line(&words.join(" ")),
            within: check.within,
            took: began.elapsed(),
        };
        let mut report = told.report(&ran.ended, text.trim_end()).at(target.place());
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
