//! How many pods a rollout may take away and add at a time, as the controllers compute it.

use k8s_openapi::apimachinery::pkg::util::intstr::IntOrString;

use crate::objects::UpdateStrategy;

/// What a rollout may take away and add at a time, in pods.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pace {
    /// So many of the desired pods may be missing.
    pub max_unavailable: i32,
    /// So many pods may exist beyond the desired ones.
    pub max_surge: i32,
    /// Pods are replaced only when somebody deletes them (`OnDelete`).
    pub on_delete: bool,
    /// All pods go before new ones come (`Recreate`).
    pub recreate: bool,
}

/// A number of pods out of a number or a percentage, as the controllers round it.
fn scaled(value: Option<&IntOrString>, default: IntOrString, of: i32, up: bool) -> i32 {
    match value.unwrap_or(&default) {
        IntOrString::Int(n) => *n,
        IntOrString::String(text) => {
            let percent: i64 = text.trim_end_matches('%').parse().unwrap_or(0);
            let product = percent.max(0) * i64::from(of.max(0));
            let pods = if up { (product + 99) / 100 } else { product / 100 };
            i32::try_from(pods).unwrap_or(i32::MAX)
        }
    }
}

/// As the Deployment controller resolves it: surge rounds up, unavailability down, and both zero means one unavailable.
pub(super) fn pace_of_deployment(strategy: &UpdateStrategy, desired: i32) -> Pace {
    if strategy.type_ == "Recreate" {
        return Pace {
            max_unavailable: desired,
            max_surge: 0,
            on_delete: false,
            recreate: true,
        };
    }
    let rolling = &strategy.rolling_update;
    let quarter = || IntOrString::String("25%".to_owned());
    let max_surge = scaled(rolling.max_surge.as_ref(), quarter(), desired, true);
    let unavailable = scaled(rolling.max_unavailable.as_ref(), quarter(), desired, false);
    let none = max_surge == 0 && unavailable == 0;
    Pace {
        max_unavailable: if none { 1 } else { unavailable.min(desired) },
        max_surge,
        on_delete: false,
        recreate: false,
    }
}

/// A StatefulSet replaces one at a time unless told otherwise, and never surges.
pub(super) fn pace_of_stateful_set(strategy: &UpdateStrategy, desired: i32) -> Pace {
    let rolling = &strategy.rolling_update;
    let unavailable = scaled(
        rolling.max_unavailable.as_ref(),
        IntOrString::Int(1),
        desired,
        true,
    );
    Pace {
        max_unavailable: unavailable.max(1).min(desired.max(0)),
        max_surge: 0,
        on_delete: strategy.type_ == "OnDelete",
        recreate: false,
    }
}

/// A DaemonSet rounds both up.
pub(super) fn pace_of_daemon_set(strategy: &UpdateStrategy, desired: i32) -> Pace {
    let rolling = &strategy.rolling_update;
    let max_surge = scaled(rolling.max_surge.as_ref(), IntOrString::Int(0), desired, true);
    let unavailable = scaled(
        rolling.max_unavailable.as_ref(),
        IntOrString::Int(1),
        desired,
        true,
    );
    Pace {
        max_unavailable: unavailable.min(desired.max(0)),
        max_surge,
        on_delete: strategy.type_ == "OnDelete",
        recreate: false,
    }
}
