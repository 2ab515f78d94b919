//! Who may do what: bearer tokens and role-based rules, one set a user, replaceable while the cluster runs.

use std::collections::HashMap;
use std::sync::{PoisonError, RwLock};

use serde_json::{Value, json};

use super::status::Failure;

/// What a request wants to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attributes {
    /// `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; for other URLs the method in
    /// lower case.
    pub verb: String,
    /// API group; empty for the core group.
    pub group: String,
    /// Plural resource; empty for a URL that is no resource.
    pub resource: String,
    /// Subresource; empty for none.
    pub subresource: String,
    /// Namespace; empty for cluster-wide requests.
    pub namespace: String,
    /// Object name; empty for collections.
    pub name: String,
    /// The path, for URLs that are no resource.
    pub path: String,
}

impl Attributes {
    /// `deployments`, `deployments/scale`.
    fn full_resource(&self) -> String {
        match self.subresource.as_str() {
            "" => self.resource.clone(),
            subresource => format!("{}/{subresource}", self.resource),
        }
    }

    /// The 403 of the recorded cluster.
    pub fn refusal(&self, user: &str) -> Failure {
        self.refusal_of(user, &self.verb)
    }

    /// The same with another verb in the sentence.
    pub fn refusal_of(&self, user: &str, verb: &str) -> Failure {
        if self.resource.is_empty() {
            let what = format!("User \"{user}\" cannot {verb} path \"{}\"", self.path);
            let mut failure = Failure::forbidden("", "", "", &what);
            failure.message = format!("forbidden: {what}");
            failure.details = Some(json!({}));
            return failure;
        }
        let resource = self.full_resource();
        let place = match self.namespace.as_str() {
            "" => "at the cluster scope".to_owned(),
            namespace => format!("in the namespace \"{namespace}\""),
        };
        let what = format!(
            "User \"{user}\" cannot {verb} resource \"{resource}\" in API group \"{}\" {place}",
            self.group
        );
        Failure::forbidden(&self.group, &self.resource, &self.name, &what)
    }
}

/// One rule of a Role or ClusterRole, with where it holds.
#[derive(Clone, Debug, Default)]
struct Rule {
    namespace: Option<String>,
    groups: Vec<String>,
    resources: Vec<String>,
    verbs: Vec<String>,
    names: Vec<String>,
    urls: Vec<String>,
}

/// What a user may do. Nothing, unless a rule says so.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    rules: Vec<Rule>,
    master: bool,
    /// Resources and verbs that no rule gives any more.
    taken: Vec<(String, String)>,
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| (*text).to_owned()).collect()
}

impl Rules {
    /// Nothing but what every authenticated user may do (discovery and self-reviews).
    pub fn none() -> Rules {
        Rules::default()
    }

    /// Everything (`system:masters`).
    pub fn admin() -> Rules {
        Rules {
            master: true,
            ..Rules::default()
        }
    }

    /// Adds a rule: in one namespace, or everywhere (also cluster-scoped) if `None`. `*` stands for all;
    /// subresources are written `deployments/scale`.
    #[must_use]
    pub fn allow(
        mut self,
        namespace: Option<&str>,
        groups: &[&str],
        resources: &[&str],
        verbs: &[&str],
    ) -> Rules {
        self.rules.push(Rule {
            namespace: namespace.map(str::to_owned),
            groups: owned(groups),
            resources: owned(resources),
            verbs: owned(verbs),
            names: Vec::new(),
            urls: Vec::new(),
        });
        self
    }

    /// Adds the `rules` of a Role or ClusterRole object: in one namespace, or everywhere if `None`.
    #[must_use]
    pub fn allow_role(mut self, namespace: Option<&str>, role: &Value) -> Rules {
        for rule in role["rules"].as_array().into_iter().flatten() {
            let list = |field: &str| -> Vec<String> {
                let values = rule[field].as_array().into_iter().flatten();
                values
                    .filter_map(|value| value.as_str().map(str::to_owned))
                    .collect()
            };
            self.rules.push(Rule {
                namespace: namespace.map(str::to_owned),
                groups: list("apiGroups"),
                resources: list("resources"),
                verbs: list("verbs"),
                names: list("resourceNames"),
                urls: list("nonResourceURLs"),
            });
        }
        self
    }

