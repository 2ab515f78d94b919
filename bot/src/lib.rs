//! ceo-bot
