//! Does `/ceo runbook find` find the section, in Chinese and English, and name the commands that do the same in the chat?

use ceo_tests::world::{IDS, PATIENCE, Setup, World, until};

use crate::{says, says_not};

const MANUAL: &str = "# 运维手册\n\n## 故障排查\n\n### Pod 无法启动\n\n**症状**: 状态为 `CrashLoopBackOff`\n\n\
```bash\n# 查看日志\nkubectl logs deployment/APP -n x --previous\nkubectl get pods -n x\n```\n\n\
### 数据库连接问题\n\n检查数据库 Pod\n\n## Backups\n\n- run ./backup.sh with password=hunter22\n- keep @everyone calm\n";

async fn with_manual(text: &str) -> anyhow::Result<World> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    std::fs::write(world.dir().join("manual.md"), text)?;
    world.resettle(|setup| setup.more = "[runbook]\npath = \"manual.md\"\n".to_owned())?;
    world.bot.start().await?;
    world.ready().await?;
    Ok(world)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_section_is_found_with_the_commands_beside_it() -> anyhow::Result<()> {
    let app = format!("api-{:04x}", rand::random::<u16>());
    let world = with_manual(&MANUAL.replace("APP", &app)).await?;
    let person = world.operator();
    let answer = world.ask(&person, "/ceo runbook find words:无法启动").await?;
    assert!(!answer.is_ephemeral(), "what all may read is for the channel");
    says(
        &answer,
        &[
            "Pod 无法启动",
            "`manual.md` · 运维手册 › 故障排查",
            "**症状**",
            "`CrashLoopBackOff`",
        ],
    );
    says(
        &answer,
        &[
            &format!("kubectl logs deployment/{app} -n x --previous"),
            &format!("Here: `/ceo logs workload:deployment/{app} previous:true`"),
            "Here: `/ceo get pods`",
        ],
    );
    let pods = world.press(&person, answer.id, "/ceo get pods").await?;
    says(&pods, &["pod"]);

    let answer = world.ask(&person, "/ceo runbook find words:backups").await?;
    says(&answer, &["Backups", "• run ./backup.sh"]);
    says_not(&answer, &["hunter22", "@everyone"]);
    let answer = world.ask(&person, "/ceo runbook find words:kafka").await?;
    says(
        &answer,
        &[
            "The manual says nothing about `kafka`",
            "Looked at 3 sections in 1 file.",
        ],
    );

    // Whoever edits it need not tell the bot; and what is gone is told as that.
    std::fs::write(world.dir().join("manual.md"), "# Kafka\n\nrestart it\n")?;
    let answer = world.ask(&person, "/ceo runbook find words:kafka").await?;
    says(&answer, &["Kafka", "restart it"]);
    std::fs::remove_file(world.dir().join("manual.md"))?;
    let answer = world.ask(&person, "/ceo runbook find words:kafka").await?;
    says(
        &answer,
        &["The manual cannot be read", "manual.md", "No such file"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_manual_it_says_how_to_name_one_and_long_sections_are_cut() -> anyhow::Result<()> {
    let world = World::start().await?;
    let answer = world.ask(&world.viewer(), "/ceo runbook find words:x").await?;
    says(&answer, &["No manual is configured", "[runbook] path"]);
    world.finish().await?;

    let long = format!("# Long\n\n{}\n", "words and words\n\n".repeat(400));
    let many: String = (0..9).map(|n| format!("# Kafka {n}\n\nkafka\n\n")).collect();
    let world = with_manual(&format!("{long}{many}")).await?;
    let answer = world.ask(&world.viewer(), "/ceo runbook find words:long").await?;
    says(&answer, &["It goes on in `manual.md`."]);
    let answer = world
        .ask(&world.viewer(), "/ceo runbook find words:kafka")
        .await?;
    let next = world.press(&world.viewer(), answer.id, "Next").await?;
    says(&next, &["Kafka"]);
    assert_ne!(answer.text(), next.text());
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_names_the_section_only_where_the_manual_has_one() -> anyhow::Result<()> {
    for (manual, named) in [(MANUAL, true), ("# Backups\n\nonly these\n", false)] {
        let world = with_manual(manual).await?;
        if world.cluster.is_real() {
            return world.leave().await;
        }
        let app = world.cluster.deploy().await?;
        let space = world.cluster.namespace().to_owned();
        world
            .cluster
            .sim()?
            .node()
            .pods(&space, "*")
            .crashes(3, &["no database"]);
        world
            .cluster
            .sim()?
            .node()
            .crash_pod(&space, "*", 3, &["no database"]);
        let line = format!("/ceo diagnose what:deployment/{app}");
        let told = || async {
            let answer = world.ask(&world.operator(), &line).await?;
            Ok(answer.text().contains("exit code 3").then_some(answer))
        };
        let text = until(PATIENCE, told).await?.text();
        assert_eq!(text.contains("Pod 无法启动 (`manual.md`)"), named, "{text}");
        assert_eq!(text.contains("Manual"), named, "{text}");
        world.finish().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_stays_with_its_section_and_in_the_audit() -> anyhow::Result<()> {
    let text = "# Ops\n\n## Redis\n\n### Restart\n\nstop it\n\n## Kafka\n\n### Restart\n\ndrain it\n";
    let mut world = with_manual(text).await?;
    let (operator, viewer) = (world.operator(), world.viewer());
    let note = |rest: &str| format!("/ceo runbook note {rest}");
    let answer = world
        .ask(&operator, &note("section:restart text:takes ten minutes"))
        .await?;
    says(
        &answer,
        &[
            "Several sections are called `restart`",
            "Ops › Redis › Restart,",
            "Ops › Kafka › Restart",
        ],
    );
    let kept = world
        .ask(
            &operator,
            &note("section:Ops › Kafka › Restart text:takes ten minutes, password=hunter22 @everyone"),
        )
        .await?;
    says(
        &kept,
        &[
            "Noted with \u{201c}Restart\u{201d}",
            "takes ten minutes",
            "[hidden]",
        ],
    );
    says_not(&kept, &["hunter22"]);
    let answer = world.ask(&operator, &note("section:drain text:x")).await?;
    says(
        &answer,
        &[
            "No section of the manual is called `drain`",
            "Ops › Kafka › Restart",
        ],
    );
    let answer = world.ask(&operator, &note("section:zebra text:x")).await?;
    says(
        &answer,
        &[
            "No section of the manual is called `zebra`",
            "offered while you type",
        ],
    );
    let long = format!("section:Ops › Kafka › Restart text:{}", "x".repeat(1001));
    says(
        &world.ask(&operator, &note(&long)).await?,
        &["The note has 1,001 characters; at most 1,000 are kept"],
    );
    let answer = world
        .ask(&viewer, &note("section:Ops › Kafka › Restart text:mine"))
        .await?;
    says(&answer, &["You may not"]);
    let offered = operator
        .autocomplete(IDS.ops, "/ceo runbook note section:kaf")
        .await?;
    assert_eq!(offered.len(), 1, "{offered:?}");

    // It outlives the process, and the file.
    world.bot.kill().await?;
    world.bot.start().await?;
    world.ready().await?;
    let found = world.ask(&viewer, "/ceo runbook find words:drain").await?;
    says(
        &found,
        &[
            "drain it",
            "Note by",
            "takes ten minutes",
            &format!("<@{}>", IDS.operator),
        ],
    );
    says_not(&found, &["hunter22", "@everyone"]);
    let other = world.ask(&viewer, "/ceo runbook find words:redis").await?;
    says_not(&other, &["Note by"]);
    let audit = world.ask(&world.lead(), "/ceo audit").await?;
    says(&audit, &["runbook note", "takes ten minutes"]);
    world.finish().await
}
