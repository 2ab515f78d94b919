//! The bot.

fn main() -> std::process::ExitCode {
    ceo_bot::main()
}
