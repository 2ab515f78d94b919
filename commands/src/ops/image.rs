//! `/ceo image`: another image for a container of a workload, as `kubectl set image` sets it.

use std::sync::LazyLock;

use json_patch::PatchOperation;
use regex::Regex;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{
    contract::{Args, Change, Context, Draft, Finished, Spec},
    diff, impact, options, quote,
    rights::{self, GET, LIST, PATCH, Rbac},
    rollback,
    template_change::{Goal, PAUSED, Steps, TEMPLATE, TemplateChange, Words, must_go_on},
    which_container::chosen,
};
use crate::{
    cluster::{Patch, patch, precondition_of},
    failure::Failure,
    input::{BadInput, Input, Opt},
    model::{Action, Report, Scope, Text, Workload, WorkloadName},
    policy::Verb,
    texts::{self, image as say, workflow::step},
    ticket::{Directive, Precondition},
    workflow::Run,
};

const IMAGE: Opt<String> = Opt::text("image").about(say::option);
const CONTAINER: Opt<Option<String>> = Opt::container("container", "workload")
    .about(say::container)
    .optional();

/// The command.
pub struct Image;

/// Its words.
pub struct ImageArgs {
    workload: WorkloadName,
    image: String,
    container: Option<String>,
}

impl Args for ImageArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let args = Self {
            workload: input.take(&options::WORKLOAD)?,
            image: input.take(&IMAGE)?,
            container: input.take(&CONTAINER)?,
        };
        let whole = args.image.strip_prefix(':').map(|tag| format!("x:{tag}"));
        if is_reference(whole.as_deref().unwrap_or(&args.image)) {
            Ok(args)
        } else {
            Err(BadInput::new(say::no_reference(&args.image)).hint(say::example()))
        }
    }

    fn verb(&self) -> Verb {
        Verb::Release
    }

    fn scope(&self) -> Scope {
        self.workload.scope()
    }
}

/// Whether a text names an image: a registry's host, a path, a tag, a digest (the grammar of
/// github.com/distribution/reference).
fn is_reference(text: &str) -> bool {
    static REFERENCE: LazyLock<Option<Regex>> = LazyLock::new(|| {
        let part = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*";
        let host = r"(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?/)?";
        let tag = r"(?::[A-Za-z0-9_][A-Za-z0-9_.-]{0,127})?";
        Regex::new(&format!(
            "^{host}{part}(?:/{part})*{tag}(?:@sha256:[0-9a-f]{{64}})?$"
        ))
        .ok()
    });
    text.len() <= 512
        && REFERENCE
            .as_ref()
            .is_some_and(|reference| reference.is_match(text))
}

/// The name, and what says which of its images: `:v1`, `@sha256:…`; a host's port is no tag.
fn parts(image: &str) -> (&str, &str) {
    let path = image.rfind('/').map_or(0, |at| at + 1);
    let tail = image.get(path..).unwrap_or_default();
    match tail.find([':', '@']) {
        Some(at) => image.split_at(path + at),
        None => (image, ""),
    }
}

/// What will be done.
#[derive(Debug, Serialize, Deserialize)]
pub struct ImagePlan {
    workload: Workload,
    container: String,
    /// Its place among the containers of the template, which the precondition holds.
    place: usize,
    image: String,
    precondition: Precondition,
    /// The button to what ran before, for when this does not work.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    before: Option<Action>,
}

impl ImagePlan {
    fn operations(&self) -> Vec<PatchOperation> {
        let path = format!("{TEMPLATE}/spec/containers/{}/image", self.place);
        vec![patch::replace(&path, self.image.as_str())]
    }
}

