//! `/ceo logs`: the logs of a workload's pods merged by time, or of one pod; searched and freed of secrets. `follow` shows them
//! as they come.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use super::{
    buttons,
    contract::{Answer, Args, Context, Query, Spec},
    rights::{GET, READ, Rbac},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input, Opt, Since, Value, WorkloadOrPod, options_to_line},
    logs::{self, BACK, Following, Grep, Names, Question, Scene, Sieve, Source, TAIL_MOST, Target},
    model::{Action, Report, Scope, Text, Tone},
    policy::Verb,
    redact::Redactor,
    texts,
};

const WORKLOAD: Opt<WorkloadOrPod> = Opt::workload_or_pod("workload").about(texts::logs::workload);
const CONTAINER: Opt<Option<String>> = Opt::container("container", "workload")
    .about(texts::logs::container)
    .optional();
const SINCE: Opt<Option<Since>> = Opt::since("since", Duration::from_secs(1)..=BACK)
    .about(texts::logs::since)
    .optional();
const TAIL: Opt<Option<i64>> = Opt::long("tail", 1..=TAIL_MOST)
    .about(texts::logs::tail)
    .optional();
const GREP: Opt<Option<String>> = Opt::verbatim("grep").about(texts::logs::grep).optional();
const INVERT: Opt<bool> = Opt::flag("invert").about(texts::logs::invert);
const PREVIOUS: Opt<bool> = Opt::flag("previous").about(texts::logs::previous);
const PATTERNS: Opt<bool> = Opt::flag("patterns").about(texts::logs::patterns);
const FOLLOW: Opt<bool> = Opt::flag("follow").about(texts::logs::follow);
const SHARE: Opt<bool> = Opt::flag("share").about(texts::logs::share);

/// The command.
pub struct Logs;

/// Its words.
pub struct LogsArgs {
    asked: WorkloadOrPod,
    container: Option<String>,
    question: Question,
    follow: bool,
    share: bool,
    /// As they were given, for buttons that ask again.
    options: BTreeMap<String, Value>,
}

impl Args for LogsArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let options = input.options().clone();
        let args = Self {
            asked: input.take(&WORKLOAD)?,
            container: input.take(&CONTAINER)?,
            question: Question {
                since: input.take(&SINCE)?,
                tail: input.take(&TAIL)?,
                grep: grep(input)?,
                previous: input.take(&PREVIOUS)?,
                patterns: input.take(&PATTERNS)?,
            },
            follow: input.take(&FOLLOW)?,
            share: input.take(&SHARE)?,
            options,
        };
        if args.question.previous && args.follow {
            return Err(BadInput::new(texts::options::exclusive("previous", "follow"))
                .hint(texts::logs::nothing_more_to_come()));
        }
        if args.question.patterns && args.follow {
            return Err(BadInput::new(texts::options::exclusive("patterns", "follow"))
                .hint(texts::logs::patterns_are_of_what_was()));
        }
        Ok(args)
    }

    fn scope(&self) -> Scope {
        self.asked.scope()
    }

    fn shared(&self) -> bool {
        self.share
    }
}

fn grep(input: &mut Input) -> Result<Option<Grep>, BadInput> {
    let (typed, invert) = (input.take(&GREP)?, input.take(&INVERT)?);
    match typed {
        Some(typed) => Grep::new(typed, invert).map(Some),
        None if invert => {
            Err(BadInput::new(texts::logs::invert_needs_a_pattern()).hint(texts::logs::add_grep()))
        }
        None => Ok(None),
    }
}

impl Query for Logs {
    const SPEC: Spec = Spec::new("logs", Verb::Sensitive)
        .stands_for(&["kubectl logs"])
        .about(texts::logs::summary)
        .private()
        .options(&[
            &WORKLOAD, &CONTAINER, &SINCE, &TAIL, &GREP, &INVERT, &PREVIOUS, &PATTERNS, &FOLLOW, &SHARE,
        ])
        .rbac(&[Rbac::on("core/pods/log", GET), Rbac::on("core/pods", READ)]);
    type Args = LogsArgs;

