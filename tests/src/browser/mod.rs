//! A real browser for the tests of the page: a small WebDriver client for Debian's `chromedriver`.
//!
//! Own because it is small: five commands over plain HTTP. The crates for it (fantoccini, thirtyfour) bring the
//! `webdriver` crate, `time` and `cookie` along, and a TLS stack unless told not to.

mod driver;
mod page;

pub use driver::Driver;
pub use page::{Browser, Key};

/// Starts a browser, or says loudly on standard error that the test is skipped because there is none.
///
/// # Errors
/// When the browser is there and does not start, and when `CI=true` and there is none: a pipeline must not skip.
pub async fn start_or_skip(test: &str) -> anyhow::Result<Option<Browser>> {
    if Driver::installed().is_some() {
        return Browser::start().await.map(Some);
    }
    if std::env::var("CI").is_ok_and(|value| value == "true") {
        anyhow::bail!("{test} needs chromedriver, which is not installed, and CI=true allows no skipping");
    }
    eprintln!(
        "\n*** SKIPPED {test}: no chromedriver. Install it: apt-get install chromium chromium-driver ***\n"
    );
    Ok(None)
}