impl Change for Image {
    const SPEC: Spec = Spec::new("image", Verb::Release)
        .stands_for(&["kubectl set image"])
        .about(say::summary)
        .because(say::example_reason)
        .private()
        .options(&[&options::WORKLOAD, &IMAGE, &CONTAINER, &options::REASON])
        .rbac(&[
            Rbac::on("apps/deployments", GET | PATCH),
            Rbac::on("apps/statefulsets", GET | PATCH),
            Rbac::on("apps/daemonsets", GET | PATCH),
            Rbac::on("apps/replicasets", LIST),
            Rbac::on("apps/controllerrevisions", LIST),
            rights::EVENTS,
        ])
        .controlled_by(&[Directive::Hold, Directive::RollBack]);
    const EVENT: &'static str = "CeoImageChanged";
    const STEPS: &'static [&'static str] = &[step::SET_IMAGE, step::FOLLOW];
    type Args = ImageArgs;
    type Plan = ImagePlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let workload = cx.view.resolve(&args.workload).await?;
        let object = cx.view.workload(&workload).await?;
        let name = workload.short();
        must_go_on(&object, say::paused)?;
        let chosen = chosen(&object, args.container.as_deref())?;
        let now = chosen.image().to_owned();
        let (place, container) = (chosen.place, chosen.container);
        let image = match args.image.strip_prefix(':') {
            Some(_) => format!("{}{}", parts(&now).0, args.image),
            None => args.image,
        };
        if image == now {
            let same = BadInput::new(say::same(&name, &container, &image));
            return Err(same.hint(texts::scale::nothing_changed_see(&name)).into());
        }
        let held = &[TEMPLATE, PAUSED, impact::pace_field(workload.kind)];
        let plan = ImagePlan {
            before: rollback::to_what_runs(&workload, &object, &cx.view.revisions(&object).await?),
            precondition: precondition_of(&object, held),
            workload,
            container,
            place,
            image,
        };
        let rehearsed = cx.view.rehearse(&Patch::on(&object, plan.operations())).await?;
        let mut preview = Report {
            title: say::question(&name, &plan.container, &plan.image),
            ..Report::default()
        }
        .at(plan.workload.scope().place())
        .lines(warnings(&plan.image))
        .field(texts::impact::effect(), impact::replacement(&object, 0, cx.now));
        let template = object.template();
        // What the API server would make of it, not what was sent: admission may have its own mind.
        let after = rehearsed.pointer(TEMPLATE).unwrap_or(&Value::Null);
        let quotes = quote::redactor(&plan.workload.scope(), true, cx).await;
        if let Some(diff) = diff::templates(&plan.workload.name, &template, after, quotes.as_deref()) {
            diff.add_to(&mut preview);
        }
        Ok(Draft {
            preview,
            verb: Verb::Release,
            scopes: vec![plan.workload.scope()],
            risks: impact::risks(&object),
            preconditions: vec![plan.precondition.clone()],
            targets: vec![plan.workload.to_string()],
            plan,
        })
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        let (name, image) = (plan.workload.short(), plan.image.clone());
        let words = Words {
            doing: say::changing(&name, &image),
            noun: say::noun(&image),
            done: Box::new(|_| say::changed(&name, &image)),
            way_back: plan.before.clone(),
        };
        let steps = Steps {
            write: step::SET_IMAGE,
            follow: step::FOLLOW,
        };
        let goal = Goal::Fields(plan.operations());
        TemplateChange::new(run, &plan.workload, &plan.precondition, goal, steps)
            .run(&words)
            .await
    }
}

/// What an approver must know of a name that may mean another image tomorrow.
fn warnings(image: &str) -> Option<Text> {
    let (_, which) = parts(image);
    if which.contains('@') {
        return None;
    }
    match which {
        "" | ":latest" => Some(say::floating()),
        _ => Some(say::no_digest()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_an_image_and_what_does_not() {
        let digest = format!("ghcr.io/acme/api@sha256:{}", "a1".repeat(32));
        for good in [
            "nginx",
            "nginx:1.27",
            "acme/api:v1",
            "localhost:5000/a/b_c:V1.0-x",
            "Host.io/a",
            &digest,
        ] {
            assert!(is_reference(good), "{good}");
        }
        for bad in [
            "",
            "Nginx",
            "a b",
            "a:",
            "a:b:c",
            "a@sha256:12",
            "-a",
            "a//b",
            "a;b",
            "$(x)",
            "a:v1\n",
        ] {
            assert!(!is_reference(bad), "{bad:?}");
        }
        assert_eq!(parts("localhost:5000/a/b:v1"), ("localhost:5000/a/b", ":v1"));
        assert_eq!(parts("localhost:5000/a/b"), ("localhost:5000/a/b", ""));
        assert_eq!(parts("a:v1@sha256:00"), ("a", ":v1@sha256:00"));
        assert!(warnings("a").is_some_and(|told| told.plain().contains("latest")));
        assert!(warnings("a:v1").is_some_and(|told| !told.plain().contains("latest")));
        assert!(warnings("a:v1@sha256:00").is_none());
    }

    /// Plans are append-only: one of each release.
    #[test]
    fn plans_of_earlier_releases_are_read() {
        let first = r#"{"workload":{"cluster":"prod","namespace":"shop","kind":"deployment","name":"api"},"container":"api",
            "place":1,"image":"api:v2","precondition":{"resource":"apps/deployments","cluster":"prod","namespace":"shop",
            "name":"api","uid":"u1","fields":[["/spec/template","ab"]]}}"#;
        let plan: ImagePlan = serde_json::from_str(first).unwrap();
        assert_eq!(
            serde_json::to_value(plan.operations()).unwrap(),
            serde_json::json!([{ "op": "replace", "path": "/spec/template/spec/containers/1/image", "value": "api:v2" }])
        );
        assert_eq!(Image::STEPS, ["set the image", "follow"]);
    }
}
