//! Pictures of the playground, for people to look at. Not a test: it checks nothing but that they can be taken.
//!
//! `CEO_SHOTS=/some/directory cargo test --workspace --test page -- --ignored shots` starts a playground and takes
//! them: of the page itself, and of the moments of the story in `story.rs`.

use std::path::{Path, PathBuf};

use anyhow::Context;
use ceo_tests::browser::{Browser, Key};
use ceo_tests::playground::{Options, Playground};

use crate::story::Story;

/// How a page is looked at.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    scheme: &'static str,
    name: &'static str,
    size: (u32, u32),
}

impl Form {
    const DARK: Form = Form {
        scheme: "dark",
        name: "wide",
        size: (1280, 900),
    };
    /// On a desk at night.
    pub(crate) const WIDE: &[Form] = &[Form::DARK];
    /// The same by day, and both on a telephone.
    pub(crate) const ALL: &[Form] = &[
        Form::DARK,
        Form {
            scheme: "light",
            ..Form::DARK
        },
        Form {
            name: "narrow",
            size: (360, 740),
            ..Form::DARK
        },
        Form {
            scheme: "light",
            name: "narrow",
            size: (360, 740),
        },
    ];

    async fn set(self, browser: &Browser) -> anyhow::Result<()> {
        browser.media("prefers-color-scheme", self.scheme).await?;
        browser.size(self.size.0, self.size.1).await
    }
}

/// Takes pictures into a directory.
pub(crate) struct Camera {
    to: PathBuf,
}

impl Camera {
    /// A picture of a moment in each of these forms, with the beginning of `about`, an expression for a message, in
    /// view. Afterwards the page is as it was: at the end of the list, dark and wide.
    pub(crate) async fn take(
        &self,
        browser: &Browser,
        name: &str,
        about: &str,
        forms: &[Form],
    ) -> anyhow::Result<()> {
        for form in forms {
            form.set(browser).await?;
            browser
                .run(
                    &format!(
                        "await new Promise(requestAnimationFrame);
                         await Promise.all(document.getAnimations().filter((one) => one instanceof CSSTransition).map((one) => one.finished));
                         const one = {about};
                         if (one && one.getBoundingClientRect().top < 60) one.scrollIntoView({{ block: 'start' }});
                         await new Promise(requestAnimationFrame)"
                    ),
                    &[],
                )
                .await?;
            self.save(browser, *form, name).await?;
        }
        Form::DARK.set(browser).await?;
        browser
            .run(
                "for (const one of document.querySelectorAll('.scroller')) one.scrollTop = one.scrollHeight",
                &[],
            )
            .await
            .map(|_| ())
    }

    async fn save(&self, browser: &Browser, form: Form, name: &str) -> anyhow::Result<()> {
        let file = format!("{name}-{}-{}.png", form.scheme, form.name);
        browser.screenshot(&self.to.join(file)).await
    }
}

#[tokio::test]
#[ignore = "takes pictures; wants CEO_SHOTS to say where to"]
async fn shots() -> anyhow::Result<()> {
    let to = PathBuf::from(std::env::var_os("CEO_SHOTS").context("CEO_SHOTS names no directory")?);
    std::fs::create_dir_all(&to)?;
    let camera = Camera { to };
    let playground =
        Playground::start(Options::default(), Path::new(env!("CARGO_BIN_EXE_playground"))).await?;
    let browser = Browser::start().await?;
    for form in Form::ALL {
        form.set(&browser).await?;
        tour(&browser, &playground.url(), &camera, *form).await?;
    }
    Form::DARK.set(&browser).await?;
    let story = Story {
        browser: &browser,
        camera: Some(&camera),
    };
    story.begin(&playground).await?;
    story.play().await?;
    playground.stop().await;
    Ok(())
}

/// A playground whose channels read this language, and every kind of message in it.
#[tokio::test]
#[ignore = "takes pictures; wants CEO_SHOTS to say where to"]
async fn gallery() -> anyhow::Result<()> {
    let to = PathBuf::from(std::env::var_os("CEO_SHOTS").context("CEO_SHOTS names no directory")?);
    for language in ["en", "zh-CN"] {
        let to = to.join(language);
        std::fs::create_dir_all(&to)?;
        let options = Options {
            language: Some(language.to_owned()),
            ..Options::default()
        };
        let playground = Playground::start(options, Path::new(env!("CARGO_BIN_EXE_playground"))).await?;
        let browser = Browser::start().await?;
        Form::DARK.set(&browser).await?;
        let story = Story {
            browser: &browser,
            camera: Some(&Camera { to }),
        };
        story.begin(&playground).await?;
        story.shows_everything(language).await?;
        playground.stop().await;
    }
    Ok(())
}

async fn tour(browser: &Browser, url: &str, camera: &Camera, form: Form) -> anyhow::Result<()> {
    browser.open("about:blank").await?;
    browser.open(url).await?;
    browser.wait("document.querySelector('#persons [aria-checked=true]') && document.querySelector('#chat .start')").await?;
    camera.save(browser, form, "0-chat").await?;
    browser
        .run("document.querySelector('#line').focus()", &[])
        .await?;
    browser.keys("/").await?;
    browser
        .wait("document.querySelector('.suggest:not([hidden])')")
        .await?;
    camera.save(browser, form, "0-commands").await?;
    browser.keys(Key::ESCAPE).await?;
    browser
        .run(
            "const l = document.querySelector('#line'); l.value = ''; l.dispatchEvent(new Event('input'))",
            &[],
        )
        .await?;
    browser.click("#break").await?;
    browser.wait("document.querySelector('[role=menu]')").await?;
    camera.save(browser, form, "0-menu").await?;
    browser.keys(Key::ESCAPE).await
}
