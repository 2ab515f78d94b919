//! A simulated Prometheus: it answers questions about a stretch of time as the real one does, for queries that it was told of,
//! and does whatever else it was told. It also plays the Grafana beside it, which is asked who one is.

use std::{
    collections::BTreeMap,
    net::SocketAddr,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use axum::{
    Router,
    extract::State,
    response::{IntoResponse, Response},
    routing::{get, post},
};
use http::{HeaderMap, StatusCode, header};
use serde_json::{Value, json};
use tokio::task::JoinHandle;

/// What a series is at a second; none where nothing was measured.
pub type Figure = Arc<dyn Fn(f64) -> Option<f64> + Send + Sync>;

/// A series.
#[derive(Clone)]
pub struct Series {
    labels: Value,
    figure: Figure,
}

impl Series {
    /// A series with labels, as JSON.
    pub fn new(labels: Value, figure: impl Fn(f64) -> Option<f64> + Send + Sync + 'static) -> Self {
        Self {
            labels,
            figure: Arc::new(figure),
        }
    }

    /// One that is the same all the time.
    #[must_use]
    pub fn steady(labels: Value, figure: f64) -> Self {
        Self::new(labels, move |_| Some(figure))
    }

    fn written(&self, asked: &Words) -> Value {
        let mut values = Vec::new();
        let mut at = asked.start;
        while at <= asked.end {
            if let Some(figure) = (self.figure)(at) {
                let text = match figure {
                    f64::INFINITY => "+Inf".to_owned(),
                    f64::NEG_INFINITY => "-Inf".to_owned(),
                    number => number.to_string(),
                };
                values.push(json!([at, text]));
            }
            at += asked.step.max(1.0);
        }
        json!({"metric": self.labels, "values": values})
    }
}

/// How a question is answered.
#[derive(Clone)]
pub enum Reply {
    /// With series.
    Series(Vec<Series>),
    /// With a status and a body.
    Says(u16, String),
    /// With half of what was promised.
    Half,
    /// Not at all.
    Never,
}

impl Reply {
    /// An error, as Prometheus writes it.
    #[must_use]
    pub fn error(status: u16, kind: &str, error: &str) -> Self {
        let body = json!({"status": "error", "errorType": kind, "error": error});
        Self::Says(status, body.to_string())
    }
}

/// A question that came.
#[derive(Debug, Clone, PartialEq)]
pub struct Asked {
    /// In PromQL.
    pub query: String,
    /// With which `Authorization`.
    pub authorization: Option<String>,
    /// How many seconds it is about.
    pub length: f64,
}

/// What stands in a question.
struct Words {
    query: String,
    start: f64,
    end: f64,
    step: f64,
}

impl Words {
    fn of(form: &str) -> Option<Self> {
        let pairs: BTreeMap<_, _> = url::form_urlencoded::parse(form.as_bytes())
            .into_owned()
            .collect();
        let number = |name: &str| pairs.get(name)?.parse().ok();
        Some(Self {
            query: pairs.get("query")?.clone(),
            start: number("start")?,
            end: number("end")?,
            step: number("step")?,
        })
    }
}

#[derive(Default)]
struct Told {
    /// What is answered to queries that hold a text; the last that fits.
    replies: Vec<(String, Reply)>,
    asked: Vec<Asked>,
    /// What Grafana answers to admin/admin, and how often it was asked.
    grafana: Option<(u16, String)>,
    tried: usize,
}

type Shared = Arc<Mutex<Told>>;

/// The simulated Prometheus. It ends with its handle.
pub struct PrometheusSim {
    address: SocketAddr,
    told: Shared,
    task: JoinHandle<()>,
}

impl Drop for PrometheusSim {
    fn drop(&mut self) {
        self.task.abort();
    }
}

impl PrometheusSim {
    /// Listens on a free port. Whatever it was not told of holds no data.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let told = Shared::default();
        let router = Router::new()
            .route("/api/v1/query_range", post(query_range))
            .route("/api/v1/query", get(query))
            .route("/api/user", get(user))
            .route(
                "/",
                get(|| async { "a simulated Prometheus, and the Grafana beside it" }),
            )
            .with_state(told.clone());
        let task = tokio::spawn(async move {
            // It serves until it is aborted.
            drop(axum::serve(listener, router).await);
        });
        Ok(Self { address, told, task })
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Says what is answered from now on to queries that hold a text.
    pub fn answers(&self, part: &str, reply: Reply) {
        locked(&self.told).replies.push((part.to_owned(), reply));
    }

    /// The questions so far.
    #[must_use]
    pub fn asked(&self) -> Vec<Asked> {
        locked(&self.told).asked.clone()
    }

    /// Says what its Grafana answers to admin/admin.
    pub fn grafana(&self, status: u16, body: &str) {
        locked(&self.told).grafana = Some((status, body.to_owned()));
    }

    /// How often its Grafana was tried with admin/admin.
    #[must_use]
    pub fn tried(&self) -> usize {
        locked(&self.told).tried
    }
}

fn locked(told: &Shared) -> std::sync::MutexGuard<'_, Told> {
    told.lock().unwrap_or_else(PoisonError::into_inner)
}

fn authorization(headers: &HeaderMap) -> Option<String> {
    let value = headers.get(header::AUTHORIZATION)?;
    value.to_str().ok().map(str::to_owned)
}

async fn query_range(State(told): State<Shared>, headers: HeaderMap, body: String) -> Response {
    let Some(words) = Words::of(&body) else {
        return StatusCode::BAD_REQUEST.into_response();
    };
    let reply = {
        let mut told = locked(&told);
        told.asked.push(Asked {
            query: words.query.clone(),
            authorization: authorization(&headers),
            length: words.end - words.start,
        });
        let mut fits = told.replies.iter().rev();
        let fit = fits.find(|(part, _)| words.query.contains(part));
        fit.map_or_else(|| Reply::Series(vec![]), |(_, reply)| reply.clone())
    };
    match reply {
        Reply::Series(series) => {
            let result: Vec<Value> = series.iter().map(|series| series.written(&words)).collect();
            let data = json!({"resultType": "matrix", "result": result});
            axum::Json(json!({"status": "success", "data": data})).into_response()
        }
        Reply::Says(status, body) => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            (status, body).into_response()
        }
        Reply::Half => {
            let half = "{\"status\":\"success\",\"data\":";
            let body = futures::stream::iter([Ok(half.to_owned()), Err(std::io::Error::other("cut"))]);
            axum::body::Body::from_stream(body).into_response()
        }
        Reply::Never => {
            // Longer than anybody waits; the connection ends with the one who asked.
            tokio::time::sleep(Duration::from_secs(3600)).await;
            StatusCode::GATEWAY_TIMEOUT.into_response()
        }
    }
}

/// What the doctor asks: whether it answers.
async fn query() -> Response {
    let data = json!({"resultType": "scalar", "result": [0, "1"]});
    axum::Json(json!({"status": "success", "data": data})).into_response()
}

async fn user(State(told): State<Shared>, headers: HeaderMap) -> Response {
    let mut told = locked(&told);
    // admin:admin in base64.
    if authorization(&headers).as_deref() != Some("Basic YWRtaW46YWRtaW4=") {
        return StatusCode::UNAUTHORIZED.into_response();
    }
    told.tried += 1;
    let (status, body) = told.grafana.clone().unwrap_or((404, String::new()));
    let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    (status, body).into_response()
}
