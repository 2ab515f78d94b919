//! Resource quantities.

use serde_json::Value;

/// A resource quantity (`250m`, `64Mi`, `2`) as a number.
pub fn quantity(value: &Value) -> Option<f64> {
    match value {
        Value::String(text) => amount(text),
        other => other.as_f64(),
    }
}

/// A quantity written as text.
pub(super) fn amount(text: &str) -> Option<f64> {
    let split = text
        .find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | '+' | '-')))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(split);
    let factor = match suffix {
        "" => 1.0,
        "n" => 1e-9,
        "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        "Pi" => 1_125_899_906_842_624.0,
        other => return text.parse().ok().filter(|_| other.starts_with(['e', 'E'])),
    };
    number.parse::<f64>().ok().map(|number| number * factor)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn quantities_compare() {
        assert_eq!(quantity(&json!("250m")), Some(0.25));
        assert_eq!(quantity(&json!("1Ki")), Some(1024.0));
        assert_eq!(quantity(&json!("much")), None);
        assert_eq!(quantity(&json!("1e3")), Some(1000.0));
    }
}
