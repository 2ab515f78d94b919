//! Messages of kubelets and runtimes, cut to what fits on a phone.

/// Their end says more than their beginning.
#[must_use]
pub(super) fn short(message: &str) -> String {
    const MOST: usize = 220;
    // What runtimes and the kubelet put before the reason says the same each time.
    let why = message
        .split_once("unable to start container process: ")
        .or_else(|| message.split_once(": ErrImagePull: "));
    let message = why.map_or(message, |(_, why)| why);
    let count = message.chars().count();
    if count <= MOST {
        return message.to_owned();
    }
    let head: String = message.chars().take(60).collect();
    let tail: String = message.chars().skip(count - (MOST - 60)).collect();
    format!("{head}…{tail}")
}
