//! Kubernetes quantities (`10m`, `64Mi`) as far as scheduling, quotas and metrics count them.

use serde_json::Value;

/// A quantity in thousandths of its unit; `None` if it is not one.
pub fn milli(text: &str) -> Option<i64> {
    let split = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.' || c == '-' || c == '+'))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let number: f64 = number.parse().ok()?;
    let factor = match suffix {
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "" => 1.0,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1024.0 * 1024.0,
        "Gi" => 1024.0 * 1024.0 * 1024.0,
        "Ti" => 1024.0_f64.powi(4),
        "Pi" => 1024.0_f64.powi(5),
        _ => return None,
    };
    // `as` saturates, and quantities beyond nine exbibytes are nothing that this cluster counts.
    Some((number * factor * 1000.0).round() as i64)
}

/// A quantity of a JSON value (a string or a number), in thousandths; 0 when absent.
pub fn milli_of(value: &Value) -> i64 {
    match value {
        Value::String(text) => milli(text).unwrap_or(0),
        Value::Number(number) => number.as_i64().unwrap_or(0) * 1000,
        _ => 0,
    }
}

/// Bytes in the form in which Kubernetes prints them: the largest binary unit that loses nothing.
pub fn bytes(count: i64) -> String {
    for (unit, name) in [
        (1_i64 << 40, "Ti"),
        (1 << 30, "Gi"),
        (1 << 20, "Mi"),
        (1 << 10, "Ki"),
    ] {
        if count >= unit && count % unit == 0 {
            return format!("{}{name}", count / unit);
        }
    }
    count.to_string()
}

/// Thousandths in the form in which Kubernetes prints CPU: `2` or `250m`.
pub fn cpu(milli: i64) -> String {
    if milli % 1000 == 0 {
        (milli / 1000).to_string()
    } else {
        format!("{milli}m")
    }
}

/// CPU (thousandths of a core) and memory (bytes).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Resources {
    /// Thousandths of a core.
    pub cpu: i64,
    /// Bytes.
    pub memory: i64,
}

impl Resources {
    /// `{"cpu": ..., "memory": ...}`.
    pub fn of(list: &Value) -> Resources {
        Resources {
            cpu: milli_of(&list["cpu"]),
            memory: milli_of(&list["memory"]) / 1000,
        }
    }

    /// What a pod asks for: the sum of its containers, or its largest init container.
    pub fn requested(pod: &Value) -> Resources {
        Resources::counted(pod, "requests")
    }

    /// The sum over the containers of `requests` or `limits`.
    pub fn counted(pod: &Value, what: &str) -> Resources {
        let each = |field: &str| pod["spec"][field].as_array().into_iter().flatten();
        let one = |container: &Value| Resources::of(&container["resources"][what]);
        let sum = each("containers").fold(Resources::default(), |sum, container| sum.plus(one(container)));
        each("initContainers").map(one).fold(sum, |most, one| Resources {
            cpu: most.cpu.max(one.cpu),
            memory: most.memory.max(one.memory),
        })
    }

    /// The sum.
    pub fn plus(self, other: Resources) -> Resources {
        Resources {
            cpu: self.cpu + other.cpu,
            memory: self.memory + other.memory,
        }
    }

    /// The difference.
    pub fn minus(self, other: Resources) -> Resources {
        Resources {
            cpu: self.cpu - other.cpu,
            memory: self.memory - other.memory,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_and_printed() {
        assert_eq!(milli("10m"), Some(10));
        assert_eq!(milli("2"), Some(2000));
        assert_eq!(milli("64Mi"), Some(64 * 1024 * 1024 * 1000));
        assert_eq!(milli("0.5"), Some(500));
        assert_eq!(milli("many"), None);
        assert_eq!(bytes(64 << 20), "64Mi");
        assert_eq!(bytes(1500), "1500");
        assert_eq!(cpu(2000), "2");
        assert_eq!(cpu(250), "250m");
    }
}
