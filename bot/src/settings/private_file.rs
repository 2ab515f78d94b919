//! Files that only the bot's own account reads: its settings, its store.

use std::{fs::OpenOptions, path::Path};

/// Options for a file that is made readable for its owner alone. One that is there keeps its permissions.
#[must_use]
pub fn options() -> OpenOptions {
    let mut options = OpenOptions::new();
    options.write(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options
}

/// Who beside the owner may read a file, in words; `None` where nobody may, or it is not known.
#[must_use]
pub fn read_by_others(path: &Path) -> Option<&'static str> {
    #[cfg(unix)]
    {
        let mode = std::os::unix::fs::PermissionsExt::mode(&std::fs::metadata(path).ok()?.permissions());
        match (mode & 0o004 != 0, mode & 0o040 != 0) {
            (true, _) => Some("everybody on this machine"),
            (false, true) => Some("its group"),
            (false, false) => None,
        }
    }
    #[cfg(not(unix))]
    {
        let _ = path;
        None
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::fs::PermissionsExt as _;

    use super::*;

    #[test]
    fn who_may_read_a_file() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("token");
        options().create_new(true).open(&path).unwrap();
        assert_eq!(read_by_others(&path), None);
        for (mode, expected) in [
            (0o640, Some("its group")),
            (0o644, Some("everybody on this machine")),
            (0o600, None),
        ] {
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            assert_eq!(read_by_others(&path), expected, "{mode:o}");
        }
        assert_eq!(read_by_others(&dir.path().join("none")), None);
    }
}
