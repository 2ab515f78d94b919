//! The words of causes that lie in images, commands, claims, autoscalers, Ingresses, policies and rights, with what to do
//! about each.

use super::common::{names, or};
use crate::{
    model::{Text, Timestamp, ago, code},
    text,
};

/// Why an image cannot be pulled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullError {
    /// The registry has no such image.
    NotFound,
    /// The registry asks for a login, or refuses the one that it got.
    Unauthorized,
    /// The registry hides whether it has the image from who may not read it.
    NotFoundOrUnauthorized,
    /// The registry takes no more requests for now.
    TooMany,
    /// The registry does not answer, or cannot be trusted.
    Unreachable,
    /// The name is none of an image.
    NoName,
}

/// Why a container may not run as the user that it would run as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identity {
    /// Its image says root, or nothing.
    Root,
    /// Its image names a user, and names tell no number.
    NotNumeric,
    /// Its settings say both.
    SetToRoot,
}

/// What it is that refuses.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal<'w> {
    /// A LimitRange of the namespace.
    Bounds,
    /// The namespace's level of pod security: `restricted:latest`.
    PodSecurity(&'w str),
    /// A webhook that does not answer.
    WebhookDown {
        /// Its name.
        webhook: &'w str,
        /// The Service that shall answer for it, where that is told.
        service: Option<String>,
    },
    /// A webhook that says no.
    Webhook(&'w str),
    /// The ServiceAccount is not there.
    NoAccount(&'w str),
}

/// Why a claim has no volume.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unbound {
    /// It had one, which is gone.
    Lost {
        /// Its name.
        volume: String,
    },
    /// Its class is not there.
    NoClass {
        /// Its name.
        class: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// It names no class, and none is the cluster's own.
    NoDefault {
        /// Those that are.
        known: Vec<String>,
    },
    /// Its controller says why.
    Said {
        /// What it says; empty where nothing of that may be told.
        words: String,
    },
    /// Nothing says why.
    NotKnown,
}

/// Why an autoscaler does not scale.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scaling {
    /// What it scales is not there.
    NoTarget {
        /// Which: `deployment/api`.
        target: String,
        /// Names that look like it.
        near: Vec<String>,
    },
    /// A container asks for nothing of what it measures.
    NoRequests {
        /// Of what: `cpu`.
        resource: String,
        /// Whose: `deployment/api`.
        target: String,
        /// Which container, where that is told.
        container: Option<String>,
    },
    /// The cluster does not measure.
    NoMetrics,
    /// Another reason, in its controller's words.
    Said {
        /// They; empty where nothing of that may be told.
        words: String,
    },
    /// It would want more than it may.
    AtMaximum {
        /// How many it may.
        max: i32,
    },
}

/// A link of an Ingress that is broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Route {
    /// Its class is not there.
    NoClass {
        /// Its name.
        class: String,
        /// Those that are.
        known: Vec<String>,
    },
    /// It names no class, and none is the cluster's own.
    NoDefault {
        /// Those that are.
        known: Vec<String>,
    },
    /// Another Ingress has the same host and path.
    Taken {
        /// The host, with the path.
        host: String,
        /// The other one.
        other: String,
    },
    /// It has neither rule nor default.
    Nowhere,
    /// Its Service is not there.
    NoService {
        /// Its name.
        service: String,
        /// Names that look like it.
        near: Vec<String>,
    },
    /// Its Service has no such port.
    NoPort {
        /// The Service.
        service: String,
        /// The port.
        wanted: String,
        /// Those that it has.
        has: Vec<String>,
    },
    /// The Secret with its certificate is not there.
    NoSecret {
        /// Its name.
        secret: String,
    },
    /// What should be its certificate is none.
    NoCertificate {
        /// The Secret.
        secret: String,
    },
    /// Its certificate ended.
    Ended {
        /// The Secret.
        secret: String,
        /// When.
        at: Timestamp,
    },
}

