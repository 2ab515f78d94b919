//! `/ceo exec free`: any command in a container, once, after two others have said yes. It is a change like every other:
//! what it does nobody knows beforehand, so its card says that, and a run that was cut off is never sent again.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::{
    super::{
        contract::{Args, Change, Context, Draft, Finished, Spec},
        options,
        rights::{GET, Rbac},
    },
    check::{CONTAINER, WORKLOAD},
    told::{Told, running},
};
use crate::{
    cluster::{Ended, InContainer, precondition_of_value, target as target_in_words},
    failure::Failure,
    input::{BadInput, Input, Opt, WorkloadOrPod},
    logs::{Names, Target},
    model::{Code, Report, Scope},
    policy::Verb,
    texts::{self, exec as say, workflow::step},
    ticket::{Outcome, Precondition},
    workflow::{Observed, Run},
};

const COMMAND: Opt<String> = Opt::text("command").about(say::command);

/// How long it is waited for.
const WITHIN: Duration = Duration::from_secs(60);
/// How long a command may be, in characters: all of it stands on the card.
const LONGEST: usize = 1000;
const PODS: &str = "pods";

/// The command.
pub struct ExecFree;

/// Its words.
pub struct ExecFreeArgs {
    asked: WorkloadOrPod,
    argv: Vec<String>,
    container: Option<String>,
}

impl Args for ExecFreeArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        Ok(Self {
            asked: input.take(&WORKLOAD)?,
            argv: words(&input.take(&COMMAND)?)?,
            container: input.take(&CONTAINER)?,
        })
    }

    fn verb(&self) -> Verb {
        Verb::Danger
    }

    fn scope(&self) -> Scope {
        self.asked.scope()
    }
}

/// A command as its words, with quotes as a shell reads them. No shell reads them afterwards: `|`, `>` and `$X` are words.
fn words(command: &str) -> Result<Vec<String>, BadInput> {
    if command.chars().count() > LONGEST {
        return Err(BadInput::new(say::too_long(LONGEST)));
    }
    let words = shlex::split(command).unwrap_or_default();
    if words.first().is_none_or(String::is_empty) || words.iter().any(|word| word.contains('\0')) {
        return Err(BadInput::new(say::no_words()).hint(say::example_of_words()));
    }
    Ok(words)
}

/// The words in one line, so that a person could type it.
fn line(argv: &[String]) -> String {
    let typed = shlex::try_join(argv.iter().map(String::as_str));
    typed.unwrap_or_else(|_| argv.join(" "))
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ExecFreePlan {
    pod: Precondition,
    container: String,
    argv: Vec<String>,
}

/// What came of it, as its step stores it: without secrets.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Came {
    ended: Ended,
    text: String,
    took: Duration,
}