    /// Takes a verb on a resource away, whichever rule gives it (to revoke a right while the cluster runs). Subresources are
    /// written `deployments/scale`, and stay when their resource is taken away.
    #[must_use]
    pub fn without(mut self, resource: &str, verb: &str) -> Rules {
        self.taken.push((resource.to_owned(), verb.to_owned()));
        self
    }

    fn is_taken(&self, wanted: &Attributes) -> bool {
        let of =
            |(resource, verb): &(String, String)| *verb == wanted.verb && *resource == wanted.full_resource();
        !wanted.resource.is_empty() && self.taken.iter().any(of)
    }

    /// Whether these rules allow the request.
    pub fn allows(&self, wanted: &Attributes) -> bool {
        let given = self.master || self.rules.iter().any(|rule| rule.allows(wanted));
        everybody(wanted) || (given && !self.is_taken(wanted))
    }

    /// The status of a SelfSubjectRulesReview in a namespace.
    pub fn review(&self, namespace: &str) -> Value {
        let mut resources = vec![json!({"verbs": ["create"], "apiGroups": ["authorization.k8s.io"],
            "resources": ["selfsubjectaccessreviews", "selfsubjectrulesreviews"]})];
        resources.push(
            json!({"verbs": ["create"], "apiGroups": ["authentication.k8s.io"],
            "resources": ["selfsubjectreviews"]}),
        );
        let mut urls = vec![json!({"verbs": ["get"], "nonResourceURLs":
            ["/api", "/api/*", "/apis", "/apis/*", "/healthz", "/livez", "/openapi", "/openapi/*", "/readyz", "/version", "/version/"]})];
        if self.master {
            resources.push(json!({"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}));
            urls.push(json!({"verbs": ["*"], "nonResourceURLs": ["*"]}));
        }
        for rule in &self.rules {
            if rule.namespace.as_deref().is_some_and(|place| place != namespace) {
                continue;
            }
            if rule.urls.is_empty() {
                let mut entry =
                    json!({"verbs": rule.verbs, "apiGroups": rule.groups, "resources": rule.resources});
                if !rule.names.is_empty() {
                    entry["resourceNames"] = json!(rule.names);
                }
                resources.push(entry);
            } else {
                urls.push(json!({"verbs": rule.verbs, "nonResourceURLs": rule.urls}));
            }
        }
        json!({"resourceRules": resources, "nonResourceRules": urls,
            "incomplete": !self.taken.is_empty()})
    }
}

/// What `system:basic-user`, `system:discovery` and `system:public-info-viewer` give to every authenticated user.
fn everybody(wanted: &Attributes) -> bool {
    if wanted.resource.is_empty() {
        let open = [
            "/api", "/apis", "/openapi", "/version", "/healthz", "/livez", "/readyz",
        ];
        let under = |root: &str| wanted.path == root || wanted.path.starts_with(&format!("{root}/"));
        return wanted.verb == "get" && open.iter().any(|root| under(root));
    }
    wanted.verb == "create"
        && matches!(
            (wanted.group.as_str(), wanted.resource.as_str()),
            (
                "authorization.k8s.io",
                "selfsubjectaccessreviews" | "selfsubjectrulesreviews"
            ) | ("authentication.k8s.io", "selfsubjectreviews")
        )
}

impl Rule {
    fn allows(&self, wanted: &Attributes) -> bool {
        let has = |list: &[String], value: &str| list.iter().any(|item| item == "*" || item == value);
        if wanted.resource.is_empty() {
            let url = |url: &String| match url.strip_suffix('*') {
                Some(root) => wanted.path.starts_with(root),
                None => *url == wanted.path,
            };
            return has(&self.verbs, &wanted.verb) && self.urls.iter().any(url);
        }
        has(&self.verbs, &wanted.verb)
            && has(&self.groups, &wanted.group)
            && self.names_resource(wanted)
            && (self.names.is_empty() || self.names.contains(&wanted.name))
            && self
                .namespace
                .as_ref()
                .is_none_or(|namespace| *namespace == wanted.namespace)
    }

    fn names_resource(&self, wanted: &Attributes) -> bool {
        let full = wanted.full_resource();
        let every = format!("*/{}", wanted.subresource);
        self.resources
            .iter()
            .any(|r| *r == "*" || *r == full || (!wanted.subresource.is_empty() && *r == every))
    }
}

/// A user as the server sees them.
#[derive(Clone, Debug)]
pub struct User {
    /// The name in messages and in the request log.
    pub name: String,
    /// What they may do.
    pub rules: Rules,
}

impl User {
    /// `userInfo` of a SelfSubjectReview.
    pub fn info(&self) -> Value {
        let groups: &[&str] = match self.rules.master {
            true => &["system:masters", "system:authenticated"],
            false => &["system:authenticated"],
        };
        json!({"username": self.name, "uid": self.name, "groups": groups})
    }
}

/// The users, by token.
#[derive(Debug, Default)]
pub struct Users {
    by_token: RwLock<HashMap<String, User>>,
}

impl Users {
    /// Adds a user, or replaces the rules behind a token.
    pub fn add(&self, name: &str, token: &str, rules: Rules) {
        let mut users = self.by_token.write().unwrap_or_else(PoisonError::into_inner);
        users.insert(
            token.to_owned(),
            User {
                name: name.to_owned(),
                rules,
            },
        );
    }

    /// Makes a token invalid.
    pub fn revoke(&self, token: &str) {
        self.by_token
            .write()
            .unwrap_or_else(PoisonError::into_inner)
            .remove(token);
    }

    /// The user behind a token.
    pub fn by_token(&self, token: &str) -> Option<User> {
        self.by_token
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .get(token)
            .cloned()
    }

    /// The user with this name; one that nobody added has no rights.
    pub fn by_name(&self, name: &str) -> User {
        let users = self.by_token.read().unwrap_or_else(PoisonError::into_inner);
        let found = users.values().find(|user| user.name == name).cloned();
        found.unwrap_or_else(|| User {
            name: name.to_owned(),
            rules: Rules::none(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wanted(verb: &str, resource: &str, subresource: &str, namespace: &str) -> Attributes {
        Attributes {
            verb: verb.into(),
            group: "apps".into(),
            resource: resource.into(),
            subresource: subresource.into(),
            namespace: namespace.into(),
            ..Attributes::default()
        }
    }

    #[test]
    fn a_role_holds_in_its_namespace_and_not_for_subresources() {
        let rules = Rules::none().allow(Some("a"), &["apps"], &["deployments"], &["get", "patch"]);
        assert!(rules.allows(&wanted("patch", "deployments", "", "a")));
        assert!(!rules.allows(&wanted("patch", "deployments", "", "b")));
        assert!(!rules.allows(&wanted("patch", "deployments", "scale", "a")));
        assert!(!rules.allows(&wanted("delete", "deployments", "", "a")));
        assert!(Rules::admin().allows(&wanted("delete", "deployments", "scale", "")));
    }

    #[test]
    fn a_right_can_be_taken_away() {
        let rules = Rules::none().allow(Some("a"), &["apps"], &["deployments", "statefulsets"], &["*"]);
        let rules = rules.without("deployments", "patch");
        assert!(!rules.allows(&wanted("patch", "deployments", "", "a")));
        assert!(rules.allows(&wanted("get", "deployments", "", "a")));
        assert!(rules.allows(&wanted("patch", "statefulsets", "", "a")));
        let admin = Rules::admin().without("deployments", "patch");
        assert!(!admin.allows(&wanted("patch", "deployments", "", "a")));
        assert!(admin.allows(&wanted("patch", "deployments", "scale", "a")));
        assert!(admin.allows(&wanted("get", "deployments", "", "a")));
    }

    #[test]
    fn a_refusal_reads_as_recorded() {
        let refusal = wanted("patch", "deployments", "scale", "ceoagent").refusal("ceo-bot");
        assert_eq!(
            refusal.message,
            "deployments.apps is forbidden: User \"ceo-bot\" cannot patch resource \"deployments/scale\" in API \
             group \"apps\" in the namespace \"ceoagent\""
        );
    }
}