/// What is wrong, and why: `container api cannot be started: its command …`.
pub(crate) fn because(words: &Text, why: &Text) -> Text {
    text! { en: [words, ": ", why], zh: [words, "：", why] }
}

/// What is wrong, with somebody else's words behind it.
pub(crate) fn because_of(words: &Text, said: &str) -> Text {
    text! { en: [words, " (", said, ")"], zh: [words, "（", said, "）"] }
}

/// Names that look like one that is not there.
fn near_miss(near: &[String]) -> Text {
    if near.is_empty() {
        return Text::default();
    }
    let near = or(near.iter().map(|name| code(name.clone()).into()));
    text! { en: ["; there is ", &near], zh: ["；相近的有 ", near] }
}

/// Why an image cannot be pulled.
pub(crate) fn pull(why: PullError) -> Text {
    match why {
        PullError::NotFound => text! { en: ["the registry has no such image"], zh: ["镜像仓库中没有该镜像"] },
        PullError::Unauthorized => text! {
            en: ["the registry refuses the login, or got none"],
            zh: ["镜像仓库拒绝凭据，或未提供凭据"],
        },
        PullError::NotFoundOrUnauthorized => text! {
            en: ["the registry has no such image, or hides it from who does not log in"],
            zh: ["镜像仓库中没有该镜像，或未登录无权查看"],
        },
        PullError::TooMany => text! {
            en: ["the registry takes no more requests for now"],
            zh: ["镜像仓库限流，暂不接受请求"],
        },
        PullError::Unreachable => text! {
            en: ["the node does not reach the registry"],
            zh: ["节点无法访问镜像仓库"],
        },
        PullError::NoName => text! { en: ["that is no name of an image"], zh: ["镜像名称格式无效"] },
    }
}

/// What to do about that.
pub(crate) fn mend_pull(why: PullError) -> Text {
    let secrets = || code("spec.imagePullSecrets");
    match why {
        PullError::NotFound | PullError::NoName => text! {
            en: ["check the image's name and tag"],
            zh: ["检查镜像名称与标签"],
        },
        PullError::Unauthorized => text! {
            en: ["give the pods a valid pull secret for that registry in ", secrets()],
            zh: ["在 ", secrets(), " 中为 Pod 配置该仓库的有效拉取凭据"],
        },
        PullError::NotFoundOrUnauthorized => text! {
            en: ["check the image's name and tag, and the pull secret in ", secrets()],
            zh: ["检查镜像名称与标签，以及 ", secrets(), " 中的拉取凭据"],
        },
        PullError::TooMany => text! {
            en: ["wait, or log in with a pull secret in ", secrets()],
            zh: ["稍后重试，或在 ", secrets(), " 中配置拉取凭据"],
        },
        PullError::Unreachable => text! {
            en: ["see why the node does not reach the registry: its name, its network, its certificate"],
            zh: ["排查节点到镜像仓库的连接：域名解析、网络与证书"],
        },
    }
}

/// A command that an image does not have.
pub(crate) fn no_such_command(name: &str) -> Text {
    text! { en: ["its image has no command ", code(name)], zh: ["镜像中没有命令 ", code(name)] }
}

/// A command that may not be executed.
pub(crate) fn command_not_executable(name: &str) -> Text {
    text! { en: ["its command ", code(name), " may not be executed"], zh: ["命令 ", code(name), " 没有执行权限"] }
}

/// What to do about a command.
pub(crate) fn mend_command(container: &str) -> Text {
    text! {
        en: ["correct ", code("command"), " of container ", container, ", or use an image that has it"],
        zh: ["修正容器 ", container, " 的 ", code("command"), "，或换用包含该命令的镜像"],
    }
}

/// A ConfigMap or a Secret that is not there.
pub(crate) fn no_such_object(kind: &str, name: &str) -> Text {
    text! { en: ["there is no ", kind, " ", code(name)], zh: [kind, " ", code(name), " 不存在"] }
}

