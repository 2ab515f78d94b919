//! `/ceo config set`: another value for a key of a ConfigMap.

use super::{
    super::{
        contract::{Args, Change, Context, Draft, Finished, Spec},
        options,
        rights::{self, GET, PATCH, Rbac},
    },
    key_change::{KeyPlan, Wanted, execute, map_of},
};
use crate::{
    failure::Failure,
    input::{BadInput, Input, ObjectName, Opt},
    model::Scope,
    policy::Verb,
    texts::{config as say, workflow::step},
    workflow::Run,
};

pub(super) const MAP: Opt<ObjectName> = Opt::<ObjectName>::object("config").about(say::map);
const KEY: Opt<String> = Opt::text("key").about(say::key);
const VALUE: Opt<String> = Opt::verbatim("value").about(say::value);

/// The longest key that the API server takes.
const LONGEST: usize = 253;

/// The command.
pub struct ConfigSet;

/// Its words.
pub struct ConfigSetArgs {
    map: ObjectName,
    key: String,
    value: String,
}

impl Args for ConfigSetArgs {
    fn parse(input: &mut Input) -> Result<Self, BadInput> {
        let args = Self {
            map: input.take(&MAP)?,
            key: input.take(&KEY)?,
            value: input.take(&VALUE)?,
        };
        map_of(&args.map)?;
        if !is_key(&args.key) {
            return Err(BadInput::new(say::no_key(&args.key)).hint(say::keys_look_like()));
        }
        Ok(args)
    }

    fn verb(&self) -> Verb {
        Verb::Release
    }

    fn scope(&self) -> Scope {
        Scope::namespace(&self.map.cluster, &self.map.namespace)
    }
}

/// Whether the API server takes it as a key.
fn is_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    !text.is_empty() && text.len() <= LONGEST && text.chars().all(fits) && !matches!(text, "." | "..")
}

impl Change for ConfigSet {
    const SPEC: Spec = Spec::new("config set", Verb::Release)
        .stands_for(&[
            "kubectl edit configmap",
            "kubectl patch configmap",
            "kubectl edit cm",
        ])
        .about(say::set_summary)
        .because(say::example_reason)
        .private()
        .options(&[&MAP, &KEY, &VALUE, &options::REASON])
        .rbac(&[Rbac::on("core/configmaps", GET | PATCH), rights::EVENTS]);
    const EVENT: &'static str = "CeoConfigured";
    const STEPS: &'static [&'static str] = &[step::SET_KEY];
    type Args = ConfigSetArgs;
    type Plan = KeyPlan;

    async fn plan(&self, args: Self::Args, cx: &Context<'_>) -> Result<Draft<Self::Plan>, Failure> {
        let wanted = Wanted {
            map: &args.map,
            key: &args.key,
            to: Some(&args.value),
        };
        wanted.plan(cx).await
    }

    async fn execute(&self, plan: Self::Plan, run: &Run<'_>) -> Result<Finished, Failure> {
        execute(plan, run).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_a_key() {
        for good in ["LOG_LEVEL", "app.conf", "a-b", ".hidden"] {
            assert!(is_key(good), "{good}");
        }
        for bad in ["", "a b", "a/b", "..", ".", "ключ", "a\n", &"x".repeat(254)] {
            assert!(!is_key(bad), "{bad:?}");
        }
        assert_eq!(ConfigSet::STEPS, ["set the key"]);
    }
}
