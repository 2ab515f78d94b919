//! Does `/ceo health` say how the service answers, by its address and through the API server, and not more than that?

use std::{net::SocketAddr, sync::Arc, time::Duration};

use ceo_tests::{
    discord::Message,
    world::{IDS, PATIENCE, Setup, World, until},
};
use k8s_openapi::api::core::v1::Service;
use kube::api::PostParams;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::{says, says_not};

/// A world whose bot has these targets; `NAMESPACE` in them stands for the world's.
async fn with_targets(targets: &str) -> anyhow::Result<World> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    let namespace = world.cluster.namespace().to_owned();
    world.resettle(|setup| {
        setup.more = targets.replace("NAMESPACE", &namespace);
        setup.timing.push(("probe_timeout", "1s".to_owned()));
        // What was asked before the test's own questions would blur them.
        setup.timing.push(("probe_every", "1h".to_owned()));
    })?;
    world.bot.start().await?;
    world.ready().await?;
    Ok(world)
}

async fn serve(world: &World, name: &str, app: &str) -> anyhow::Result<()> {
    let object = json!({
        "apiVersion": "v1", "kind": "Service", "metadata": { "name": name },
        "spec": { "selector": { "app": app }, "ports": [{ "port": 80, "targetPort": 8000 }] },
    });
    let object = serde_json::from_value(object)?;
    world
        .cluster
        .api::<Service>()
        .create(&PostParams::default(), &object)
        .await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_service_is_asked_through_the_api_server() -> anyhow::Result<()> {
    let world = with_targets(
        "[[probes]]\nname = \"api\"\nservice = \"front:80\"\nwhere = \"prod/NAMESPACE\"\n\
         [[probes]]\nname = \"nobody\"\nservice = \"lost:80\"\npaths = [\"/health\"]\nwhere = \"prod/NAMESPACE\"\n",
    )
    .await?;
    let app = world.cluster.deploy().await?;
    serve(&world, "front", &app).await?;
    serve(&world, "lost", "nobody").await?;
    let answers = || async {
        let answer = world.ask(&world.viewer(), "/ceo health target:api").await?;
        Ok(answer.text().contains("api answers").then_some(answer))
    };
    let answer = until(PATIENCE, answers).await?;
    says(
        &answer,
        &[
            "Service `front:80` through the API server",
            "/health",
            "/ready",
            "/metrics",
            "200",
            "P95",
        ],
    );
    says(&answer, &["P50 and P95 are of the last"]);

    let answer = world.ask(&world.viewer(), "/ceo health target:nobody").await?;
    says(
        &answer,
        &[
            "nobody does not answer as it should",
            "no endpoints available for service \"lost\"",
        ],
    );
    let again = world.press(&world.viewer(), answer.id, "Ask again").await?;
    says(&again, &["nobody does not answer as it should"]);
    let answer = world.ask(&world.viewer(), "/ceo health").await?;
    says(
        &answer,
        &[
            "2 health targets, 1 not answering as they should",
            "front:80",
            "lost:80",
        ],
    );

    let offered = world
        .viewer()
        .autocomplete(IDS.ops, "/ceo health target:n")
        .await?;
    let offered: Vec<String> = offered.into_iter().map(|choice| choice.name).collect();
    assert_eq!(offered, ["nobody"]);
    let answer = world.ask(&world.viewer(), "/ceo health target:apu").await?;
    says(
        &answer,
        &["There is no health target `apu`", "There are: api, nobody"],
    );
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_service_says_of_itself_is_told_and_its_secrets_are_not() -> anyhow::Result<()> {
    let world = with_targets(
        "[[probes]]\nname = \"api\"\nservice = \"front:80\"\npaths = [\"/health\", \"/ready\", \"/login\"]\n\
         where = \"prod/NAMESPACE\"\n",
    )
    .await?;
    let app = world.cluster.deploy().await?;
    serve(&world, "front", &app).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    let space = world.cluster.namespace().to_owned();
    world
        .cluster
        .sim()?
        .node()
        .pods(&space, "*")
        .answers(
            "/ready",
            503,
            "{\"db\":\"down\",\"dsn\":\"postgres://ceo:hunter22@db/x\"}",
        )
        .answers("/login", 302, "");
    let answers = || async {
        let answer = world.ask(&world.viewer(), "/ceo health").await?;
        Ok(answer.text().contains("answers 503").then_some(answer))
    };
    let answer = until(PATIENCE, answers).await?;
    says(
        &answer,
        &[
            "api: 2 of 3 paths not answered as they should be",
            "\"db\":\"down\"",
            "[hidden]",
        ],
    );
    says(
        &answer,
        &["`/login` answers 302, a redirection, which was not followed"],
    );
    says_not(&answer, &["hunter22", "answers 200"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_is_asked_with_its_certificate_and_silence_has_its_reason() -> anyhow::Result<()> {
    let (address, ca) = encrypted(Duration::from_secs(5 * 86_400)).await?;
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let closed = {
        let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
        listener.local_addr()?
    };
    let mut world = World::before_the_bot(Setup::default()).await?;
    std::fs::write(world.dir().join("own-ca.pem"), ca)?;
    let more = format!(
        "[[probes]]\nname = \"web\"\nurl = \"https://localhost:{}\"\npaths = [\"/health\"]\nca = \"own-ca.pem\"\n\
         [[probes]]\nname = \"strange\"\nurl = \"https://localhost:{}\"\npaths = [\"/health\"]\n\
         [[probes]]\nname = \"silent\"\nurl = \"http://{}\"\n\
         [[probes]]\nname = \"closed\"\nurl = \"http://{closed}\"\npaths = [\"/health\"]\n",
        address.port(),
        address.port(),
        silent.local_addr()?,
    );
    world.resettle(|setup| {
        setup.more = more;
        setup.timing.push(("probe_timeout", "1s".to_owned()));
        setup.timing.push(("probe_every", "1h".to_owned()));
    })?;
    world.bot.start().await?;
    world.ready().await?;
    let ask = |name: &'static str| {
        let world = &world;
        async move {
            world
                .ask(&world.viewer(), &format!("/ceo health target:{name}"))
                .await
        }
    };
    let answer = ask("web").await?;
    says(&answer, &["web answers", "its certificate ends"]);
    let answer = ask("strange").await?;
    says(
        &answer,
        &[
            "strange does not answer as it should",
            "`/health` was not answered: TLS: ",
            "UnknownIssuer",
        ],
    );
    let answer = ask("silent").await?;
    says(&answer, &["no path was answered: no answer within 1 s"]);
    let answer = ask("closed").await?;
    says(&answer, &["`/health` was not answered: connection refused"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_targets_it_says_how_to_get_one_also_in_chinese() -> anyhow::Result<()> {
    let mut world = World::before_the_bot(Setup::default()).await?;
    world.bot.env("CEO__DISCORD__LANGUAGE", "zh-CN");
    world.bot.start().await?;
    world.ready().await?;
    let answer = world.ask(&world.viewer(), "/ceo health").await?;
    says(&answer, &["此处未配置健康目标", "[[probes]]"]);
    world.finish().await
}

/// A server that answers 200 to everything, with a certificate for `localhost` that ends after a while; and its authority.
async fn encrypted(good_for: Duration) -> anyhow::Result<(SocketAddr, String)> {
    let mut authority = rcgen::CertificateParams::new(Vec::<String>::new())?;
    authority.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let authority_key = rcgen::KeyPair::generate()?;
    let ca = authority.self_signed(&authority_key)?.pem();
    let issuer = rcgen::Issuer::new(authority, authority_key);
    let mut own = rcgen::CertificateParams::new(vec!["localhost".to_owned()])?;
    own.not_after = (std::time::SystemTime::now() + good_for).into();
    let key = rcgen::KeyPair::generate()?;
    let certificate = own.signed_by(&key, &issuer)?.pem();
    let chain = CertificateDer::pem_slice_iter(certificate.as_bytes()).collect::<Result<Vec<_>, _>>()?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(
            chain,
            PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes())?,
        )?;
    let acceptor = tokio_rustls::TlsAcceptor::from(Arc::new(config));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let acceptor = acceptor.clone();
            tokio::spawn(async move {
                let mut stream = acceptor.accept(stream).await?;
                let mut request = [0_u8; 4096];
                let _ = stream.read(&mut request).await?;
                let answer = b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\nconnection: close\r\n\r\nok\n";
                stream.write_all(answer).await?;
                stream.shutdown().await
            });
        }
    });
    Ok((address, ca))
}

/// Two targets: one that answers, and one whose Service nobody serves; pods may be made that ask them.
const FROM_PODS: &str = "[exec]\nprobe_image = \"curlimages/curl:8.11.0\"\n\
    [[probes]]\nname = \"nobody\"\nservice = \"lost:80\"\npaths = [\"/health\", \"/ready\"]\nwhere = \"prod/NAMESPACE\"\n";

/// Asks for a probe from a pod and confirms; gives the message of the run.
async fn probed(world: &World, says_then: &[&str]) -> anyhow::Result<Message> {
    let person = world.operator();
    let answer = world.ask(&person, "/ceo health target:nobody").await?;
    let card = world.press(&person, answer.id, "Ask nobody from a pod").await?;
    says(
        &card,
        &[
            "Ask nobody from a pod?",
            "http://lost.",
            ".svc:80/health",
            "without rights",
            "curlimages/curl:8.11.0",
        ],
    );
    world.press(&person, card.id, "Confirm").await?;
    world.told(IDS.ops, says_then).await
}

/// The names of the pods that were made to ask, and of those that are left.
fn probe_pods(world: &World) -> anyhow::Result<(usize, usize)> {
    let (all, mut made) = (world.cluster.sim()?.mutations(), 0);
    for one in &all {
        let ours = one.key.plural == "pods" && one.key.name.starts_with("ceo-probe-");
        made += usize::from(ours && one.verb == "create" && one.took_effect());
    }
    let (left, _) = world
        .cluster
        .sim()?
        .store()
        .list("", "pods", Some(world.cluster.namespace()));
    let left = left.iter().filter(|pod| {
        let name = pod["metadata"]["name"].as_str().unwrap_or_default();
        name.starts_with("ceo-probe-")
    });
    Ok((made, left.count()))
}

#[tokio::test(flavor = "multi_thread")]
async fn a_target_is_asked_from_a_pod_that_is_deleted_then() -> anyhow::Result<()> {
    let world = with_targets(FROM_PODS).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    serve(&world, "lost", "nobody").await?;
    world.cluster.sim()?.image("*curl*").crashes(
        0,
        &["ceo 200 0.012345 ", "ceo 000 5.001 Could not resolve host: lost"],
    );
    let told = probed(
        &world,
        &["nobody: 1 of 2 paths not answered", "Asked once from the pod"],
    )
    .await?;
    says(
        &told,
        &[
            "/health",
            "200",
            "/ready",
            "no answer (Could not resolve host: lost)",
            "has been deleted",
        ],
    );
    assert_eq!(probe_pods(&world)?, (1, 0));
    // A pod that never runs is told as that, and is deleted too.
    let answer = world
        .ask(&world.viewer(), "/ceo exec probe target:nobody")
        .await?;
    says(&answer, &["You may not"]);
    let answer = world
        .ask(&world.operator(), "/ceo exec probe target:nobodi")
        .await?;
    says(&answer, &["There is no health target `nobodi`"]);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_probe_that_is_killed_asks_once_and_leaves_no_pod() -> anyhow::Result<()> {
    let mut world = with_targets(FROM_PODS).await?;
    if world.cluster.is_real() {
        return world.leave().await;
    }
    serve(&world, "lost", "nobody").await?;
    let curl = world.cluster.sim()?.image("*curl*");
    curl.logs(&["ceo 200 0.01 ", "ceo 200 0.01 "])
        .exits_after(0, Duration::from_secs(3));
    probed(&world, &["Asking nobody from a pod"]).await?;
    until(PATIENCE, || async {
        Ok((probe_pods(&world)?.0 == 1).then_some(()))
    })
    .await?;
    world.bot.kill().await?;
    world.bot.start().await?;
    world.ready().await?;
    world
        .told(IDS.ops, &["nobody answers", "Asked once from the pod"])
        .await?;
    assert_eq!(probe_pods(&world)?, (1, 0), "made once, and gone");
    let mention = format!("<@{}>", IDS.operator);
    let news = || async {
        let all = world.discord.messages(IDS.ops);
        Ok(all
            .into_iter()
            .find(|message| message.content.starts_with(&mention)))
    };
    world.discord.mark_read(until(PATIENCE, news).await?.id);
    world.finish().await
}

#[tokio::test(flavor = "multi_thread")]
async fn without_an_image_no_pod_is_made() -> anyhow::Result<()> {
    let targets = FROM_PODS.split_once("[[").map_or("", |(_, probes)| probes);
    let world = with_targets(&format!("[[{targets}")).await?;
    let answer = world.ask(&world.operator(), "/ceo health target:nobody").await?;
    says_not(&answer, &["from a pod"]);
    assert!(answer.labels().iter().all(|label| !label.contains("from a pod")));
    let answer = world
        .ask(&world.operator(), "/ceo exec probe target:nobody")
        .await?;
    says(&answer, &["No probe pods are made here", "[exec] probe_image"]);
    world.finish().await
}
