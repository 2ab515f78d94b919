//! Every sentence that a person reads: one file a command or room, one typed function a sentence, in all languages at
//! once. Whoever says something calls a function here; which language is drawn is decided where it is drawn.

pub mod discord;
pub(crate) mod redact;