/// A key that a ConfigMap or a Secret lacks.
pub(crate) fn no_such_key(kind: &str, name: &str, key: &str) -> Text {
    text! {
        en: ["the ", kind, " ", code(name), " has no key ", code(key)],
        zh: [kind, " ", code(name), " 中没有键 ", code(key)],
    }
}

/// A container whose settings the kubelet cannot follow.
pub(crate) fn cannot_be_set_up(container: &Text) -> Text {
    text! { en: [container, " waits: it cannot be set up as its spec says"], zh: [container, " 等待中：无法按其配置创建"] }
}

/// Why it may not run as its user.
pub(crate) fn identity(why: Identity) -> Text {
    let field = || code("runAsNonRoot");
    match why {
        Identity::Root => text! {
            en: [field(), " is set, and the image runs as root"],
            zh: ["已设置 ", field(), "，但镜像以 root 运行"],
        },
        Identity::NotNumeric => text! {
            en: [field(), " is set, and the image names its user by a word, of which the kubelet cannot tell that it is not root"],
            zh: ["已设置 ", field(), "，但镜像以名称而非数字指定用户，kubelet 无法确认其非 root"],
        },
        Identity::SetToRoot => text! {
            en: [field(), " is set, and ", code("runAsUser"), " is 0"],
            zh: ["已设置 ", field(), "，但 ", code("runAsUser"), " 为 0"],
        },
    }
}

/// What to do about that.
pub(crate) fn mend_identity(container: &str) -> Text {
    text! {
        en: ["set ", code("securityContext.runAsUser"), " of container ", container, " to the number of a user that is not root"],
        zh: ["将容器 ", container, " 的 ", code("securityContext.runAsUser"), " 设为非 root 用户的数字 ID"],
    }
}

/// What to do about settings that the kubelet cannot follow.
pub(crate) fn mend_set_up(container: &str) -> Text {
    text! {
        en: ["correct what it names in the spec of container ", container],
        zh: ["按提示修正容器 ", container, " 的配置"],
    }
}

/// What refuses pods.
pub(crate) fn refusal(refusal: &Refusal<'_>) -> Text {
    match refusal {
        Refusal::Bounds => text! { en: ["a LimitRange does not allow them"], zh: ["违反 LimitRange 限制"] },
        Refusal::PodSecurity(level) => text! {
            en: ["the namespace's pod security ", code(*level), " does not allow them"],
            zh: ["不符合命名空间的 Pod 安全级别 ", code(*level)],
        },
        Refusal::WebhookDown {
            webhook,
            service: Some(service),
        } => text! {
            en: ["the webhook ", code(*webhook), " does not answer, its Service is ", code(service.clone())],
            zh: ["准入 Webhook ", code(*webhook), " 无响应，其 Service 为 ", code(service.clone())],
        },
        Refusal::WebhookDown {
            webhook,
            service: None,
        } => text! {
            en: ["the webhook ", code(*webhook), " does not answer"],
            zh: ["准入 Webhook ", code(*webhook), " 无响应"],
        },
        Refusal::Webhook(webhook) => text! {
            en: ["the webhook ", code(*webhook), " refuses them"],
            zh: ["被准入 Webhook ", code(*webhook), " 拒绝"],
        },
        Refusal::NoAccount(account) => text! {
            en: ["there is no ServiceAccount ", code(*account)],
            zh: ["ServiceAccount ", code(*account), " 不存在"],
        },
    }
}

