//! The HTTP side: `/healthz`, `/readyz`, `/metrics`. The listener and the end come from outside; what the answers say is
//! told by other tasks through [`Health`] and [`Metrics`].

mod health;
mod metrics;

use std::time::Duration;

use axum::{
    Json, Router,
    extract::State,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
    routing::get,
};
pub use health::{Gateway, Health, Part, PartStatus, Readiness};
pub use metrics::{ClusterOutcome, CommandOutcome, Drawn, Metrics, Reconnect, StatusClass, Unhandled};
use tokio::{net::TcpListener, time::timeout};
use tokio_util::sync::CancellationToken;

use crate::store::Store;

/// How long the executor has to run an empty task.
const BEAT: Duration = Duration::from_secs(2);

/// How long requests under way have to end at a shutdown.
const DRAIN: Duration = Duration::from_secs(5);

/// What the answers are made of.
#[derive(Clone)]
pub struct HttpState {
    /// How the process is.
    pub health: Health,
    /// What was counted.
    pub metrics: Metrics,
}

/// The routes.
pub fn router(state: HttpState) -> Router {
    Router::new()
        .route("/healthz", get(healthz))
        .route("/readyz", get(readyz))
        .route("/metrics", get(metrics_text))
        .with_state(state)
}

/// Serves until `cancel`, then lets requests under way end, for a few seconds at most.
///
/// # Errors
/// When the listener fails.
pub async fn serve(
    listener: TcpListener,
    state: HttpState,
    cancel: CancellationToken,
) -> std::io::Result<()> {
    let signal = cancel.clone();
    let server = axum::serve(listener, router(state))
        .with_graceful_shutdown(async move { signal.cancelled().await })
        .into_future();
    let end = async {
        cancel.cancelled().await;
        tokio::time::sleep(DRAIN).await;
    };
    tokio::select! {
        ended = server => ended,
        () = end => {
            tracing::warn!("HTTP requests were still under way at the end");
            Ok(())
        }
    }
}

/// Asks the store for a sign of life every so often, until `cancel`, and tells [`Health`].
pub async fn watch_store(store: Store, health: Health, every: Duration, cancel: CancellationToken) {
    loop {
        health.store(match store.ping().await {
            Ok(()) => Part::Works,
            Err(error) => {
                tracing::warn!(%error, "the store gives no sign of life");
                Part::Fails("no sign of life".to_owned())
            }
        });
        tokio::select! {
            () = cancel.cancelled() => return,
            () = tokio::time::sleep(every) => {}
        }
    }
}

async fn healthz(State(state): State<HttpState>) -> Response {
    // An executor whose threads are all stuck answers nothing at all; one that is nearly so runs no new task in time.
    if timeout(BEAT, tokio::spawn(async {})).await.is_err() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the executor does not answer\n").into_response();
    }
    match state.health.alive() {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(why) => (StatusCode::SERVICE_UNAVAILABLE, format!("{why}\n")).into_response(),
    }
}

async fn readyz(State(state): State<HttpState>) -> Response {
    let readiness = state.health.readiness();
    let status = if readiness.ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    (status, Json(readiness)).into_response()
}

async fn metrics_text(State(state): State<HttpState>) -> Response {
    let kind = "application/openmetrics-text; version=1.0.0; charset=utf-8";
    match state.metrics.text() {
        Ok(text) => ([(header::CONTENT_TYPE, kind)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics cannot be told");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{net::SocketAddr, sync::Arc};

    use ceo_commands::ports::SystemClock;
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpStream,
        task::JoinHandle,
    };

    use super::*;
    use crate::store::StoreOptions;

    struct Served {
        address: SocketAddr,
        state: HttpState,
        cancel: CancellationToken,
        task: JoinHandle<std::io::Result<()>>,
    }

    async fn served(patience: Duration) -> Served {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let state = HttpState {
            health: Health::new(Arc::new(SystemClock), patience),
            metrics: Metrics::new(vec!["scale"], vec!["prod".to_owned()]),
        };
        let cancel = CancellationToken::new();
        let task = tokio::spawn(serve(listener, state.clone(), cancel.clone()));
        Served {
            address,
            state,
            cancel,
            task,
        }
    }

    impl Served {
        /// The status and the whole answer.
        async fn get(&self, path: &str) -> (u16, String) {
            let exchange = async {
                let mut socket = TcpStream::connect(self.address).await.unwrap();
                let request = format!("GET {path} HTTP/1.1\r\nhost: bot\r\nconnection: close\r\n\r\n");
                socket.write_all(request.as_bytes()).await.unwrap();
                let mut answer = String::new();
                socket.read_to_string(&mut answer).await.unwrap();
                answer
            };
            let answer = timeout(Duration::from_secs(20), exchange).await.unwrap();
            (answer.split(' ').nth(1).unwrap().parse().unwrap(), answer)
        }
    }

    #[tokio::test]
    async fn answers_follow_what_was_told_and_the_end_is_clean() {
        let served = served(Duration::from_secs(600)).await;
        let (status, body) = served.get("/readyz").await;
        assert_eq!(status, 503);
        assert!(
            body.contains(r#""ready":false,"missing":["gateway","store"]"#),
            "{body}"
        );
        served.state.health.gateway(Gateway::Connected);
        served.state.health.store(Part::Works);
        served
            .state
            .health
            .cluster("prod", Part::Fails("connection refused".to_owned()));
        let (status, body) = served.get("/readyz").await;
        assert_eq!(status, 200, "{body}");
        assert!(
            body.contains(r#""prod":{"ok":false,"state":"connection refused""#),
            "{body}"
        );
        assert_eq!(served.get("/healthz").await.0, 200);
        served.state.metrics.command("scale", CommandOutcome::Ok);
        let (status, body) = served.get("/metrics").await;
        assert_eq!(status, 200);
        assert!(
            body.contains("application/openmetrics-text; version=1.0.0"),
            "{body}"
        );
        assert!(
            body.contains("ceo_commands_total{command=\"scale\",outcome=\"ok\"} 1\n"),
            "{body}"
        );
        assert_eq!(served.get("/nothing").await.0, 404);

        // A connection that is kept open and silent does not keep the process.
        let _idle = TcpStream::connect(served.address).await.unwrap();
        served.cancel.cancel();
        timeout(DRAIN * 4, served.task).await.unwrap().unwrap().unwrap();
        TcpStream::connect(served.address).await.unwrap_err();
    }

    #[tokio::test]
    async fn a_gateway_that_stays_down_while_rest_works_ends_the_process() {
        let served = served(Duration::ZERO).await;
        assert_eq!(served.get("/healthz").await.0, 200);
        served.state.health.rest(Part::Works);
        let (status, body) = served.get("/healthz").await;
        assert_eq!(status, 503);
        assert!(body.contains("while REST works"), "{body}");
    }

    #[tokio::test]
    async fn the_store_is_watched() {
        let store = Store::open("sqlite::memory:", StoreOptions::default())
            .await
            .unwrap();
        let health = Health::new(Arc::new(SystemClock), Duration::from_secs(600));
        let cancel = CancellationToken::new();
        let watch = watch_store(
            store.clone(),
            health.clone(),
            Duration::from_millis(5),
            cancel.clone(),
        );
        let task = tokio::spawn(watch);
        let until = async |ok: bool| {
            while health.readiness().store.ok != ok {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(Duration::from_secs(20), until(true)).await.unwrap();
        store.close().await;
        timeout(Duration::from_secs(20), until(false)).await.unwrap();
        cancel.cancel();
        timeout(Duration::from_secs(20), task).await.unwrap().unwrap();
    }
}
