//! Messages of kubelets and runtimes, cut to what fits on a phone.

/// Their end says more than their beginning.
#[must_use]
pub(super) fn short(message: &str) -> String {
    const MOST: usize = 220;
    // What runtimes and the kubelet put before the reason says the same each time.
    const BEFORE: [&str; 2] = ["unable to start container process: ", ": ErrImagePull: "];
    let message = BEFORE
        .iter()
        .find_map(|words| message.split_once(words))
        .map_or(message, |(_, why)| why);
    let count = message.chars().count();
    if count <= MOST {
        return message.to_owned();
    }
    let head: String = message.chars().take(60).collect();
    let tail: String = message.chars().skip(count - (MOST - 60)).collect();
    format!("{head}…{tail}")
}
