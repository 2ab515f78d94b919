//! Quantities of Kubernetes, and what pods ask for in all.

use crate::objects::{Container, Occupant, OccupantContainer, Pairs, Pod};

/// The units, as Kubernetes writes them.
const UNITS: [(&str, f64); 15] = [
    ("Ki", 1024.0),
    ("Mi", 1_048_576.0),
    ("Gi", 1_073_741_824.0),
    ("Ti", 1_099_511_627_776.0),
    ("Pi", 1_125_899_906_842_624.0),
    ("Ei", 1_152_921_504_606_846_976.0),
    ("n", 1e-9),
    ("u", 1e-6),
    ("m", 1e-3),
    ("k", 1e3),
    ("M", 1e6),
    ("G", 1e9),
    ("T", 1e12),
    ("P", 1e15),
    ("E", 1e18),
];

/// A quantity in its base unit: `100m`, `1.5Gi`, `2e3`.
#[must_use]
pub fn quantity(text: &str) -> Option<f64> {
    let of = |(unit, factor): &(&str, f64)| Some(text.strip_suffix(unit)?.parse::<f64>().ok()? * factor);
    let plain = text.parse().ok().filter(|n: &f64| n.is_finite());
    plain.or_else(|| UNITS.iter().find_map(of))
}

/// A quantity of a map; `None` where it says none.
#[must_use]
pub fn amount(pairs: &Pairs, name: &str) -> Option<f64> {
    pairs.get(name).and_then(quantity)
}

/// Cores: `250m`, `1.5`, `12`.
#[must_use]
pub fn cores(cores: f64) -> String {
    match cores {
        n if n < 1.0 => format!("{:.0}m", n * 1000.0),
        n => trimmed(n),
    }
}

/// Bytes: `512Mi`, `1.5Gi`.
#[must_use]
pub fn bytes(bytes: f64) -> String {
    let units = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    let mut value = bytes;
    let mut unit = "";
    for next in units {
        if value < 1024.0 {
            break;
        }
        (value, unit) = (value / 1024.0, next);
    }
    format!("{}{unit}", trimmed(value))
}

/// At most one place behind the point, and none where nothing stands there.
fn trimmed(value: f64) -> String {
    let text = format!("{value:.1}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// An amount of a resource, as it is written for that: cores, bytes, or a number.
#[must_use]
pub fn written(resource: &str, value: f64) -> String {
    let last = resource.rsplit(['.', '/']).next().unwrap_or(resource);
    match last {
        "cpu" => cores(value),
        "memory" | "storage" | "ephemeral-storage" => bytes(value),
        name if name.starts_with("hugepages-") => bytes(value),
        _ => trimmed(value),
    }
}

/// An amount of which no more is told than there is.
#[must_use]
pub fn written_down(resource: &str, value: f64) -> String {
    // What is counted in binary fractions may lack the last of them.
    let down = |value: f64, step: f64| ((value + 1e-9) / step).floor() * step;
    let last = resource.rsplit(['.', '/']).next().unwrap_or(resource);
    let is_bytes =
        matches!(last, "memory" | "storage" | "ephemeral-storage") || last.starts_with("hugepages-");
    let step = match value {
        _ if is_bytes => {
            let mut unit = 1.0;
            while value / unit >= 1024.0 {
                unit *= 1024.0;
            }
            unit / 10.0
        }
        value if last == "cpu" && value < 1.0 => 0.001,
        _ => 0.1,
    };
    written(resource, down(value, step))
}

/// The share in percent, rounded down: what is not full is not told as full.
#[must_use]
pub fn percent(part: f64, whole: f64) -> Option<u32> {
    let share = (part / whole * 100.0).floor();
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a whole number between its bounds"
    )]
    (whole > 0.0 && share.is_finite()).then(|| share.clamp(0.0, f64::from(u32::MAX)) as u32)
}