    async fn answer(&self, args: Self::Args, cx: &Context<'_>) -> Result<Answer, Failure> {
        args.question.check(cx.now)?;
        let target = Target::find(args.asked.clone(), cx.view).await?;
        let cached = cx.view.cached(target.cluster(), target.namespace())?;
        cached.fresh_again().await?;
        let container = Names::of(&target, &cached).choose(args.container.as_deref(), &target.short())?;
        let redactor = redactor(&target, cx).await?;
        let sieve = Sieve::new(redactor, args.question.grep.clone());
        let source = Arc::new(Source {
            view: cx.view.clone(),
            cluster: target.cluster().to_owned(),
            namespace: target.namespace().to_owned(),
            patience: cx.timing.cluster_timeout,
        });
        let scene = Scene::of(target, container, &cached);
        if args.follow {
            let span = tracing::info_span!("follow", target = scene.target.full(), actor = %cx.actor.user);
            let following = Following {
                again: again(&scene, &args, &[], texts::logs::follow_again()),
                scene,
                question: args.question,
                source,
                sieve,
                cached,
                clock: Arc::clone(cx.clock),
                every: cx.timing.progress_every,
            };
            return Ok(Answer::Live(Box::pin(logs::follow(following, span))));
        }
        if scene.pods.is_empty() {
            return Ok(no_pods(&scene).into());
        }
        let mut report = logs::once(&scene, &args.question, &source, &sieve, cx.now).await?;
        report.actions = actions(&scene, &args);
        Ok(report.into())
    }
}

fn no_pods(scene: &Scene) -> Report {
    let report = Report::new(Tone::Waiting, texts::logs::no_pods(&scene.target.short()))
        .at(scene.target.place())
        .line(texts::logs::nothing_logs());
    match &scene.target {
        Target::Workload(workload) => report.action(buttons::status(workload)),
        Target::Pod(_) => report,
    }
}

/// What hides secrets in logs of this namespace. Where the settings say so, the values of its Secrets are among them: when
/// they cannot be read nothing is shown.
async fn redactor(target: &Target, cx: &Context<'_>) -> Result<Arc<Redactor>, Failure> {
    let usual = cx.redactor;
    let redactor = cx.view.redactor(target.cluster(), target.namespace(), usual);
    Ok(redactor.await?)
}

/// The same again, live, further back, the container before, the state of the whole.
fn actions(scene: &Scene, args: &LogsArgs) -> Vec<Action> {
    let mut actions = vec![again(scene, args, &[], texts::logs::refresh())];
    if args.question.patterns {
        actions.push(again(
            scene,
            args,
            &[("patterns", None)],
            texts::logs::its_lines(),
        ));
    } else {
        let once = [("patterns", Some(Value::Bool(true)))];
        actions.push(again(scene, args, &once, texts::logs::its_patterns()));
    }
    if let Some(tail) = args.question.tail().filter(|_| args.question.grep.is_none()) {
        let further = (tail * 10).min(TAIL_MOST);
        if further > tail {
            actions.push(again(
                scene,
                args,
                &[("tail", Some(Value::Int(further)))],
                texts::logs::older(),
            ));
        }
    }
    if args.question.previous {
        actions.push(again(
            scene,
            args,
            &[("previous", None)],
            texts::logs::present_container(),
        ));
    } else {
        let live = [
            ("follow", Some(Value::Bool(true))),
            ("patterns", None),
            ("since", None),
            ("tail", None),
        ];
        actions.push(again(scene, args, &live, texts::logs::follow_on()));
        if scene.restarted {
            let before = [("previous", Some(Value::Bool(true)))];
            actions.push(again(scene, args, &before, texts::logs::previous_container()));
        }
    }
    if let Target::Workload(workload) = &scene.target {
        actions.push(buttons::status(workload));
    }
    actions
}

/// The command again, with some of its options changed.
fn again(scene: &Scene, args: &LogsArgs, changes: &[(&str, Option<Value>)], label: Text) -> Action {
    let mut options = args.options.clone();
    options.insert("workload".to_owned(), Value::Text(scene.target.full()));
    for (name, value) in changes {
        match value {
            Some(value) => options.insert((*name).to_owned(), value.clone()),
            None => options.remove(*name),
        };
    }
    // On a button's line these two words would be read as a switch.
    if let Some(Value::Text(grep)) = options.get_mut("grep")
        && matches!(grep.as_str(), "true" | "false")
    {
        *grep = format!("(?:{grep})");
    }
    Action::run("logs", options_to_line(&options), label)
}

#[cfg(test)]
#[path = "logs_tests.rs"]
mod tests;
