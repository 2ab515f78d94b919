//! The same day for somebody whose Discord speaks Chinese: what they alone see is in their language, what the channel
//! sees stays in the channel's.

use serde_json::json;

use crate::{
    shots::Form,
    story::{OPERATOR, OPS, Story},
};

impl Story<'_> {
    /// Switches the operator's Discord to Chinese, asks what answers them alone, and switches back.
    pub(crate) async fn speaks_chinese(&self) -> anyhow::Result<()> {
        self.becomes(OPERATOR).await?;
        self.goes_to(OPS).await?;
        self.switches_to("zh-CN").await?;
        self.browser.click("#line").await?;
        self.browser.keys("/").await?;
        self.browser
            .wait_text(".suggest [role=option]", "工作负载或命名空间的状态")
            .await?;
        self.picture("9-commands-zh", "", Form::WIDE).await?;
        self.clears_the_line().await?;

        self.says("/ceo scale workload:deployment/ceoagent-api replicas:6")
            .await?;
        let answer = "([...document.querySelectorAll('#chat li.message.ephemeral')].at(-1)?.innerText ?? '')";
        self.browser
            .wait(&format!(
                "{answer}.includes('确认') && {answer}.includes('过期') && {answer}.includes('申请人')"
            ))
            .await?;
        let said = self.browser.wait(answer).await?;
        let said = said.as_str().unwrap_or_default();
        for english in [
            "your confirmation",
            "asked by",
            "Confirm",
            "Withdraw",
            "Needs",
            "Effect",
            "added",
            "Scale ",
        ] {
            anyhow::ensure!(!said.contains(english), "{english:?} is not Chinese: {said}");
        }
        self.picture("9-scale-zh", "", Form::ALL).await?;
        self.switches_to("en-US").await
    }

    pub(crate) async fn switches_to(&self, locale: &str) -> anyhow::Result<()> {
        self.browser
            .run(
                "const one = document.querySelector('#language'); one.value = arguments[0]; one.dispatchEvent(new Event('change'))",
                &[json!(locale)],
            )
            .await?;
        self.browser
            .wait(&format!(
                "fetch('/api/world').then((one) => one.json()).then((world) => world.me_options.find((one) => one.id === '{OPERATOR}').locale === '{locale}')"
            ))
            .await
            .map(|_| ())
    }
}