/// What to do about that.
pub(crate) fn mend_refusal(refusal: &Refusal<'_>) -> Text {
    match refusal {
        Refusal::Bounds => text! {
            en: ["bring ", code("resources"), " of the containers within the LimitRange, or change that"],
            zh: ["将容器的 ", code("resources"), " 调整到 LimitRange 范围内，或修改 LimitRange"],
        },
        Refusal::PodSecurity(_) => text! {
            en: ["set what it names in ", code("securityContext"), ", or the namespace's label ", code("pod-security.kubernetes.io/enforce")],
            zh: ["按提示设置 ", code("securityContext"), "，或调整命名空间标签 ", code("pod-security.kubernetes.io/enforce")],
        },
        Refusal::WebhookDown { .. } => text! {
            en: ["bring the pods behind that webhook back, or set its ", code("failurePolicy"), " to Ignore"],
            zh: ["恢复该 Webhook 的 Pod，或将其 ", code("failurePolicy"), " 设为 Ignore"],
        },
        Refusal::Webhook(_) => text! {
            en: ["change what the webhook names in the pod template"],
            zh: ["按 Webhook 提示修改 Pod 模板"],
        },
        Refusal::NoAccount(account) => text! {
            en: ["create the ServiceAccount ", code(*account), ", or correct ", code("serviceAccountName")],
            zh: ["创建 ServiceAccount ", code(*account), "，或修正 ", code("serviceAccountName")],
        },
    }
}

/// Why a volume claim has no volume.
pub(crate) fn claim(name: &str, why: &Unbound) -> Text {
    let why = match why {
        Unbound::Lost { volume } => super::health::volume_lost(volume),
        Unbound::NoClass { class, known } => text! {
            en: ["there is no storage class ", code(class.clone()), " (there are: ", names(known), ")"],
            zh: ["存储类 ", code(class.clone()), " 不存在（现有：", names(known), "）"],
        },
        Unbound::NoDefault { known } => text! {
            en: ["it names no storage class, and the cluster has no default (there are: ", names(known), ")"],
            zh: ["未指定存储类，且集群没有默认存储类（现有：", names(known), "）"],
        },
        Unbound::Said { words } => super::health::not_bound(words),
        Unbound::NotKnown => text! {
            en: ["it has no volume yet, and nothing says why"],
            zh: ["尚未绑定存储卷，原因未知"],
        },
    };
    text! { en: ["Volume claim ", code(name), ": ", &why], zh: ["存储卷声明 ", code(name), "：", why] }
}

/// What to do about that.
pub(crate) fn mend_claim(name: &str, why: &Unbound) -> Option<Text> {
    let class = || code("spec.storageClassName");
    match why {
        Unbound::Lost { .. } => Some(text! {
            en: ["restore the data from a backup into a new claim"],
            zh: ["新建存储卷声明，并从备份恢复数据"],
        }),
        // The class of a claim cannot be changed.
        Unbound::NoClass { .. } | Unbound::NoDefault { .. } => Some(text! {
            en: ["create the class, or make claim ", name, " again with a ", class(), " that exists"],
            zh: ["创建该存储类，或以现有的 ", class(), " 重建存储卷声明 ", name],
        }),
        Unbound::Said { .. } => Some(super::diagnosis::make_volume()),
        Unbound::NotKnown => None,
    }
}

/// Why an autoscaler does not scale.
pub(crate) fn autoscaler(name: &str, why: &Scaling) -> Text {
    let why = match why {
        Scaling::NoTarget { target, near } => {
            let near = near_miss(near);
            text! {
                en: ["what it scales, ", code(target.clone()), ", does not exist", &near],
                zh: ["扩缩容目标 ", code(target.clone()), " 不存在", near],
            }
        }
        Scaling::NoRequests {
            resource,
            target,
            container: Some(container),
        } => text! {
            en: ["it scales by ", resource.clone(), " in percent of the request, and container ", code(container.clone()), " of ", code(target.clone()), " requests none"],
            zh: ["按 ", resource.clone(), " 请求的百分比扩缩容，但 ", code(target.clone()), " 的容器 ", code(container.clone()), " 未设置该请求"],
        },
        Scaling::NoRequests {
            resource,
            target,
            container: None,
        } => text! {
            en: ["it scales by ", resource.clone(), " in percent of the request, and ", code(target.clone()), " requests none"],
            zh: ["按 ", resource.clone(), " 请求的百分比扩缩容，但 ", code(target.clone()), " 未设置该请求"],
        },
        Scaling::NoMetrics => text! {
            en: ["the cluster serves no resource metrics"],
            zh: ["集群未提供资源指标"],
        },
        Scaling::Said { words } if words.is_empty() => text! {
            en: ["it cannot scale now"],
            zh: ["当前无法扩缩容"],
        },
        Scaling::Said { words } => text! {
            en: ["it cannot scale now: ", words.clone()],
            zh: ["当前无法扩缩容：", words.clone()],
        },
        Scaling::AtMaximum { max } => text! {
            en: ["it would want more than its maximum of ", *max, " pods"],
            zh: ["所需副本数超过上限 ", *max],
        },
    };
    text! { en: ["Autoscaler ", code(name), ": ", &why], zh: ["自动扩缩容 ", code(name), "：", why] }
}

