//! Discord's look, dark and light: its colours where people know them by heart, and text that can be read on them.

use serde_json::{Value, json};

use crate::scene;
use crate::stage::{OPERATOR, Stage};

fn one_of_each(stage: &Stage) {
    let button =
        |style: u8, label: &str| json!({ "type": 2, "style": style, "label": label, "custom_id": label });
    stage.says(json!({
        "content": "**verdict** <@10> <t:1790000000:R> `code`\n```diff\n- old\n+ new\n```",
        "embeds": [{ "title": "deployment/api is degraded", "description": "1 of 3 pods ready", "color": 0xED_42_45,
            "fields": [{ "name": "Last change", "value": "image" }], "footer": { "text": "small print" } }],
        "components": [{ "type": 1, "components": [button(1, "Ack"), button(2, "Logs"), button(3, "Approve"), button(4, "Deny")] }],
    }));
    stage.says_to(json!({ "content": "for one person" }), Some(OPERATOR));
}

/// Each text on the page that has less contrast to what is behind it than WCAG's AA asks, with its figure.
const FAINT: &str = "
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const rgba = (color) => {
        canvas.clearRect(0, 0, 1, 1);
        canvas.fillStyle = color;
        canvas.fillRect(0, 0, 1, 1);
        const [r, g, b, a] = canvas.getImageData(0, 0, 1, 1).data;
        return [r, g, b, a / 255];
    };
    const over = (top, below) => [0, 1, 2].map((n) => top[n] * top[3] + below[n] * (1 - top[3]));
    const behind = (node) => {
        const layers = [];
        for (let one = node; one; one = one.parentElement) layers.push(rgba(getComputedStyle(one).backgroundColor));
        return layers.reverse().reduce((below, top) => over(top, below), [255, 255, 255]);
    };
    const light = (color) => color.map((c) => c / 255).map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
        .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
    const texts = document.createTreeWalker(document.querySelector('#app'), NodeFilter.SHOW_TEXT);
    const faint = [];
    let seen = 0;
    while (texts.nextNode()) {
        const node = texts.currentNode.parentElement;
        const shown = texts.currentNode.data.trim() && node.checkVisibility({ opacityProperty: true, visibilityProperty: true });
        if (!shown || node.closest('.mirror, .sr, [aria-hidden=true]')) continue;
        seen += 1;
        const back = behind(node);
        const [a, b] = [light(over(rgba(getComputedStyle(node).color), back)), light(back)].sort((x, y) => y - x);
        const contrast = (a + 0.05) / (b + 0.05);
        if (contrast < 4.5) faint.push(`${texts.currentNode.data.trim()}: ${contrast.toFixed(2)}`);
    }
    return { seen, faint }";

/// What stands where people know the colour by heart.
const COLOURS: &str = "
    const style = (css) => getComputedStyle(document.querySelector(css));
    return {
        chat: style('body').backgroundColor, side: style('#side').backgroundColor,
        ack: style('[data-custom=Ack]').backgroundColor, approve: style('[data-custom=Approve]').backgroundColor,
        deny: style('[data-custom=Deny]').backgroundColor, bar: style('.embed').borderInlineStartColor,
    }";

#[tokio::test]
async fn dark_and_light_are_discords_and_can_be_read() -> anyhow::Result<()> {
    let scene = scene!("dark_and_light_are_discords_and_can_be_read", one_of_each);
    let browser = &scene.browser;
    browser.wait_text(".message.ephemeral", "for one person").await?;
    let same = [
        ("ack", "rgb(88, 101, 242)"),
        ("approve", "rgb(36, 128, 70)"),
        ("deny", "rgb(218, 55, 60)"),
        ("bar", "rgb(237, 66, 69)"),
    ];
    for (scheme, chat, side) in [
        ("dark", "rgb(49, 51, 56)", "rgb(43, 45, 49)"),
        ("light", "rgb(255, 255, 255)", "rgb(242, 243, 245)"),
    ] {
        browser.media("prefers-color-scheme", scheme).await?;
        browser
            .wait(&format!("document.documentElement.dataset.theme === '{scheme}'"))
            .await?;
        let colours = browser.run(COLOURS, &[]).await?;
        for (what, colour) in same.into_iter().chain([("chat", chat), ("side", side)]) {
            assert_eq!(colours[what], colour, "{scheme}: {what}");
        }
        let read = browser.run(FAINT, &[]).await?;
        assert!(
            read["seen"].as_u64() > Some(30),
            "the texts were looked at: {read}"
        );
        assert_eq!(read["faint"], json!([]), "{scheme}");
    }
    browser.click("#theme").await?;
    let dark = "document.documentElement.dataset.theme === 'dark'";
    browser.wait(dark).await?;
    scene.load("").await?;
    let kept: Value = browser.run(&format!("return {dark}"), &[]).await?;
    assert_eq!(kept, true, "what was chosen outlives a reload");
    Ok(())
}
