//! Discord's markdown, rule by rule, by the page's own parser in the browser.

use serde_json::{Value, json};

use crate::scene;

/// The tree written short: `["b", ...]` for a mark with content, text as text.
const SHORT: &str = "
    const { parse } = await import('/markdown.js');
    const short = (n) => n.t === 'text' ? n.v : n.t === 'list' ? ['list', ...n.items.map((i) => i.map(short))]
        : n.c ? [n.t, ...n.c.map(short)] : n.t === 'pre' ? ['pre', n.lang, n.v] : n.t === 'time' ? ['time', n.unix, n.style]
        : n.v !== undefined ? [n.t, n.v] : n.id ? [n.t, n.id] : [n.t];
    return arguments[0].map((text) => parse(text).map(short));";

#[rustfmt::skip] // a table
fn table() -> Vec<(&'static str, Value)> {
    vec![
        ("**b *i* b** _i_ __u__ ~~s~~", json!([["b", "b ", ["i", "i"], " b"], " ", ["i", "i"], " ", ["u", "u"], " ", ["s", "s"]])),
        ("***both***", json!([["b", ["i", "both"]]])),
        ("snake_case_name and 3 * 4 * 5", json!(["snake_case_name and 3 * 4 * 5"])),
        ("\\*not\\* \\`this\\` \\<@1>", json!(["*not* `this` <@1>"])),
        ("`a *b*` ``c`d``", json!([["code", "a *b*"], " ", ["code", "c`d"]])),
        ("||secret||", json!([["spoiler", "secret"]])),
        ("a\n> one\n> two\nb", json!(["a", ["quote", "one", ["br"], "two"], "b"])),
        (">>> all\nthe rest", json!([["quote", "all", ["br"], "the rest"]])),
        ("2 > 1\n>no quote", json!(["2 > 1", ["br"], ">no quote"])),
        ("# One\n## Two\n#no\n-# small", json!([["h", "One"], ["h", "Two"], "#no", ["sub", "small"]])),
        ("- a\n  - b\n- c", json!([["list", ["a", ["list", ["b"]]], ["c"]]])),
        ("x\n```diff\n- a\n+ b\n```\ny", json!(["x", ["pre", "diff", "- a\n+ b"], "y"])),
        ("```one line```", json!([["pre", "", "one line"]])),
        ("<t:1790000000:R> <t:5>", json!([["time", 1_790_000_000, "R"], " ", ["time", 5, "f"]])),
        ("<@1> <@!2> <@&3> <#4>", json!([["user", "1"], " ", ["user", "2"], " ", ["role", "3"], " ", ["channel", "4"]])),
        ("<:ok:5> </ceo status:6>", json!([["emoji", "ok"], " ", ["command", "ceo status"]])),
        ("[label](https://a.example/b_(c))", json!([["link", "label"]])),
        ("<https://d.example> https://e.example/f.", json!([["link", "https://d.example"], " ", ["link", "https://e.example/f"], "."])),
        ("[x](javascript:alert(1)) [y](data:text/html,z)", json!(["[x](javascript:alert(1)) [y](data:text/html,z)"])),
        ("**open _and `never closed", json!(["**open _and `never closed"])),
    ]
}

#[tokio::test]
async fn every_rule_reads_as_on_discord() -> anyhow::Result<()> {
    let scene = scene!("every_rule_reads_as_on_discord");
    let texts: Vec<&str> = table().iter().map(|(text, _)| *text).collect();
    let trees = scene.browser.run(SHORT, &[json!(texts)]).await?;
    for (index, (text, tree)) in table().into_iter().enumerate() {
        assert_eq!(trees[index], tree, "{text}");
    }
    Ok(())
}

#[tokio::test]
async fn long_and_nested_text_is_read_quickly() -> anyhow::Result<()> {
    let scene = scene!("long_and_nested_text_is_read_quickly");
    let texts: Vec<String> = [
        "**", "_", "`", "[", "> ", "- ", "||", "<t:", "~~a", "*a ", "[a](", "\\",
    ]
    .iter()
    .map(|part| part.repeat(2000))
    .collect();
    let worst = scene
        .browser
        .run(
            "const { parse } = await import('/markdown.js');
             const times = arguments[0].map((text) => { const from = performance.now(); parse(text); return performance.now() - from; });
             return Math.max(...times)",
            &[json!(texts)],
        )
        .await?;
    assert!(
        worst.as_f64().unwrap_or(f64::MAX) < 2000.0,
        "a message of 4000 characters took {worst} ms"
    );
    Ok(())
}
