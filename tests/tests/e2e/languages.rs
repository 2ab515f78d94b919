//! Does everybody read their language: one person alone that of their client, a channel that of the settings?

use ceo_tests::{
    kube::access::Rules,
    world::{IDS, PATIENCE, Setup, World, until},
};

use crate::{says, says_not};

#[tokio::test(flavor = "multi_thread")]
async fn every_reading_command_speaks_chinese() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    world.discord.set_locale(IDS.operator, "zh-CN");
    let (operator, app) = (world.operator(), world.cluster.deploy().await?);

    let ask = format!("/ceo status workload:deployment/{app}");
    let look = || async {
        let answer = world.ask(&operator, &ask).await?;
        Ok(answer.text().contains("运行正常").then_some(answer))
    };
    let answer = until(PATIENCE, look).await?;
    says(
        &answer,
        &["个就绪", "最近变更", "扩缩容", "手动", "未恢复的故障", "无"],
    );
    says_not(
        &answer,
        &["pods ready", "Last change", "Scaling", "Open incidents"],
    );
    says(
        &world.ask(&operator, "/ceo status").await?,
        &["个工作负载，全部正常"],
    );

    let ask = format!("/ceo get pods for:deployment/{app}");
    let answer = world.ask(&operator, &ask).await?;
    says(&answer, &["个 Pod", "Running"]);
    says_not(&answer, &["NAME", "RESTARTS"]);
    let answer = world.ask(&operator, "/ceo get pods selector:!!").await?;
    says(&answer, &["无法解析", "写法如"]);

    let answer = world
        .ask(&operator, &format!("/ceo logs workload:deployment/{app}"))
        .await?;
    says(&answer, &["日志", "容器"]);
    says_not(&answer, &["Logs of", "container", "has logged"]);
    let answer = world
        .ask(&operator, &format!("/ceo logs workload:deployment/{app} grep:("))
        .await?;
    says(&answer, &["不是有效的正则表达式", "如需按字面搜索"]);

    let answer = world.ask(&operator, "/ceo help").await?;
    assert!(answer.is_ephemeral());
    says(&answer, &["可用的命令", "设置 Pod 数量", "需您确认"]);
    let answer = world.ask(&operator, "/ceo help command:scale").await?;
    says(&answer, &["必填，不小于 0", "谁可使用"]);

    let answer = world.ask(&operator, "/ceo guard pending").await?;
    says(&answer, &["没有待处理或执行中的申请"]);
    let answer = world.ask(&operator, "/ceo audit").await?;
    says(&answer, &["审计记录", "答复", "条记录"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_channel_sees_is_in_its_own_language() -> anyhow::Result<()> {
    let world = World::start().await?;
    world.discord.set_locale(IDS.operator, "zh-CN");
    let (operator, app) = (world.operator(), world.cluster.deploy().await?);
    let ask = format!("/ceo get pods for:deployment/{app}");
    let answer = world.ask(&operator, &ask).await?;
    assert!(!answer.is_ephemeral());
    says_not(&answer, &["个 Pod"]);
    says(&world.ask(&operator, "/ceo help").await?, &["可用的命令"]);
    says(
        &world.ask(&world.lead(), "/ceo help").await?,
        &["What you may do"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_and_a_refusal_of_the_api_server_are_told_in_chinese() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::default().timing("cluster_timeout", "1s")).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    if world.cluster.is_real() {
        return world.finish().await;
    }
    world.discord.set_locale(IDS.operator, "zh-CN");
    let (operator, app) = (world.operator(), world.cluster.deploy().await?);
    let rights = |rules: Rules| world.cluster.restrict(rules);
    let ask = format!("/ceo scale workload:deployment/{app} replicas:7");

    let reads = ["get", "list", "watch", "create"];
    rights(Rules::none().allow(None, &["*"], &["*"], &reads))?;
    let answer = world.ask(&operator, &ask).await?;
    says(
        &answer,
        &[
            "机器人无权在 prod/",
            "执行 patch",
            "权限",
            "API Server 返回",
            "参考号",
        ],
    );
    says_not(&answer, &["may not", "Nothing", "The API server", "lacks"]);
    rights(Rules::admin())?;

    world.cluster.sim()?.faults().down(true);
    let answer = world.ask(&operator, &ask).await?;
    says(&answer, &["集群 prod", "无响应", "未做任何变更", "并非权限不足"]);
    says_not(
        &answer,
        &["did not answer", "connection", "refused", "within", "Nothing"],
    );
    world.cluster.sim()?.faults().down(false);
    world.finish().await
}
