//! Takes secrets out of text before it reaches a chat, a file, a log or the audit. What looks like one by its form or by
//! its name is hidden wherever it stands; values that are known to be secret are hidden in every form in which they travel.

mod known;
mod lines;
mod mark;
mod names;
mod object;
mod patterns;
mod redactor;
mod sane;

pub use lines::Lines;
pub use mark::MARK;
pub use redactor::Redactor;
pub(crate) use sane::sane;

#[cfg(test)]
mod tests;