/// What to do about that.
pub(crate) fn mend_autoscaler(name: &str, why: &Scaling) -> Option<Text> {
    match why {
        Scaling::NoTarget { .. } => Some(text! {
            en: ["correct ", code("spec.scaleTargetRef"), " of ", name],
            zh: ["修正 ", name, " 的 ", code("spec.scaleTargetRef")],
        }),
        Scaling::NoRequests {
            resource,
            target,
            container,
        } => {
            let field = || code(format!("resources.requests.{resource}"));
            let whose = container.as_deref().unwrap_or(target).to_owned();
            Some(text! {
                en: ["set ", field(), " of ", whose.clone()],
                zh: ["设置 ", whose, " 的 ", field()],
            })
        }
        Scaling::NoMetrics => Some(text! {
            en: ["install or mend the metrics server"],
            zh: ["安装或修复 metrics-server"],
        }),
        Scaling::Said { .. } => None,
        Scaling::AtMaximum { .. } => Some(text! {
            en: ["raise ", code("spec.maxReplicas"), " of ", name, ", or see what makes the load"],
            zh: ["提高 ", name, " 的 ", code("spec.maxReplicas"), "，或排查负载来源"],
        }),
    }
}

/// What is broken of an Ingress.
pub(crate) fn ingress(name: &str, link: &Route) -> Text {
    let why = match link {
        Route::NoClass { class, known } => text! {
            en: ["there is no ingress class ", code(class.clone()), " (there are: ", names(known), ")"],
            zh: ["IngressClass ", code(class.clone()), " 不存在（现有：", names(known), "）"],
        },
        Route::NoDefault { known } => text! {
            en: ["it names no ingress class, and the cluster has no default (there are: ", names(known), ")"],
            zh: ["未指定 IngressClass，且集群没有默认值（现有：", names(known), "）"],
        },
        Route::Taken { host, other } => text! {
            en: ["Ingress ", code(other.clone()), " takes ", code(host.clone()), ", too"],
            zh: ["Ingress ", code(other.clone()), " 也使用了 ", code(host.clone())],
        },
        Route::Nowhere => super::health::leads_nowhere(),
        Route::NoService { service, near } => {
            let near = near_miss(near);
            text! {
                en: ["there is no Service ", code(service.clone()), &near],
                zh: ["后端 Service ", code(service.clone()), " 不存在", near],
            }
        }
        Route::NoPort { service, wanted, has } => text! {
            en: ["Service ", code(service.clone()), " has no port ", code(wanted.clone()), " (it has: ", names(has), ")"],
            zh: ["Service ", code(service.clone()), " 没有端口 ", code(wanted.clone()), "（现有：", names(has), "）"],
        },
        Route::NoSecret { secret } => text! {
            en: ["there is no Secret ", code(secret.clone()), " of type ", code("kubernetes.io/tls"), " for its certificate"],
            zh: ["没有类型为 ", code("kubernetes.io/tls"), " 的证书 Secret ", code(secret.clone())],
        },
        Route::NoCertificate { secret } => text! {
            en: ["Secret ", code(secret.clone()), " holds no certificate that can be read"],
            zh: ["Secret ", code(secret.clone()), " 中没有可读取的证书"],
        },
        Route::Ended { secret, at } => text! {
            en: ["its certificate in Secret ", code(secret.clone()), " ended ", ago(*at)],
            zh: ["Secret ", code(secret.clone()), " 中的证书已于 ", ago(*at), " 过期"],
        },
    };
    text! { en: ["Ingress ", code(name), ": ", &why], zh: ["Ingress ", code(name), "：", why] }
}

