//! The bot, built with the tests so that they can start it: `CARGO_BIN_EXE_bot-under-test`.

fn main() -> std::process::ExitCode {
    ceo_bot::main()
}
