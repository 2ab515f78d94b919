//! ceo-commands
