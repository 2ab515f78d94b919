//! The mark of what was hidden.

/// What stands where a secret stood.
pub const MARK: &str = "[hidden]";
