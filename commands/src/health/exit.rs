//! What an exit code means. Codes above 128 are signals as shells count them; 125 to 128 come from runtimes and shells.

use crate::{
    model::Text,
    texts::health::{self, ExitMeaning},
};

/// `exit code 3 (error of the program)`
#[must_use]
pub fn words(code: i32, reason: Option<&str>) -> Text {
    health::exit(code, meaning(code, reason))
}

/// What an exit code means, with the reason that the kubelet gave.
#[must_use]
pub fn meaning(code: i32, reason: Option<&str>) -> ExitMeaning {
    match (code, reason) {
        (_, Some("OOMKilled")) => ExitMeaning::OutOfMemory,
        (_, Some("StartError" | "ContainerCannotRun")) | (128, _) => ExitMeaning::NotStarted,
        (_, Some("DeadlineExceeded")) => ExitMeaning::PastDeadline,
        (0, _) => ExitMeaning::Finished,
        (125, _) => ExitMeaning::NotRun,
        (126, _) => ExitMeaning::NotExecutable,
        (127, _) => ExitMeaning::NotFound,
        (130, _) => ExitMeaning::Interrupted,
        (134, _) => ExitMeaning::Aborted,
        (135, _) => ExitMeaning::BusError,
        (136, _) => ExitMeaning::Arithmetic,
        (137, _) => ExitMeaning::Killed,
        (139, _) => ExitMeaning::SegmentationFault,
        (143, _) => ExitMeaning::Stopped,
        (129..=192, _) => ExitMeaning::Signal(code - 128),
        _ => ExitMeaning::Program,
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
            assert_eq!(words(code, reason).plain(), words_of_it);
        }
        assert!(words(137, Some("Error")).plain().contains("signal 9"));
    }
}
