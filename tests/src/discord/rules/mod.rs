//! Discord's own validation: form errors (50035) worded and nested as Discord does it, for messages, components,
//! commands and responses to interactions.

pub mod callbacks;
pub mod commands;
pub mod components;
pub mod form;
pub mod messages;
pub mod threads;

#[cfg(test)]
mod samples;