/// What to do about that.
pub(crate) fn mend_ingress(name: &str, link: &Route) -> Text {
    let set = |field: &'static str| {
        text! {
            en: ["correct ", code(field), " of Ingress ", name],
            zh: ["修正 Ingress ", name, " 的 ", code(field)],
        }
    };
    match link {
        Route::NoClass { .. } | Route::NoDefault { .. } => set("spec.ingressClassName"),
        Route::Taken { .. } | Route::Nowhere => set("spec.rules"),
        Route::NoService { .. } => set("spec.rules[].http.paths[].backend.service.name"),
        Route::NoPort { .. } => set("spec.rules[].http.paths[].backend.service.port"),
        Route::NoSecret { secret } => text! {
            en: ["create the Secret ", code(secret.clone()), " of type ", code("kubernetes.io/tls")],
            zh: ["创建类型为 ", code("kubernetes.io/tls"), " 的 Secret ", code(secret.clone())],
        },
        Route::NoCertificate { secret } | Route::Ended { secret, .. } => text! {
            en: ["put a valid certificate into Secret ", code(secret.clone())],
            zh: ["更新 Secret ", code(secret.clone()), " 中的证书"],
        },
    }
}

/// Pods that network policies keep from others: who cannot be reached, and on which port.
pub(crate) fn shut_out(
    policies: &[String],
    leaving: bool,
    from: Option<&str>,
    to: &str,
    port: Option<i32>,
) -> Text {
    let port = port.map_or_else(
        Text::default,
        |port| text! { en: [" on port ", port.to_string()], zh: [" 的端口 ", port.to_string()] },
    );
    let policies = || names(policies);
    match from {
        None => text! {
            en: ["NetworkPolicy ", policies(), " lets nobody reach ", code(to), &port],
            zh: ["NetworkPolicy ", policies(), " 禁止任何来源访问 ", code(to), port],
        },
        Some(from) if leaving => text! {
            en: ["NetworkPolicy ", policies(), " does not let ", code(from), " go out to ", code(to), &port],
            zh: ["NetworkPolicy ", policies(), " 不允许 ", code(from), " 出站访问 ", code(to), port],
        },
        Some(from) => text! {
            en: ["NetworkPolicy ", policies(), " does not let ", code(from), " in to ", code(to), &port],
            zh: ["NetworkPolicy ", policies(), " 不允许 ", code(from), " 访问 ", code(to), port],
        },
    }
}

/// What to do about that.
pub(crate) fn open_policy(policies: &[String]) -> Text {
    text! {
        en: ["allow it in a rule of NetworkPolicy ", names(policies)],
        zh: ["在 NetworkPolicy ", names(policies), " 中放行"],
    }
}

/// A right that a ServiceAccount lacks.
pub(crate) fn lacks_right(account: &str, verb: &str, resource: &str, namespace: &str) -> Text {
    let place = match namespace {
        "" => Text::default(),
        place => text! { en: [" in namespace ", place], zh: ["（命名空间 ", place, "）"] },
    };
    text! {
        en: ["ServiceAccount ", code(account), " may not ", code(verb), " ", code(resource), &place],
        zh: ["ServiceAccount ", code(account), " 没有 ", code(resource), " 的 ", code(verb), " 权限", place],
    }
}

/// What to do about that.
pub(crate) fn give_right(account: &str, verb: &str, resource: &str) -> Text {
    text! {
        en: ["bind a Role with ", code(verb), " on ", code(resource), " to ", account],
        zh: ["为 ", account, " 绑定包含 ", code(resource), " 的 ", code(verb), " 权限的 Role"],
    }
}
