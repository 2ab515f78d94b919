//! What the bot costs, beside `kubectl` in the same run: memory, processor, time to the first answer. Run with
//! `cargo bench -p ceo-tests`, or some of it by name: `cargo bench -p ceo-tests -- watched`. Each prints a table; the figures
//! of the last release are in `bot/docs/benchmarks.md`.

mod commands;
mod logs;
mod measure;
mod watched;

use std::future::Future;

/// A benchmark: its name, and what it prints.
async fn run<F: Future<Output = anyhow::Result<measure::Table>>>(
    name: &str,
    wanted: &[String],
    bench: impl FnOnce() -> F,
) -> bool {
    if !wanted.is_empty() && !wanted.iter().any(|word| name.contains(word.as_str())) {
        return true;
    }
    match bench().await {
        Ok(table) => {
            println!("\n## {name}\n\n{table}");
            true
        }
        Err(error) => {
            eprintln!("\n## {name}\n\nfailed: {error:#}");
            false
        }
    }
}

fn main() -> anyhow::Result<()> {
    // cargo says how it runs a benchmark; what is left are names.
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|word| !word.starts_with('-'))
        .collect();
    let runtime = tokio::runtime::Runtime::new()?;
    let all_went_well = runtime.block_on(async {
        let idle = run("idle", &wanted, watched::idle).await;
        let many = run("watched", &wanted, watched::many).await;
        let burst = run("burst", &wanted, commands::burst).await;
        let grep = run("grep", &wanted, logs::grep).await;
        idle && many && burst && grep
    });
    anyhow::ensure!(all_went_well, "a benchmark failed");
    Ok(())
}
