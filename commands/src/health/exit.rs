//! What an exit code means. Codes above 128 are signals as shells count them; 125 to 128 come from runtimes and shells.

/// `exit code 3 (error of the program)`.
#[must_use]
pub fn words(code: i32, reason: Option<&str>) -> String {
    format!("exit code {code} ({})", meaning(code, reason))
}

/// What an exit code means, with the reason that the kubelet gave.
#[must_use]
pub fn meaning(code: i32, reason: Option<&str>) -> String {
    match (code, reason) {
        (_, Some("OOMKilled")) => "OOMKilled: it used more memory than its limit".to_owned(),
        (_, Some("StartError" | "ContainerCannotRun")) => "it could not be started".to_owned(),
        (_, Some("DeadlineExceeded")) => "it ran past its deadline".to_owned(),
        (0, _) => "finished without an error".to_owned(),
        (1..=124, _) => "error of the program".to_owned(),
        (125, _) => "the container could not be run".to_owned(),
        (126, _) => "its command cannot be executed".to_owned(),
        (127, _) => "its command was not found".to_owned(),
        (128, _) => "it could not be started".to_owned(),
        (130, _) => "ended by SIGINT".to_owned(),
        (134, _) => "aborted, signal 6".to_owned(),
        (135, _) => "bus error, signal 7".to_owned(),
        (136, _) => "arithmetic error, signal 8".to_owned(),
        (137, _) => {
            "killed by signal 9: a failed liveness probe, a node without memory, or it did not stop in time"
                .to_owned()
        }
        (139, _) => "segmentation fault, signal 11".to_owned(),
        (143, _) => "ended by SIGTERM: it was asked to stop".to_owned(),
        (129..=192, _) => format!("ended by signal {}", code - 128),
        _ => "error of the program".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_told_in_words() {
        for (code, reason, words_of_it) in [
            (0, Some("Completed"), "exit code 0 (finished without an error)"),
            (1, Some("Error"), "exit code 1 (error of the program)"),
            (3, Some("Error"), "exit code 3 (error of the program)"),
            (
                137,
                Some("OOMKilled"),
                "exit code 137 (OOMKilled: it used more memory than its limit)",
            ),
            (128, Some("StartError"), "exit code 128 (it could not be started)"),
            (139, None, "exit code 139 (segmentation fault, signal 11)"),
            (
                143,
                Some("Error"),
                "exit code 143 (ended by SIGTERM: it was asked to stop)",
            ),
            (127, Some("Error"), "exit code 127 (its command was not found)"),
            (138, None, "exit code 138 (ended by signal 10)"),
            (255, None, "exit code 255 (error of the program)"),
        ] {
            assert_eq!(words(code, reason), words_of_it);
        }
        assert!(words(137, Some("Error")).contains("signal 9"));
    }
}