impl Change for ExecFree {
    const SPEC: Spec = Spec::new("exec free", Verb::Danger)
        .about(say::free_summary)
        .because(say::free_reason)
        .private()
        .options(&[&WORKLOAD, &COMMAND, &CONTAINER, &options::REASON])
        .rbac(&[Rbac::on("core/pods", GET)])
        .within(Duration::from_secs(5 * 60));
    const EVENT: &'static str = "CeoExecuted";
    const STEPS: &'static [&'static str] = &[step::EXECUTE];
    type Args = ExecFreeArgs;
    type Plan = ExecFreePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        if !cx.checks.free {
            return Err(BadInput::new(say::free_not_enabled())
                .hint(say::how_to_enable_free())
                .into());
        }
        let target = Target::find(args.asked, cx.view).await?;
        let (cluster, namespace) = (target.cluster(), target.namespace());
        let cached = cx.view.cached(cluster, namespace)?;
        cached.fresh_again().await?;
        let container = Names::of(&target, &cached).choose(args.container.as_deref(), &target.short())?;
        let Some(pod) = running(&target.pods(&cached), &container.name) else {
            return Err(BadInput::new(say::nothing_runs(&target.short(), &container.name)).into());
        };
        // What is stored with the ticket, and stands on its card, must hold no secret.
        let typed = line(&args.argv);
        let redactor = cx.view.redactor(cluster, namespace, cx.redactor).await?;
        if redactor.text(&typed) != typed {
            return Err(BadInput::new(say::holds_a_secret())
                .hint(say::secrets_of_the_container())
                .into());
        }
        let name = &pod.metadata.name;
        let fresh = cx.view.value(cluster, namespace, PODS, name).await?;
        let precondition = precondition_of_value(cluster, PODS, &fresh, &[]);
        Ok(Draft {
            preview: preview(&typed, name, &container.name).at(target.place()),
            verb: Verb::Danger,
            scopes: vec![Scope {
                cluster: cluster.to_owned(),
                namespace: Some(namespace.to_owned()),
            }],
            risks: vec![],
            targets: vec![target_in_words(cluster, namespace, PODS, name)],
            preconditions: vec![precondition.clone()],
            plan: ExecFreePlan {
                pod: precondition,
                container: container.name,
                argv: args.argv,
            },
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let pod = &plan.pod;
        let place = &InContainer {
            cluster: pod.cluster.clone(),
            namespace: pod.namespace.clone(),
            pod: pod.name.clone(),
            container: plan.container.clone(),
        };
        let (argv, typed) = (&plan.argv, line(&plan.argv));
        let came: Came = run
            .once(
                step::EXECUTE,
                |writer| async move {
                    // Before anything runs: what is secret there must be known to be hidden.
                    let redactor = run.redactor(&place.cluster, &place.namespace).await?;
                    let began = run.now();
                    let ran = writer.execute(pod, &place.container, argv, WITHIN).await?;
                    Ok(Came {
                        ended: ran.ended.map_words(|why| redactor.quote(&why)),
                        text: redactor.quote(&String::from_utf8_lossy(&ran.output)),
                        took: crate::model::since(began, run.now()),
                    })
                },
                |_| async { Ok(Observed::NotKnown(say::perhaps_ran(&typed, &place.pod))) },
            )
            .await?;
        let told = Told {
            name: program(argv),
            place,
            words: &typed,
            within: WITHIN,
            took: came.took,
        };
        let report = told.report(&came.ended, came.text.trim_end());
        let scope = Scope {
            cluster: place.cluster.clone(),
            namespace: Some(place.namespace.clone()),
        };
        Ok(Finished {
            outcome: match came.ended {
                Ended::Code(0) => Outcome::Succeeded,
                _ => Outcome::Failed,
            },
            report: report.at(scope.place()),
        })
    }
}

/// The name of the program, without its folder.
fn program(argv: &[String]) -> &str {
    let first = argv.first().map_or("", String::as_str);
    first.rsplit('/').next().unwrap_or(first)
}

fn preview(typed: &str, pod: &str, container: &str) -> Report {
    Report {
        title: say::free_question(pod, container),
        ..Report::default()
    }
    .code(Code {
        language: String::new(),
        text: typed.to_owned(),
    })
    .field(texts::impact::effect(), say::free_effect())
    .field(texts::status::note(), say::free_note(WITHIN))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_command_is_its_words_and_no_shell_reads_them() {
        let read = |command: &str| words(command).map_err(|bad| bad.what.plain());
        assert_eq!(
            read("psql -c 'SELECT 1; DROP' > /x").unwrap(),
            ["psql", "-c", "SELECT 1; DROP", ">", "/x"]
        );
        assert_eq!(read("echo $HOME `id`").unwrap(), ["echo", "$HOME", "`id`"]);
        for bad in ["", "  ", "sh -c 'open", "\"\"", "''"] {
            assert!(read(bad).is_err_and(|told| told.contains("no command")), "{bad}");
        }
        let long = "x".repeat(LONGEST + 1);
        assert!(read(&long).is_err_and(|told| told.contains("1,000 characters")));
        let argv = read("sh -c 'a b'").unwrap();
        assert_eq!(line(&argv), "sh -c 'a b'", "as one types it");
        assert_eq!(program(&["/usr/bin/psql".to_owned()]), "psql");
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"pod":{"resource":"pods","cluster":"prod","namespace":"shop","name":"api-a","uid":"u1","fields":[]},
            "container":"api","argv":["df","-h"]}"#;
        let plan: ExecFreePlan = serde_json::from_str(first).unwrap();
        assert_eq!((plan.argv.len(), plan.container.as_str()), (2, "api"));
        assert_eq!(ExecFree::STEPS, ["run the command"]);
    }
}