/// What the scheduler counts for a pod: its containers and sidecars together, or the init container that needs more while
/// it runs.
#[must_use]
pub fn asked(pod: &Pod, resource: &str) -> f64 {
    let runs_on = |container: &Container| container.restart_policy == "Always";
    let init = pod.spec.init_containers.iter();
    let init: Vec<(bool, &Pairs)> = init.map(|c| (runs_on(c), &c.resources.requests)).collect();
    let containers = pod.spec.containers.iter().map(|c| &c.resources.requests);
    counted(&init, containers, resource)
}

/// The same of a pod as it stands on a node, with what its sandbox takes.
#[must_use]
pub fn taken(pod: &Occupant, resource: &str) -> f64 {
    let of = |container: &OccupantContainer| container.restart_policy == "Always";
    let init = pod.spec.init_containers.iter();
    let init: Vec<(bool, &Pairs)> = init.map(|c| (of(c), &c.resources.requests)).collect();
    let containers = pod.spec.containers.iter().map(|c| &c.resources.requests);
    counted(&init, containers, resource) + amount(&pod.spec.overhead, resource).unwrap_or_default()
}

/// What is counted of containers; those that run before the others come with whether they run on.
fn counted<'p>(init: &[(bool, &Pairs)], containers: impl Iterator<Item = &'p Pairs>, resource: &str) -> f64 {
    let of = |requests: &Pairs| amount(requests, resource).unwrap_or_default();
    let (mut sidecars, mut peak) = (0.0, 0.0_f64);
    for (runs_on, requests) in init {
        if *runs_on {
            sidecars += of(requests);
        } else {
            peak = peak.max(sidecars + of(requests));
        }
    }
    let running: f64 = containers.map(of).sum();
    peak.max(sidecars + running)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_writes_them() {
        for (text, value) in [
            ("2", 2.0),
            ("100m", 0.1),
            ("1.5Gi", 1_610_612_736.0),
            ("2e3", 2000.0),
            ("64M", 64e6),
            ("123456n", 0.000_123_456),
        ] {
            let read = quantity(text).unwrap();
            assert!((read - value).abs() < 1e-6, "{text}: {read}");
        }
        for text in ["much", "", "Gi", "NaN", "inf"] {
            assert_eq!(quantity(text), None, "{text}");
        }
    }

    #[test]
    fn and_written_as_people_read_them() {
        for (resource, value, text) in [
            ("cpu", 0.25, "250m"),
            ("requests.cpu", 1.5, "1.5"),
            ("cpu", 4.0, "4"),
            ("memory", 536_870_912.0, "512Mi"),
            ("limits.memory", 1_610_612_736.0, "1.5Gi"),
            ("requests.storage", 10_737_418_240.0, "10Gi"),
            ("pods", 7.0, "7"),
            ("count/jobs.batch", 3.0, "3"),
        ] {
            assert_eq!(written(resource, value), text, "{resource}");
        }
        for (resource, value, text) in [
            ("cpu", 4.99, "4.9"),
            ("cpu", 0.2509, "250m"),
            ("cpu", 5.0, "5"),
            ("memory", 536_870_911.0, "511.9Mi"),
            ("memory", 536_870_912.0, "512Mi"),
            ("vendor.example/gpu", 2.0, "2"),
        ] {
            assert_eq!(written_down(resource, value), text, "{resource} {value}");
        }
        assert_eq!(percent(199.0, 200.0), Some(99));
        assert_eq!(percent(1.0, 0.0), None);
    }

    #[test]
    fn a_pod_asks_for_what_the_scheduler_counts() {
        let ask = |cpu: &str| json!({ "requests": { "cpu": cpu } });
        let pod: Pod = serde_json::from_value(json!({ "spec": {
            "initContainers": [
                { "name": "sidecar", "restartPolicy": "Always", "resources": ask("100m") },
                { "name": "migrate", "resources": ask("2") } ],
            "containers": [ { "name": "a", "resources": ask("500m") }, { "name": "b", "resources": ask("250m") } ] } }))
        .unwrap();
        assert!((asked(&pod, "cpu") - 2.1).abs() < 1e-9);
        assert!(asked(&pod, "memory").abs() < 1e-9);
    }
}
