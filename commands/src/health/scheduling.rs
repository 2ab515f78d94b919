//! The scheduler's message in words: `0/4 nodes are available: 3 Insufficient memory, 1 node(s) were unschedulable. …`
//! becomes `0 of 4 nodes fit: 3 lack memory, 1 is cordoned`.

/// The scheduler's message in words; one of another form comes back as it is.
#[must_use]
pub fn words(message: &str) -> String {
    let Some((counts, rest)) = message.split_once(" nodes are available") else {
        return message.trim().trim_end_matches('.').to_owned();
    };
    let Some((fit, all)) = counts.split_once('/') else {
        return message.to_owned();
    };
    let head = format!("{fit} of {all} node{} fit", if all == "1" { "" } else { "s" });
    // What follows is about claims and preemption: nothing that a person can act on.
    let rest = rest.trim_start_matches(':').trim();
    let reasons = rest.split(". ").next().unwrap_or_default().trim_end_matches('.');
    if reasons.is_empty() {
        return head;
    }
    let told: Vec<String> = parts(reasons).into_iter().map(reason).collect();
    format!("{head}: {}", told.join(", "))
}

/// Splits at commas that do not stand in the braces of a taint.
fn parts(text: &str) -> Vec<&str> {
    let mut depth = 0usize;
    let mut from = 0;
    let mut parts = Vec::new();
    for (at, c) in text.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(text[from..at].trim());
                from = at + 1;
            }
            _ => {}
        }
    }
    parts.push(text[from..].trim());
    parts
}

fn reason(part: &str) -> String {
    let (count, what) = part.split_once(' ').unwrap_or(("", part));
    let Ok(count) = count.parse::<u32>() else {
        return part.to_owned();
    };
    let one = count == 1;
    let (is, lacks, has, does) = if one {
        ("is", "lacks", "has", "does")
    } else {
        ("are", "lack", "have", "do")
    };
    let what = what.trim_start_matches("node(s) ");
    if let Some(resource) = what.strip_prefix("Insufficient ") {
        return format!("{count} {lacks} {resource}");
    }
    if let Some((_, taints)) = what.split_once("untolerated taint") {
        let key = taints
            .trim_start_matches("(s)")
            .trim_matches(|c: char| matches!(c, ' ' | '{' | '}'));
        let key = key.split(':').next().unwrap_or(key).trim();
        return taint_words(count, is, has, key);
    }
    match what {
        "were unschedulable" | "was unschedulable" => format!("{count} {is} cordoned"),
        "Too many pods" => format!("{count} {has} no room for another pod"),
        "didn't match Pod's node affinity/selector" => format!("{count} {does} not match the node selector"),
        "didn't match pod anti-affinity rules" => format!("{count} {is} excluded by anti-affinity"),
        "didn't match pod topology spread constraints" => format!("{count} would break the topology spread"),
        "had volume node affinity conflict" => format!("{count} cannot reach the volume"),
        "didn't have free ports for the requested pod ports" => format!("{count} {has} the host port in use"),
        other => format!("{count} {other}"),
    }
}

fn taint_words(count: u32, is: &str, has: &str, key: &str) -> String {
    match key {
        "node.kubernetes.io/unreachable" | "node.kubernetes.io/not-ready" => {
            format!("{count} {is} not ready")
        }
        "node.kubernetes.io/unschedulable" => format!("{count} {is} cordoned"),
        "node.kubernetes.io/memory-pressure" => format!("{count} {is} under memory pressure"),
        "node.kubernetes.io/disk-pressure" => format!("{count} {is} under disk pressure"),
        "node-role.kubernetes.io/control-plane" => format!("{count} {is} of the control plane"),
        key => format!("{count} {has} the taint {key}"),
    }
}

#[cfg(test)]
mod tests {
    use super::words;

    #[test]
    fn messages_of_the_scheduler_are_told_in_words() {
        for (message, told) in [
            // 07-failing-pods
            (
                "0/1 nodes are available: 1 Insufficient cpu. no new claims to deallocate, preemption: 0/1 nodes are available: 1 Preemption is not helpful for scheduling.",
                "0 of 1 node fit: 1 lacks cpu",
            ),
            (
                "0/4 nodes are available: 3 Insufficient memory, 1 node(s) were unschedulable. preemption: 0/4 nodes are available.",
                "0 of 4 nodes fit: 3 lack memory, 1 is cordoned",
            ),
            (
                "0/3 nodes are available: 1 node(s) had untolerated taint {node.kubernetes.io/unreachable: }, 2 node(s) had untolerated taint(s) {a/b: c, d: e}.",
                "0 of 3 nodes fit: 1 is not ready, 2 have the taint a/b",
            ),
            (
                "0/2 nodes are available: 2 Too many pods.",
                "0 of 2 nodes fit: 2 have no room for another pod",
            ),
            (
                "no nodes available to schedule pods.",
                "no nodes available to schedule pods",
            ),
        ] {
            assert_eq!(words(message), told);
        }
    }
}
