//! The same in Chinese: the cause, what follows from it, how certain, and what to do.

use ceo_tests::world::{Setup, World};
use serde_json::json;

use super::{deploy, deployment, drawn, make, says_of, service};
use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn a_diagnosis_is_read_in_chinese() -> anyhow::Result<()> {
    let setup = Setup::default()
        .timing("incident_patience", "100ms")
        .timing("incident_look_every", "1s")
        .timing("incident_settle", "3s");
    let mut world = World::before_the_bot(setup).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    let db = drawn("db");
    service(
        &world,
        &db,
        json!({"selector": {"role": "nobody"}, "ports": [{"port": 5432}]}),
    )
    .await?;
    let client = drawn("client");
    let line = format!("echo cannot connect to {db}:5432: connection refused; exit 3");
    let command = json!({"command": ["/bin/sh", "-c", line]});
    deploy(
        &world,
        deployment(&client, world.cluster.draw.old, &command, &json!({})),
    )
    .await?;
    let selects = format!("Service `{db}`：选择器 role=nobody 未匹配任何运行中的 Pod");
    let names = format!("其末尾日志提到 Service `{db}`");
    let words = [
        "原因",
        "由此导致：",
        "退出码 3（程序自身错误）",
        "可信度：推断",
        "已检查",
        "处理",
        &selects,
        &names,
    ];
    let answer = says_of(&world, &format!("deployment/{client}"), &words).await?;
    says_not(&answer, &["Cause", "Hence", "Looked at", "exit code"]);
    if !world.cluster.is_real() {
        let claim = drawn("data");
        let object = json!({"metadata": {"name": claim}, "spec": {"accessModes": ["ReadWriteOnce"],
            "storageClassName": "no-such-class", "resources": {"requests": {"storage": "1Gi"}}}});
        make(&world, "v1", "PersistentVolumeClaim", object).await?;
        let words = [format!(
            "存储卷声明 `{claim}`：存储类 `no-such-class` 不存在（现有：无）"
        )];
        says_of(&world, &format!("pvc/{claim}"), &[&words[0], "可信度：已确认"]).await?;
    }
    let app = world.cluster.deploy().await?;
    let well = says_of(
        &world,
        &format!("deployment/{app}"),
        &["未发现", "存在异常", "已检查"],
    )
    .await?;
    says_not(&well, &["原因", "可信度"]);
    says(&well, &[&format!("deployment/{app}")]);
    world.finish().await
}
