//! A program lacks a right in the cluster: the API server told it so, and it repeats that in its last words.

use crate::{
    diagnosis::{
        detail::Detail,
        finding::{Certainty, Found, Remedy},
        scene::Look,
    },
    model::Text,
    texts::causes as texts,
};

/// A ServiceAccount that lacks a right.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LacksRight {
    /// `shop/default`.
    pub account: String,
    /// `list`.
    pub verb: String,
    /// `pods`, `deployments.apps`.
    pub resource: String,
    /// The namespace; empty for all of the cluster.
    pub namespace: String,
}

impl LacksRight {
    /// In the last words of a container, the newest of them.
    pub(in crate::diagnosis) fn of_lines(lines: &[String], look: Look<'_>) -> Option<Found<Self>> {
        let cause = lines.iter().rev().find_map(|line| Self::of_line(line))?;
        Some(Found::of(cause, Certainty::Likely, look.now))
    }

    /// `… User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" in the namespace "shop"`
    fn of_line(line: &str) -> Option<Self> {
        // Programs write it into JSON, too.
        let line = line.replace("\\\"", "\"");
        let (_, rest) = line.split_once("system:serviceaccount:")?;
        let (account, rest) = rest.split_once('"')?;
        let (namespace, name) = account.split_once(':')?;
        let (_, rest) = rest.split_once(" cannot ")?;
        let (verb, rest) = rest.split_once(" resource \"")?;
        let (resource, rest) = rest.split_once('"')?;
        let find = |after: &str| {
            let (_, rest) = rest.split_once(after)?;
            Some(rest.split_once('"')?.0)
        };
        let group = find("in API group \"").unwrap_or_default();
        Some(Self {
            account: format!("{namespace}/{name}"),
            verb: verb.to_owned(),
            resource: match group {
                "" => resource.to_owned(),
                group => format!("{resource}.{group}"),
            },
            namespace: find("in the namespace \"").unwrap_or_default().to_owned(),
        })
    }
}

impl Detail for LacksRight {
    const WORD: &'static str = "lacks_right";

    fn text(&self) -> Text {
        texts::lacks_right(&self.account, &self.verb, &self.resource, &self.namespace)
    }

    fn remedy(&self) -> Option<Remedy> {
        Some(Remedy::advice(texts::give_right(
            &self.account,
            &self.verb,
            &self.resource,
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_right_that_is_lacking_is_read_from_the_last_words() {
        for (line, told) in [
            (
                r#"Error: pods is forbidden: User "system:serviceaccount:shop:default" cannot list resource "pods" in API group "" in the namespace "shop""#,
                Some("shop/default list pods shop"),
            ),
            (
                r#"{"msg":"deployments.apps \"api\" is forbidden: User \"system:serviceaccount:shop:bot\" cannot patch resource \"deployments\" in API group \"apps\" at the cluster scope"}"#,
                Some("shop/bot patch deployments.apps "),
            ),
            ("403 forbidden", None),
            ("system:serviceaccount:", None),
        ] {
            let found = LacksRight::of_line(line);
            let told_now = found.map(|c| format!("{} {} {} {}", c.account, c.verb, c.resource, c.namespace));
            assert_eq!(told_now.as_deref(), told, "{line}");
        }
    }
}
